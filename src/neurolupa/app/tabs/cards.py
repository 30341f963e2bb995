"""Pieces that the tabs are laid out with: tiles, colour bars, numbers in frames, choices that stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from inspect import signature
from typing import Any, Literal

import streamlit as st
from PIL import Image

from neurolupa.app import state
from neurolupa.app.callbacks import unbroken
from neurolupa.app.context import Context
from neurolupa.app.packing import Packer
from neurolupa.app.tabs.drawing import letterboxed
from neurolupa.app.texts import plain
from neurolupa.figures.inspection_words import note_sentence, unit_name
from neurolupa.figures.overlays import Scale, colour_bar
from neurolupa.inspection import Ranking
from neurolupa.locales import text

TILE = 132
BAR_WIDTH = 300
_FRAME, _EDGES, _DIGIT = 138, 36, 18
"""Pixels: the least width of a number's frame, what it takes beside the number, and a digit's width."""
_PAPERS = {"dark": "#12181d", "light": "#ffffff"}
_PACKER = Packer()
_TAKES_ALT = "alt" in signature(st.image).parameters


@dataclass(frozen=True, eq=False)
class Tile:
    """A picture with its words."""

    picture: Image.Image
    caption: str


def show(
    picture: Image.Image, caption: str, width: int | Literal["stretch"] = "stretch", alt: str = ""
) -> None:
    """A picture over its caption, which also stands in for it where it cannot be seen, or `alt` does."""
    described: dict[str, Any] = {"alt": alt or caption} if _TAKES_ALT else {}
    st.image(_PACKER.png(picture), caption, width, output_format="PNG", **described)


def tile_row(tiles: Sequence[Tile], width: int = TILE) -> None:
    """Tiles of one width side by side, as many to a line as there is room for."""
    with st.container(horizontal=True, gap="small"):
        for tile in tiles:
            with st.container(width=width):
                show(letterboxed(tile.picture, width, paper()), tile.caption, width)


def tile_columns(tiles: Sequence[Tile], columns: int = 3) -> None:
    """Tiles in rows of equal columns, the last row filled up with nothing."""
    for start in range(0, len(tiles), columns):
        for panel, tile in zip(st.columns(columns), tiles[start : start + columns], strict=False):
            with panel:
                show(tile.picture, tile.caption)


def scale_bar(scale: Scale, palette: str, lang: str, where: str = "tab", of: str | None = None) -> None:
    """The colour bar of a scale in the network's own units, those of the activation unless `of` says another.

    `where` tells several on a page apart.
    """
    label = of or text("figure.inspect.activation", lang)
    with st.container(key=f"bar.{where}"):
        show(colour_bar(scale, palette, label, BAR_WIDTH, paper=paper()), "", BAR_WIDTH)


def paper() -> str:
    """The colour of the page."""
    return _PAPERS.get(st.context.theme.type or "light", _PAPERS["light"])


def numbers(pairs: Sequence[tuple[str, str]]) -> None:
    """Named numbers in frames side by side, all wide enough for the longest, as many to a line as fit."""
    width = max(_FRAME, _EDGES + _DIGIT * max(len(value) for _, value in pairs))
    with st.container(horizontal=True, gap="small"):
        for label, value in pairs:
            st.metric(label, value, border=True, width=width)


def choice(context: Context, name: str, options: Sequence[str]) -> str:
    """One of a few options, remembered for the session; its words are `app.<name>.<option>`."""
    chosen = state.remembered(name)
    if chosen not in options:
        chosen = options[0]
    key = state.bind(f"choice.{name}.{context.lang}", chosen)
    st.segmented_control(
        context.say(f"{name}.label"),
        options,
        format_func=lambda option: context.say(f"{name}.{option}"),
        key=key,
        on_change=unbroken(_choose),
        args=(name, key),
        label_visibility="collapsed",
    )
    return chosen


def pick_unit(context: Context, where: str) -> int | None:
    """The selected unit, and a menu of all units to select another, those of the ranking first."""
    result, selected = context.result, context.unit
    if result is None or selected is None:
        return None
    ranked = result.ranking.units
    others = [unit for unit in range(len(result.analysis.units)) if unit not in set(ranked)]
    key = state.bind(f"unit.{where}.{context.lang}", selected)
    st.selectbox(
        context.say("tab.unit"),
        [*ranked, *others],
        format_func=lambda unit: unit_label(context, unit),
        key=key,
        on_change=unbroken(_select),
        args=(context, key),
        help=context.say("tab.unit_help"),
    )
    return selected


def unit_label(context: Context, unit: int) -> str:
    """A unit's place in the ranking, where it has one, and its number."""
    ranked = () if context.result is None else context.result.ranking.units
    if unit in ranked:
        return unit_name(ranked.index(unit) + 1, unit, context.lang)
    return text("figure.inspect.unit_alone", context.lang, unit=unit, name="").strip()


def told_note(context: Context, ranking: Ranking) -> str:
    """Why a ranking holds fewer units than asked for, in the sidebar's words; empty where all is well."""
    return note_sentence(ranking, context.lang, lambda name: context.say(f"note.{name}"))


def shown_units(context: Context) -> tuple[int, ...]:
    """The ranked units; where the ranking is empty the selected one, and a warning says why."""
    result, selected = context.result, context.unit
    if result is None or selected is None:
        return ()
    note = told_note(context, result.ranking)
    if note:
        st.warning(plain(note), icon=":material/filter_alt_off:")
    return result.ranking.units or (selected,)


def _choose(name: str, key: str) -> None:
    # Clicking the chosen one again clears it: the choice stays then.
    if st.session_state[key] is not None:
        state.remember(name, st.session_state[key])


def _select(context: Context, key: str) -> None:
    if st.session_state[key] is not None:
        context.select_unit(st.session_state[key])
