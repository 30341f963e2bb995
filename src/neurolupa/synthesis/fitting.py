"""What only a run can tell of objectives: whether maps have a position, and the output a class."""

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor

from neurolupa.capture import record
from neurolupa.capture.maps import maps_of
from neurolupa.capture.table import SiteTable
from neurolupa.errors import DataError, UsageError
from neurolupa.models import Model
from neurolupa.models.running import dtype_of
from neurolupa.synthesis.objectives import Direction, Logit, Objective, Sum, Unit


def check_fit(model: Model, table: SiteTable, objectives: Iterable[Objective], view: tuple[int, int]) -> None:
    """Refuse positions and classes that the network has not on pictures of this size.

    Args:
        model: The network.
        table: Its sites.
        objectives: Resolved.
        view: Height and width of what the network sees.

    Raises:
        UsageError: No such position, or no such class.
        DataError: The network's output is not one number a class.

    >>> from neurolupa.capture import trace
    >>> from neurolupa.models import load_model
    >>> model = load_model(torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3)), input_size=8)
    >>> check_fit(model, trace(model), [Unit("0:0", 1, (6, 0))], (8, 8))
    Traceback (most recent call last):
    neurolupa.errors.UsageError: no position 6,0 at 0: on 8 x 8 pixels its maps have 6 rows and 6 columns
    """
    terms = [term for one in objectives for term in _terms(one)]
    classes = [term.class_id for term in terms if isinstance(term, Logit)]
    placed = {(term.site, term.at) for term in terms if isinstance(term, Unit | Direction)}
    places = {(site, at) for site, at in placed if isinstance(at, tuple)}
    if not classes and not places:
        return
    channels = model.preprocessing.channels
    blank = torch.zeros((1, channels, *view), device=model.device, dtype=dtype_of(model.module))
    _check_classes(model, classes, blank)
    _check_places(model, table, places, blank)


def _terms(objective: Objective) -> Iterator[Objective]:
    return iter([term for _, term in objective.terms] if isinstance(objective, Sum) else [objective])


def _check_classes(model: Model, classes: list[int], blank: Tensor) -> None:
    if not classes:
        return
    shape = tuple(model.forward(blank).shape)
    if len(shape) != 2:
        raise DataError(f"{model.name} has no output classes: a picture gives the shape {shape[1:]}")
    if max(classes) >= shape[1]:
        raise UsageError(f"no class {max(classes)}; the network's classes are 0 to {shape[1] - 1}")


def _check_places(
    model: Model, table: SiteTable, places: Iterable[tuple[str, tuple[int, int]]], blank: Tensor
) -> None:
    for address, (row, column) in sorted(places):
        site = table.find(address)
        height, width = maps_of(record(model, blank, [site])[site.name], site).shape[-2:]
        if row >= height or column >= width:
            seen = f"on {blank.shape[-1]} x {blank.shape[-2]} pixels"
            raise UsageError(
                f"no position {row},{column} at {site.name}: {seen} its maps have {height} rows and "
                f"{width} columns"
            )
