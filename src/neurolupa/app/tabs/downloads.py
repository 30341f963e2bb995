"""The foot of every tab: where the result comes from, and what can be taken away of it."""

from functools import partial

import streamlit as st

from neurolupa.app.context import Context
from neurolupa.app.failing import WorkError
from neurolupa.app.request import Result
from neurolupa.app.tabs import payloads
from neurolupa.app.tabs.asked import whole_dossier
from neurolupa.app.texts import plain
from neurolupa.errors import NeurolupaError
from neurolupa.inspection.dossier import Dossier


def render(context: Context) -> None:
    """Draw the line of provenance and the buttons; a file is made when its button is pressed."""
    result = context.result
    if result is None:
        return
    st.divider()
    st.caption(plain(result.analysis.provenance.one_line()))
    tab = context.display.tab
    files = {
        "png": (partial(_picture, context, result, tab), f"{tab}.png", "image/png"),
        "units": (partial(payloads.units_csv, result), payloads.UNITS, "text/csv"),
        "regions": (partial(payloads.regions_csv, result), payloads.REGIONS, "text/csv"),
        "json": (partial(payloads.facts_json, result), payloads.FACTS, "application/json"),
        "zip": (partial(_everything, context, result), "neurolupa.zip", "application/zip"),
    }
    with st.container(horizontal=True, gap="small"):
        for name, (make, file_name, kind) in files.items():
            st.download_button(
                context.say(f"export.{name}"),
                make,
                file_name,
                kind,
                key=f"export.{name}.{tab}",
                icon=":material/download:",
                on_click="ignore",
                disabled=name == "png" and not _has_picture(result, tab),
            )


def _picture(context: Context, result: Result, tab: str) -> bytes:
    return payloads.png(context, tab, _held(context, result) if tab == "detail" else None)


def _everything(context: Context, result: Result) -> bytes:
    return payloads.everything(context, result, _held(context, result))


def _held(context: Context, result: Result) -> Dossier:
    """All of the selected unit, found when a button is pressed; the ranked units where it cannot be had."""
    try:
        return result.dossier if context.unit is None else whole_dossier(result, context.unit)
    except (WorkError, NeurolupaError):
        return result.dossier


def _has_picture(result: Result, tab: str) -> bool:
    return result.analysis.spatial or bool(result.ranking.units) or tab not in ("overlay", "grid")
