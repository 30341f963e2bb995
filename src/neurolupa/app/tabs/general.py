"""General results: the prediction and the table of all units."""

import streamlit as st

from neurolupa.app.context import Context


def render(context: Context) -> None:
    """Draw the tab."""
    if context.result is not None:
        st.dataframe(context.result.analysis.to_frame(context.result.ranking), hide_index=True)
