"""Everything that touches a network, behind caches that are bounded and shared by all sessions.

What is cached is a network, which carries its own lock and is held by one caller at a time while it runs, or
a result of plain CPU values that nobody changes. Keys are contents: what was asked for, and the picture's
digest.
"""

from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, replace
from difflib import get_close_matches
from threading import RLock

import streamlit as st

from neurolupa.app.failing import Failure, WorkError
from neurolupa.app.links import MENU
from neurolupa.app.pictures import Opened, Upload, open_picture
from neurolupa.app.request import ImageRef, Request, Result
from neurolupa.app.visitors import may_run
from neurolupa.capture import trace
from neurolupa.capture.site import POINTS
from neurolupa.errors import NeurolupaError, UsageError
from neurolupa.inspection import ImageAnalysis, Ranking, inspect_layers
from neurolupa.inspection.dossier import Dossier, dossier, with_patterns
from neurolupa.inspection.seen import digest_of
from neurolupa.models import NETWORKS, Model, load_model, registered

MOST_NETWORKS = 4
MOST_APART = 2
MOST_ANALYSES = 12
MOST_DOSSIERS = 64
MOST_MENUS = 64
_DEPTH = 4
_NEAR = 0.5

Step = Callable[[str], None]


@dataclass(frozen=True)
class SiteChoice:
    """A site as a menu shows it; `points` are the capture points that lead from it somewhere."""

    name: str
    kind: str
    shape: tuple[int, ...]
    points: tuple[str, ...]


@dataclass(frozen=True)
class SiteMenu:
    """The sites of a network in forward order, and the one to begin with."""

    choices: tuple[SiteChoice, ...]
    first: str

    def __contains__(self, name: str) -> bool:
        return any(choice.name == name for choice in self.choices)

    def points(self, name: str) -> tuple[str, ...]:
        """The capture points of a site; none for one that is not there."""
        return next((choice.points for choice in self.choices if choice.name == name), ())


@dataclass(frozen=True)
class Scanned:
    """What an atlas says of its network and images: the name, and the digests of weights and images."""

    model: str
    weights_digest: str
    images_digest: str


@st.cache_resource(max_entries=MOST_NETWORKS, show_spinner=False)
def open_network(spec: str, weights: str) -> Model:
    """A network, loaded once for all sessions; `Model.lock` keeps them from running it at once.

    Args:
        spec: What `load_model` takes.
        weights: "default", "random", or a file of weights.

    Raises:
        WorkError: It is unknown, its weights cannot be had, it does not work, or visitors may not run it.
    """
    if not may_run(registered(spec), weights):
        raise WorkError(Failure("visitor_network"))
    try:
        return load_model(spec, weights=None if weights == "random" else weights)
    except NeurolupaError as error:
        raise WorkError(_network_failure(spec, error)) from error


@st.cache_resource(max_entries=MOST_APART, show_spinner=False)
def open_network_apart(spec: str, weights: str) -> Model:
    """The same network with tensors and a lock of its own, for work that takes minutes.

    A synthesis holds its network's lock until it ends, because it changes how layers compute. Whoever looks
    at a picture meanwhile does so with that of `open_network`. A network that cannot be copied is that one.

    Raises:
        WorkError: As `open_network`.
    """
    network = open_network(spec, weights)
    with network.lock, suppress(Exception):
        return replace(network, module=deepcopy(network.module), lock=RLock())
    return network


@st.cache_resource(max_entries=MOST_MENUS, show_spinner=False)
def sites_of(spec: str) -> SiteMenu:
    """The sites of a network, from a copy with random weights: choosing a network downloads nothing.

    Raises:
        WorkError: It is unknown or cannot be traced.
    """
    try:
        model = load_model(spec, weights=None) if registered(spec) else open_network(spec, "default")
        table = trace(model)
    except NeurolupaError as error:
        raise WorkError(_network_failure(spec, error)) from error
    choices = tuple(
        SiteChoice(
            site.name,
            site.kind,
            site.shape,
            tuple(point for point in POINTS if table.resolve(site.address, point).site),
        )
        for site in table
    )
    return SiteMenu(choices, _first(choices))


def fitted(request: Request) -> tuple[Request, tuple[str, ...]]:
    """The request with sites and a point that its network has, and which of `site` and `point` were replaced.

    Raises:
        WorkError: There is no such network.
    """
    menu = sites_of(request.model)
    known = tuple(name for name in request.sites if name in menu)
    sites = known or (menu.first,)
    points = menu.points(sites[0])
    point = request.point if request.point in (None, *points) else (points[-1] if points else None)
    others = tuple(name for name in sites[1:] if point is None or point in menu.points(name))
    replaced = (
        *(("site",) if len(known) < len(request.sites) or len(others) < len(sites) - 1 else ()),
        *(("point",) if point != request.point else ()),
    )
    return replace(request, sites=(sites[0], *others), point=point), replaced


def analyse(request: Request, upload: Upload | None, step: Step = lambda code: None) -> Result:
    """The result of a fitted request; `step` is told the code of what begins.

    Raises:
        WorkError: With the one sentence that says why.
    """
    step("network")
    network = open_network(request.model, request.weights)
    step("picture")
    opened = open_picture(request.image, upload)
    step("analysis")
    try:
        found = _analyses(
            request.model,
            request.weights,
            request.sites,
            request.point,
            digest_of(opened.picture.image),
            opened.name,
            network,
            opened,
        )
        step("evidence")
        ranking = _ranked(request, found[0])
        return Result(request, found, ranking, dossier_of(network, found[0], ranking.units))
    except NeurolupaError as error:
        raise WorkError(Failure("analysis", {"reason": str(error)})) from error


def analysis_of_set(scanned: Scanned, weights: str, site: str, picture: str) -> ImageAnalysis:
    """One picture of the set that was scanned, `SPEC#INDEX`, at a site of the network that was scanned.

    Raises:
        WorkError: Network or images are other ones, or cannot be had.
    """
    network = open_network(scanned.model, weights)
    if network.weights_digest != scanned.weights_digest:
        raise WorkError(Failure("other_weights", {"model": scanned.model}))
    opened = open_picture(ImageRef("set", picture), None)
    if opened.images is None or opened.images.digest() != scanned.images_digest:
        raise WorkError(Failure("other_images", {"images": ImageRef("set", picture).split()[0]}))
    digest = digest_of(opened.picture.image)
    try:
        return _analyses(scanned.model, weights, (site,), None, digest, opened.name, network, opened)[0]
    except NeurolupaError as error:
        raise WorkError(Failure("analysis", {"reason": str(error)})) from error


@st.cache_resource(max_entries=MOST_ANALYSES, show_spinner=False)
def _analyses(
    spec: str,
    weights: str,
    sites: tuple[str, ...],
    point: str | None,
    digest: str,
    name: str,
    _network: Model,
    _opened: Opened,
) -> tuple[ImageAnalysis, ...]:
    """The analyses of all sites from one forward pass, in the order of `sites`."""
    found = inspect_layers(_network, _opened.picture, list(sites), point, images=_opened.images)
    asked = {analysis.provenance.asked: analysis for analysis in found}
    return tuple(asked[name] for name in sites)


def dossier_of(network: Model, analysis: ImageAnalysis, units: tuple[int, ...]) -> Dossier:
    """The dossier of some units of an analysis without colour patterns, computed once for all sessions.

    Raises:
        NeurolupaError: The analysis is of another network.
    """
    return _dossier(*_origin(analysis), units, network, analysis)


def with_pattern(network: Model, analysis: ImageAnalysis, held: Dossier, unit: int) -> Dossier:
    """A dossier with the colour pattern of one of its units, which runs the network; once for all sessions.

    Raises:
        NeurolupaError: The network does not run.
    """
    return _with_pattern(*_origin(analysis), held.units, unit, held, network, analysis)


def _origin(analysis: ImageAnalysis) -> tuple[str, str, tuple[str | None, ...]]:
    """Weights, picture and place; two convolutions may lead to one site, each with kernels of its own."""
    facts = analysis.provenance
    return facts.weights_digest, facts.image_digest, (facts.asked, analysis.point, facts.site)


@st.cache_resource(max_entries=MOST_DOSSIERS, show_spinner=False)
def _dossier(
    weights: str,
    image: str,
    where: tuple[str | None, ...],
    units: tuple[int, ...],
    _network: Model,
    _analysis: ImageAnalysis,
) -> Dossier:
    return dossier(_network, _analysis, units, patterns=False)


@st.cache_resource(max_entries=MOST_DOSSIERS, show_spinner=False)
def _with_pattern(
    weights: str,
    image: str,
    where: tuple[str | None, ...],
    units: tuple[int, ...],
    unit: int,
    _held: Dossier,
    _network: Model,
    _analysis: ImageAnalysis,
) -> Dossier:
    return with_patterns(_held, _network, _analysis, (unit,))


def _ranked(request: Request, analysis: ImageAnalysis) -> Ranking:
    if request.by == "manual" and not request.chosen:
        raise WorkError(Failure("no_units"))
    return analysis.rank(
        request.by,
        request.k,
        min_sparsity=request.min_sparsity,
        weight=request.weight,
        units=request.chosen,
    )


def _first(choices: tuple[SiteChoice, ...]) -> str:
    """A convolution a quarter of the way down: layer2.0.conv1 of ResNet-18."""
    convolutions = [choice.name for choice in choices if choice.kind == "conv"]
    named = convolutions or [choice.name for choice in choices]
    return named[len(named) // _DEPTH]


def _network_failure(spec: str, error: NeurolupaError) -> Failure:
    """Weights that could not be fetched have a failure of the connection or of the disk behind them."""
    if isinstance(error, UsageError) and spec not in NETWORKS and ":" not in spec:
        near = get_close_matches(spec, NETWORKS.names(), cutoff=_NEAR) or MENU
        return Failure("network_unknown", {"nearest": ", ".join(near)})
    code = "network_unreachable" if isinstance(error.__cause__, OSError) else "network"
    return Failure(code, {"model": spec, "reason": str(error)})
