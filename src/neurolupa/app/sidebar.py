"""The sidebar: what to analyse, with one button; and how to show it, which needs no network.

The controls are not in a Streamlit form: a form keeps what is changed in it from the program until it is
sent, so that the layers could not follow the network, and nobody could be told that the result is not what
the sidebar says. Changing a control runs no network; only the button does.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

from neurolupa.app import session, state, work
from neurolupa.app.callbacks import unbroken
from neurolupa.app.context import Context
from neurolupa.app.drafts import PRESETS, Draft
from neurolupa.app.failing import WorkError
from neurolupa.app.link_values import criteria, palettes, sample_names
from neurolupa.app.links import MENU
from neurolupa.app.pictures import Upload
from neurolupa.app.request import IMAGE_KINDS, MOST_SITES, MOST_UNITS

FORMATS = ("jpg", "jpeg", "png", "webp", "bmp", "gif", "tif", "tiff")
_MOST_IMAGES = 10**7 - 1
_TIMES = " \N{MULTIPLICATION SIGN} "


def controls(context: Context) -> None:
    """Everything that decides what is analysed, and the button."""
    st.subheader(context.say("side.analysis"))
    # Its place is above the controls, where it is seen without scrolling; whether it works shows after them.
    button = st.container()
    _network(context)
    menu = _menu(context)
    if menu is not None:
        _layer(context, menu)
    _picture(context)
    _units(context)
    button.button(
        context.say("button.analyse"),
        key="analyse",
        type="primary",
        width="stretch",
        disabled=menu is None,
        on_click=unbroken(session.submit),
    )


def display_controls(context: Context) -> None:
    """Opacity, colour map and scale: they change how a result is shown."""
    shown, say = context.display, context.say
    st.subheader(say("side.display"))
    st.slider(
        say("side.opacity"),
        0.0,
        1.0,
        step=0.05,
        **_shows("opacity", shown.opacity, context),
        help=say("help.opacity"),
    )
    st.selectbox(
        say("side.palette"),
        palettes(),
        format_func=lambda name: say("side.legacy", name=name) if name == "jet" else name,
        **_shows("palette", shown.palette, context),
    )
    st.selectbox(
        say("side.scale"),
        (True, False),
        format_func=lambda shared: say("side.scale_shared" if shared else "side.scale_own"),
        help=say("help.scale"),
        **_shows("shared_scale", shown.shared_scale, context),
    )


def _network(context: Context) -> None:
    draft, say = session.draft(), context.say
    known = session.network_names()
    extra = [] if draft.model in known else [draft.model]
    st.selectbox(
        say("side.network"),
        [*known, *extra],
        format_func=lambda name: say("side.embedded") if name == MENU[0] else name,
        accept_new_options=True,
        help=say("help.network"),
        **_asks("model", context),
    )
    st.toggle(say("side.random"), help=say("help.random"), **_asks("random", context))


def _menu(context: Context) -> work.SiteMenu | None:
    """The sites of the chosen network, the draft brought in line with them; None where it has none."""
    draft = session.draft()
    try:
        request, _ = work.fitted(draft.request())
    except WorkError as error:
        st.error(error.failure.sentence(context.lang))
        return None
    session.change_draft(site=request.sites[0], others=request.sites[1:], point=request.point)
    return work.sites_of(draft.model)


def _layer(context: Context, menu: work.SiteMenu) -> None:
    draft, say = session.draft(), context.say
    shapes = {choice.name: _TIMES.join(map(str, choice.shape)) for choice in menu.choices}
    st.selectbox(
        say("side.layer"),
        list(shapes),
        format_func=lambda name: f"{name} · {shapes[name]}",
        help=say("help.layer"),
        **_asks("site", context, draft.model),
    )
    st.selectbox(
        say("side.point"),
        [*menu.points(draft.site), None],
        format_func=lambda point: say(f"point.{point or 'site'}"),
        help=say("help.point"),
        **_asks("point", context, draft.model, draft.site),
    )
    with st.expander(say("side.compare"), expanded=bool(draft.others)):
        st.multiselect(
            say("side.others"),
            [name for name in shapes if name != draft.site and _comparable(menu, name, draft)],
            max_selections=MOST_SITES - 1,
            label_visibility="collapsed",
            placeholder=say("side.others"),
            **_asks("others", context, draft.model, draft.site, draft.point),
        )


def _comparable(menu: work.SiteMenu, name: str, draft: Draft) -> bool:
    return draft.point is None or draft.point in menu.points(name)


def _picture(context: Context) -> None:
    say = context.say
    st.selectbox(
        say("side.image"),
        IMAGE_KINDS,
        format_func=lambda kind: say(f"image.{kind}"),
        **_asks("kind", context),
    )
    inputs: dict[str, Callable[[Context], None]] = {
        "sample": _sample,
        "set": _of_set,
        "upload": _upload,
        "url": _address,
    }
    inputs[session.draft().kind](context)


def _sample(context: Context) -> None:
    st.selectbox(
        context.say("side.sample"),
        sample_names(),
        format_func=lambda name: context.say(f"sample.{name}"),
        **_asks("sample", context),
    )


def _of_set(context: Context) -> None:
    st.text_input(context.say("side.spec"), help=context.say("help.spec"), **_asks("spec", context))
    st.number_input(context.say("side.index"), 0, _MOST_IMAGES, step=1, **_asks("index", context))


def _upload(context: Context) -> None:
    given = st.file_uploader(context.say("side.upload"), type=FORMATS, key=f"upload.{context.lang}")
    if given is not None:
        session.take_upload(Upload.of(given.name, given.getvalue()))
    held = session.upload()
    if given is None and held is not None:
        st.caption(context.say("side.held", name=held.name))


def _address(context: Context) -> None:
    st.text_input(
        context.say("side.url"),
        placeholder="https://",
        help=context.say("help.url"),
        **_asks("url", context),
    )


def _units(context: Context) -> None:
    say = context.say
    left, right = st.columns([2, 3])
    left.number_input(say("side.k"), 1, MOST_UNITS, step=1, **_asks("k", context))
    right.selectbox(
        say("side.by"),
        criteria(),
        format_func=lambda name: say(f"by.{name}"),
        help=say("help.by"),
        **_asks("by", context),
    )
    by = session.draft().by
    if by == "manual":
        st.text_input(say("side.chosen"), placeholder="3, 17, 42", **_asks("chosen", context))
    elif by == "balanced":
        _balance(context)


def _balance(context: Context) -> None:
    say = context.say
    for field in ("min_sparsity", "weight"):
        st.slider(
            say(f"side.{field}"), 0.0, 1.0, step=0.05, help=say(f"help.{field}"), **_asks(field, context)
        )
    st.caption(say("side.presets"))
    for name, values in PRESETS.items():
        st.button(
            say(f"preset.{name}"),
            key=f"preset.{name}",
            width="stretch",
            help=say("help.preset", sparsity=values[0], weight=values[1]),
            on_click=unbroken(session.use_preset),
            args=(name,),
        )


def _asks(field: str, context: Context, *of: object) -> dict[str, Any]:
    """Key and callback of a control of the draft; `of` is what its choices depend on besides the language."""
    key = ".".join(map(str, ("ask", field, context.lang, *of)))
    state.bind(key, _for_widget(getattr(session.draft(), field)))
    return {"key": key, "on_change": unbroken(_commit_draft), "args": (field, key)}


def _shows(field: str, value: object, context: Context) -> dict[str, Any]:
    key = state.bind(f"show.{field}.{context.lang}", value)
    return {"key": key, "on_change": unbroken(_commit_display), "args": (field, key)}


def _for_widget(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _commit_draft(field: str, key: str) -> None:
    value = st.session_state[key]
    if value is not None or field == "point":
        session.change_draft(**{field: tuple(value) if isinstance(value, list) else value})


def _commit_display(field: str, key: str) -> None:
    value = st.session_state[key]
    if value is not None:
        state.change_display(**{field: value})
