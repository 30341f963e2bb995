"""What is to be probed: network, image set, concepts, layers, controls; and folders of probes."""

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from neurolupa.app import probing_run, session, state, work
from neurolupa.app.callbacks import unbroken
from neurolupa.app.context import Context
from neurolupa.app.failing import WorkError
from neurolupa.app.links import MENU, OWN_SETS
from neurolupa.app.probing_values import FEWEST_PICTURES, KINDS, MOST_PICTURES, POOLINGS, spec
from neurolupa.app.probing_work import Offered, offered
from neurolupa.figures.probing_words import concept_words

_TRUSTED = "probing.trusted"


def controls(context: Context) -> None:
    """Everything that decides what is probed, and the button."""
    left, right = st.columns([2, 3])
    with left:
        known = _network(context)
    with right:
        found = _images(context)
    _concepts(context, found)
    _layers(context, known)
    _how(context)
    wanted = state.probing()
    st.button(
        context.say("probing.probe"), key="probing.probe", type="primary", icon=":material/science:",
        disabled=not (known and wanted.concepts and wanted.sites),
        on_click=unbroken(probing_run.send), args=("probe",),
    )  # fmt: skip


def open_form(context: Context) -> None:
    """The field for a folder that holds probes."""
    with st.form("probing.form", border=False):
        field, button = st.columns([5, 1], vertical_alignment="bottom")
        field.text_input(
            context.say("probing.folder"), key="probing.typed", placeholder="probes",
            help=context.say("probing.folder.help"),
        )  # fmt: skip
        button.form_submit_button(
            context.say("dataset.open"), width="stretch",
            on_click=unbroken(lambda: probing_run.open_folder(st.session_state["probing.typed"])),
        )  # fmt: skip


def _network(context: Context) -> bool:
    """The menu of networks; whether there is such a one."""
    model, known = state.probing().model, session.network_names()
    extra = [] if model in known else [model]
    st.selectbox(
        context.say("side.network"), [*known, *extra], accept_new_options=True,
        format_func=lambda name: context.say("side.embedded") if name == MENU[0] else name,
        help=context.say("help.network"), **_asks(context, "model"),
    )  # fmt: skip
    try:
        work.sites_of(model)
    except WorkError as error:
        st.error(error.failure.sentence(context.lang))
        return False
    return True


def _images(context: Context) -> Offered | None:
    """The field for an image set, and what the set has; None where that is not known."""
    wanted = state.probing()
    st.text_input(
        context.say("probing.images"), help=context.say("help.spec"),
        **_asks(context, "images", read=_typed, then=_trust),
    )  # fmt: skip
    if not _trusted(wanted.images):
        st.info(context.say("probing.linked_set"), icon=":material/folder_open:")
        st.button(
            context.say("probing.look"), key="probing.look", on_click=unbroken(partial(_trust, wanted.images))
        )
        return None
    try:
        found = offered(wanted.images)
    except WorkError as error:
        st.error(error.failure.sentence(context.lang), icon=":material/error:")
        return None
    st.caption(_count(context, found.pictures, wanted.most))
    return found


def _count(context: Context, pictures: int, most: int) -> str:
    code = "probing.pictures.sampled" if pictures > most else "probing.pictures.all"
    return context.say(code, count=context.count(pictures), most=context.count(most))


def _concepts(context: Context, found: Offered | None) -> None:
    """The concepts that the set has; those chosen that it lacks go, and its first one stands in for none."""
    wanted = state.probing().concepts
    if found is not None:
        kept = tuple(name for name in wanted if name in found.concepts)
        if wanted and not kept:
            kept = found.concepts[:1]
        if kept != wanted:
            state.change_probing(concepts=kept)
        wanted = kept
    names = wanted if found is None else found.concepts
    st.multiselect(
        context.say("probing.concepts"), names, format_func=lambda name: concept_words(name, context.lang),
        help=context.say("probing.concepts.help"), placeholder=context.say("probing.concepts"),
        **_asks(context, "concepts", *names),
    )  # fmt: skip


def _layers(context: Context, known: bool) -> None:
    view = state.probing()
    sites = [choice.name for choice in work.sites_of(view.model).choices] if known else []
    kept = tuple(name for name in view.sites if name in KINDS or name in sites)
    if known and kept != view.sites:
        state.change_probing(sites=kept or KINDS[:1])
    st.multiselect(
        context.say("probing.sites"), [*KINDS, *sites], help=context.say("probing.sites.help"),
        format_func=lambda name: context.say(f"probing.{name.replace(':', '.')}") if name in KINDS else name,
        placeholder=context.say("probing.sites"), **_asks(context, "sites", view.model),
    )  # fmt: skip


def _how(context: Context) -> None:
    """Pooling, controls, and how many pictures at most."""
    say, chosen = context.say, state.probing().pooling
    pooling, most, controls_ = st.columns(3, vertical_alignment="bottom")
    named = {name: say(f"probing.pooling.{name.partition(':')[0]}") for name in POOLINGS}
    pooling.selectbox(
        say("probing.pooling"), list(named | {chosen: chosen}),
        format_func=lambda name: named.get(name, name),
        help=say("probing.pooling.help"), **_asks(context, "pooling", chosen in named),
    )  # fmt: skip
    most.number_input(
        say("probing.most"), FEWEST_PICTURES, MOST_PICTURES, step=500,
        help=say("probing.most.help"), **_asks(context, "most"),
    )  # fmt: skip
    controls_.toggle(say("probing.controls"), help=say("probing.controls.help"), **_asks(context, "controls"))


def _trusted(images: str) -> bool:
    """Whether the set may be looked into: what comes by a link reads no files before a click."""
    return images.partition("?")[0] in OWN_SETS or images in state.remembered(_TRUSTED, ())


def _trust(images: str) -> None:
    state.remember(_TRUSTED, (images, *state.remembered(_TRUSTED, ())))


def _typed(text: str) -> str:
    """What was typed; what can be no set leaves the field as it was."""
    try:
        return spec(text.strip())
    except ValueError:
        return state.probing().images


def _asks(
    context: Context,
    field: str,
    *of: object,
    read: Callable[[Any], Any] = lambda value: value,
    then: Callable[[Any], None] = lambda value: None,
) -> dict[str, Any]:
    """Key and callback of a control of `ProbingView`; see `sidebar`.

    Args:
        context: For the language.
        field: Of `ProbingView`.
        of: What the choices depend on besides the language.
        read: What the field makes of what was typed.
        then: Told the new value.
    """
    key = ".".join(map(str, ("probing.ask", field, context.lang, *of)))
    value = getattr(state.probing(), field)
    state.bind(key, list(value) if isinstance(value, tuple) else value)
    return {"key": key, "on_change": unbroken(_commit), "args": (field, key, read, then)}


def _commit(field: str, key: str, read: Callable[[Any], Any], then: Callable[[Any], None]) -> None:
    value = st.session_state[key]
    if value is not None:
        kept = tuple(value) if isinstance(value, list) else read(value)
        state.change_probing(**{field: kept})
        then(kept)
