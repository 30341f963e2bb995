"""What the page of probes computes and reads: image sets, probes, folders with probes, sparse probes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4
from zipfile import ZIP_DEFLATED, ZipFile

import streamlit as st

from neurolupa.app import work
from neurolupa.app.failing import Failure, WorkError
from neurolupa.app.request import ProbingView
from neurolupa.app.visitors import may_open, may_read
from neurolupa.errors import NeurolupaError
from neurolupa.images import ImageSet, load_images
from neurolupa.models import Model

if TYPE_CHECKING:
    from neurolupa.probing.result import ProbeReport
    from neurolupa.probing.sparse import UnitProbes

MOST_SETS = 16
_SECONDS = 60


class Steps(Protocol):
    """Told how far the work is; what is stopped leaves by an exception from here."""

    def pictures(self, done: int, total: int) -> None:
        """Pictures have been through the network."""

    def concepts(self, done: int, total: int) -> None:
        """Concepts have been fitted and judged."""


@dataclass(frozen=True, eq=False)
class Held:
    """Probes that are shown.

    Attributes:
        report: The probes.
        model: What `load_model` takes to get their network.
        folder: Where they were read from; None for those made now.
        key: What tells them from all others.
    """

    report: "ProbeReport"
    model: str
    folder: str | None = None
    key: str = field(default_factory=lambda: uuid4().hex)


@dataclass(frozen=True)
class Offered:
    """What an image set has.

    Attributes:
        pictures: How many.
        concepts: What can be read from it, the usual one first.
    """

    pictures: int
    concepts: tuple[str, ...]


@st.cache_resource(max_entries=MOST_SETS, ttl=_SECONDS, show_spinner=False)
def offered(spec: str) -> Offered:
    """What a set has; kept for a minute, because files may come and go.

    Raises:
        WorkError: There is no such set.
    """
    from neurolupa.probing.concepts import available

    images = _opened(spec)
    return Offered(len(images), tuple(available(images)))


def probed(wanted: ProbingView, steps: Steps) -> Held:
    """Probes of the wanted concepts at the wanted sites.

    Raises:
        WorkError: With the one sentence that says why not.
    """
    from neurolupa.probing import probe

    if not wanted.concepts or not wanted.sites:
        raise WorkError(Failure("probing_nothing"))
    network = work.open_network_apart(wanted.model, "default")
    images = sampled(_opened(wanted.images), wanted.most)
    try:
        found = probe(
            network, images, list(wanted.sites), list(wanted.concepts),
            controls=wanted.controls, pooling=wanted.pooling,
            on_block=steps.pictures, on_probe=steps.concepts,
        )  # fmt: skip
    except NeurolupaError as error:
        raise WorkError(Failure("probing", {"reason": str(error)})) from error
    return Held(found, wanted.model)


def sampled(images: ImageSet, most: int) -> ImageSet:
    """The set, or so many pictures of it, the same ones on every machine.

    >>> len(sampled(load_images("stimuli?size=32&count=30"), 20))
    20
    """
    return images if len(images) <= most else images.subset(sample=most)


def narrowed(held: Held, concept: str, site: str, steps: Steps) -> "UnitProbes":
    """How few units of a site carry a concept, from the network and the pictures of the probes.

    Raises:
        WorkError: Network or pictures are other ones now, or cannot be had.
    """
    from neurolupa.probing import probe_units

    network, images = _network_of(held), _images_of(held)
    found = held.report
    try:
        return probe_units(
            network, images, site, concept,
            pooling=found.source.pooling, settings=found.settings, on_block=steps.pictures,
        )  # fmt: skip
    except NeurolupaError as error:
        raise WorkError(Failure("probing", {"reason": str(error)})) from error


def read(typed: str) -> Held:
    """The probes in a folder that a person names.

    Raises:
        WorkError: There are none here, or they are damaged.
    """
    from neurolupa.probing.result import ProbeReport

    words = typed.strip().strip("\"'")
    if not words or "://" in words or words.startswith(("//", "\\\\")):
        raise WorkError(Failure("gallery_remote" if words else "probing_empty"))
    if not may_open(words):
        raise WorkError(Failure("visitor_folder"))
    try:
        folder = Path(words).expanduser().resolve()
        if not folder.is_dir():
            raise WorkError(Failure("gallery_missing"))
        found = ProbeReport.load(folder)
    except NeurolupaError as error:
        raise WorkError(Failure("probing_damaged", {"reason": str(error)})) from error
    except (OSError, ValueError, RuntimeError) as error:
        raise WorkError(Failure("gallery_missing")) from error
    return Held(found, found.source.model, str(folder))


def zipped(report: "ProbeReport", narrowed: "Iterable[UnitProbes]", lang: str) -> bytes:
    """What `neurolupa probe --out` writes, as one ZIP."""
    from neurolupa.figures import export_probes

    written = BytesIO()
    with TemporaryDirectory() as place, ZipFile(written, "w", ZIP_DEFLATED) as held:
        for path in export_probes(report, Path(place) / "probes", narrowed=narrowed, lang=lang):
            held.write(path, path.name)
    return written.getvalue()


def _opened(spec: str) -> ImageSet:
    if not may_read(spec):
        raise WorkError(Failure("visitor_images"))
    try:
        return load_images(spec.strip())
    except (NeurolupaError, OSError, ValueError) as error:
        raise WorkError(Failure("probing_images", {"reason": str(error)})) from error


def _network_of(held: Held) -> Model:
    """The network again; code that a folder names is not run."""
    source = held.report.source
    if held.folder is not None and not work.registered(held.model):
        raise WorkError(Failure("probing_own_network"))
    network = work.open_network_apart(held.model, "default")
    if network.weights_digest != source.weights_digest:
        raise WorkError(Failure("probing_other_weights", {"model": held.model}))
    return network


def _images_of(held: Held) -> ImageSet:
    source = held.report.source
    images = _opened(source.spec)
    if images.digest() != source.images_digest:
        raise WorkError(Failure("probing_other_images", {"images": source.spec}))
    return images
