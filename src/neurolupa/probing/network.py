"""`probe` and `probe_units`: from a network and pictures to what its sites tell of concepts."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from neurolupa import __version__
from neurolupa.capture import Site, trace
from neurolupa.errors import DataError, UsageError
from neurolupa.images import ImageSet, load_images
from neurolupa.models import Model, as_model
from neurolupa.probing.codes import PIXELS, Control, ProbeCode
from neurolupa.probing.concepts import targets_of, usable
from neurolupa.probing.features import FeatureCache, Features, Pooling, extract, random_twin
from neurolupa.probing.features.extracting import OnBlock
from neurolupa.probing.fitting.learning import learn
from neurolupa.probing.fitting.splitting import Split, split
from neurolupa.probing.judging import chance_of, judged, shuffled
from neurolupa.probing.narrowing import narrowed
from neurolupa.probing.result import ConceptProbes, Probe, ProbeReport, ProbeSource
from neurolupa.probing.settings import Settings
from neurolupa.probing.sparse import UnitProbes, unit_probes
from neurolupa.probing.targets import Targets

Cache = FeatureCache | str | os.PathLike | bool | None
Groups = Mapping[str, Iterable[str]]


def _unheard(done: int, total: int) -> None:
    pass


def probe(
    model: Model | str | nn.Module,
    images: ImageSet | str,
    sites: str | Iterable[str] = "kind:relu",
    target: str | Iterable[str] = "label",
    *,
    groups: Groups | None = None,
    controls: bool = True,
    pooling: str | Pooling = "mean",
    settings: Settings | None = None,
    cache: Cache = None,
    batch_size: int | None = None,
    on_block: OnBlock = _unheard,
    on_probe: OnBlock = _unheard,
) -> ProbeReport:
    """How well a linear classifier reads concepts from each site, beside controls.

    The pictures pass through the network once; what each site pools to is kept on disk. Every concept has one
    split into training and test pictures for all sites; strengths are chosen by cross-validation inside the
    training part. See docs/probing.md for what the numbers mean.

    Args:
        model: The network; a name or a module is made a model with `load_model`.
        images: An image set, or what `load_images` takes.
        sites: A selection: addresses, globs and kinds.
        target: Concepts: "label", "group", a factor of stimuli (shape, hue, ...), a property of any picture
            (brightness, ...), several of them, or "all".
        groups: Classes put together for the concept "group", as {"animal": ["cat", "dog"], ...}.
        controls: Whether to probe the same network with random weights, shuffled labels and the pixels too.
        pooling: From a map to numbers: "mean", "max", or "grid:3", which keeps roughly where something is.
        settings: How probes are fitted and judged.
        cache: A `FeatureCache` or its folder; None takes this user's own, False keeps nothing.
        batch_size: Pictures in a block; 64, or 256 for inputs below 128 pixels.
        on_block: Told of each block: pictures shown, and pictures in all.
        on_probe: Told of each concept: done, and in all.

    Raises:
        UsageError: An unknown site, concept, group or pooling.
        DataError: The network cannot run, or no concept can be probed.

    >>> import neurolupa as nl
    >>> report = probe("embedded", "stimuli?target=shape&count=160", "relu", "shape", cache=False)
    >>> report.to_frame()["control"].tolist()
    ['none', 'random_weights', 'shuffled_labels', 'pixels']
    """
    asked = _Asked.of(model, images, sites, target, groups, pooling, settings or Settings(), cache)
    twin = random_twin(asked.model, asked.settings.seed) if controls else None
    features = asked.features(twin, controls, batch_size, on_block)
    checked = {each.concept: usable(_read(each, features)) for each in asked.targets}
    good = [one.targets for one in checked.values() if one.targets is not None]
    if not good:
        told = ", ".join(f"{name}: {one.code.value}" for name, one in checked.items())
        raise DataError(f"no concept of {asked.images.spec} can be probed ({told})")
    concepts = []
    for place, targets in enumerate(good):
        on_probe(place, len(good))
        concepts.append(_probed(targets, checked[targets.concept].dropped, features, asked))
    on_probe(len(good), len(good))
    return ProbeReport(
        tuple(concepts),
        {name: one.code.value for name, one in checked.items() if one.targets is None},
        tuple(site.name for site in asked.sites),
        {site.name: features.units(site) for site in asked.sites},
        asked.settings,
        asked.source(features),
    )


def probe_units(
    model: Model | str | nn.Module,
    images: ImageSet | str,
    site: str,
    target: str = "label",
    *,
    groups: Groups | None = None,
    pooling: str | Pooling = "mean",
    settings: Settings | None = None,
    cache: Cache = None,
    batch_size: int | None = None,
    on_block: OnBlock = _unheard,
) -> UnitProbes:
    """How well the best 1, 2, 4, ... units of a site tell a concept, and which units they are.

    Arguments and errors as for `probe`, for one site and one concept.

    >>> found = probe_units("embedded", "stimuli?target=hue&count=180", "relu", "hue", cache=False)
    >>> found.counts
    (1, 2, 4, 8, 16)
    """
    asked = _Asked.of(model, images, site, target, groups, pooling, settings or Settings(), cache)
    if len(asked.sites) != 1 or len(asked.targets) != 1:
        found = f"{len(asked.sites)} sites and {len(asked.targets)} concepts"
        raise UsageError(f"units are probed at one site for one concept, not for {found}")
    features = asked.features(None, False, batch_size, on_block)
    (place,), checked = asked.sites, usable(_read(asked.targets[0], features))
    if checked.targets is None:
        raise DataError(f"{asked.targets[0].concept} cannot be probed ({checked.code.value})")
    parts = _split(checked.targets, asked.settings)
    values, owners = features.trained[place.name], features.units(place)
    told, dealt = (
        narrowed(values, owners, each, parts, asked.settings)
        for each in (checked.targets, shuffled(checked.targets, asked.settings.seed))
    )
    probes, control = unit_probes(told, dealt, place.name, parts, asked.settings)
    return UnitProbes(
        checked.targets.concept,
        checked.targets.classes,
        place.name,
        chance_of(checked.targets, parts),
        tuple(len(each.units) for each in told),
        tuple(each.units for each in told),
        probes,
        control,
        asked.source(features),
    )


@dataclass(frozen=True, eq=False)
class _Asked:
    """What was asked for, found and checked."""

    model: Model
    images: ImageSet
    sites: tuple[Site, ...]
    targets: tuple[Targets, ...]
    pooling: Pooling
    settings: Settings
    cache: Cache

    @classmethod
    def of(
        cls,
        model: Model | str | nn.Module,
        images: ImageSet | str,
        sites: str | Iterable[str],
        target: str | Iterable[str],
        groups: Groups | None,
        pooling: str | Pooling,
        settings: Settings,
        cache: Cache,
    ) -> "_Asked":
        """Every name looked up; nothing is run but what tracing needs."""
        network = as_model(model)
        chosen = trace(network).select(sites)
        pooled = Pooling.of(pooling)
        shown = images if isinstance(images, ImageSet) else load_images(images)
        return cls(network, shown, chosen, targets_of(shown, target, groups=groups), pooled, settings, cache)

    def features(
        self, twin: Model | None, pixels: bool, batch_size: int | None, on_block: OnBlock
    ) -> Features:
        return extract(
            self.model,
            self.images,
            self.sites,
            pooling=self.pooling,
            twin=twin,
            pixels=pixels,
            cache=self.cache,
            batch_size=batch_size,
            on_block=on_block,
        )

    def source(self, features: Features) -> ProbeSource:
        """Where the probes come from."""
        versions = {"neurolupa": __version__, "torch": str(torch.__version__), "numpy": np.__version__}
        return ProbeSource(
            self.model.name,
            self.model.weights_digest,
            self.images.name,
            self.images.spec,
            self.images.digest(),
            len(self.images) - len(features.skipped),
            len(features.skipped),
            str(self.pooling),
            self.settings.seed if features.random else None,
            versions,
        )


def _read(targets: Targets, features: Features) -> Targets:
    """Without the pictures that could not be read."""
    values = targets.values.copy()
    values[[index for index, _ in features.skipped]] = np.nan if targets.numeric else -1
    return Targets(targets.concept, targets.classes, values)


def _split(targets: Targets, settings: Settings) -> Split:
    return split(targets, settings.test, settings.folds, settings.seed)


def _probed(
    targets: Targets, dropped: tuple[tuple[str, int], ...], features: Features, asked: _Asked
) -> ConceptProbes:
    """One concept at every site, with every control that there are features for."""
    settings, parts = asked.settings, _split(targets, asked.settings)
    labels = {Control.NONE: targets}
    if features.random:
        labels[Control.SHUFFLED_LABELS] = shuffled(targets, settings.seed)
    found: dict[Control, list[Probe]] = {control: [] for control in Control}

    def add(values: NDArray[np.float32], site: str, kinds: Mapping[Control, Targets]) -> None:
        learned = learn(values, list(kinds.values()), parts, settings, asked.model.device)
        for control, one in zip(kinds, learned, strict=True):
            probe = judged(one, site, control, parts, settings)
            broken = control is not Control.PIXELS and features.broken.get(site)
            codes = (*probe.codes, ProbeCode.NOT_FINITE) if broken else probe.codes
            found[control].append(replace(probe, codes=codes))

    for name, values in features.trained.items():
        add(values, name, labels)
    for name, values in features.random.items():
        add(values, name, {Control.RANDOM_WEIGHTS: targets})
    if features.pixels is not None:
        add(features.pixels, PIXELS, {Control.PIXELS: targets})
    probes = tuple(probe for each in found.values() for probe in each)
    return ConceptProbes(targets.concept, targets.classes, chance_of(targets, parts), dropped, probes)
