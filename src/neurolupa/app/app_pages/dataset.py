"""The data set: an atlas, read from its folder alone; no network is run here."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from neurolupa.app import state
from neurolupa.app.context import Context
from neurolupa.app.dataset_opening import AtlasError, Opened, open_folder, table
from neurolupa.app.dataset_views import VIEWS, View, choose_site
from neurolupa.app.pages import Page
from neurolupa.app.texts import plain
from neurolupa.figures.charts import caption
from neurolupa.locales import catalogue, text

PAGE = Page(key="dataset", title="dataset.title", icon=":material/dataset:", order=10)
_TABLE_HEIGHT = 300
_COMMAND = "neurolupa scan embedded samples --out atlas"
_NUMBERS = ("mean", "std", "min", "max", "median", "sparsity_%")
_COUNTS = ("dead", "dormant", "total_neurons")


def render(context: Context) -> None:
    """Draw the page."""
    st.markdown(f"## {context.say('dataset.title')}")
    if state.remembered("dataset.folder") is None and context.atlas:
        _open(context.atlas)
    _form(context)
    failure: AtlasError | None = state.remembered("dataset.failure")
    folder: str | None = state.remembered("dataset.folder")
    if failure is not None:
        _failed(context, failure, folder is not None)
    if folder is None:
        _none_yet(context)
        return
    try:
        _atlas(context, open_folder(folder))
    except AtlasError as error:
        _failed(context, error, False)


def _open(typed: str) -> None:
    """Remember a folder if there is an atlas in it; the one before stays where there is none."""
    try:
        opened = open_folder(typed)
    except AtlasError as error:
        state.remember("dataset.failure", error)
        return
    state.remember("dataset.folder", opened.folder)
    state.remember("dataset.failure", None)


def _form(context: Context) -> None:
    with st.form("dataset.form", border=False):
        field, button = st.columns([5, 1], vertical_alignment="bottom")
        field.text_input(
            context.say("dataset.folder"),
            value=state.remembered("dataset.folder") or "",
            key="dataset.typed",
            help=context.say("dataset.folder.help"),
            placeholder="atlas",
        )
        button.form_submit_button(context.say("dataset.open"), on_click=_submitted, width="stretch")


def _submitted() -> None:
    _open(st.session_state["dataset.typed"])


def _failed(context: Context, failure: AtlasError, kept: bool) -> None:
    sentence = context.say(f"dataset.failed.{failure.code}", **failure.values)
    more = " " + context.say("dataset.failed.kept") if kept else ""
    st.error(sentence + more, icon=":material/error:")


def _none_yet(context: Context) -> None:
    st.markdown(context.say("dataset.none"))
    st.code(_COMMAND, language="bash")


def _atlas(context: Context, opened: Opened) -> None:
    sites = opened.atlas.sites
    chosen = state.remembered("dataset.site")
    view = View(context, opened, chosen if chosen in sites else sites[0])
    st.caption(plain(caption(opened.atlas.source, context.lang)))
    _summary(view)
    _layer_table(view)
    st.markdown(view.say("layer", site=view.site.replace("`", "")))
    labels = {view.say(f"view.{name}"): name for name in VIEWS}
    key = f"dataset.view.{context.lang}"
    state.bind(key, view.say(f"view.{state.remembered('dataset.view', next(iter(VIEWS)))}"))
    opened_tabs = st.tabs(list(labels), key=key, on_change=_view_chosen, args=(key, labels))
    for panel, name in zip(opened_tabs, VIEWS, strict=True):
        if panel.open:
            with panel:
                _guarded(VIEWS[name], view)
    _about(view)


def _guarded(draw: Callable[[View], None], view: View) -> None:
    try:
        draw(view)
    except AtlasError as error:
        _failed(view.context, error, False)


def _view_chosen(key: str, labels: dict[str, str]) -> None:
    state.remember("dataset.view", labels[st.session_state[key]])


def _summary(view: View) -> None:
    found = table(view.opened, "summary")
    lang = view.context.lang
    totals = {"dead": view.context.count(found.dead), "units": view.context.count(found.units)}
    lines = [
        text(f"summary.{fact.code}", lang, site=fact.site, value=fact.value, **totals)
        for fact in found.findings()
    ]
    st.markdown("\n".join(f"- {plain(line)}" for line in [*lines, *_notes(view)]))


def _notes(view: View) -> list[str]:
    """What a reader of the tables must know."""
    told = []
    for note in view.opened.atlas.manifest.get("notes", ()):
        code = f"note.{note['code']}"
        if code in catalogue(view.context.lang):
            cells = view.context.count(note.get("cells", 0))
            told.append(text(code, view.context.lang, **{**note, "cells": cells}))
    return told


def _layer_table(view: View) -> None:
    """Every layer; the row that is selected is the layer of the views below."""
    frame: pd.DataFrame = view.table("layers").frame
    shown = frame[["depth", "site", "type", *_NUMBERS, *_COUNTS, "shape", "address"]]
    key = "dataset.layers"
    row = view.opened.atlas.sites.index(view.site)
    if _selected(key) != [row]:
        st.session_state[key] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    st.dataframe(
        shown,
        column_config=_columns(view, shown),
        hide_index=True,
        height=_TABLE_HEIGHT,
        key=key,
        on_select=lambda: _row_chosen(view, key),
        selection_mode="single-row-required",
    )


def _columns(view: View, shown: pd.DataFrame) -> dict[str, Any]:
    named = {name: view.say(f"column.{name.removesuffix('_%')}") for name in shown.columns}
    formats = {**dict.fromkeys(_NUMBERS, "%.4g"), "sparsity_%": "%.1f"}
    return {
        name: st.column_config.NumberColumn(words, format=formats[name])
        if name in formats
        else st.column_config.Column(words, pinned=name == "site")
        for name, words in named.items()
    }


def _selected(key: str) -> list[int]:
    held = st.session_state.get(key)
    return list(held["selection"]["rows"]) if held else []


def _row_chosen(view: View, key: str) -> None:
    sites = view.opened.atlas.sites
    for row in _selected(key):
        if row < len(sites):
            choose_site(sites[row])


def _about(view: View) -> None:
    """Where the numbers come from."""
    source = view.opened.atlas.source
    with st.expander(view.say("about"), icon=":material/info:"):
        facts = {
            "folder": view.opened.folder,
            "model": source.model,
            "weights": source.weights_digest,
            "images": f"{source.images} ({source.images_digest})",
            "read": view.context.count(source.read),
            "skipped": view.context.count(source.skipped),
            "version": source.version,
        }
        lines = (f"- {view.say(f'about.{name}')}: {plain(value)}" for name, value in facts.items())
        st.markdown("\n".join(lines))
        st.caption(view.say("about.bare"))
        st.code(f"neurolupa show {view.opened.folder!r} summary", language="bash", wrap_lines=True)
