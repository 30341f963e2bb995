"""The views of the page of the data set: charts of an atlas, what they mean, and their tables as CSV."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from neurolupa.app import state
from neurolupa.app.context import Context
from neurolupa.app.dataset_opening import Opened, table
from neurolupa.app.texts import plain
from neurolupa.atlas.schema import DEAD_THRESHOLD
from neurolupa.figures import charts_layers, charts_sites, sentences

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

DORMANT_TAU = 0.025


@dataclass(frozen=True)
class View:
    """What a view draws from.

    Attributes:
        context: Words and numbers.
        opened: The atlas.
        site: The layer that is selected.
    """

    context: Context
    opened: Opened
    site: str

    def say(self, code: str, **values: object) -> str:
        """The text `app.dataset.<code>`."""
        return self.context.say(f"dataset.{code}", **values)

    def table(self, kind: str) -> Any:
        """A table of the whole atlas."""
        return table(self.opened, kind)

    def of_site(self, kind: str) -> Any:
        """A table of the selected layer."""
        return table(self.opened, kind, self.site)


def choose_site(site: str) -> None:
    """Make a layer the selected one, for every view."""
    state.change_data_view(site=site)


def layers(view: View) -> None:
    """Mean, std, sparsity and range of every layer."""
    found = view.table("layers")
    _selectable(view, charts_layers.layer_panels(found, view.site, view.context.lang), "layers")
    _explain(view, "layers.note", found.to_frame(), "layers")


def idle(view: View) -> None:
    """Dead and dormant units: by layer, then one by one."""
    found, units = view.table("layers"), view.table("idle")
    _selectable(view, charts_layers.idle_by_layer(found, view.site, view.context.lang), "idle")
    st.caption(_about_idle(view))
    if units.frame.empty:
        st.info(view.say("idle.none"), icon=":material/info:")
        return
    only = st.toggle(view.say("idle.only"), key="dataset.only")
    frame = units.frame[units.frame["site"] == view.site] if only else units.to_frame()
    names = ("site", "unit", "dead", "dormant", "max", "mean", "dormancy")
    st.dataframe(
        frame,
        column_config={name: st.column_config.Column(view.say(f"column.{name}")) for name in names},
        hide_index=True,
    )
    _download(view, frame, "dead_dormant")


def values(view: View) -> None:
    """How the values of the selected layer are distributed."""
    found = view.of_site("values")
    if not found.counts.size:
        st.info(view.say("values.nothing", site=plain(view.site)), icon=":material/info:")
        return
    _chart(charts_sites.value_histogram(found, view.context.lang), "values")
    st.caption(_about_values(view, found))
    _download(view, found.to_frame(), f"values_{view.site}")


def classes(view: View) -> None:
    """The selected layer class by class, and the units that differ most between classes."""
    found = view.of_site("classes")
    if found is None:
        st.info(view.say("classes.none"), icon=":material/info:")
        return
    _chart(charts_sites.class_bars(found, view.context.lang), "classes")
    _explain(view, "classes.note", found.to_frame(), f"classes_{view.site}")
    units = view.of_site("class_units")
    if units is not None:
        _chart(charts_sites.class_heat_map(units, view.context.lang), "class_units")
        _explain(view, "class_units.note", units.to_frame(), f"class_units_{view.site}")


def images(view: View) -> None:
    """Every unit of the selected layer on the first sampled images."""
    found = view.of_site("images")
    if found.means.empty:
        st.info(view.say("images.none"), icon=":material/info:")
        return
    _chart(charts_sites.image_heat_map(found, view.context.lang), "images")
    _explain(view, "images.note", found.to_frame(), f"images_{view.site}")


def evolution(view: View) -> None:
    """The four measures from the first layer to the last, in words and lines."""
    found = view.table("evolution")
    st.markdown("\n".join(f"- {plain(sentences(trend, view.context.lang))}" for trend in found.trends))
    chart = charts_layers.evolution_lines(found, view.table("layers"), view.context.lang)
    _selectable(view, chart, "evolution")
    _explain(view, "evolution.note", found.to_frame(), "evolution")


VIEWS: dict[str, Callable[[View], None]] = {
    "layers": layers,
    "idle": idle,
    "values": values,
    "classes": classes,
    "images": images,
    "evolution": evolution,
}
"""By the codes of their titles, `app.dataset.view.*`, in order."""


def _about_idle(view: View) -> str:
    """What dead and dormant mean, with the thresholds that the scan used."""
    settings = view.opened.atlas.manifest.get("settings", {})
    threshold = np.format_float_positional(settings.get("dead_threshold", DEAD_THRESHOLD), trim="-")
    return view.say("idle.note", threshold=threshold, tau=100 * settings.get("dormant_tau", DORMANT_TAU))


def _about_values(view: View, found: Any) -> str:
    told = [view.say("values.note")]
    if found.zeros == found.zeros:
        told.append(view.say("values.zeros", zeros=found.zeros))
    if found.thinning > 1:
        told.append(view.say("values.thinned", thinning=found.thinning))
    return " ".join(told)


def _selectable(view: View, figure: "Figure", name: str) -> None:
    """A chart over the depth: a click on a layer selects it."""
    key = f"dataset.chart.{name}"
    _chart(figure, name, on_select=lambda: _clicked(view, key), selection_mode="points")


def _clicked(view: View, key: str) -> None:
    points = st.session_state[key]["selection"]["points"]
    depth = points[0].get("x") if points else None
    sites = view.opened.atlas.sites
    if isinstance(depth, int | float) and 1 <= depth <= len(sites):
        choose_site(sites[int(depth) - 1])


def _chart(figure: "Figure", name: str, **options: Any) -> None:
    config = {"displaylogo": False, "toImageButtonOptions": {"filename": f"neurolupa_{name}", "scale": 2}}
    st.plotly_chart(figure, key=f"dataset.chart.{name}", config=config, **options)


def _explain(view: View, code: str, frame: "pd.DataFrame", name: str) -> None:
    st.caption(view.say(code))
    _download(view, frame, name)


def _download(view: View, frame: "pd.DataFrame", name: str) -> None:
    """A CSV of what is shown, made when it is asked for."""
    safe = "".join(sign if sign.isalnum() or sign in "._-" else "_" for sign in name)
    st.download_button(
        view.say("download"),
        data=lambda: frame.to_csv(index=False).encode(),
        file_name=f"{safe}.csv",
        mime="text/csv",
        icon=":material/download:",
        key=f"dataset.csv.{name}",
        on_click="ignore",
    )
