"""What a view of the data set draws from, and how a chart and its table are put on the page."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from neurolupa.app import state
from neurolupa.app.callbacks import unbroken
from neurolupa.app.context import Context
from neurolupa.app.dataset_opening import Opened, table
from neurolupa.atlas.csv_files import csv_text

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure


NOTHING = "–"  # noqa: RUF001 (it is a dash)
"""What stands in a cell without a value."""


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

    def of_site(self, kind: str, *about: object) -> Any:
        """A table of the selected layer."""
        return table(self.opened, kind, self.site, *about)


def choose_site(site: str) -> None:
    """Make a layer the selected one, for every view."""
    state.change_data_view(site=site)


def chart(figure: "Figure", name: str, **options: Any) -> None:
    """A chart with its buttons; `name` tells it from the others of the page."""
    config = {"displaylogo": False, "toImageButtonOptions": {"filename": f"neurolupa_{name}", "scale": 2}}
    st.plotly_chart(figure, key=f"dataset.chart.{name}", config=config, **options)


def selectable(view: View, figure: "Figure", name: str) -> None:
    """A chart over the depth: a click on a layer selects it."""
    key = f"dataset.chart.{name}"
    chart(figure, name, on_select=unbroken(lambda: _clicked(view, key)), selection_mode="points")


def explain(view: View, code: str, frame: "pd.DataFrame", name: str) -> None:
    """What a chart shows, and its table to take along."""
    st.caption(view.say(code))
    download(view, frame, name)


def listed(view: View, frame: "pd.DataFrame", key: str, **columns: Any) -> None:
    """A table whose columns have their names of `app.dataset.column.*`, those in `columns` their own."""
    own = [str(name) for name in frame if name not in columns]
    named = {name: st.column_config.Column(view.say(f"column.{name}")) for name in own}
    st.dataframe(
        frame,
        column_config={**named, **columns},
        hide_index=True,
        key=f"dataset.table.{key}",
        placeholder=NOTHING,
    )


def download(view: View, frame: "pd.DataFrame", name: str) -> None:
    """A CSV of what is shown, made when it is asked for."""
    safe = "".join(sign if sign.isalnum() or sign in "._-" else "_" for sign in name)
    st.download_button(
        view.say("download"),
        data=lambda: csv_text(frame).encode(),
        file_name=f"{safe}.csv",
        mime="text/csv",
        icon=":material/download:",
        key=f"dataset.csv.{name}",
        on_click="ignore",
    )


def _clicked(view: View, key: str) -> None:
    points = st.session_state[key]["selection"]["points"]
    depth = points[0].get("x") if points else None
    sites = view.opened.atlas.sites
    if isinstance(depth, int | float) and 1 <= depth <= len(sites):
        choose_site(sites[int(depth) - 1])
