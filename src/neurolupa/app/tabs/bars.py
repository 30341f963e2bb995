"""Units without maps: their values as bars."""

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from neurolupa.app.context import Context
from neurolupa.figures.charts import plain
from neurolupa.figures.inspection_bars import class_names
from neurolupa.locales import text

_ROW, _MARGIN = 30, 70
_COLOUR = "#31688e"


def render(context: Context, units: Sequence[int]) -> None:
    """One bar for each unit, from 0 to its mean, the first at the top."""
    if context.result is None:
        return
    analysis = context.result.analysis
    st.caption(text("inspection.warning.not_spatial", context.lang))
    values = analysis.units["mean"].to_numpy(float)[list(units)]
    names = class_names(analysis)
    labels = [
        text("figure.inspect.unit_alone", context.lang, unit=unit, name=plain(names.get(unit, ""))).strip()
        for unit in units
    ]
    figure = go.Figure(
        go.Bar(
            x=values,
            y=labels,
            orientation="h",
            marker_color=_COLOUR,
            hovertemplate="%{y}: %{x:.4g}<extra></extra>",
        )
    )
    figure.update_layout(
        height=_ROW * len(units) + _MARGIN,
        margin={"l": 8, "r": 8, "t": 8, "b": 40},
        xaxis_title=text("figure.inspect.activation", context.lang),
        yaxis={"autorange": "reversed", "automargin": True, "fixedrange": True},
        bargap=0.25,
    )
    st.plotly_chart(figure, key=f"bars.{context.display.tab}", config={"displaylogo": False})
