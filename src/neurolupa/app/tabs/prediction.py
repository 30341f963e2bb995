"""Prediction: the strongest classes, how certain they are, and what one unit has to do with them."""

from typing import Any

import pandas as pd
import streamlit as st

from neurolupa.app import state
from neurolupa.app.callbacks import unbroken
from neurolupa.app.context import Context
from neurolupa.app.request import Result
from neurolupa.app.tabs import attributed
from neurolupa.app.tabs.asked import switched_off
from neurolupa.app.tabs.cards import pick_unit, unit_label
from neurolupa.app.texts import plain
from neurolupa.figures.attribution_words import class_words
from neurolupa.inspection import ImageAnalysis, SwitchedOff
from neurolupa.inspection.dossier import LIKELY, SURE, certainty_of
from neurolupa.locales import text

IMAGENET_CLASSES = 1000
CIFAR_CLASSES = 10
LIST_HEIGHT = 300


def render(context: Context) -> None:
    """Draw the tab."""
    result = context.result
    if result is None:
        return
    left, right = st.columns([2, 3], gap="large")
    with left:
        verdict(context, result.analysis)
    if not result.analysis.prediction:
        return
    with right:
        st.dataframe(
            top_table(context, result.analysis),
            hide_index=True,
            column_config=_shares(context, ("probability",)),
        )
        st.caption(context.say("prediction.certainty_help", sure=SURE, likely=LIKELY))
    _classes(context, result)
    _switching(context, result)
    if context.unit is not None:
        attributed.render(context, result, context.unit)


def verdict(context: Context, analysis: ImageAnalysis) -> None:
    """The strongest class, its probability, the certainty in words, and the true label where it is known."""
    st.markdown(f"**{text('figure.inspect.prediction', context.lang)}**")
    if not analysis.prediction:
        st.info(text("figure.inspect.no_prediction", context.lang))
    else:
        first = analysis.prediction[0]
        st.markdown(f"### {plain(class_words(first, context.lang))}")
        certainty = context.say(f"prediction.{certainty_of(first.probability)}")
        st.markdown(f"{context.percent(first.probability)} · **{certainty}**")
        st.progress(min(max(first.probability, 0.0), 1.0))
    st.markdown(_truth(context, analysis))


def top_table(context: Context, analysis: ImageAnalysis) -> pd.DataFrame:
    """The strongest classes; probabilities in per cent."""
    say = context.say
    return pd.DataFrame(
        [
            {
                say("prediction.class"): class_words(one, context.lang),
                say("prediction.logit"): round(one.logit, 3),
                say("prediction.probability"): 100 * one.probability,
            }
            for one in analysis.prediction
        ]
    )


def effect_table(context: Context, off: SwitchedOff) -> pd.DataFrame:
    """The same classes before and after; probabilities in per cent."""
    say = context.say
    return pd.DataFrame(
        [
            {
                say("prediction.class"): class_words(before, context.lang),
                say("prediction.logit"): round(before.logit, 3),
                say("prediction.logit_off"): round(after.logit, 3),
                say("prediction.logit_change"): round(after.logit - before.logit, 3),
                say("prediction.probability"): 100 * before.probability,
                say("prediction.probability_off"): 100 * after.probability,
            }
            for before, after in zip(off.before, off.after, strict=True)
        ]
    )


def class_list_of(classes: tuple[str, ...]) -> str:
    """Which well-known list of classes this is: imagenet, cifar10, own, or unknown where there is none.

    >>> class_list_of(("cat", "dog")), class_list_of(())
    ('own', 'unknown')
    """
    if not classes:
        return "unknown"
    if len(classes) == IMAGENET_CLASSES and classes[0].startswith("tench"):
        return "imagenet"
    return "cifar10" if len(classes) == CIFAR_CLASSES and classes[0] == "airplane" else "own"


def _truth(context: Context, analysis: ImageAnalysis) -> str:
    if analysis.true_label is None:
        return context.say("prediction.no_label")
    label = text("figure.inspect.true_label", context.lang, name=plain(analysis.true_label))
    if not analysis.prediction:
        return label
    return f"{label} · {context.say('prediction.' + _verdict_code(analysis))}"


def _verdict_code(analysis: ImageAnalysis) -> str:
    """Whether the labels agree by name; those of another list of classes cannot be compared so."""
    names = [one.name for one in analysis.prediction]
    if names[0] == analysis.true_label:
        return "right"
    return "among" if analysis.true_label in names else "other"


def _shares(context: Context, names: tuple[str, ...]) -> dict[str, Any]:
    words = [context.say(f"prediction.{name}") for name in names]
    config = st.column_config
    return {word: config.ProgressColumn(word, format="%.1f %%", min_value=0, max_value=100) for word in words}


def _classes(context: Context, result: Result) -> None:
    classes = result.dossier.classes
    st.caption(context.say(f"prediction.list_{class_list_of(classes)}", count=context.count(len(classes))))
    if classes:
        with st.expander(context.say("prediction.all_classes")):
            listed = {
                context.say("prediction.number"): range(len(classes)),
                context.say("prediction.class"): classes,
            }
            st.dataframe(pd.DataFrame(listed), hide_index=True, height=LIST_HEIGHT)


def _switching(context: Context, result: Result) -> None:
    st.subheader(context.say("prediction.switching"))
    menu, button = st.columns([2, 3], vertical_alignment="bottom")
    with menu:
        unit = pick_unit(context, "prediction")
    with button:
        key = state.bind(f"prediction.switch.{context.lang}", state.remembered("switching", False))
        st.toggle(
            context.say("prediction.switch"),
            key=key,
            on_change=unbroken(_remember_switching),
            args=(key,),
            help=context.say("prediction.switch_help"),
        )
    if unit is None or not state.remembered("switching", False):
        return
    off = switched_off(context, unit)
    if off is not None:
        _effect(context, off, unit)


def _effect(context: Context, off: SwitchedOff, unit: int) -> None:
    name = plain(class_words(off.strongest[0], context.lang))
    code = "flips" if off.flips else "stays"
    st.markdown(context.say(f"prediction.{code}", unit=unit_label(context, unit), name=name))
    st.dataframe(
        effect_table(context, off),
        hide_index=True,
        column_config=_shares(context, ("probability", "probability_off")),
    )
    st.caption(context.say("prediction.alone"))


def _remember_switching(key: str) -> None:
    state.remember("switching", bool(st.session_state[key]))
