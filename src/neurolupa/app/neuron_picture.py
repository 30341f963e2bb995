"""One unit on one picture of the set: numbers from the atlas, and with a click its map from the network."""

from typing import Any

import numpy as np
import streamlit as st

from neurolupa.app import state, work
from neurolupa.app.atlas_pictures import choose_picture, show_kept
from neurolupa.app.callbacks import unbroken
from neurolupa.app.dataset_opening import table
from neurolupa.app.failing import WorkError
from neurolupa.app.neuron_views import Neuron
from neurolupa.app.tabs.cards import numbers, scale_bar, show
from neurolupa.app.tabs.drawing import SIDE, map_of, over, scales_of
from neurolupa.app.texts import plain
from neurolupa.figures.unit_activity import rank_lines
from neurolupa.inspection import ImageAnalysis
from neurolupa.locales import text

_NUMBERS = ("mean", "max", "min", "std")
_CLOSE = 0.02
"""JPEG and the order of sums move a mean less than this share of it; another preparation moves it more."""


def on_picture(neuron: Neuron) -> None:
    """The rank and value of the unit on a picture, then its map and the overlay."""
    image = choose_picture(neuron.context, neuron.opened)
    if image is None:
        return
    ranks = table(neuron.opened, "ranks", neuron.page.site, image, neuron.page.unit)
    seen, told = st.columns([1, 3])
    with seen:
        show_kept(neuron.context, neuron.opened, image)
    with told:
        value = neuron.context.number(ranks.mark.value, 4)
        numbers([(text("units.activity.mean", neuron.context.lang), value),
                 (neuron.say("picture.rank"), neuron.context.count(ranks.mark.rank))])  # fmt: skip
        st.markdown("\n".join(f"- {plain(line)}" for line in rank_lines(ranks, neuron.context.lang)))
    if not neuron.page.place.spatial:
        st.info(text("unit_page.absent.NO_MAPS", neuron.context.lang), icon=":material/info:")
    elif not work.registered(_facts(neuron, "model")["spec"]):
        st.info(neuron.say("picture.own_network"), icon=":material/info:")
    else:
        _with_network(neuron, image, ranks.mark.value)


def _facts(neuron: Neuron, of: str) -> dict[str, Any]:
    return neuron.opened.atlas.manifest[of]


def _with_network(neuron: Neuron, image: int, kept: float) -> None:
    """The map once it was asked for, until another layer or picture is looked at."""
    wanted = (neuron.opened.digest, neuron.page.site, image)
    _form(neuron, wanted)
    asked = state.remembered("neuron.asked")
    if asked is None or asked[0] != wanted:
        st.caption(neuron.say("picture.needs", model=plain(_facts(neuron, "model")["name"])))
        return
    try:
        with st.spinner(neuron.context.say("work.analysis")):
            found = _analysed(neuron, image, *asked[1])
    except WorkError as error:
        st.error(error.failure.sentence(neuron.context.lang), icon=":material/error:")
        return
    _drawn(neuron, found, kept)


def _form(neuron: Neuron, wanted: tuple[str, str, int]) -> None:
    """Which pictures and weights, and the button that runs the network."""
    images, hint = _facts(neuron, "images")["spec"], neuron.say("picture.weights.help")
    with st.form("neuron.map", border=False):
        pictures, weights, button = st.columns([3, 3, 2], vertical_alignment="bottom")
        pictures.text_input(neuron.say("picture.images"), images, key="neuron.images")
        weights.text_input(neuron.say("picture.weights"), "default", key="neuron.weights", help=hint)
        words = neuron.say("picture.run")
        button.form_submit_button(words, on_click=unbroken(_ask), args=wanted, width="stretch")


def _ask(digest: str, site: str, image: int) -> None:
    typed = (st.session_state["neuron.images"].strip(), st.session_state["neuron.weights"].strip())
    state.remember("neuron.asked", ((digest, site, image), typed))


def _analysed(neuron: Neuron, image: int, images: str, weights: str) -> ImageAnalysis:
    source = neuron.opened.atlas.source
    return work.analysis_of_set(
        work.Scanned(_facts(neuron, "model")["spec"], source.weights_digest, source.images_digest),
        weights or "default", neuron.page.site, f"{images}#{image}",
    )  # fmt: skip


def _drawn(neuron: Neuron, found: ImageAnalysis, kept: float) -> None:
    unit, context = neuron.page.unit, neuron.context
    row = found.units.iloc[unit]
    if not np.isclose(row["mean"], kept, rtol=_CLOSE, atol=1e-6):
        st.warning(neuron.say("picture.differs", kept=kept, now=row["mean"]), icon=":material/warning:")
    shares = [
        ("sparsity", context.percent(row["sparsity"])),
        ("percentile", context.number(row["percentile"])),
    ]
    told = [(name, context.number(row[name], 4)) for name in _NUMBERS]
    numbers([(neuron.say(f"picture.{name}"), value) for name, value in (*told, *shares)])
    scale = scales_of(found, [unit], context.display)[unit]
    left, right = st.columns(2)
    with left:
        show(over(found, unit, scale, context.display, SIDE), neuron.say("picture.over"))
    with right:
        rows, columns = found.maps.shape[1:]
        cells = neuron.say("picture.map", rows=rows, columns=columns)
        show(map_of(found, unit, scale, context.display, SIDE), cells)
    scale_bar(scale, context.display.palette, context.lang, "neuron")
