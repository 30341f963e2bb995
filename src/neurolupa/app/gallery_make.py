"""What the gallery's buttons make: the controls, and the work with its bar, which runs only after a click."""

from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from neurolupa.app import gallery_work, session, state, work
from neurolupa.app.atlas_form import atlas_now
from neurolupa.app.callbacks import unbroken
from neurolupa.app.context import Context
from neurolupa.app.failing import Failure, WorkError
from neurolupa.app.gallery_shelf import keep
from neurolupa.app.gallery_values import MOST_PICTURES, MOST_STEPS, methods, units_typed
from neurolupa.app.links import MENU
from neurolupa.app.request import GalleryView

_SENT, _FAILED = "gallery.sent", "gallery.failed"
FEW = "0-5"
"""The units that the first click makes."""
_TIMES = " \N{MULTIPLICATION SIGN} "


def send(kind: str) -> None:
    """What a button does: the run that follows makes what the controls say then."""
    state.remember(_SENT, kind)
    state.remember(_FAILED, None)


def send_first() -> None:
    """Make a few pictures with the network that ships, whatever the controls say."""
    shown = state.gallery()
    state.remember("gallery", GalleryView(tab=shown.tab, order=shown.order, units=FEW))
    send("make")


def work_off(context: Context) -> None:
    """Carry out what was sent, under a bar; say what went wrong with it, until the next click."""
    kind, wanted = state.remembered(_SENT), state.gallery()
    state.remember(_SENT, None)
    with st.container(key="status"):
        place = st.empty()  # even where nothing is told: an empty container takes no room
        if kind is not None:
            _attempt(context, place, _WORK[kind], wanted)
        failure: Failure | None = state.remembered(_FAILED)
        if failure is not None:
            place.error(failure.sentence(context.lang), icon=":material/error:")


def _attempt(context: Context, place: DeltaGenerator, kind: Callable[..., None], wanted: GalleryView) -> None:
    bar = place.progress(0.0, context.say("work.network"))
    try:
        kind(context, wanted, _Report(context, bar))
    except WorkError as error:
        state.remember(_FAILED, error.failure)
    place.empty()


class _Report:
    """Moves a bar: `report(done, total)`."""

    def __init__(self, context: Context, bar: DeltaGenerator) -> None:
        self._context, self._bar = context, bar

    def __call__(self, done: int, total: int) -> None:
        count = self._context.count
        words = self._context.say("gallery.progress", done=count(done), all=count(total))
        self._bar.progress(min(1.0, done / max(total, 1)), words)


def _make(context: Context, wanted: GalleryView, report: gallery_work.Report) -> None:
    keep(gallery_work.made(wanted, atlas_now(context), report))


def _dream(context: Context, wanted: GalleryView, report: gallery_work.Report) -> None:
    state.remember("gallery.dreamt", gallery_work.dreamt(wanted, session.upload(), report))


_WORK = {"make": _make, "dream": _dream}


def controls(context: Context) -> None:
    """Network, layer, units, method, steps, and the button."""
    known = network_and_layer(context)
    units, method, steps = st.columns(3)
    units.text_input(
        context.say("gallery.units"), help=context.say("gallery.units.help", most=MOST_PICTURES),
        **asks(context, "units", read=_typed),
    )  # fmt: skip
    method.selectbox(
        context.say("gallery.method"), methods(), help=context.say("gallery.method.help"),
        **asks(context, "method"),
    )  # fmt: skip
    steps.number_input(
        context.say("gallery.steps"), 1, MOST_STEPS, step=1, placeholder=context.say("gallery.steps.usual"),
        **asks(context, "steps", empty=True),
    )  # fmt: skip
    st.button(
        context.say("gallery.make"), key="gallery.make", type="primary", icon=":material/auto_awesome:",
        disabled=not known, on_click=unbroken(send), args=("make",),
    )  # fmt: skip


def network_and_layer(context: Context) -> bool:
    """The menus of networks and layers; whether there is such a network."""
    left, right = st.columns(2)
    view, known = state.gallery(), session.network_names()
    extra = [] if view.model in known else [view.model]
    left.selectbox(
        context.say("side.network"), [*known, *extra], accept_new_options=True,
        format_func=lambda name: context.say("side.embedded") if name == MENU[0] else name,
        help=context.say("help.network"), **asks(context, "model"),
    )  # fmt: skip
    try:
        menu = work.sites_of(view.model)
    except WorkError as error:
        right.error(error.failure.sentence(context.lang))
        return False
    if view.site is None or view.site not in menu:
        state.change_gallery(site=gallery_work.middle_site(view.model))
    shapes = {choice.name: _TIMES.join(map(str, choice.shape)) for choice in menu.choices}
    right.selectbox(
        context.say("side.layer"), list(shapes), format_func=lambda name: f"{name} · {shapes[name]}",
        help=context.say("help.layer"), **asks(context, "site", view.model),
    )  # fmt: skip
    return True


def asks(
    context: Context, field: str, *of: object, empty: bool = False, read: Callable[[Any], Any] | None = None
) -> dict[str, Any]:
    """Key and callback of a control of the gallery; see `sidebar`.

    Args:
        context: For the language.
        field: Of `GalleryView`.
        of: What the choices depend on besides the language.
        empty: Whether nothing is a value.
        read: What the field makes of what was typed.
    """
    key = ".".join(map(str, ("gallery.ask", field, context.lang, *of)))
    state.bind(key, getattr(state.gallery(), field))
    return {"key": key, "on_change": unbroken(_commit), "args": (field, key, empty, read)}


def _commit(field: str, key: str, empty: bool, read: Callable[[Any], Any] | None) -> None:
    value = st.session_state[key]
    if value is not None or empty:
        state.change_gallery(**{field: value if read is None else read(value)})


def _typed(text: str) -> str:
    """What was typed, without what no unit can be named by; the rest is said to be wrong when it is made."""
    try:
        return units_typed(text)
    except ValueError:
        return ""
