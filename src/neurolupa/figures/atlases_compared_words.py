"""What is said of two atlases side by side: what differs, what was found, what codes mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from neurolupa.atlas.captions import caption
from neurolupa.figures.style import MINUS
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.comparison.atlases import AtlasComparison, SilentUnits, UnitMatches


def source_lines(found: AtlasComparison, lang: str) -> tuple[str, str]:
    """Where A and B come from, each with its N."""
    return f"A: {caption(found.source_a, lang)}", f"B: {caption(found.source_b, lang)}"


def standing_line(found: AtlasComparison, lang: str) -> str:
    """Whether networks and pictures are the same."""
    told = {"common": whole(found.common, lang), "sites": whole(len(found.layers), lang)}
    network = text(f"compare.network.{found.network.value}", lang, **told)
    return f"{network} {text(f'compare.pictures.{found.pictures.value}', lang, **told)}"


def note_lines(found: AtlasComparison, lang: str) -> Iterator[str]:
    """A sentence for each note, with its numbers."""
    matches = [each for each in found.matches if each.numbered_alike]
    above = sum(int(each.above.sum()) for each in matches)
    own = sum(int((each.own & each.above).sum()) for each in matches)
    chance = sum(each.own_by_chance(int(each.above.sum())) for each in matches)
    told = {"above": whole(above, lang), "own": whole(own, lang), "chance": f"{chance:.1f}"}
    for code in found.notes:
        key = f"{code.value}.matched" if code == "UNITS_KEEP_PLACES" and matches else code.value
        yield text(f"compare.note.{key}", lang, **told)


def reading_lines(found: AtlasComparison, lang: str) -> Iterator[str]:
    """What the comparison amounts to: silent units, changed units, layers that are alike, matched units."""
    for kind in ("dead", "dormant"):
        yield silent_line(found, kind, lang)
    if found.changes:
        yield _changed_line(found, lang)
    if found.similarity is not None:
        yield from _similar_lines(found, lang)
    if found.matches:
        yield _matched_line(found, lang)


def silent_line(found: AtlasComparison, kind: str, lang: str) -> str:
    """How many units are silent in A and in B, and how many B gained and lost."""
    rows = [each for each in found.silent_of(kind) if each.count_a is not None and each.count_b is not None]
    if not rows:
        return text(f"compare.reading.{kind}.apart", lang)
    told = {name: whole(_total(rows, name), lang) for name in ("count_a", "units_a", "count_b", "units_b")}
    line = text(f"compare.reading.{kind}", lang, **told)
    if not any(each.gained is not None for each in rows):
        return line
    counts = {name: whole(_changes(rows, name), lang) for name in ("gained", "lost", "kept")}
    return f"{line} {text('compare.reading.changes', lang, **counts)}"


def matches_line(found: UnitMatches, lang: str) -> str:
    """How many units of a site match beyond chance, or why none does."""
    told = {"images": whole(found.images, lang), "shuffles": whole(found.shuffles, lang)}
    if not len(found):
        return text(f"compare.matched.{found.code.value}", lang, **told)
    share, low, high = (f"{100 * each:.0f}" for each in found.share)
    counts = {"matched": whole(len(found), lang), "above": whole(int(found.above.sum()), lang)}
    told |= {"share": share, "low": low, "high": high, "median": two(found.median_r)}
    if not found.shuffles:
        return text("compare.matched.no_null", lang, **told, **counts)
    return text("compare.matched.OK", lang, **told, **counts, null=two(found.null_mean))


def two(value: float) -> str:
    """Two decimals with a proper minus.

    >>> two(-0.456), two(-0.001)
    ('−0.46', '0.00')
    """
    return f"{round(value, 2) + 0.0:.2f}".replace("-", MINUS)


def _total(rows: list[SilentUnits], name: str) -> int:
    return sum(getattr(each, name) for each in rows)


def _changes(rows: list[SilentUnits], name: str) -> int:
    return sum(len(getattr(each, name)) for each in rows)


def _changed_line(found: AtlasComparison, lang: str) -> str:
    tested = sum(int(np.isfinite(each.p_adjusted).sum()) for each in found.changes)
    if not tested:
        return text("compare.reading.unchanged", lang)
    changed = sum(int(each.changed.sum()) for each in found.changes)
    most = max(found.changes, key=lambda each: np.nan_to_num(np.abs(each.shift.g)).max(initial=0.0))
    unit = int(np.nan_to_num(np.abs(most.shift.g)).argmax())
    numbers = {name: two(float(getattr(most.shift, name)[unit])) for name in ("g", "low", "high")}
    counts = {"changed": whole(changed, lang), "tested": whole(tested, lang)}
    return text("compare.reading.changed", lang, site=most.site, unit=unit, **numbers, **counts)


def _similar_lines(found: AtlasComparison, lang: str) -> Iterator[str]:
    held = found.similarity
    pairs = [
        (held.sites_a.index(site), held.sites_b.index(site))
        for site in found.sites
        if held is not None and not np.isnan(held.cka[held.sites_a.index(site), held.sites_b.index(site)])
    ]
    if held is None or not pairs:
        return
    least, most = (choose(pairs, key=lambda pair: held.cka[pair]) for choose in (min, max))
    for key, place in (("most", most), ("least", least)) if len(pairs) > 1 else (("only", most),):
        numbers = {name: two(float(getattr(held, name)[place])) for name in ("cka", "low", "high")}
        told = {"site": held.sites_a[place[0]], "null": two(float(held.null_mean[place]))}
        images = whole(held.images, lang)
        yield text(f"compare.reading.cka.{key}", lang, **told, **numbers, images=images)


def _matched_line(found: AtlasComparison, lang: str) -> str:
    matched = sum(map(len, found.matches))
    above = sum(int(each.above.sum()) for each in found.matches)
    key = "compare.reading.matched" if found.shuffles and matched else "compare.reading.matched_only"
    images = whole(found.matches[0].images, lang)
    return text(key, lang, matched=whole(matched, lang), above=whole(above, lang), images=images)
