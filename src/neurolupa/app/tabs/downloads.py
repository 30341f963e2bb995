"""The foot of every tab: where the result comes from, and what can be taken away of it."""

from functools import partial

import streamlit as st

from neurolupa.app.context import Context
from neurolupa.app.request import Result
from neurolupa.app.tabs import payloads
from neurolupa.app.tabs.asked import dossier_of
from neurolupa.app.texts import plain
from neurolupa.inspection.dossier import Dossier


def render(context: Context) -> None:
    """Draw the line of provenance and the buttons; a file is made when its button is pressed."""
    result = context.result
    if result is None:
        return
    st.divider()
    st.caption(plain(result.analysis.provenance.one_line()))
    tab, held = context.display.tab, _held(context, result)
    files = {
        "png": (partial(payloads.png, context, tab, held), f"{tab}.png", "image/png"),
        "units": (partial(payloads.units_csv, result), payloads.UNITS, "text/csv"),
        "regions": (partial(payloads.regions_csv, result), payloads.REGIONS, "text/csv"),
        "json": (partial(payloads.facts_json, result), payloads.FACTS, "application/json"),
        "zip": (partial(payloads.everything, context, result, held), "neurolupa.zip", "application/zip"),
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


def _held(context: Context, result: Result) -> Dossier:
    """The dossier of the selected unit where the tab has just shown it, else that of the ranked units."""
    unit = context.unit
    if context.display.tab != "detail" or unit is None or unit in result.dossier:
        return result.dossier
    return dossier_of(context, unit) or result.dossier


def _has_picture(result: Result, tab: str) -> bool:
    return result.analysis.spatial or bool(result.ranking.units) or tab not in ("overlay", "grid")
