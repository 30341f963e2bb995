"""What the page of comparisons computes, behind bounded caches that all sessions share.

Keys are folders and the digests of their `atlas.json`: a new scan into the same folder is compared anew.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import streamlit as st

from neurolupa.app.dataset_opening import Opened, damaged
from neurolupa.atlas.manifest import MANIFEST
from neurolupa.errors import DataError, NeurolupaError

if TYPE_CHECKING:
    from neurolupa.comparison.atlases import AtlasComparison
    from neurolupa.comparison.classes import ClassComparison

MOST_RESULTS, MOST_PAIRS, MOST_LISTS = 24, 4, 8


class CompareError(Exception):
    """Why nothing can be compared, in the words of the library."""


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


def atlases_compared(first: Opened, second: Opened) -> "AtlasComparison":
    """The second atlas beside the first.

    Raises:
        AtlasError: A file of one of them is missing or damaged.
        CompareError: They cannot be compared.
    """
    keys = (first.folder, first.digest, second.folder, second.digest)
    return _told(_compared_atlases, *keys, _first=first, _second=second)


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


@st.cache_resource(max_entries=MOST_PAIRS, show_spinner=False)
def _compared_atlases(*keys: str, _first: Opened, _second: Opened) -> "AtlasComparison":
    from neurolupa.comparison.atlases import compare

    return compare(_first.atlas, _second.atlas)
