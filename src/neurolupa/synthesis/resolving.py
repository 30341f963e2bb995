"""Objectives as people write them, made exact: full addresses of sites, and numbers that the network has."""

from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np

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
        return Sum(tuple((weight, resolved(term, table, outputs)) for weight, term in objective.terms))
    if isinstance(objective, Logit):
        _check_class(objective, outputs)
    if "site" not in _names(objective):
        return objective
    written: Any = objective
    site = table.find(written.site)
    _check(objective, site)
    return replace(written, site=site.address)


def _names(objective: Objective) -> Sequence[str]:
    return [one.name for one in fields(objective)] if is_dataclass(objective) else []


def _check(objective: Objective, site: Site) -> None:
    if isinstance(objective, Unit) and not 0 <= objective.unit < site.units:
        raise UsageError(f"no unit {objective.unit} at {site.name}; its units are 0 to {site.units - 1}")
    if isinstance(objective, Direction) and np.shape(objective.vector) != (site.units,):
        shape = np.shape(objective.vector)
        raise UsageError(f"a direction at {site.name} has {site.units} numbers, not the shape {shape}")
    if isinstance(objective, Caricature) and np.shape(objective.maps)[:1] != (site.units,):
        shape = np.shape(objective.maps)
        raise UsageError(f"a caricature at {site.name} has {site.units} maps, not the shape {shape}")


def _check_class(objective: Logit, outputs: int | None) -> None:
    if outputs is not None and not 0 <= objective.class_id < outputs:
        raise UsageError(f"no class {objective.class_id}; the network's classes are 0 to {outputs - 1}")
