"""What the views of the page of comparisons draw from, and how figures and tables are put on it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from neurolupa.app import session, state
from neurolupa.app.callbacks import unbroken
from neurolupa.app.context import Context
from neurolupa.app.dataset_opening import Opened
from neurolupa.app.dataset_view import NOTHING, choose_site
from neurolupa.app.texts import plain
from neurolupa.atlas.csv_files import csv_text
from neurolupa.reporting import png_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

MOST_PICTURES = 48
_TO_UNIT = ":material/neurology:"


@dataclass(frozen=True)
class Comparing:
    """What a view draws from.

    Attributes:
        context: Words and numbers.
        opened: The atlas that all pages show.
    """

    context: Context
    opened: Opened

    def say(self, code: str, **values: object) -> str:
        """The text `app.compare.<code>`."""
        return self.context.say(f"compare.{code}", **values)

    def site_of(self, sites: Sequence[str]) -> str:
        """The selected layer, or the first of these where it is none of them."""
        chosen = state.data_view().site
        return chosen if chosen is not None and chosen in sites else sites[0]


def choose_layer(comparing: Comparing, sites: Sequence[str], view: str) -> str:
    """The menu of layers; what is chosen is the selected layer of every page."""
    site = comparing.site_of(sites)
    key = state.bind(f"compare.site.{view}.{comparing.context.lang}.{comparing.opened.digest}", site)
    st.selectbox(
        comparing.say("layer"), sites, key=key, on_change=unbroken(lambda: choose_site(st.session_state[key]))
    )
    return site


def lines(told: Iterable[str]) -> None:
    """Sentences, each with a dot."""
    st.markdown("\n".join(f"- {plain(line)}" for line in told))


def warned(told: Iterable[str]) -> None:
    """What a reader must know, where there is anything."""
    found = [plain(line) for line in told]
    if found:
        st.warning("  \n".join(found), icon=":material/info:")


def figure(of: tuple[object, ...], kind: str, draw: Callable[[], "Figure"]) -> None:
    """A figure as wide as the page; on a telephone it is moved sideways, so that its words can be read.

    Args:
        of: What it shows, in words that tell it from every other one of this kind.
        kind: Which figure.
        draw: Makes it, where it was not made before.
    """
    with st.container(key=f"sheet.compare.{kind}"):
        st.image(_picture((kind, *map(str, of)), draw), width="stretch")


def numbers(comparing: Comparing, frame: "pd.DataFrame", name: str) -> None:
    """A table folded up."""
    with st.expander(comparing.say("table"), icon=":material/table_chart:"):
        table(comparing, frame, name)


def table(comparing: Comparing, frame: "pd.DataFrame", name: str) -> None:
    """A table whose columns have their names of `app.compare.column.*`; what is not whole has four digits."""
    named = {column: _column(comparing, frame, column) for column in map(str, frame)}
    st.dataframe(
        frame, column_config=named, hide_index=True, key=f"compare.table.{name}", placeholder=NOTHING
    )  # fmt: skip


def download(comparing: Comparing, frame: "pd.DataFrame", name: str, words: str = "") -> None:
    """A CSV of all of it, made when it is asked for; `words` on the button where it stands beside another."""
    safe = "".join(sign if sign.isalnum() or sign in "._-" else "_" for sign in name)
    st.download_button(
        words or comparing.context.say("dataset.download"), data=lambda: csv_text(frame).encode(),
        file_name=f"{safe}.csv", mime="text/csv", icon=":material/download:", key=f"compare.csv.{safe}",
        on_click="ignore",
    )  # fmt: skip


def unit_links(comparing: Comparing, site: str, units: Iterable[int]) -> None:
    """Units of the atlas that is open, each a way to its page."""
    with st.container(horizontal=True, key="compare.units"):
        for unit in units:
            words = comparing.say("unit", unit=unit)
            if st.button(words, key=f"compare.unit.{unit}", type="tertiary", icon=_TO_UNIT):
                state.change_data_view(site=site, neuron=int(unit))
                session.go_to("neuron")
                st.rerun()


def again(comparing: Comparing, command: str) -> None:
    """The same on the command line."""
    st.caption(comparing.context.say("again.command"))
    st.code(command, language="bash", wrap_lines=True)


@st.cache_resource(max_entries=MOST_PICTURES, show_spinner=False)
def _picture(of: tuple[str, ...], _draw: Callable[[], "Figure"]) -> bytes:
    """The figure as PNG, drawn once for all sessions."""
    return png_of(_draw())


def _column(comparing: Comparing, frame: "pd.DataFrame", name: str) -> Any:
    words = comparing.say(f"column.{name}")
    if frame[name].dtype.kind == "f":
        return st.column_config.NumberColumn(words, format="%.4g")
    return st.column_config.Column(words)
