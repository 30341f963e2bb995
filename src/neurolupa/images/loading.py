"""From what a person types to an image set: `kind:where?option=value&option=value`."""

import inspect
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote, unquote

from neurolupa.errors import UsageError, unknown
from neurolupa.images.memory import SequenceSet
from neurolupa.images.opening import MAX_PIXELS, ImageSource
from neurolupa.images.registry import IMAGE_SETS
from neurolupa.images.selection import SELECTION_OPTIONS, Selection, parse_selection, whole_number
from neurolupa.images.sets import ImageSet

_COMMON_OPTIONS = (*SELECTION_OPTIONS, "max_pixels")


def load_images(spec: str | Path | Iterable[ImageSource], **options: object) -> ImageSet:
    """The image set that `spec` names: "kind:where?option=value", an existing folder, or images in a list.

    Options may stand in the text or be given as keywords. Every kind takes `classes` (cat,dog), `per_class`,
    `sample` with `seed`, `limit` (see Selection) and `max_pixels`; for a list of images `labels` and
    `classes` say what they are. Values may be percent-escaped. UsageError for unknown names and senseless
    values, DataError where the files are missing or hold no images. None counts as not given.

    >>> load_images("samples?classes=cat,rocket")
    <Subset 'samples?classes=cat,rocket': 2 images, 7 classes>
    >>> load_images("samplse")
    Traceback (most recent call last):
        ...
    neurolupa.errors.UsageError: unknown image set 'samplse'; nearest: samples (and no folder of that name)
    """
    options = {name: value for name, value in options.items() if value is not None}
    if not isinstance(spec, str | Path | Iterable) or isinstance(spec, bytes | Mapping):
        raise UsageError(
            f"images are a text, a folder or a list of images, not of type {type(spec).__name__}"
        )
    if not isinstance(spec, str | Path):
        return _load_sequence(spec, options)
    kind, where, typed = _parse(spec)
    twice = sorted(typed.keys() & options.keys())
    if twice:
        raise UsageError(f"option {twice[0]!r} is given twice")
    return _load(kind, where, {**typed, **options})


def _load(kind: str, where: str, options: Mapping[str, object]) -> ImageSet:
    if not where and kind not in IMAGE_SETS:
        raise UsageError(f"{unknown('image set', kind, IMAGE_SETS)} (and no folder of that name)")
    factory = IMAGE_SETS[kind]
    own = _own_options(kind)
    for name in options:
        if name not in (*own, *_COMMON_OPTIONS):
            raise unknown(f"option of {kind}", name, (*own, *_COMMON_OPTIONS))
    mine = {name: options[name] for name in own if name in options}
    selection, max_pixels = _common({name: value for name, value in options.items() if name not in mine})
    images = factory(where, **mine)
    images.spec = _spelled(kind, where, mine)
    images.max_pixels = max_pixels
    return images.select(selection)


def _common(options: Mapping[str, object]) -> tuple[Selection, int]:
    selecting = {name: value for name, value in options.items() if name != "max_pixels"}
    return parse_selection(selecting), whole_number("max_pixels", options.get("max_pixels", MAX_PIXELS), 1)


def _load_sequence(images: Iterable[ImageSource], options: Mapping[str, object]) -> ImageSet:
    given = {name: value for name, value in options.items() if name in ("labels", "classes")}
    rest = {name: value for name, value in options.items() if name not in given}
    for name in rest:
        if name not in _COMMON_OPTIONS:
            raise unknown("option of a list of images", name, ("labels", *_COMMON_OPTIONS))
    selection, max_pixels = _common(rest)
    found = SequenceSet(images, **given)  # type: ignore[arg-type]
    found.max_pixels = max_pixels
    return found.select(selection)


def _own_options(kind: str) -> tuple[str, ...]:
    parameters = inspect.signature(IMAGE_SETS[kind]).parameters.values()
    return tuple(each.name for each in parameters if each.kind is each.KEYWORD_ONLY)


def _spelled(kind: str, where: str, options: Mapping[str, object]) -> str:
    shown = [f"{name}={_escaped(value)}" for name, value in sorted(options.items())]
    return kind + (f":{where}" if where else "") + ("?" + "&".join(shown) if shown else "")


def _escaped(value: object) -> str:
    text = ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return quote(text, safe="/,:~ ")


def _parse(spec: str | Path) -> tuple[str, str, dict[str, object]]:
    """Kind, where and options; a kind's own name wins over a folder of that name."""
    text = str(spec)
    before, mark, after = text.rpartition("?")
    if not mark or not _are_options(after) or Path(text).expanduser().is_dir():
        before, after = text, ""
    kind, _, where = before.partition(":")
    if isinstance(spec, Path) or (kind not in IMAGE_SETS and _is_folder(before)):
        kind, where = "folder", before
    return kind, where, _options(after)


def _are_options(text: str) -> bool:
    """False for what follows the "?" of a glob, such as ".parquet"."""
    return not text or "=" in text or text.isidentifier()


def _is_folder(text: str) -> bool:
    return bool(text) and (Path(text).expanduser().is_dir() or "/" in text.partition(":")[0])


def _options(text: str) -> dict[str, object]:
    found: dict[str, object] = {}
    for part in text.split("&") if text else ():
        name, mark, value = part.partition("=")
        if not mark or not name or not value:
            raise UsageError(f"option {part!r} is not of the form name=value")
        if name in found:
            raise UsageError(f"option {name!r} is given twice")
        found[name] = [unquote(each) for each in value.split(",")] if name == "classes" else unquote(value)
    return found
