"""Atlas against atlas: the one that all pages show, A, and a second one that is opened here, B."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from neurolupa import figures
from neurolupa.app.commands import compare_command
from neurolupa.app.compare_parts import (
    Comparing,
    again,
    choose_layer,
    download,
    figure,
    lines,
    numbers,
    table,
    unit_links,
    warned,
)
from neurolupa.app.compare_second import second_atlas
from neurolupa.app.compare_work import CompareError, atlases_compared
from neurolupa.app.dataset_opening import Opened
from neurolupa.app.texts import plain
from neurolupa.comparison.atlases import NoteCode
from neurolupa.figures.atlases_compared_words import (
    matches_line,
    note_lines,
    reading_lines,
    source_lines,
    standing_line,
)

if TYPE_CHECKING:
    import pandas as pd
    from streamlit.delta_generator import DeltaGenerator

    from neurolupa.comparison.atlases import AtlasComparison

_SIDES = ("mean", "std", "sparsity", "active", "dead", "dormant", "units", "images")
_LAYERS = ("site", *(f"{name}_{side}" for name in _SIDES for side in "ab"))
_SILENT = ("site", "kind", "count_a", "count_b", "gained", "lost", "kept", "images_a", "images_b")
_MATCHED = ("unit_a", "site_b", "unit_b", "r", "low", "high", "bound", "p", "images")
_CHANGED = (
    "unit", "value_a", "value_b", "difference", "g", "low", "high", "p_adjusted", "sampled_a", "sampled_b",
)  # fmt: skip
MOST_UNITS, MOST_LINKS = 16, 12


@dataclass(frozen=True)
class Pair:
    """What the parts of the tab draw from.

    Attributes:
        comparing: Words, and atlas A.
        second: Atlas B.
        found: What they differ in.
    """

    comparing: Comparing
    second: Opened
    found: "AtlasComparison"

    @property
    def lang(self) -> str:
        """The reader's language."""
        return self.comparing.context.lang

    @property
    def told(self) -> tuple[str, ...]:
        """What tells it from all other pairs."""
        first, second = self.comparing.opened, self.second
        return first.folder, first.digest, second.folder, second.digest, self.lang


def atlases(comparing: Comparing) -> None:
    """Open a second atlas, and see what it and the first differ in."""
    second = second_atlas(comparing)
    if second is None:
        return
    bar = st.empty()
    try:
        with st.spinner(comparing.say("atlases.working")):
            found = atlases_compared(comparing.opened, second, partial(_done, comparing, bar))
    except CompareError as error:
        bar.empty()
        st.error(comparing.say("failed", reason=plain(str(error))), icon=":material/error:")
        return
    bar.empty()
    _shown(Pair(comparing, second, found))


def _done(comparing: Comparing, bar: "DeltaGenerator", done: int, total: int) -> None:
    """Move the bar; who leaves the page ends the work here."""
    bar.progress(done / total, comparing.say("atlases.matching", done=done, total=total))


def _shown(pair: Pair) -> None:
    _told(pair)
    _layers(pair)
    _silent(pair)
    _alike(pair)
    _units(pair)
    again(pair.comparing, compare_command(pair.comparing.opened.folder, pair.second.folder))


def _told(pair: Pair) -> None:
    """Where both come from, what differs, and what a reader must know."""
    found, lang = pair.found, pair.lang
    st.caption("  \n".join(map(plain, source_lines(found, lang))))
    lines([standing_line(found, lang), *reading_lines(found, lang)])
    warned(note_lines(found, lang))


def _layers(pair: Pair) -> None:
    """The layers with the same name, side by side."""
    comparing, found = pair.comparing, pair.found
    st.markdown(f"##### {comparing.say('atlases.layers')}")
    if not found.layers:
        st.info(comparing.say("atlases.layers.none"), icon=":material/info:")
        return
    figure(pair.told, "layers", partial(figures.layers_compared, found, lang=pair.lang))
    frame = found.to_frame()
    numbers(comparing, frame[list(_LAYERS)], "layers")
    download(comparing, frame, "layers_compared")


def _silent(pair: Pair) -> None:
    """Dead and dormant units, gained and lost."""
    comparing, found = pair.comparing, pair.found
    st.markdown(f"##### {comparing.say('atlases.dead')}")
    figure(pair.told, "dead", partial(figures.dead_compared, found, lang=pair.lang))
    frame, units = found.silent_frame(), found.silent_units_frame()
    kinds = {name: comparing.context.say(f"dataset.column.{name}") for name in frame["kind"].unique()}
    numbers(comparing, frame[list(_SILENT)].assign(kind=frame["kind"].map(kinds)), "silent")
    with st.container(horizontal=True):
        download(comparing, frame, "silent_compared")
        if len(units):
            download(comparing, units, "silent_units", comparing.say("atlases.dead.units"))


def _alike(pair: Pair) -> None:
    """CKA between every layer of A and of B."""
    comparing, found = pair.comparing, pair.found
    if found.similarity is None:
        return
    st.markdown(f"##### {comparing.say('atlases.cka')}")
    figure(pair.told, "cka", partial(figures.cka_compared, found, lang=pair.lang))
    download(comparing, found.similarity_frame(), "layers_alike")


def _units(pair: Pair) -> None:
    """The units of one layer: what each is matched with, and how far it changed."""
    comparing, found = pair.comparing, pair.found
    st.markdown(f"##### {comparing.say('atlases.units')}")
    matched = [each.site_a for each in found.matches]
    moved = NoteCode.UNITS_MOVED in found.notes
    changed = [] if moved else [each.site for each in found.changes]
    if not (matched or changed):
        st.info(comparing.say("atlases.units.none"), icon=":material/info:")
        return
    site = choose_layer(comparing, list(dict.fromkeys([*matched, *changed])), "atlases")
    if site in matched:
        lines([matches_line(found.matched(site), pair.lang)])
        figure((*pair.told, site), "matched", partial(figures.units_matched, found, site, lang=pair.lang))
        numbers(comparing, found.matched(site).to_frame()[list(_MATCHED)], "matched")
        download(comparing, found.matches_frame(), "units_matched")
    if site in changed:
        _changed(pair, site)


def _changed(pair: Pair, site: str) -> None:
    """Those that changed most, unit i of A being unit i of B, and the way to their pages in A."""
    comparing, frame = pair.comparing, pair.found.changed(site).to_frame()
    st.markdown(f"##### {comparing.say('atlases.changed')}")
    strongest = _strongest(frame)
    if strongest.empty:
        st.info(comparing.say("atlases.changed.none"), icon=":material/info:")
    else:
        st.caption(comparing.say("atlases.changed.note"))
        unit_links(comparing, site, strongest["unit"].head(MOST_LINKS))
        table(comparing, strongest[list(_CHANGED)], "changed")
    download(comparing, pair.found.units_frame(), "units_compared")


def _strongest(frame: "pd.DataFrame") -> "pd.DataFrame":
    """The units whose change is more than chance, the largest first."""
    changed = frame[frame["changed"]]
    order = changed["g"].abs().sort_values(ascending=False, kind="stable").index
    return changed.loc[order].head(MOST_UNITS)
