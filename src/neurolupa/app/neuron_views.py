"""The views of the neuron page: one unit's pictures, classes, places, tuning, relations and values."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from neurolupa.app.callbacks import unbroken
from neurolupa.app.context import Context
from neurolupa.app.dataset_opening import Opened
from neurolupa.app.neuron_work import picture
from neurolupa.app.texts import plain
from neurolupa.figures import charts_units
from neurolupa.figures.unit_words import class_lines, relation_lines, spatial_lines
from neurolupa.locales import text

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from neurolupa.units.page import UnitPage


@dataclass(frozen=True, eq=False)
class Neuron:
    """What a view draws from.

    Attributes:
        context: Words and numbers.
        opened: The atlas.
        page: What it says of the unit.
        choose: Makes another unit of this site the one that is shown.
    """

    context: Context
    opened: Opened
    page: "UnitPage"
    choose: Callable[[int], None]

    def say(self, code: str, **values: object) -> str:
        """The text `app.neuron.<code>`."""
        return self.context.say(f"neuron.{code}", **values)


def pictures(neuron: Neuron) -> None:
    """The exemplars by band, and their table."""
    if not neuron.page.exemplars.exemplars:
        st.info(neuron.say("pictures.none"), icon=":material/info:")
        return
    _figure(neuron, "exemplars")
    _table(neuron, "exemplars")


def classes(neuron: Neuron) -> None:
    """The unit class by class."""
    found = neuron.page.classes
    if found is None:
        _absent(neuron, "classes")
        return
    _lines(class_lines(found, neuron.context.lang))
    _chart(charts_units.unit_class_bars(found, neuron.context.lang), "classes")
    _table(neuron, "classes")


def spatial(neuron: Neuron) -> None:
    """Where in the picture the unit answers."""
    found = neuron.page.spatial
    if found is None:
        _absent(neuron, "spatial")
        return
    _lines(spatial_lines(found, neuron.context.lang))
    _figure(neuron, "spatial")
    _table(neuron, "spatial")


def tuning(neuron: Neuron) -> None:
    """What the unit is tuned to, where the pictures were generated."""
    if neuron.page.tuning is None:
        _absent(neuron, "tuning")
        return
    _figure(neuron, "tuning")
    _table(neuron, "tuning")


def relations(neuron: Neuron) -> None:
    """The units most like it and most opposite; one of them can be opened."""
    found = neuron.page.relations
    _lines(relation_lines(found, neuron.context.lang))
    partners = [*found.similar, *found.opposite]
    if not partners:
        return
    _chart(charts_units.unit_partners(found, neuron.context.lang), "relations")
    with st.container(horizontal=True):
        for each in (*found.similar[:3], *found.opposite[:2]):
            words = neuron.say("open", unit=each.unit)
            st.button(
                words, key=f"neuron.partner.{each.unit}", on_click=unbroken(neuron.choose), args=(each.unit,)
            )
    _table(neuron, "relations")


def profile(neuron: Neuron) -> None:
    """How the values of the unit are distributed."""
    _figure(neuron, "profile")
    _table(neuron, "profile")


def _absent(neuron: Neuron, part: str) -> None:
    st.info(text(f"unit_page.absent.{neuron.page.absent[part]}", neuron.context.lang), icon=":material/info:")


def _lines(lines: Iterable[str]) -> None:
    st.markdown("\n".join(f"- {plain(line)}" for line in lines))


def _figure(neuron: Neuron, part: str) -> None:
    """A figure as wide as the page; on a telephone it is moved sideways, so that its words can be read."""
    with st.container(key=f"sheet.{part}"):
        st.image(picture(neuron.opened, neuron.page, part, neuron.context.lang), width="stretch")


def _chart(figure: "Figure", name: str) -> None:
    config: dict[str, Any] = {
        "displaylogo": False,
        "toImageButtonOptions": {"filename": f"neurolupa_{name}", "scale": 2},
    }
    st.plotly_chart(figure, key=f"neuron.chart.{name}", config=config)


def _table(neuron: Neuron, part: str) -> None:
    frame = neuron.page.to_frames()[part]
    with st.expander(text("unit_page.table", neuron.context.lang), icon=":material/table_chart:"):
        st.dataframe(frame, hide_index=True, key=f"neuron.table.{part}")
