"""What the neuron page computes, behind bounded caches that all sessions share."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import streamlit as st

from neurolupa import figures
from neurolupa.app.dataset_opening import Opened, damaged
from neurolupa.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

    from neurolupa.units.page import UnitPage

MOST_PAGES, MOST_PICTURES, MOST_SEARCHES = 64, 96, 32
FOUND = 12
"""Units that a search names."""


def unit_of(opened: Opened, site: str, unit: int) -> "UnitPage":
    """What the atlas says of one unit.

    Raises:
        AtlasError: A file of the atlas is missing or damaged.
    """
    return _guarded(_page, opened, site, unit)


def picture(opened: Opened, page: "UnitPage", part: str, lang: str) -> bytes:
    """The figure of one part of the page as PNG.

    Raises:
        AtlasError: A file of the atlas is missing or damaged.
    """
    return _guarded(_picture, opened, page.site, page.unit, part, lang)


def searched(opened: Opened, kind: str, *wanted: object) -> "pd.DataFrame":
    """The units that a search finds, best first: `site`, `unit` and a number.

    Args:
        opened: The atlas.
        kind: "class" (those that tell it best from the rest), "like" (those that do most the same) or "dead".
        wanted: The name of a class; the site and number of a unit; of no meaning for the dead ones.

    Raises:
        AtlasError: A file of the atlas is missing or damaged.
    """
    return _guarded(_searched, opened, kind, *wanted)


def exported(opened: Opened, page: "UnitPage", lang: str, kind: str) -> bytes:
    """The page as one HTML file ("html") or one picture ("png")."""
    from io import BytesIO

    from neurolupa.reporting import as_html, as_picture
    from neurolupa.reporting.unit_page import unit_report

    report = unit_report(opened.atlas, page, lang)
    if kind == "html":
        return as_html(report).encode("utf-8")
    buffer = BytesIO()
    as_picture(report).save(buffer, format="PNG")
    return buffer.getvalue()


def _guarded(work: Callable[..., Any], opened: Opened, *wanted: object) -> Any:
    try:
        return work(opened.digest, *wanted, _opened=opened)
    except DataError as error:
        raise damaged(error) from error


@st.cache_resource(max_entries=MOST_PAGES, show_spinner=False)
def _page(digest: str, site: str, unit: int, _opened: Opened) -> "UnitPage":
    from neurolupa.units.page import unit_page

    return unit_page(_opened.atlas, site, unit)


@st.cache_resource(max_entries=MOST_PICTURES, show_spinner=False)
def _picture(digest: str, site: str, unit: int, part: str, lang: str, _opened: Opened) -> bytes:
    from neurolupa.reporting import png_of

    page = _page(digest, site, unit, _opened=_opened)
    return png_of(_DRAWN[part](_opened, page, lang))


@st.cache_resource(max_entries=MOST_SEARCHES, show_spinner=False)
def _searched(digest: str, kind: str, *wanted: Any, _opened: Opened) -> "pd.DataFrame":
    return _SEARCHES[kind](_opened, *wanted)


def _selective(opened: Opened, name: str) -> "pd.DataFrame":
    from neurolupa.units.classes import most_selective

    found = most_selective(opened.atlas, name, k=FOUND)
    return found[["site", "unit", "auroc", "mean", "num_samples"]]


def _like(opened: Opened, site: str, unit: int) -> "pd.DataFrame":
    from neurolupa.units.relations import relations

    found = relations(opened.atlas, site, unit, k=FOUND, shuffles=0).to_frame()
    similar = found[found["relation"] == "similar"]
    return similar.assign(unit=similar["partner"])[["site", "unit", "correlation", "low", "high"]]


_SEARCHES: dict[str, Callable[..., Any]] = {
    "class": _selective,
    "like": _like,
    "dead": lambda opened, *_: opened.atlas.dead(),
}


_DRAWN: dict[str, Callable[[Opened, Any, str], Any]] = {
    "exemplars": lambda opened, page, lang: figures.exemplars(opened.atlas, page.exemplars, lang=lang),
    "spatial": lambda opened, page, lang: figures.spatial_bias(page.spatial, lang),
    "tuning": lambda opened, page, lang: figures.tuning(page.tuning, page.unit, lang),
    "profile": lambda opened, page, lang: figures.activation_profile(page.profile, lang=lang),
}
