"""The values of links: each reads one text of an address or raises ValueError, however odd the text is."""

import math
import re
from collections.abc import Callable, Sequence
from functools import cache

from neurolupa.app.request import (
    COMPARE_KEYS,
    MOST_CLASSES,
    MOST_SITES,
    MOST_UNITS,
    PART_KEYS,
    TAB_KEYS,
    VIEW_KEYS,
    WEIGHTS,
    ImageRef,
)
from neurolupa.errors import NeurolupaError
from neurolupa.locales import LANGUAGES

_TIMM = re.compile(r"timm:[A-Za-z0-9_.\-]{1,100}")
_DIGEST = re.compile(r"[0-9a-f]{12,64}")
_LONGEST_NAME = 200
_LONGEST_ADDRESS = 2000
_MOST_DIGITS = 7
_NO_POINT = "site"
_FIRST = "first"


def languages() -> Sequence[str]:
    """The languages."""
    return LANGUAGES


def tabs() -> Sequence[str]:
    """The tabs."""
    return TAB_KEYS


def views() -> Sequence[str]:
    """The views of a data set."""
    return VIEW_KEYS


def parts() -> Sequence[str]:
    """The views of a unit."""
    return PART_KEYS


def comparisons() -> Sequence[str]:
    """What is compared."""
    return COMPARE_KEYS


def weights() -> Sequence[str]:
    """Where tensors may come from."""
    return WEIGHTS


def criteria() -> Sequence[str]:
    """The criteria of a ranking, in the order of the menu, `balanced` first."""
    from neurolupa.inspection import CRITERIA

    return tuple(CRITERIA)


def palettes() -> Sequence[str]:
    """The colour maps, in the order of the menu."""
    from neurolupa.figures.palettes import PALETTES

    return PALETTES


@cache
def sample_names() -> tuple[str, ...]:
    """The photographs that are there."""
    from neurolupa.images import load_images

    samples = load_images("samples")
    return tuple(samples.classes[label] for label in samples.labels)


def one_of(choices: Callable[[], Sequence[str]]) -> Callable[[str], str]:
    """A reader of one of the choices, which are asked for when it reads.

    >>> one_of(languages)("es")
    'es'
    """

    def read(text: str) -> str:
        if text not in choices():
            raise ValueError(text)
        return text

    return read


def network(text: str) -> str:
    """A registered network or one of timm; never a factory, because a link must not run code of its choice.

    >>> network("timm:convnext_tiny")
    'timm:convnext_tiny'
    """
    from neurolupa.models import NETWORKS

    if text not in NETWORKS and not _TIMM.fullmatch(text):
        raise ValueError(text)
    return text


def share(text: str) -> float:
    """A number from 0 to 1.

    >>> share("0.15")
    0.15
    """
    value = float(text)
    if not 0 <= value <= 1:  # which NaN is not either
        raise ValueError(text)
    return math.fabs(value)


def number(text: str) -> int:
    """A whole number from 0 on, of at most seven digits."""
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise ValueError(text)
    return int(text)


def unit_count(text: str) -> int:
    """How many units, 1 to 24."""
    count = number(text)
    if not 1 <= count <= MOST_UNITS:
        raise ValueError(text)
    return count


def optional_number(text: str) -> int | None:
    """A unit or a picture; None for the first one of the ranking, or of those sampled."""
    return None if text == _FIRST else number(text)


def optional_text(found: int | None) -> str:
    """The inverse of `optional_number`."""
    return _FIRST if found is None else str(found)


def numbers(text: str) -> tuple[int, ...]:
    """Units with commas between, each once; none for an empty text.

    >>> numbers("3,5,3")
    (3, 5)
    """
    found = tuple(dict.fromkeys(number(part.strip()) for part in text.split(",") if part.strip()))
    if len(found) > MOST_UNITS:
        raise ValueError(text)
    return found


def numbers_text(units: Sequence[int]) -> str:
    """The inverse of `numbers`."""
    return ",".join(map(str, units))


def point(text: str) -> str | None:
    """A capture point; None for the site itself."""
    from neurolupa.capture.site import POINTS

    return None if text == _NO_POINT else one_of(lambda: POINTS)(text)


def point_text(found: str | None) -> str:
    """The inverse of `point`."""
    return found or _NO_POINT


def scale(text: str) -> bool:
    """Whether all maps share one scale."""
    return one_of(lambda: ("shared", "own"))(text) == "shared"


def scale_text(shared: bool) -> str:
    """The inverse of `scale`."""
    return "shared" if shared else "own"


def site_names(given: Sequence[str]) -> tuple[str, ...]:
    """Names of sites, each once; whether the network has them shows later."""
    names = tuple(dict.fromkeys(given))
    if len(names) > MOST_SITES or not all(0 < len(name) <= _LONGEST_NAME for name in names):
        raise ValueError("site")
    return names


def class_names(given: Sequence[str]) -> tuple[str, ...] | None:
    """Names of classes, each once, empty ones left out; None where none is given. They are looked up later.

    >>> class_names(["dog", "cat", "dog"]), class_names([""]), class_names([])
    (('dog', 'cat'), (), None)
    """
    names = tuple(dict.fromkeys(filter(None, given)))
    if len(names) > MOST_CLASSES or max(map(len, names), default=0) > _LONGEST_NAME:
        raise ValueError("class")
    return names if given else None


def class_texts(names: Sequence[str] | None) -> list[str]:
    """The inverse of `class_names`."""
    return [] if names is None else list(names) or [""]


def image(text: str) -> ImageRef:
    """A picture: `sample:cat`, `set:SPEC#INDEX`, `sha256:DIGEST`, `url:ADDRESS`.

    >>> image("set:folder:photos#12")
    ImageRef(kind='set', value='folder:photos#12')
    """
    kind, _, value = text.partition(":")
    readers = {"sample": _sample, "set": _picture_of_set, "sha256": _digest, "url": _address}
    if kind not in readers:
        raise ValueError(text)
    return readers[kind](value)


def image_text(found: ImageRef) -> str:
    """The inverse of `image`: an uploaded picture appears by its digest only."""
    return f"{'sha256' if found.kind == 'upload' else found.kind}:{found.value}"


def _sample(text: str) -> ImageRef:
    return ImageRef("sample", one_of(sample_names)(text))


def _picture_of_set(text: str) -> ImageRef:
    spec, mark, index = text.rpartition("#")
    if not mark or not spec or len(text) > _LONGEST_ADDRESS:
        raise ValueError(text)
    return ImageRef("set", f"{spec}#{number(index)}")


def _digest(text: str) -> ImageRef:
    if not _DIGEST.fullmatch(text):
        raise ValueError(text)
    return ImageRef("upload", text)


def _address(text: str) -> ImageRef:
    from neurolupa.images.addresses import WebAddress

    if len(text) > _LONGEST_ADDRESS:
        raise ValueError(text)
    try:
        WebAddress.parse(text)
    except NeurolupaError as error:
        raise ValueError(text) from error
    return ImageRef("url", text)
