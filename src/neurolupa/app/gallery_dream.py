"""The dream of the gallery: a picture, changed so that a layer or a unit sees more of what it looks for."""

from typing import TYPE_CHECKING

import streamlit as st

from neurolupa.app import session, state
from neurolupa.app.callbacks import unbroken
from neurolupa.app.context import Context
from neurolupa.app.gallery_make import asks, network_and_layer, send
from neurolupa.app.gallery_values import MOST_OCTAVES
from neurolupa.app.link_values import sample_names
from neurolupa.app.pictures import Upload
from neurolupa.app.request import ImageKind, ImageRef
from neurolupa.app.sidebar import FORMATS
from neurolupa.app.tabs.cards import show
from neurolupa.app.texts import plain
from neurolupa.figures.dream_export import dream_png
from neurolupa.figures.dream_words import dream_caution

if TYPE_CHECKING:
    from neurolupa.synthesis.dreams import Dream

_KINDS: tuple[ImageKind, ...] = ("sample", "set", "upload")
_MOST = 10**7 - 1


def dream_view(context: Context) -> None:
    """The controls, and beside its original the picture that was dreamt last."""
    st.markdown(context.say("gallery.dream.note"))
    known = network_and_layer(context)
    _picture(context)
    unit, octaves = st.columns(2)
    unit.number_input(
        context.say("gallery.dream.unit"), 0, _MOST, step=1,
        placeholder=context.say("gallery.dream.layer"), **asks(context, "unit", empty=True),
    )  # fmt: skip
    octaves.slider(
        context.say("gallery.dream.octaves"), 1, MOST_OCTAVES, step=1,
        help=context.say("gallery.dream.octaves.help"), **asks(context, "octaves"),
    )  # fmt: skip
    st.button(
        context.say("gallery.dream.make"), key="gallery.dream", type="primary", icon=":material/bedtime:",
        disabled=not known, on_click=unbroken(send), args=("dream",),
    )  # fmt: skip
    found: Dream | None = state.remembered("gallery.dreamt")
    if found is not None:
        _shown(context, found)


def _picture(context: Context) -> None:
    """Which picture to begin with."""
    chosen = state.gallery().image
    left, right = st.columns(2)
    kinds = _KINDS if chosen.kind in _KINDS else (*_KINDS, chosen.kind)
    key = state.bind(f"gallery.kind.{context.lang}", chosen.kind)
    left.selectbox(
        context.say("side.image"), kinds, key=key, format_func=lambda kind: context.say(f"image.{kind}"),
        on_change=unbroken(lambda: _other_kind(st.session_state[key])),
    )  # fmt: skip
    with right:
        if chosen.kind == "sample":
            _sample(context, chosen)
        elif chosen.kind == "set":
            _of_set(context, chosen)
        elif chosen.kind == "upload":
            _upload(context)
        else:
            st.caption(plain(chosen.value))


def _other_kind(kind: ImageKind) -> None:
    held = session.upload()
    values = {"sample": sample_names()[0], "set": "samples#0", "upload": "" if held is None else held.digest}
    state.change_gallery(image=ImageRef(kind, values[kind]))


def _sample(context: Context, chosen: ImageRef) -> None:
    key = state.bind(f"gallery.sample.{context.lang}", chosen.value)
    st.selectbox(
        context.say("side.sample"), sample_names(), key=key,
        format_func=lambda name: context.say(f"sample.{name}"),
        on_change=unbroken(lambda: state.change_gallery(image=ImageRef("sample", st.session_state[key]))),
    )  # fmt: skip


def _of_set(context: Context, chosen: ImageRef) -> None:
    """Spec and index, one beside the other."""
    spec, index = chosen.split()
    keys = state.bind("gallery.spec", spec), state.bind("gallery.index", index)
    wide, narrow = st.columns([2, 1])
    wide.text_input(
        context.say("side.spec"),
        key=keys[0],
        help=context.say("help.spec"),
        on_change=unbroken(_commit_set),
        args=keys,
    )
    narrow.number_input(
        context.say("side.index"), 0, _MOST, step=1, key=keys[1], on_change=unbroken(_commit_set), args=keys
    )


def _commit_set(spec: str, index: str) -> None:
    named = f"{st.session_state[spec].strip()}#{st.session_state[index] or 0}"
    state.change_gallery(image=ImageRef("set", named))


def _upload(context: Context) -> None:
    """The uploader; the file that is in use is that of the whole dashboard."""
    given = st.file_uploader(context.say("side.upload"), type=FORMATS, key=f"gallery.upload.{context.lang}")
    if given is not None:
        session.take_upload(Upload.of(given.name, given.getvalue()))
    held = session.upload()
    if held is not None:
        state.change_gallery(image=ImageRef("upload", held.digest))
        if given is None:
            st.caption(context.say("side.held", name=plain(held.name)))


def _shown(context: Context, found: "Dream") -> None:
    with st.container(key="dream"):
        left, right = st.columns(2)
        with left:
            show(found.image, context.say("gallery.dream.picture", target=found.target))
        with right:
            show(found.original_image, context.say("gallery.dream.original"))
    first, last = found.octaves[0], found.octaves[-1]
    told = {"before": context.number(first.before), "after": context.number(last.after)}
    sizes = ", ".join(f"{one.width} × {one.height}" for one in found.octaves)  # noqa: RUF001 (it is a product)
    st.caption(plain(dream_caution(context.lang)))
    st.caption(context.say("gallery.dream.told", sizes=sizes, **told))
    st.caption(_source(context, found))
    st.download_button(
        context.say("gallery.dream.download"), data=lambda: dream_png(found), file_name="dream.png",
        mime="image/png", icon=":material/image:", key="gallery.dream.png", on_click="ignore",
    )  # fmt: skip


def _source(context: Context, found: "Dream") -> str:
    source = found.source
    return context.say(
        "gallery.dream.source", model=plain(source.model), image=plain(source.image), steps=source.steps,
        scale=source.scale, seed=source.seed,
    )  # fmt: skip
