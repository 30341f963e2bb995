"""Class against class: units that differ, which class drives which, pictures that look like another one."""

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from neurolupa import figures
from neurolupa.app import state
from neurolupa.app.callbacks import unbroken
from neurolupa.app.commands import compare_classes_command
from neurolupa.app.compare_parts import (
    Comparing,
    again,
    choose_layer,
    download,
    figure,
    lines,
    numbers,
    unit_links,
    warned,
)
from neurolupa.app.compare_work import CompareError, classes_compared, classes_of
from neurolupa.app.request import MOST_CLASSES
from neurolupa.app.texts import plain
from neurolupa.figures.classes_compared_words import code_lines, comparison_notes, lookalike_line, pair_line

if TYPE_CHECKING:
    import pandas as pd

    from neurolupa.comparison.classes import ClassComparison

MOST_UNITS, MOST_LINKS, MOST_SENTENCES = 16, 12, 3
_SHOWN = (
    "unit", "first", "second", "code", "mean_first", "mean_second", "g", "low", "high", "p_adjusted", "auroc",
    "n_first", "n_second",
)  # fmt: skip


def classes(comparing: Comparing) -> None:
    """Choose a layer and classes, and see what they differ in."""
    known = classes_of(comparing.opened)
    if len(known) < 2:
        count = "one" if known else "none"
        st.info(comparing.say(f"classes.{count}", name=plain("".join(known))), icon=":material/info:")
        return
    left, right = st.columns([1, 2])
    with left:
        site = choose_layer(comparing, comparing.opened.atlas.sites, "classes")
    with right:
        names = _choose(comparing, known)
    if len(names) < 2:
        st.info(comparing.say("classes.fewer"), icon=":material/info:")
        return
    try:
        with st.spinner(comparing.say("classes.working")):
            found = classes_compared(comparing.opened, site, names)
    except CompareError as error:
        st.error(comparing.say("failed", reason=plain(str(error))), icon=":material/error:")
        return
    _shown(comparing, found)


def _choose(comparing: Comparing, known: tuple[str, ...]) -> tuple[str, ...]:
    """The menu of classes; of those in a link, the ones that this atlas has."""
    asked = state.comparing().classes
    names = known[:2] if asked is None else tuple(name for name in asked if name in known)
    key = state.bind(f"compare.classes.{comparing.context.lang}.{comparing.opened.digest}", list(names))
    st.multiselect(
        comparing.say("classes.which", most=MOST_CLASSES), known, key=key, max_selections=MOST_CLASSES,
        placeholder=comparing.say("classes.placeholder"),
        on_change=unbroken(lambda: state.change_comparing(classes=tuple(st.session_state[key]))),
    )  # fmt: skip
    missing = [name for name in asked or () if name not in known]
    if missing:
        st.caption(comparing.say("classes.missing", names=plain(", ".join(missing))))
    return names


def _shown(comparing: Comparing, found: "ClassComparison") -> None:
    lang = comparing.context.lang
    counts, *_, source = comparison_notes(found, lang)
    st.caption(f"{plain(source)}  \n{plain(counts)}")
    _read(comparing, found)
    warned(code_lines(found, lang))
    _units(comparing, found)
    _heat_map(comparing, found)
    _lookalikes(comparing, found)
    st.markdown(f"##### {comparing.say('classes.maps')}")
    st.markdown(comparing.say("classes.maps.note"))
    again(comparing, compare_classes_command(comparing.opened.folder, found.site, found.names))


def _read(comparing: Comparing, found: "ClassComparison") -> None:
    """A sentence for each two classes, folded up where they are many."""
    told = [pair_line(found, pair, comparing.context.lang) for pair in found.pairs]
    if len(told) <= MOST_SENTENCES:
        lines(told)
        return
    with st.expander(comparing.say("classes.pairs", count=len(told)), icon=":material/notes:"):
        lines(told)


def _units(comparing: Comparing, found: "ClassComparison") -> None:
    """The units that differ most, and the way to their pages."""
    st.markdown(f"##### {comparing.say('classes.units')}")
    strongest = found.strongest(MOST_UNITS)
    if not strongest:
        st.info(comparing.say("classes.units.none"), icon=":material/info:")
    else:
        drawn = partial(figures.class_differences, found, MOST_UNITS, comparing.context.lang)
        figure(_told(comparing, found), "differences", drawn)
        st.caption(comparing.say("classes.units.note"))
        unit_links(comparing, found.site, strongest[:MOST_LINKS])
        numbers(comparing, _rows(found, strongest), "units")
    with st.container(horizontal=True):
        download(comparing, found.to_frame(), f"units_{found.site}")
        if found.variance is not None:
            words = comparing.say("classes.variance")
            download(comparing, found.variance_frame(), f"variance_{found.site}", words)


def _rows(found: "ClassComparison", units: tuple[int, ...]) -> "pd.DataFrame":
    """Of these units, in this order, each pair."""
    frame = found.to_frame().set_index("unit", drop=False)
    return frame.loc[list(units), list(_SHOWN)]


def _heat_map(comparing: Comparing, found: "ClassComparison") -> None:
    st.markdown(f"##### {comparing.say('classes.heat')}")
    drawn = partial(figures.class_units, found, lang=comparing.context.lang)
    figure(_told(comparing, found), "heat", drawn)
    download(comparing, found.classes_frame(), f"classes_{found.site}")


def _lookalikes(comparing: Comparing, found: "ClassComparison") -> None:
    """Pictures on the side of another class, as the atlas keeps them."""
    st.markdown(f"##### {comparing.say('classes.lookalikes')}")
    lines([lookalike_line(found, comparing.context.lang)])
    if not found.lookalikes.pictures:
        return
    drawn = partial(figures.lookalikes, found, comparing.opened.atlas, lang=comparing.context.lang)
    figure(_told(comparing, found), "lookalikes", drawn)
    st.caption(comparing.say("classes.lookalikes.note"))
    frame = found.lookalikes.to_frame()
    numbers(comparing, frame, "lookalikes")
    download(comparing, frame, f"lookalikes_{found.site}")


def _told(comparing: Comparing, found: "ClassComparison") -> tuple[object, ...]:
    """What tells a comparison from all others."""
    return comparing.opened.folder, comparing.opened.digest, found.site, *found.names, comparing.context.lang
