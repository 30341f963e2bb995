"""Objectives as people write them, made exact: full addresses of sites, and numbers that the network has."""

from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from math import isfinite
from typing import Any

import numpy as np

from neurolupa.atlas.checks import shown, whole_number
from neurolupa.capture.site import Site
from neurolupa.capture.table import SiteTable
from neurolupa.errors import UsageError
from neurolupa.synthesis.objectives import Caricature, Direction, Logit, Objective, Sum, Unit


def resolved(objective: Objective, table: SiteTable, outputs: int | None) -> Objective:
    """The objective with full addresses, every unit, class and vector checked against the network.

    Args:
        objective: Sites may be bare names, which mean their last call.
        table: The network's sites.
        outputs: How many classes it has, None where that is unknown.

    Raises:
        UsageError: What is no objective, an unknown site, or a number or length that does not fit it.

    >>> from neurolupa.capture.site import Site
    >>> table = SiteTable([Site("conv1", kind="conv", shape=(4, 8, 8))], {})
    >>> str(resolved(2 * Unit("conv1", 3), table, None))
    '2 conv1:0#3'
    >>> resolved(Unit("conv1", 4), table, None)
    Traceback (most recent call last):
    neurolupa.errors.UsageError: no unit 4 at conv1; its units are 0 to 3
    """
    if not isinstance(objective, Objective):
        raise UsageError(f"an objective is wanted (Unit, Direction, ...), not a {type(objective).__name__}")
    if isinstance(objective, Sum):
        return Sum(tuple((_weight(each), resolved(term, table, outputs)) for each, term in objective.terms))
    if isinstance(objective, Logit):
        _check_class(objective, outputs)
    if "site" not in _names(objective):
        return objective
    written: Any = objective
    if not isinstance(written.site, str):
        raise UsageError(f"the site of an objective is its name, not {shown(written.site)}")
    site = table.find(written.site)
    _check(objective, site)
    return replace(written, site=site.address)


def _names(objective: Objective) -> Sequence[str]:
    return [one.name for one in fields(objective)] if is_dataclass(objective) else []


def _weight(weight: float) -> float:
    if not isfinite(weight):
        raise UsageError(f"an objective can be multiplied by a finite number, not by {weight}")
    return weight


def _check(objective: Objective, site: Site) -> None:
    if isinstance(objective, Unit) and not 0 <= whole_number("unit", objective.unit) < site.units:
        raise UsageError(f"no unit {objective.unit} at {site.name}; its units are 0 to {site.units - 1}")
    if isinstance(objective, Unit | Direction):
        _check_place(objective.at)
    if isinstance(objective, Direction):
        _check_direction(objective, site)
    if isinstance(objective, Caricature):
        _check_maps(objective, site)


def _check_place(at: Any) -> None:
    """A position that can be one; whether the maps have it shows when they are seen."""
    placed = isinstance(at, tuple) and len(at) == 2
    if at in ("mean", "centre") or (placed and all(whole_number("a position", each) >= 0 for each in at)):
        return
    raise UsageError(f'at is "mean", "centre" or (row, column), counted from 0, not {shown(at)}')


def _check_direction(objective: Direction, site: Site) -> None:
    shape = np.shape(objective.vector)
    if shape != (site.units,):
        raise UsageError(f"a direction at {site.name} has {site.units} numbers, not the shape {shape}")
    if not np.isfinite(objective.vector).all() or not np.any(objective.vector):
        raise UsageError("a direction is of finite numbers, not all of them 0")
    if not isfinite(objective.power):
        raise UsageError(f"the power of a direction is a finite number, not {objective.power}")


def _check_maps(objective: Caricature, site: Site) -> None:
    shape = np.shape(objective.maps)
    if len(shape) != 3 or shape[0] != site.units:
        raise UsageError(f"a caricature at {site.name} has {site.units} maps, not the shape {shape}")
    if not np.isfinite(objective.maps).all():
        raise UsageError("the maps of a caricature are of finite numbers")


def _check_class(objective: Logit, outputs: int | None) -> None:
    last = "" if outputs is None else f" to {outputs - 1}"
    number = whole_number("a class", objective.class_id)
    if number < 0 or (outputs is not None and number >= outputs):
        raise UsageError(f"no class {number}; the network's classes are 0{last or ' and above'}")
