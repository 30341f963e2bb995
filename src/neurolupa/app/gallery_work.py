"""What the gallery computes and reads: pictures that are made, dreams, folders, and natural pictures."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from neurolupa.app import work
from neurolupa.app.dataset_opening import Opened, damaged
from neurolupa.app.failing import Failure, WorkError
from neurolupa.app.gallery_values import MOST_PICTURES, units_of
from neurolupa.app.pictures import Upload, open_picture
from neurolupa.app.request import GalleryView
from neurolupa.app.visitors import may_open
from neurolupa.errors import DataError, NeurolupaError
from neurolupa.synthesis import PictureCache, Synthesis, synthesize
from neurolupa.synthesis.galleries import Gallery, galleries, read_gallery
from neurolupa.synthesis.storing import JSON

if TYPE_CHECKING:
    import pandas as pd

    from neurolupa.synthesis.dreams import Dream

MOST_FOLDERS = 8
MOST_SITES = 24
BESIDE = 3
"""Natural pictures beside each synthetic one."""
_REMOTE = re.compile(r"^(?:[A-Za-z][A-Za-z0-9+.-]+:|//|\\\\)")
_DRIVE = re.compile(r"^[A-Za-z]:[\\/]")
Report = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Natural:
    """What natural pictures do at a site of an atlas.

    Attributes:
        opened: The atlas.
        site: The site.
        top: Rows of the best exemplars, by unit.
        best: (units,) the highest mean of each unit's map on a sampled picture.
        sampled: How many those are.
    """

    opened: Opened
    site: str
    top: "dict[int, pd.DataFrame]"
    best: np.ndarray
    sampled: int


def middle_site(model: str) -> str:
    """The layer to begin with: the non-linearity half way down, or what is there.

    Raises:
        WorkError: There is no such network.

    >>> middle_site("embedded")
    'layer2.1.relu'
    """
    choices = work.sites_of(model).choices
    named = [choice.name for choice in choices if choice.kind == "relu"] or [one.name for one in choices]
    return named[len(named) // 2]


def made(wanted: GalleryView, atlas: Opened | None, report: Report | None = None) -> Synthesis:
    """Pictures of the wanted units; those made before are taken from the disk.

    Raises:
        WorkError: With the one sentence that says why not.
    """
    network = work.open_network_apart(wanted.model, "default")
    site = wanted.site or middle_site(wanted.model)
    units = _units(wanted)
    same = atlas is not None and atlas.atlas.source.weights_digest == network.weights_digest
    try:
        return synthesize(
            network, site, units, wanted.method, steps=wanted.steps, report=report,
            atlas=atlas.atlas if atlas is not None and same else None, cache=PictureCache(),
        )  # fmt: skip
    except NeurolupaError as error:
        raise WorkError(Failure("synthesis", {"reason": str(error)})) from error


def dreamt(wanted: GalleryView, upload: Upload | None, report: Report | None = None) -> "Dream":
    """The wanted picture, changed so that the layer or the unit answers it more.

    Raises:
        WorkError: With the one sentence that says why not.
    """
    from neurolupa.synthesis.dreaming import dream

    network = work.open_network_apart(wanted.model, "default")
    opened = open_picture(wanted.image, upload)
    site = wanted.site or middle_site(wanted.model)
    try:
        return dream(
            network, opened.picture, site, wanted.unit,
            octaves=wanted.octaves, images=opened.images, report=report,
        )  # fmt: skip
    except NeurolupaError as error:
        raise WorkError(Failure("synthesis", {"reason": str(error)})) from error


def folders_in(typed: str) -> tuple[str, ...]:
    """The folders with synthetic pictures that a person means: one, or those inside of it.

    Raises:
        WorkError: There are none here.
    """
    words = typed.strip().strip("\"'")
    if not words or (_REMOTE.match(words) and not _DRIVE.match(words)):
        raise WorkError(Failure("gallery_remote" if words else "gallery_empty"))
    if not may_open(words):
        raise WorkError(Failure("visitor_folder"))
    try:
        folder = Path(words).expanduser().resolve()
        if not folder.is_dir():
            raise WorkError(Failure("gallery_missing"))
        inside = [folder] if (folder / JSON).is_file() else sorted(folder.iterdir())
        found = tuple(str(one) for one in inside if (one / JSON).is_file())[:MOST_SITES]
    except (OSError, ValueError, RuntimeError) as error:
        raise WorkError(Failure("gallery_missing")) from error
    if not found:
        raise WorkError(Failure("gallery_none"))
    return found


def read(folder: str) -> Synthesis:
    """The pictures of a folder, read once for all sessions.

    Raises:
        WorkError: They are damaged.
    """
    try:
        return _read(folder, sha256((Path(folder) / JSON).read_bytes()).hexdigest())
    except (OSError, DataError) as error:
        raise WorkError(Failure("gallery_damaged", {"reason": str(error)})) from error


def kept() -> list[Gallery]:
    """What lies in this user's cache, the latest first."""
    return galleries(PictureCache())


def read_kept(gallery: Gallery) -> Synthesis:
    """The pictures of a gallery in the cache, read once for all sessions.

    Raises:
        WorkError: They are not there any more.
    """
    return _read_kept(gallery.key, tuple(one.key for one in gallery.pictures), gallery)


def natural_of(opened: Opened | None, synthetic: Synthesis) -> Natural | None:
    """What an atlas says of the site that pictures were made for; None where it is of another network.

    Raises:
        AtlasError: A file of the atlas is missing or damaged.
    """
    source = synthetic.source
    if opened is None or opened.atlas.source.weights_digest != source.weights_digest:
        return None
    if source.site not in opened.atlas.sites:
        return None
    try:
        return _natural(opened.digest, source.site, opened)
    except DataError as error:
        raise damaged(error) from error


def preferences(natural: Natural) -> "dict[int, tuple[str, float]]":
    """By unit, the class that it prefers and its selectivity index; empty where pictures have no classes.

    Raises:
        AtlasError: A file of the atlas is missing or damaged.
    """
    if not natural.opened.atlas.manifest["images"].get("labelled"):
        return {}
    try:
        return _preferences(natural.opened.digest, natural.site, natural.opened)
    except DataError as error:
        raise damaged(error) from error


def _units(wanted: GalleryView) -> tuple[int, ...]:
    try:
        return units_of(wanted.units)
    except ValueError as error:
        raise WorkError(Failure("gallery_units", {"most": MOST_PICTURES})) from error


@st.cache_resource(max_entries=MOST_FOLDERS, show_spinner=False)
def _read(folder: str, digest: str) -> Synthesis:
    return Synthesis.load(folder)


@st.cache_resource(max_entries=MOST_FOLDERS, show_spinner=False)
def _read_kept(key: str, pictures: tuple[str, ...], _gallery: Gallery) -> Synthesis:
    found = read_gallery(PictureCache(), _gallery)
    if found is None:
        raise WorkError(Failure("gallery_gone"))
    return found


@st.cache_resource(max_entries=MOST_SITES, show_spinner=False)
def _natural(digest: str, site: str, _opened: Opened) -> Natural:
    rows = _opened.atlas.exemplars(site)
    top = rows[rows["band"] == "top"].sort_values(["unit", "rank"]).groupby("unit").head(BESIDE)
    means = np.asarray(_opened.atlas.samples(site).mean, np.float64)
    best = np.where(np.isfinite(means), means, -np.inf).max(axis=0, initial=-np.inf)
    grouped = {int(str(unit)): frame for unit, frame in top.groupby("unit")}
    return Natural(_opened, site, grouped, best, len(means))


@st.cache_resource(max_entries=MOST_SITES, show_spinner=False)
def _preferences(digest: str, site: str, _opened: Opened) -> dict[int, tuple[str, float]]:
    from neurolupa.units.classes.surveying import class_selectivities

    # The order needs no null: one shuffle is the fewest.
    found = class_selectivities(_opened.atlas, site, shuffles=1)
    known = found[found["top_class"].notna()]
    columns = (known["unit"], known["top_class"], known["index"])
    return {int(unit): (str(name), float(index)) for unit, name, index in zip(*columns, strict=True)}
