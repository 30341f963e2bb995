"""The data set: an atlas, read from its folder alone; no network is run here."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from neurolupa.app import state
from neurolupa.app.atlas_form import atlas_page, failed
from neurolupa.app.callbacks import unbroken
from neurolupa.app.context import Context
from neurolupa.app.dataset_opening import AtlasError, Opened, table
from neurolupa.app.dataset_view import View, choose_site
from neurolupa.app.dataset_views import VIEWS
from neurolupa.app.frames import lazy_tabs
from neurolupa.app.pages import Page
from neurolupa.app.texts import plain
from neurolupa.atlas.captions import caption
from neurolupa.locales import catalogue, text

PAGE = Page(key="dataset", title="dataset.title", icon=":material/dataset:", order=10)
_TABLE_HEIGHT = 300
_NUMBERS = ("mean", "std", "min", "max", "median", "sparsity_%")
_COUNTS = ("dead", "dormant", "total_neurons")


def render(context: Context) -> None:
    """Draw the page."""
    atlas_page(context, PAGE, _shown)


def _shown(context: Context, opened: Opened) -> None:
    sites, chosen = opened.atlas.sites, state.data_view().site
    view = View(context, opened, chosen if chosen in sites else sites[0])
    st.caption(plain(caption(opened.atlas.source, context.lang)))
    _summary(view)
    _layer_table(view)
    st.markdown(view.say("layer", site=view.site.replace("`", "")))
    views = {name: partial(_guarded, draw, view) for name, draw in VIEWS.items()}
    lazy_tabs(
        context,
        "dataset.view",
        views,
        state.data_view().view,
        lambda name: state.change_data_view(view=name),
    )
    _about(view)


def _guarded(draw: Callable[[View], None], view: View) -> None:
    try:
        draw(view)
    except AtlasError as error:
        failed(view.context, error, False)


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
        on_select=unbroken(lambda: _row_chosen(view, key)),
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
