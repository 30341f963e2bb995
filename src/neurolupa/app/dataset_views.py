"""The views of the data set: charts of an atlas, what they mean, and their tables as CSV."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from neurolupa.app import dataset_units
from neurolupa.app.dataset_view import View, chart, download, explain, selectable
from neurolupa.app.texts import plain
from neurolupa.figures import charts_layers, charts_sites, sentences


def layers(view: View) -> None:
    """Mean, std, sparsity and range of every layer."""
    found = view.table("layers")
    selectable(view, charts_layers.layer_panels(found, view.site, view.context.lang), "layers")
    explain(view, "layers.note", found.to_frame(), "layers")


def values(view: View) -> None:
    """How the values of the selected layer are distributed."""
    found = view.of_site("values")
    if not found.counts.size:
        st.info(view.say("values.nothing", site=plain(view.site)), icon=":material/info:")
        return
    chart(charts_sites.value_histogram(found, view.context.lang), "values")
    st.caption(_about_values(view, found))
    download(view, found.to_frame(), f"values_{view.site}")


def classes(view: View) -> None:
    """The selected layer class by class, and the units that differ most between classes."""
    found = view.of_site("classes")
    if found is None:
        st.info(view.say("classes.none"), icon=":material/info:")
        return
    chart(charts_sites.class_bars(found, view.context.lang), "classes")
    explain(view, "classes.note", found.to_frame(), f"classes_{view.site}")
    units = view.of_site("class_units")
    if units is not None:
        chart(charts_sites.class_heat_map(units, view.context.lang), "class_units")
        explain(view, "class_units.note", units.to_frame(), f"class_units_{view.site}")


def evolution(view: View) -> None:
    """The four measures from the first layer to the last, in words and lines."""
    found = view.table("evolution")
    st.markdown("\n".join(f"- {plain(sentences(trend, view.context.lang))}" for trend in found.trends))
    lines = charts_layers.evolution_lines(found, view.table("layers"), view.context.lang)
    selectable(view, lines, "evolution")
    explain(view, "evolution.note", found.to_frame(), "evolution")


VIEWS: dict[str, Callable[[View], None]] = {
    "layers": layers,
    "idle": dataset_units.idle,
    "values": values,
    "classes": classes,
    "images": dataset_units.images,
    "picture": dataset_units.picture,
    "alike": dataset_units.alike,
    "evolution": evolution,
}
"""By the codes of their titles, `app.dataset.view.*`, in order."""


def _about_values(view: View, found: Any) -> str:
    told = [view.say("values.note")]
    if found.zeros == found.zeros:
        told.append(view.say("values.zeros", zeros=found.zeros))
    if found.thinning > 1:
        told.append(view.say("values.thinned", thinning=found.thinning))
    return " ".join(told)
