"""What an atlas says of one unit, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from neurolupa.atlas.schema import DEAD_THRESHOLD
from neurolupa.figures.style import MINUS, short
from neurolupa.locales import text, whole
from neurolupa.units.classes.codes import RELIABLE

if TYPE_CHECKING:
    from neurolupa.units.classes import ClassSelectivity
    from neurolupa.units.page import UnitPage
    from neurolupa.units.relations import Relations
    from neurolupa.units.relations.relating import Partner
    from neurolupa.units.spatial import SpatialBias
    from neurolupa.units.spatial.result import Contrast

_FEW = 5
"""So many partners are named in a sentence."""


def place_lines(page: UnitPage, lang: str = "en") -> tuple[str, ...]:
    """Where the unit is, and what its values are."""
    return (*_place(page, lang), *_values(page, lang))


def class_lines(found: ClassSelectivity, lang: str = "en") -> tuple[str, ...]:
    """Which classes it answers, with what chance gives."""
    return tuple(_classes(found, lang))


def spatial_lines(found: SpatialBias, lang: str = "en") -> tuple[str, ...]:
    """Where in the picture it answers, with what chance gives."""
    contrasts = (_contrast(each, lang) for each in (found.horizontal, found.vertical))
    return (*contrasts, text(f"units.spatial.dominant.{found.dominant}", lang), _border(found, lang))


def relation_lines(found: Relations, lang: str = "en") -> tuple[str, ...]:
    """Which units do the same and the opposite, with what chance gives."""
    return tuple(_relations(found, lang))


def provenance_line(page: UnitPage, lang: str = "en") -> str:
    """Where the numbers come from."""
    source = page.source
    return text(
        "unit_page.provenance",
        lang,
        model=source.model,
        weights=source.weights_digest,
        images=source.images,
        digest=source.images_digest,
        read=whole(source.read, lang),
        version=source.version,
    )


def _place(page: UnitPage, lang: str) -> Iterator[str]:
    place = page.place
    told = {"units": whole(place.units, lang), "address": place.address, "type": place.type}
    if place.spatial:
        yield text("unit_page.place", lang, height=place.height, width=place.width, **told)
    else:
        yield text("unit_page.place.flat", lang, **told)
    if place.field is not None:
        yield text("unit_page.field", lang, height=place.field[0], width=place.field[1])
    if place.link in ("own", "after_add"):
        yield text(f"unit_page.link.{place.link}", lang)


def _values(page: UnitPage, lang: str) -> Iterator[str]:
    record = page.record
    numbers = {name: _number(getattr(record, name)) for name in ("mean", "std", "min", "max")}
    counts = {"n": whole(record.n, lang), "images": whole(record.images, lang)}
    yield text("unit_page.values", lang, **numbers, **counts)
    if not np.isnan(record.sparsity):
        yield text("unit_page.sparsity", lang, sparsity=record.sparsity)
    if record.dead:
        yield text("unit_page.dead", lang, threshold=f"{DEAD_THRESHOLD:f}")
    elif record.dormant:
        yield text("unit_page.dormant", lang, share=100 * record.dormancy)


def _classes(found: ClassSelectivity, lang: str) -> Iterator[str]:
    yield from _preferred(found, lang)
    if found.second_class is not None and not found.reliable:
        yield text("units.classes.unreliable", lang, least=RELIABLE)
    null = found.null
    if np.isfinite(found.index):
        yield text("units.classes.index", lang, index=found.index, images=whole(found.images, lang))
    sampled = whole(found.sampled, lang)
    if null is not None:
        yield text(
            "units.classes.null", lang, null_mean=null.mean, null_high=null.high, p=null.p, sampled=sampled
        )
    low, high = found.auroc_interval
    if np.isfinite([found.auroc, low, high]).all():
        precision = {"average_precision": found.average_precision, "sampled": sampled}
        yield text("units.classes.auroc", lang, auroc=found.auroc, low=low, high=high, **precision)
    if np.isfinite([found.lifetime_sparseness, found.hoyer]).all():
        sparse = {"lifetime_sparseness": found.lifetime_sparseness, "hoyer": found.hoyer}
        yield text("units.classes.sparseness", lang, **sparse, sampled=sampled)
    if found.unlabelled:
        yield text("units.classes.unlabelled", lang, unlabelled=whole(found.unlabelled, lang))
    if found.kept is not None:
        yield text("units.classes.kept", lang, kept=found.kept)


def _preferred(found: ClassSelectivity, lang: str) -> Iterator[str]:
    if found.ratio_code == "EXCLUSIVE":
        yield text("units.classes.exclusive", lang, top_class=found.top_class)
    elif found.top_class is not None and found.second_class is not None and np.isfinite(found.ratio):
        level = text(f"units.classes.level.{found.level}", lang)
        names = {"top_class": found.top_class, "second_class": found.second_class}
        yield text("units.classes.preferred", lang, ratio=found.ratio, level=level, **names)
    else:
        yield _sentence(text(f"units.classes.code.{found.ratio_code}", lang))


def _contrast(found: Contrast, lang: str) -> str:
    axis = text(f"unit_page.side.{found.axis}", lang)
    sentence = f"{axis} {text(f'units.spatial.contrast.{found.code}', lang)}"
    if found.code == "silent" or not np.isfinite([found.difference, found.p]).all():
        return sentence
    numbers = (found.difference, found.difference_low, found.difference_high)
    told = dict(zip(("difference", "low", "high"), map(_number, numbers), strict=True))
    chance = {"p": _chance(found.p), "bound": max(found.p_bound, 0.001), "n": whole(found.images, lang)}
    return text("unit_page.contrast", lang, sentence=sentence, **told, **chance)


def _border(found: SpatialBias, lang: str) -> str:
    border = found.border
    sentence = text(f"units.spatial.border.{border.code}", lang)
    if np.isnan(border.p):
        return sentence
    return text("unit_page.border", lang, sentence=sentence, p=border.p, null_n=whole(border.null_n, lang))


def _relations(found: Relations, lang: str) -> Iterator[str]:
    likeness, opposition = found.similar_chance, found.opposite_chance
    if found.code != "OK" or likeness is None or opposition is None:
        yield _sentence(text(f"units.relations.code.{found.code}", lang))
        return
    if found.similar:
        counts = {"n": whole(found.sampled, lang), "others": whole(found.compared, lang)}
        named = _partners(found.similar, lang)
        yield text("unit_page.similar", lang, units=named, bound=likeness.bound, **counts)
    if found.opposite:
        bound = f"{opposition.bound:.2f}".replace("-", MINUS)
        yield text("unit_page.opposite", lang, units=_partners(found.opposite, lang), bound=bound)
    if not likeness.p <= 0.05:
        yield text("unit_page.no_partner", lang)


def _partners(partners: Sequence[Partner], lang: str) -> str:
    told = (
        text("unit_page.partner", lang, unit=each.unit, correlation=each.correlation)
        for each in partners[:_FEW]
    )
    return ", ".join(told).replace("= -", f"= {MINUS}")


def _chance(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def _number(value: float) -> str:
    return short(value).replace("-", MINUS)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:].rstrip(".") + "."
