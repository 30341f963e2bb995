"""The page of one unit: what an atlas says of it, with figures, sentences and tables."""

from collections.abc import Iterator

from neurolupa import figures
from neurolupa.atlas import Atlas
from neurolupa.figures.style import MINUS, short
from neurolupa.figures.unit_words import (
    class_lines,
    place_lines,
    provenance_line,
    relation_lines,
    spatial_lines,
)
from neurolupa.locales import text
from neurolupa.reporting.blocks import Block, Page, png_of
from neurolupa.units.exemplars import ExemplarMaps
from neurolupa.units.page import UnitPage


def unit_report(atlas: Atlas, page: UnitPage, lang: str = "en", maps: ExemplarMaps | None = None) -> Page:
    """The page of one unit, ready to be written as HTML or as a picture.

    Args:
        atlas: That the unit is of: it keeps the pictures.
        page: Of `unit_page`.
        lang: Of the words.
        maps: Of `exemplar_maps`, for contours on the pictures.

    Raises:
        UsageError: An unknown language.
        DataError: A picture of the atlas is missing or damaged.
    """
    return Page(
        title=text("unit_page.title", lang, unit=page.unit, site=page.site),
        lead=place_lines(page, lang),
        blocks=tuple(_blocks(atlas, page, lang, maps)),
        provenance=provenance_line(page, lang),
        lang=lang,
        table_title=text("unit_page.table", lang),
    )


def part_lines(page: UnitPage, lang: str = "en") -> dict[str, tuple[str, ...]]:
    """The sentences of each part of the page that has some, by the part's name."""
    told: dict[str, tuple[str, ...]] = {
        part: (text(f"unit_page.absent.{code}", lang),) for part, code in page.absent.items()
    }
    if _constant(page):
        told["exemplars"] = (
            text("unit_page.constant", lang, value=short(page.record.max).replace("-", MINUS)),
        )
    if page.classes is not None:
        told["classes"] = class_lines(page.classes, lang)
    if page.spatial is not None:
        told["spatial"] = spatial_lines(page.spatial, lang)
    return told | {"relations": relation_lines(page.relations, lang)}


def _blocks(atlas: Atlas, page: UnitPage, lang: str, maps: ExemplarMaps | None) -> Iterator[Block]:
    tables = page.to_frames()
    pictures = _pictures(atlas, page, lang, maps)
    lines = part_lines(page, lang)
    for key in ("exemplars", "classes", "spatial", "tuning", "relations", "profile"):
        heading, alt = text(f"unit_page.{key}", lang), ""
        if key in pictures:
            alt = text(f"unit_page.alt.{key}", lang, unit=page.unit, site=page.site)
        yield Block(key, heading, lines.get(key, ()), pictures.get(key), alt, tables.get(key))


def _constant(page: UnitPage) -> bool:
    """Whether the unit is the same everywhere, as a dead one is: then there is nothing to draw."""
    return page.record.min == page.record.max


def _pictures(atlas: Atlas, page: UnitPage, lang: str, maps: ExemplarMaps | None) -> dict[str, bytes]:
    if _constant(page):
        return {}
    drawn = {"profile": figures.activation_profile(page.profile, lang=lang)}
    if page.exemplars.exemplars:
        drawn["exemplars"] = figures.exemplars(atlas, page.exemplars, maps, lang=lang)
    if page.classes is not None:
        drawn["classes"] = figures.class_selectivity(page.classes, lang)
    if page.spatial is not None:
        drawn["spatial"] = figures.spatial_bias(page.spatial, lang)
    if page.tuning is not None:
        drawn["tuning"] = figures.tuning(page.tuning, page.unit, lang)
    if page.relations.similar or page.relations.opposite:
        drawn["relations"] = figures.unit_relations(page.relations, lang)
    return {key: png_of(figure) for key, figure in drawn.items()}
