"""The search of the neuron page: units by a class, those most like the one shown, or the dead ones."""

import streamlit as st

from neurolupa.app import state
from neurolupa.app.callbacks import unbroken
from neurolupa.app.context import Context
from neurolupa.app.dataset_opening import Opened
from neurolupa.app.neuron_work import searched
from neurolupa.app.texts import plain

KINDS = ("class", "like", "dead")
_MOST = 200
_TABLE_HEIGHT = 260


def search(context: Context, opened: Opened, site: str, unit: int) -> None:
    """Units that answer a class best, are most like the one shown, or dead; a selected row is opened."""
    with st.expander(context.say("neuron.search"), icon=":material/search:"):
        kinds = KINDS if _classes(opened) else KINDS[1:]
        kind = st.segmented_control(
            context.say("neuron.search.kind"), kinds, default=kinds[0], key="neuron.search.kind",
            format_func=lambda name: context.say(f"neuron.search.{name}"), label_visibility="collapsed",
        )  # fmt: skip
        if kind == "class":
            names = _classes(opened)
            name = st.selectbox(context.say("neuron.search.which"), names, key="neuron.search.class")
            _found(context, opened, kind, name)
        elif kind == "like":
            _found(context, opened, kind, f"{site} {unit}", site, unit)
        elif kind == "dead":
            _found(context, opened, kind, "")


def _classes(opened: Opened) -> list[str]:
    """The names of the classes that some picture has."""
    images = opened.atlas.manifest["images"]
    return list(dict.fromkeys(images.get("classes") or ())) if images.get("labelled") else []


def _found(context: Context, opened: Opened, kind: str, name: str, *wanted: object) -> None:
    """The table of what is found; `name` stands in the sentence above it."""
    frame = searched(opened, kind, *(wanted or (name,)))
    if frame.empty:
        st.info(context.say(f"neuron.search.none.{kind}"), icon=":material/info:")
        return
    shown = frame.head(_MOST)
    told = {"shown": context.count(len(shown)), "total": context.count(len(frame)), "name": plain(name)}
    st.caption(context.say(f"neuron.search.note.{kind}", **told))
    key = f"neuron.found.{kind}.{name}"
    names = {name: context.say(f"neuron.column.{name}") for name in shown.columns}
    units = list(zip(shown["site"].tolist(), shown["unit"].tolist(), strict=True))
    st.dataframe(
        shown, key=key, hide_index=True, height=_TABLE_HEIGHT, selection_mode="single-row",
        column_config={name: st.column_config.Column(words) for name, words in names.items()},
        on_select=unbroken(lambda: _open(key, units)),
    )  # fmt: skip


def _open(key: str, units: list[tuple[str, int]]) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    if rows:
        site, unit = units[rows[0]]
        state.change_data_view(site=site, neuron=unit)
