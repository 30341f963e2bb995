"""One unit of an atlas: what drives it, where, for which classes, and which units are like it."""

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from neurolupa.app import state
from neurolupa.app.atlas_form import atlas_page
from neurolupa.app.callbacks import unbroken
from neurolupa.app.context import Context
from neurolupa.app.dataset_opening import Opened
from neurolupa.app.frames import lazy_tabs
from neurolupa.app.neuron_parts import VIEWS
from neurolupa.app.neuron_search import search
from neurolupa.app.neuron_views import Neuron
from neurolupa.app.neuron_work import exported, unit_of
from neurolupa.app.pages import Page
from neurolupa.app.texts import plain
from neurolupa.figures.unit_words import place_lines, provenance_line
from neurolupa.locales import text

if TYPE_CHECKING:
    from neurolupa.units.page import UnitPage

PAGE = Page(key="neuron", title="neuron.title", icon=":material/neurology:", order=20)
_KINDS = {"html": ("text/html", ":material/description:"), "png": ("image/png", ":material/image:")}


def render(context: Context) -> None:
    """Draw the page."""
    atlas_page(context, PAGE, _shown)


def _shown(context: Context, opened: Opened) -> None:
    sites, chosen = opened.atlas.sites, state.data_view()
    site = chosen.site if chosen.site in sites else sites[0]
    units = _units(opened, site)
    unit = min(chosen.neuron, units - 1)
    _chooser(context, opened, site, unit, units)
    search(context, opened, site, unit)
    page = unit_of(opened, site, unit)
    _identity(context, page)
    neuron = Neuron(context, opened, page, partial(_choose, site))
    views = {name: partial(draw, neuron) for name, draw in VIEWS.items()}
    lazy_tabs(context, "neuron.view", views, chosen.part, lambda name: state.change_data_view(part=name))
    _exports(neuron)


def _units(opened: Opened, site: str) -> int:
    layers = opened.atlas.layers
    return int(layers.loc[layers["site"] == site, "total_neurons"].iloc[0])


def _choose(site: str, unit: int) -> None:
    state.change_data_view(site=site, neuron=unit)


def _chooser(context: Context, opened: Opened, site: str, unit: int, units: int) -> None:
    """The layer, the unit, and its neighbours."""
    layer, before, number, after = st.columns([4, 1, 1.6, 1], vertical_alignment="bottom")
    layer.selectbox(
        context.say("neuron.layer"),
        opened.atlas.sites,
        key=state.bind("neuron.site", site),
        on_change=unbroken(lambda: state.change_data_view(site=st.session_state["neuron.site"], neuron=0)),
    )
    before.button(
        context.say("neuron.previous"), key="neuron.previous", icon=":material/chevron_left:",
        disabled=unit == 0, on_click=unbroken(_choose), args=(site, unit - 1), width="stretch",
    )  # fmt: skip
    number.number_input(
        context.say("neuron.unit", last=units - 1), 0, units - 1, step=1,
        key=state.bind("neuron.unit", unit),
        on_change=unbroken(lambda: _choose(site, int(st.session_state["neuron.unit"]))),
    )  # fmt: skip
    after.button(
        context.say("neuron.next"), key="neuron.next", icon=":material/chevron_right:",
        disabled=unit == units - 1, on_click=unbroken(_choose), args=(site, unit + 1), width="stretch",
    )  # fmt: skip


def _identity(context: Context, page: "UnitPage") -> None:
    title = text("unit_page.title", context.lang, unit=page.unit, site=page.site)
    st.markdown(f"### {plain(title)}")
    st.markdown(" ".join(plain(line) for line in place_lines(page, context.lang)))


def _exports(neuron: Neuron) -> None:
    """The page as a file, and the command that writes the same."""
    page, lang = neuron.page, neuron.context.lang
    with st.container(horizontal=True):
        for kind, (mime, icon) in _KINDS.items():
            st.download_button(
                neuron.say(f"export.{kind}"), data=partial(exported, neuron.opened, page, lang, kind),
                file_name=f"unit_{page.unit}.{kind}", mime=mime, icon=icon, key=f"neuron.export.{kind}",
                on_click="ignore",
            )  # fmt: skip
    st.caption(neuron.context.say("again.command"))
    command = f"neurolupa unit {neuron.opened.folder!r} {page.site} {page.unit} --out unit{page.unit}"
    st.code(command, language="bash", wrap_lines=True)
    st.caption(plain(provenance_line(page, lang)))
