"""The tabs of the probes: depth, emergence, confusion, units, table."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from neurolupa import figures
from neurolupa.app import session, state
from neurolupa.app.callbacks import unbroken
from neurolupa.app.context import Context
from neurolupa.app.dataset_view import NOTHING
from neurolupa.app.probing_chart import depth_chart
from neurolupa.app.probing_run import chosen_concept, chosen_site, narrowed_now, send
from neurolupa.app.probing_work import Held
from neurolupa.app.texts import plain
from neurolupa.atlas.csv_files import csv_text
from neurolupa.figures.probing_export import confusion_table
from neurolupa.figures.probing_words import concept_words, control_words, depth_line, spread_line
from neurolupa.probing.codes import Control
from neurolupa.reporting import png_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from neurolupa.probing.result import ProbeReport

MOST_LINKS = 12
MOST_PICTURES = 48
_WORDS = ("concept", "site", "control")
_SHARES = ("score", "low", "high", "balanced_accuracy", "selectivity", "log_loss", "chance")
_COUNTS = ("features", "train", "test")
_TO_UNIT = ":material/neurology:"


@dataclass(frozen=True, eq=False)
class Probes:
    """What a tab draws from.

    Attributes:
        context: Words and numbers.
        held: The probes.
    """

    context: Context
    held: Held

    @property
    def report(self) -> "ProbeReport":
        """The probes themselves."""
        return self.held.report

    @property
    def concept(self) -> str:
        """The concept that is looked at."""
        return chosen_concept(self.held, state.probing())

    @property
    def site(self) -> str:
        """The site that is looked at."""
        return chosen_site(self.held, self.concept, state.probing())

    def say(self, code: str, **values: object) -> str:
        """The text `app.probing.<code>`."""
        return self.context.say(f"probing.{code}", **values)


def depth(probes: Probes) -> None:
    """Every concept over the layers, with every control; a click on a point chooses concept and layer."""
    source = probes.report.source
    count = probes.context.count(source.pictures)
    caption = probes.say("depth.caption", images=source.images, count=count)
    figure = depth_chart(probes.report, caption, probes.context.lang)
    key = "probing.chart.depth"
    config = {"displaylogo": False, "toImageButtonOptions": {"filename": "neurolupa_probes", "scale": 2}}
    st.plotly_chart(
        figure,
        key=key,
        config=config,
        on_select=unbroken(lambda: _clicked(probes, key)),
        selection_mode="points",
    )
    st.caption(probes.say("depth.note"))
    with st.expander(probes.say("layers"), icon=":material/list:"):
        st.markdown("\n".join(f"{place}. {plain(site)}" for place, site in _numbered(probes)))


def emergence(probes: Probes) -> None:
    """Where each concept comes up, as a figure, in words and as a table."""
    found = probes.report.emergence()
    _figure(probes, "emergence", partial(figures.emergence, probes.report))
    with st.expander(probes.say("emergence.words"), icon=":material/notes:"):
        lines = (depth_line(each, _measure(probes, each.concept), probes.context.lang) for each in found)
        st.markdown("\n".join(f"- {plain(line)}" for line in lines))
    _download(probes, pd.DataFrame([each.to_dict() for each in found]), "emergence")


def confusion(probes: Probes) -> None:
    """Which classes are taken for which, at the layer that is looked at."""
    _choose(probes)
    held = probes.report.concept(probes.concept)
    if not held.classes:
        st.info(probes.say("confusion.number", concept=_named(probes)), icon=":material/info:")
        return
    _figure(probes, "confusion", partial(figures.confusion, probes.report, probes.concept, probes.site))
    _download(probes, confusion_table(held, probes.site), f"confusion_{probes.concept}_{probes.site}")


def units(probes: Probes) -> None:
    """The units that carry the concept, the way to their pages, and how few of them are enough."""
    _choose(probes)
    _figure(probes, "carriers", partial(figures.carriers, probes.report, probes.concept, probes.site))
    st.caption(probes.say("units.note"))
    frame = probes.report.carriers(probes.concept, probes.site)
    _links(probes, frame)
    _download(probes, frame, f"carriers_{probes.concept}_{probes.site}")
    st.markdown(f"##### {probes.say('few')}")
    found = narrowed_now(probes.concept, probes.site)
    if found is None:
        st.markdown(probes.say("few.note"))
        if st.button(probes.say("few.probe"), key="probing.few", icon=":material/filter_alt:"):
            send("narrow")
            st.rerun()
        return
    st.markdown(plain(spread_line(found, probes.context.lang)))
    _figure(probes, "sparse", partial(figures.sparse_probes, found))
    _download(probes, found.to_frame(), f"few_units_{probes.concept}_{probes.site}")


def table(probes: Probes) -> None:
    """One row for each concept, layer and control; the file has more columns."""
    frame, lang = probes.report.to_frame(), probes.context.lang
    shown = frame[[*_WORDS, *_SHARES, *_COUNTS]].assign(
        concept=[concept_words(name, lang) for name in frame["concept"]],
        control=[control_words(Control(name), lang) for name in frame["control"]],
    )
    columns = {name: st.column_config.Column(probes.say(f"column.{name}")) for name in (*_WORDS, *_COUNTS)}
    for name in _SHARES:
        columns[name] = st.column_config.NumberColumn(probes.say(f"column.{name}"), format="%.3f")
    st.dataframe(shown, column_config=columns, hide_index=True, key="probing.table", placeholder=NOTHING)
    st.caption(probes.say("table.note"))
    _download(probes, frame, "probes")


VIEWS: dict[str, Callable[[Probes], None]] = {
    "depth": depth,
    "emergence": emergence,
    "confusion": confusion,
    "units": units,
    "table": table,
}
"""By the words in links, in order."""


def _choose(probes: Probes) -> None:
    """The menus of what is looked at."""
    left, right = st.columns(2)
    names = [each.concept for each in probes.report.concepts]
    key = state.bind(f"probing.concept.{probes.context.lang}.{probes.held.key}", probes.concept)
    left.selectbox(
        probes.say("concept"), names, format_func=lambda name: concept_words(name, probes.context.lang),
        key=key, on_change=unbroken(lambda: state.change_probing(concept=st.session_state[key])),
    )  # fmt: skip
    where = state.bind(f"probing.site.{probes.context.lang}.{probes.held.key}", probes.site)
    numbered = {site: place for place, site in _numbered(probes)}
    right.selectbox(
        probes.say("site"), list(numbered), format_func=lambda name: f"{numbered[name]}. {name}",
        key=where, on_change=unbroken(lambda: state.change_probing(site=st.session_state[where])),
    )  # fmt: skip


def _numbered(probes: Probes) -> list[tuple[int, str]]:
    return list(enumerate(probes.report.sites, 1))


def _clicked(probes: Probes, key: str) -> None:
    points = st.session_state[key]["selection"]["points"]
    told = points[0].get("customdata") if points else None
    sites, place = probes.report.sites, points[0].get("x") if points else None
    if told and isinstance(place, int | float) and place == int(place) and 1 <= place <= len(sites):
        state.change_probing(concept=str(told[3]), site=sites[int(place) - 1])


def _named(probes: Probes) -> str:
    return plain(concept_words(probes.concept, probes.context.lang))


def _measure(probes: Probes, concept: str) -> str:
    return probes.report.concept(concept).measure


def _links(probes: Probes, frame: pd.DataFrame) -> None:
    """The heaviest units, each a way to its page."""
    with st.container(horizontal=True, key="probing.units"):
        for row in frame.head(MOST_LINKS).to_dict("records"):
            words = probes.say("unit", unit=row["unit"], share=probes.context.percent(row["share"]))
            if st.button(words, key=f"probing.unit.{row['unit']}", type="tertiary", icon=_TO_UNIT):
                state.change_data_view(site=probes.site, neuron=int(row["unit"]))
                session.go_to("neuron")
                st.rerun()


def _figure(probes: Probes, kind: str, draw: Callable[..., "Figure"]) -> None:
    """A figure as wide as the page; on a telephone it is moved sideways, so that its words can be read."""
    of = (probes.held.key, kind, probes.concept, probes.site, probes.context.lang)
    with st.container(key=f"sheet.probing.{kind}"):
        st.image(_picture(of, draw), width="stretch")


@st.cache_resource(max_entries=MOST_PICTURES, show_spinner=False)
def _picture(of: tuple[str, ...], _draw: Callable[..., "Figure"]) -> bytes:
    """The figure as PNG, drawn once for all sessions."""
    return png_of(_draw(lang=of[-1]))


def _download(probes: Probes, frame: pd.DataFrame, name: str) -> None:
    """A CSV of what is shown, made when it is asked for."""
    safe = "".join(sign if sign.isalnum() or sign in "._-" else "_" for sign in name)
    options: dict[str, Any] = {"mime": "text/csv", "icon": ":material/download:", "on_click": "ignore"}
    st.download_button(
        probes.context.say("dataset.download"), data=lambda: csv_text(frame).encode(),
        file_name=f"{safe}.csv", key=f"probing.csv.{safe}", **options,
    )  # fmt: skip
