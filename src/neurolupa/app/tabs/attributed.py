"""Grad-CAM beside the activation map of one unit: what the answer rests on, and what the unit saw."""

import streamlit as st

from neurolupa.app import state
from neurolupa.app.callbacks import unbroken
from neurolupa.app.context import Context
from neurolupa.app.request import Result
from neurolupa.app.tabs.asked import gradcam
from neurolupa.app.tabs.cards import scale_bar, show, unit_label
from neurolupa.app.tabs.drawing import SIDE, over, scales_of
from neurolupa.app.texts import plain
from neurolupa.attribution import Attribution, MapCode
from neurolupa.figures.attribution import scale_of_map
from neurolupa.figures.attribution_words import class_words
from neurolupa.figures.overlays import overlay
from neurolupa.models import Prediction


def render(context: Context, result: Result, unit: int) -> None:
    """The switch, and behind it both maps with what tells them apart."""
    st.subheader(context.say("prediction.attributing"))
    key = state.bind(f"prediction.attribute.{context.lang}", state.remembered("attributing", False))
    st.toggle(
        context.say("prediction.attribute"),
        key=key,
        on_change=unbroken(_remember),
        args=(key,),
        help=context.say("prediction.attribute_help"),
    )
    if not state.remembered("attributing", False):
        return
    target = _pick_class(context, result)
    found = gradcam(context, target.class_id)
    if found is not None:
        _both(context, result, found, unit)


def _pick_class(context: Context, result: Result) -> Prediction:
    """One of the five strongest classes."""
    prediction = {one.class_id: one for one in result.analysis.prediction}
    chosen = st.selectbox(
        context.say("prediction.class"),
        list(prediction),
        format_func=lambda number: class_words(prediction[number], context.lang),
        key=f"prediction.target.{context.lang}.{'.'.join(map(str, prediction))}",
        width=320,
    )
    return prediction[chosen]


def _both(context: Context, result: Result, found: Attribution, unit: int) -> None:
    analysis, display = result.analysis, context.display
    name, label = plain(class_words(found.target, context.lang)), unit_label(context, unit)
    saw = scales_of(analysis, [unit], display)[unit]
    rests = scale_of_map(found)
    mixed = overlay(analysis.picture.seen, found.map, rests, display.palette, display.opacity, SIDE)
    where = found.site.name if found.site else ""
    left, right = st.columns(2)
    with left:
        show(over(analysis, unit, saw, display, SIDE), context.say("prediction.saw", unit=label))
        scale_bar(saw, display.palette, context.lang, "saw")
    with right:
        show(mixed, context.say("prediction.rests", name=name, site=where))
        scale_bar(rests, display.palette, context.lang, "rests", context.say("prediction.logit_share"))
    if MapCode.ALL_ZERO in found.codes:
        st.info(context.say("prediction.nothing_speaks", name=name))
    st.markdown(told_part(context, found, unit, name, label))
    st.caption(context.say("prediction.differ"))


def told_part(context: Context, found: Attribution, unit: int, name: str, label: str) -> str:
    """What the selected unit has to do with the class, where Grad-CAM is of the unit's own site."""
    analysis = context.result.analysis if context.result else None
    if analysis is None or found.site != analysis.site:
        return context.say("prediction.other_site", site=found.site.name if found.site else "")
    table = found.to_frame()
    place = int((table["unit"] == unit).to_numpy().argmax())
    part = float(table["contribution"].iloc[place])
    code = "for" if part > 0 else "against" if part < 0 else "neither"
    told = {"unit": label, "name": name, "value": context.number(abs(part))}
    return context.say(
        f"prediction.{code}", **told, place=context.count(place + 1), units=context.count(len(table))
    )


def _remember(key: str) -> None:
    state.remember("attributing", bool(st.session_state[key]))
