"""What the page of comparisons computes, behind bounded caches that all sessions share.

Keys are folders and the digests of their `atlas.json`: a new scan into the same folder is compared anew.
"""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Any

import streamlit as st

from neurolupa.app.dataset_opening import Opened, damaged
from neurolupa.atlas.manifest import MANIFEST
from neurolupa.errors import DataError, NeurolupaError

if TYPE_CHECKING:
    from neurolupa.comparison.atlases import AtlasComparison
    from neurolupa.comparison.classes import ClassComparison

MOST_RESULTS, MOST_PAIRS, MOST_LISTS = 24, 4, 8


OnBlock = Callable[[int, int], None]


def _untold(done: int, total: int) -> None:
    """Nobody is told."""


class CompareError(Exception):
    """Why nothing can be compared, in the words of the library."""


class Shelf:
    """The last results by what they are of; all sessions may share one.

    `st.cache_resource` lets nothing on the page be changed while it works: no bar could move.

    >>> shelf = Shelf(most=1)
    >>> shelf.put("a", 1), shelf.put("b", 2), shelf.get("a"), shelf.get("b")
    (None, None, None, 2)
    """

    def __init__(self, most: int) -> None:
        self._most, self._kept, self._lock = most, OrderedDict[Any, Any](), Lock()

    def get(self, key: object) -> Any:
        """What is kept; None where nothing is."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: object, found: object) -> None:
        """Keep it, and let go of what was asked for longest ago."""
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)


def classes_of(opened: Opened) -> tuple[str, ...]:
    """The classes that pictures of an atlas have; none where they carry no labels.

    Raises:
        AtlasError: A file of the atlas is missing or damaged.
    """
    return _told(_classes, opened.folder, opened.digest, _opened=opened)


def classes_compared(opened: Opened, site: str, names: tuple[str, ...]) -> "ClassComparison":
    """Some classes of an atlas at a site.

    Raises:
        AtlasError: A file of the atlas is missing or damaged.
        CompareError: These classes cannot be compared.
    """
    return _told(_compared_classes, opened.folder, opened.digest, site, names, _opened=opened)


def atlases_compared(first: Opened, second: Opened, on_block: OnBlock = _untold) -> "AtlasComparison":
    """The second atlas beside the first.

    Args:
        first: A.
        second: B.
        on_block: Told of each two layers whose units are matched: how many are done, and how many there are.

    Raises:
        AtlasError: A file of one of them is missing or damaged.
        CompareError: They cannot be compared.
    """
    key, shelf = (first.folder, first.digest, second.folder, second.digest), _pairs()
    found = shelf.get(key)
    if found is None:
        found = _told(_compared_atlases, first, second, on_block)
        shelf.put(key, found)
    return found


def _told(work: Callable[..., Any], *wanted: object, **opened: Opened) -> Any:
    """What work gives; a damaged file is named, any other fault has one line."""
    try:
        return work(*wanted, **opened)
    except DataError as error:
        named = damaged(error)
        if named.values["file"] == MANIFEST and MANIFEST not in str(error):
            raise CompareError(str(error)) from error
        raise named from error
    except NeurolupaError as error:
        raise CompareError(str(error)) from error


@st.cache_resource(max_entries=MOST_LISTS, show_spinner=False)
def _classes(folder: str, digest: str, _opened: Opened) -> tuple[str, ...]:
    from neurolupa.units.classes.grouping import group

    labels = _opened.atlas.images["label"]
    return tuple(dict.fromkeys(group(_opened.atlas).names)) if (labels >= 0).any() else ()


@st.cache_resource(max_entries=MOST_RESULTS, show_spinner=False)
def _compared_classes(
    folder: str, digest: str, site: str, names: tuple[str, ...], _opened: Opened
) -> "ClassComparison":
    from neurolupa.comparison.classes import compare_classes

    return compare_classes(_opened.atlas, site, names)


@st.cache_resource(show_spinner=False)
def _pairs() -> Shelf:
    return Shelf(MOST_PAIRS)


def _compared_atlases(first: Opened, second: Opened, on_block: OnBlock) -> "AtlasComparison":
    from neurolupa.comparison.atlases import compare

    return compare(first.atlas, second.atlas, on_block=on_block)
