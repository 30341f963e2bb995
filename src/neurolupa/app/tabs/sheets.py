"""Each tab as one picture to take away: the same pictures under its name, over a line of provenance."""

from collections.abc import Callable, Sequence

from PIL import Image

from neurolupa.app.context import Context
from neurolupa.app.request import Result
from neurolupa.app.tabs import colours, filters
from neurolupa.app.tabs.cards import Tile, told_note, unit_label
from neurolupa.app.tabs.drawing import (
    SIDE,
    TILE,
    boxed,
    fitted,
    map_of,
    original_with_crop,
    over,
    scales_of,
    seen_of,
)
from neurolupa.app.tabs.grid import first_units
from neurolupa.figures.inspection_words import (
    place_sentence,
    prediction_lines,
    ranking_sentence,
    shape_card,
    unit_values,
)
from neurolupa.figures.lettering import written
from neurolupa.figures.overlays import colour_bar, stamped, tiles
from neurolupa.inspection.dossier import Dossier
from neurolupa.inspection.sentences import explanation_sentences
from neurolupa.locales import text

BAR = 300
_HEAD, _BODY, _GAP = 16, 13, 8


def sheet(context: Context, tab: str, held: Dossier | None = None) -> Image.Image | None:
    """A tab as one picture; None before the first analysis and where the tab has no picture.

    Args:
        context: Of the run in which it was asked for.
        tab: One of `TAB_KEYS`.
        held: A dossier that holds the selected unit, for `detail`.
    """
    result = context.result
    if result is None:
        return None
    draw = _DRAWN.get(tab)
    body = draw(context, result) if draw else _detail(context, result, held)
    if not body:
        return None
    width = max(picture.width for picture in body) - 2 * _GAP
    head = [
        written(context.say(f"tab.{tab}"), width, _HEAD),
        written(place_sentence(result.analysis, context.lang), width, _BODY),
    ]
    return stamped(stacked([*head, *body]), result.analysis.provenance.one_line())


def stacked(pictures: Sequence[Image.Image]) -> Image.Image:
    """Pictures under one another on white, evenly spaced.

    >>> stacked([Image.new("RGB", (10, 4)), Image.new("RGB", (6, 2))]).size
    (26, 30)
    """
    width = max(picture.width for picture in pictures) + 2 * _GAP
    height = sum(picture.height + _GAP for picture in pictures) + _GAP
    whole, top = Image.new("RGB", (width, height), "white"), _GAP
    for picture in pictures:
        whole.paste(picture, (_GAP, top))
        top += picture.height + _GAP
    return whole


def _laid(shown: Sequence[Tile], columns: int) -> Image.Image:
    return tiles([tile.picture for tile in shown], [tile.caption for tile in shown], columns)


def _lines(lines: Sequence[str], width: int) -> list[Image.Image]:
    return [written(line, width, _BODY) for line in lines if line]


def _general(context: Context, result: Result) -> list[Image.Image]:
    analysis, lang = result.analysis, context.lang
    width, height = analysis.picture.size
    both = [
        Tile(
            fitted(original_with_crop(analysis.picture), SIDE),
            context.say("general.original", width=width, height=height),
        ),
        Tile(fitted(seen_of(analysis), SIDE), text("figure.inspect.seen", lang)),
    ]
    pictures = _laid(both, 2)
    told = [*prediction_lines(analysis, lang), *shape_card(analysis, lang)]
    return [pictures, *_lines(told, pictures.width)]


def _bar(context: Context, result: Result, units: Sequence[int]) -> list[Image.Image]:
    """The colour bar, where one scale is that of all maps."""
    if not context.display.shared_scale:
        return _lines([context.say("overlay.own_scales")], 2 * BAR)
    scale = scales_of(result.analysis, units, context.display)[units[0]]
    return [colour_bar(scale, context.display.palette, text("figure.inspect.activation", context.lang), BAR)]


def _overlay(context: Context, result: Result) -> list[Image.Image]:
    units = _units(context, result)
    if not result.analysis.spatial or not units:
        return []
    scales = scales_of(result.analysis, units, context.display)
    shown = [
        Tile(over(result.analysis, unit, scales[unit], context.display), _words(context, result, unit))
        for unit in units
    ]
    laid = _laid(shown, 3)
    return [laid, *_bar(context, result, units), *_lines(_chosen(context, result), laid.width)]


def _grid(context: Context, result: Result) -> list[Image.Image]:
    if not result.analysis.spatial:
        return []
    units = first_units(result)
    scales = scales_of(result.analysis, units, context.display)
    shown = [
        Tile(map_of(result.analysis, unit, scales[unit], context.display), _words(context, result, unit))
        for unit in units
    ]
    laid = _laid(shown, 6)
    return [laid, *_bar(context, result, units), *_lines(_chosen(context, result), laid.width)]


def _detail(context: Context, result: Result, held: Dossier | None) -> list[Image.Image]:
    unit = context.unit
    if unit is None or held is None or unit not in held:
        return []
    analysis, kernel, pattern = result.analysis, held.kernels[unit], held.gradients.get(unit)
    shown = [Tile(fitted(boxed(analysis, held.regions[unit]), SIDE), unit_label(context, unit))]
    if analysis.spatial:
        scale = scales_of(analysis, [*result.ranking.units, unit], context.display)[unit]
        shown.append(
            Tile(fitted(over(analysis, unit, scale, context.display), SIDE), _words(context, result, unit))
        )
    small = colours.kernel_tiles(context, kernel) or colours.deep_tiles(context, kernel)
    if pattern is not None and pattern.code is None:
        small = [*small, *colours.gradient_tiles(context, result, pattern)]
    laid = _laid(shown, 2)
    told = explanation_sentences(held.explanations[unit], context.lang)
    sentences = [sentence for part in told.values() for sentence in part]
    return [laid, *([_laid(small, 5)] if small else []), *_lines(sentences, max(laid.width, 5 * TILE))]


def _filters(context: Context, result: Result) -> list[Image.Image]:
    rows = []
    for unit in _units(context, result):
        if unit in result.dossier:
            shown = filters.unit_tiles(context, result.dossier, unit)
            if shown:
                rows += [written(unit_label(context, unit), 5 * filters.SIDE, _BODY), _laid(shown, 5)]
    return rows


def _prediction(context: Context, result: Result) -> list[Image.Image]:
    seen = fitted(seen_of(result.analysis), SIDE)
    return [seen, *_lines(prediction_lines(result.analysis, context.lang), seen.width)]


def _units(context: Context, result: Result) -> tuple[int, ...]:
    selected = () if context.unit is None else (context.unit,)
    return result.ranking.units or selected


def _words(context: Context, result: Result, unit: int) -> str:
    return f"{unit_label(context, unit)} · {unit_values(result.analysis, unit, context.lang)}"


def _chosen(context: Context, result: Result) -> list[str]:
    """By what the units were chosen, and why there may be fewer."""
    return [ranking_sentence(result.ranking, context.lang), told_note(context, result.ranking)]


_DRAWN: dict[str, Callable[[Context, Result], list[Image.Image]]] = {
    "general": _general,
    "overlay": _overlay,
    "grid": _grid,
    "filters": _filters,
    "prediction": _prediction,
}
