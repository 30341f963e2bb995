"""The synthetic pictures that can be shown: made in this session, of an open folder, or kept in the cache."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Literal

import streamlit as st

from neurolupa.app import gallery_work, state
from neurolupa.app.callbacks import unbroken
from neurolupa.app.context import Context
from neurolupa.app.failing import WorkError
from neurolupa.app.gallery_work import folders_in, read, read_kept
from neurolupa.synthesis import Synthesis
from neurolupa.synthesis.galleries import Gallery
from neurolupa.synthesis.result import SynthesisSource

MOST_KEPT = 12
_MADE, _FOLDER, _CHOSEN, _FAULT = "gallery.made", "gallery.folder", "gallery.chosen", "gallery.fault"
Place = Literal["made", "folder", "kept"]
Layer = tuple[str, str | None]
_TIMES = " \N{MULTIPLICATION SIGN} "


@dataclass(frozen=True, eq=False)
class Shelved:
    """Pictures of one layer, method and settings.

    Attributes:
        place: Where they are.
        source: Where they come from.
        count: How many.
        name: What tells them from others.
        read: Gets them; raises WorkError where they are gone.
    """

    place: Place
    source: SynthesisSource
    count: int
    name: str
    read: Callable[[], Synthesis]

    @property
    def layer(self) -> Layer:
        """Network and site; None for what drives several."""
        return self.source.model, self.source.site


def keep(made: Synthesis) -> None:
    """Put pictures on the shelf and choose them; the same made before, or fewer of the same, go."""
    others = [one for one in state.remembered(_MADE, ()) if not _within(one, made)]
    state.remember(_MADE, (made, *others)[:MOST_KEPT])
    _choose_item(_shelved("made", made))


def shelf() -> list[Shelved]:
    """All of them: those made here, those of the folder, and those in the cache that are not among these.

    Raises:
        WorkError: What lies in the folder is damaged.
    """
    here = [_shelved("made", one) for one in state.remembered(_MADE, ())]
    here += [_shelved("folder", read(one)) for one in state.remembered(_FOLDER, ())]
    shown = [one.read() for one in here]
    kept = [one for one in gallery_work.kept() if not any(_has(made, one) for made in shown)]
    return [*here, *(Shelved("kept", one.source, len(one), one.key, partial(read_kept, one)) for one in kept)]


def open_form(context: Context) -> None:
    """The field for a folder, and what is wrong with it."""
    with st.form("gallery.form", border=False):
        field, button = st.columns([5, 1], vertical_alignment="bottom")
        field.text_input(
            context.say("gallery.folder"), key="gallery.typed", placeholder="made",
            help=context.say("gallery.folder.help"),
        )  # fmt: skip
        button.form_submit_button(context.say("dataset.open"), on_click=unbroken(_submitted), width="stretch")
    fault: WorkError | None = state.remembered(_FAULT)
    if fault is not None:
        st.error(fault.failure.sentence(context.lang), icon=":material/error:")


def choose(context: Context, held: list[Shelved]) -> Shelved:
    """The menus of what is on the shelf: the layers, and of the chosen layer what there is."""
    name = state.remembered(_CHOSEN)
    chosen = next((one for one in held if one.name == name), held[0])
    layers = sorted({one.layer for one in held}, key=_natural)
    here = [one for one in held if one.layer == chosen.layer]
    left, right = st.columns([2, 3])
    key = state.bind(f"gallery.shelf.{context.lang}.{layers}", layers.index(chosen.layer))
    left.selectbox(
        context.say("gallery.shelf"), range(len(layers)), key=key,
        on_change=unbroken(lambda: _choose_item(_first(held, layers[st.session_state[key]]))),
        format_func=lambda index: _layer_label(context, layers[index]),
    )  # fmt: skip
    which = state.bind(f"gallery.which.{context.lang}.{[one.name for one in here]}", here.index(chosen))
    right.selectbox(
        context.say("gallery.shelf.pictures"), range(len(here)), key=which,
        on_change=unbroken(lambda: _choose_item(here[st.session_state[which]])),
        format_func=lambda index: _label(context, here[index]),
    )  # fmt: skip
    return chosen


def _choose_item(item: Shelved) -> None:
    state.remember(_CHOSEN, item.name)
    state.remember("gallery.page", 1)


def _first(held: list[Shelved], layer: Layer) -> Shelved:
    return next(one for one in held if one.layer == layer)


def _submitted() -> None:
    """Open a folder, all of whose pictures can be read; the one before stays where there is none."""
    try:
        folders = folders_in(st.session_state["gallery.typed"])
        found = [read(folder) for folder in folders]
    except WorkError as error:
        state.remember(_FAULT, error)
        return
    state.remember(_FAULT, None)
    state.remember(_FOLDER, folders)
    _choose_item(_shelved("folder", found[0]))


def _shelved(place: Place, made: Synthesis) -> Shelved:
    told = f"{place} {made.source.to_dict()} {made.targets} {made.copies}"
    return Shelved(place, made.source, len(made), sha256(told.encode()).hexdigest(), lambda: made)


def _layer_label(context: Context, layer: Layer) -> str:
    model, site = layer
    return f"{site or context.say('gallery.several')} · {plain_name(model)}"


def _label(context: Context, item: Shelved) -> str:
    source, (height, width) = item.source, item.source.size
    steps = context.say("gallery.shelf.steps", steps=source.recipe["steps"])
    count = context.say(f"gallery.place.{item.place}", count=context.count(item.count))
    seed = context.say("gallery.shelf.seed", seed=source.seed)
    return f"{count} · {source.method}, {steps} · {width}{_TIMES}{height} · {seed}"


def _natural(layer: Layer) -> list[tuple[bool, int, str]]:
    """Numbers in names by their value: layer2 before layer10."""
    words = re.split(r"([0-9]+)", f"{layer[0]} {layer[1] or ''}")
    return [(word.isdecimal(), int(word) if word.isdecimal() else 0, word) for word in words]


def plain_name(name: str) -> str:
    """A network's name on one line: a menu shows no markup.

    >>> plain_name("a  b")
    'a b'
    """
    return " ".join(name.split())


def _within(one: Synthesis, other: Synthesis) -> bool:
    return one.source == other.source and set(one.targets) <= set(other.targets)


def _has(made: Synthesis, kept: Gallery) -> bool:
    """Whether a result holds every picture of a gallery."""
    there = set(zip(made.targets, made.copies, strict=True))
    return made.source == kept.source and {(one.target, one.copy) for one in kept.pictures} <= there
