"""`tuning`: from a network and a site to the tuning curves of its units."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

import neurolupa
from neurolupa.atlas.checks import real_number, whole_number
from neurolupa.capture import Link, Site, trace
from neurolupa.errors import UsageError, unknown
from neurolupa.images import ImageSet, load_images
from neurolupa.models import Model, as_model
from neurolupa.models.running import usual_batch
from neurolupa.units.tuning_curves.curves import TuningCurves, tuning_curves
from neurolupa.units.tuning_curves.design import Design, arrange
from neurolupa.units.tuning_curves.factors import KINDS, Factor, chosen_factors
from neurolupa.units.tuning_curves.result import Tuning, TuningSource
from neurolupa.units.tuning_curves.showing import OnBlock, answers, side_of

Units = int | Iterable[int] | None


def tuning(
    model: Model | str | nn.Module,
    site: str,
    units: Units = None,
    *,
    point: str | None = None,
    factors: str | Iterable[str] | None = None,
    stimuli: Mapping[str, str | ImageSet] | None = None,
    window: float | None = None,
    shuffles: int = 1000,
    seed: int = 0,
    batch_size: int | None = None,
    on_block: OnBlock = lambda done, total: None,
) -> Tuning:
    """How the units of a site are tuned to orientation, frequency, hue, shape and position.

    Each kind of generated pictures is shown once, all units being measured at the same time; the network is
    stopped at the site and left as found. See docs/tuning.md for what the numbers mean.

    Args:
        model: The network; a name or a module is made a model with `load_model`.
        site: An address, or the bare path of a last call.
        units: A unit, several, or None for all.
        point: `conv`, `norm` or `relu`: measure where this capture point of the site is read.
        factors: Names of factors; all that the network can see for None.
        stimuli: Other image sets than those of `KINDS`, by kind (gratings, hues, stimuli): texts, or sets
            with a `table`.
        window: The middle share (0..1) of the map's rows and columns in which a unit may answer; each kind's
            own for None.
        shuffles: Labellings drawn for the null.
        seed: Of the shuffling.
        batch_size: Pictures in a block; 64, or 256 for inputs below 128 pixels.
        on_block: Told of each block: pictures shown, and pictures in all.

    Raises:
        UsageError: An unknown site, unit, capture point, factor or kind of stimuli, or a bad number.
        DataError: The network cannot run.

    >>> red = nn.Conv2d(3, 1, 1, bias=False)
    >>> _ = nn.init.zeros_(red.weight).data[0, 0].fill_(1.0)
    >>> found = tuning(nn.Sequential(red, nn.Flatten()), "0", factors="hue", shuffles=99)
    >>> found.of("hue").angle.tolist()
    [0.0]
    """
    network = as_model(model)
    link = _link(network, site, point)
    place = link.site if link.site is not None else trace(network).find(site)
    numbers = unit_numbers(units, place)
    wanted = chosen_factors(factors, network.preprocessing.channels)
    shows = _shows(network, wanted, stimuli or {}, window)
    shuffles, seed = whole_number("shuffles", shuffles, 1), whole_number("seed", seed, 0)
    usual = usual_batch(network.preprocessing)
    size = whole_number("batch_size", usual if batch_size is None else batch_size, 1)
    curves: dict[str, TuningCurves] = {}
    told = _Progress(on_block, sum(len(show.images) for show in shows))
    for show in shows:
        found = answers(network, place, numbers, show.images, show.window, size, told)
        told.finish(show)
        for factor, design in show.designs.items():
            curves[factor.name] = tuning_curves(factor, design, found, shuffles, seed)
    source = _source(network, place, link, point, shows, shuffles, seed)
    return Tuning(numbers, {each.name: curves[each.name] for each in wanted}, source)


@dataclass(frozen=True, eq=False)
class _Show:
    """One kind of pictures and the factors that they vary."""

    kind: str
    images: ImageSet
    window: float
    designs: Mapping[Factor, Design]


class _Progress:
    """Pictures shown over all kinds."""

    def __init__(self, on_block: OnBlock, total: int) -> None:
        self._on_block, self._total, self._before = on_block, total, 0

    def __call__(self, done: int, total: int) -> None:
        self._on_block(self._before + done, self._total)

    def finish(self, show: _Show) -> None:
        """A kind is through."""
        self._before += len(show.images)


def unit_numbers(units: Units, site: Site) -> tuple[int, ...]:
    """The units that were asked for, each once; UsageError where the site has no such unit, or for none.

    >>> unit_numbers([3, 0, 3], Site("relu", shape=(4, 2, 2)))
    (3, 0)
    """
    if units is None:
        return tuple(range(site.units))
    asked = units if isinstance(units, Iterable) and not isinstance(units, str) else (units,)
    numbers = tuple(dict.fromkeys(whole_number("unit", unit) for unit in asked))
    wrong = [number for number in numbers if not 0 <= number < site.units]
    if wrong:
        raise UsageError(f"{site.name} has no unit {wrong[0]}; its units are 0 to {site.units - 1}")
    if not numbers:
        raise UsageError(f"no unit was named; {site.name} has units 0 to {site.units - 1}")
    return numbers


def _link(model: Model, site: str, point: str | None) -> Link:
    if point is None:
        return Link(None, "", "none")
    link = trace(model).resolve(site, point)
    if link.site is None:
        raise UsageError(
            f"{site} leads to no {point} of its own; leave the point out to measure {site} itself"
        )
    return link


def _shows(
    model: Model, factors: tuple[Factor, ...], given: Mapping[str, str | ImageSet], window: float | None
) -> list[_Show]:
    for name in given:
        if name not in KINDS:
            raise unknown("kind of stimuli", str(name), KINDS)
    if window is not None and not 0 < real_number("window", window) <= 1:
        raise UsageError(f"window is a share above 0 and up to 1, not {window}")
    kinds = dict.fromkeys(factor.kind for factor in factors)
    return [
        _show(model, kind, [factor for factor in factors if factor.kind == kind], given.get(kind), window)
        for kind in kinds
    ]


def _show(
    model: Model, kind: str, factors: list[Factor], given: str | ImageSet | None, window: float | None
) -> _Show:
    asked = KINDS[kind].spec.format(side=side_of(model)) if given is None else given
    images: Any = asked if isinstance(asked, ImageSet) else load_images(asked)
    if not hasattr(images, "table"):
        raise UsageError(f"{images.name} cannot serve as {kind}: it has no table of factors")
    table, known = images.table(), getattr(images, "factors", ())
    orders = {each: images.values(each.name) if each.name in known else () for each in factors}
    designs = {each: arrange(table, each, order) for each, order in orders.items()}
    return _Show(kind, images, KINDS[kind].window if window is None else window, designs)


def _source(
    model: Model, site: Site, link: Link, point: str | None, shows: list[_Show], shuffles: int, seed: int
) -> TuningSource:
    stimuli = {
        show.kind: {
            "spec": show.images.spec,
            "digest": show.images.digest(),
            "pictures": len(show.images),
            "window": show.window,
        }
        for show in shows
    }
    versions = {"neurolupa": neurolupa.__version__, "torch": torch.__version__, "numpy": np.__version__}
    return TuningSource(
        model.name, model.weights_digest, site.name, site.address, point, link.kind if point else None,
        stimuli, shuffles, seed, {name: str(version) for name, version in versions.items()},
    )  # fmt: skip
