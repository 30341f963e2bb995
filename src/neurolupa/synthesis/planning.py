"""What a run needs to know before it starts: the pictures' size, and how many fit into memory at once."""

from collections.abc import Sequence
from math import prod

from neurolupa.capture.differentiating import smallest_size
from neurolupa.capture.site import Site
from neurolupa.capture.table import SiteTable
from neurolupa.errors import DataError, UsageError
from neurolupa.models import Model
from neurolupa.models.preprocessing import as_size

USUAL = 128
"""Side of the pictures where the network's own input is larger: enough for textures, a third of the cost."""

_LARGEST = 1024
_BUDGET = 2**30  # bytes that the values and gradients of one batch may take
_KEPT = 3  # times the values: themselves, their gradients, and what operations remember
_MOST = 32


def view_of(
    model: Model, sites: Sequence[Site], size: int | tuple[int, int] | None, whole: bool
) -> tuple[int, int]:
    """Height and width of what the network sees.

    Args:
        model: The network.
        sites: What has to be reached.
        size: What was asked for; None takes 128 pixels where all sites have maps and the input is larger,
            else the network's own input.
        whole: Whether the output is wanted.

    Raises:
        UsageError: A size above 1,024, or on which the network does not reach the sites.
    """
    own = model.preprocessing.input_size
    if size is not None:
        return _checked(model, sites, as_size(size))
    spatial = all(site.height * site.width > 1 for site in sites)
    usual = (min(USUAL, own[0]), min(USUAL, own[1]))
    if whole or not spatial or smallest_size(model, sites, min(usual)) is None:
        return own
    return usual


def _checked(model: Model, sites: Sequence[Site], size: tuple[int, int]) -> tuple[int, int]:
    if max(size) > _LARGEST:
        raise UsageError(f"pictures are at most {_LARGEST} pixels wide and high, not {size[1]} x {size[0]}")
    if not sites or smallest_size(model, sites, min(size)) is not None:
        return size
    least = smallest_size(model, sites, max(model.preprocessing.input_size))
    names = ", ".join(site.name for site in sites)
    if least is None:
        raise DataError(f"{model.name} does not reach {names} on square pictures of its own input's size")
    raise UsageError(f"{min(size)} pixels are too few for {names}; the smallest that works is {least}")


def batch_of(model: Model, table: SiteTable, sites: Sequence[Site], view: tuple[int, int], views: int) -> int:
    """How many pictures are made at once: as many as take a gigabyte, 32 at most, one at least.

    >>> from torch import nn
    >>> from neurolupa.capture import trace
    >>> from neurolupa.models import load_model
    >>> model = load_model(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()), input_size=32)
    >>> batch_of(model, trace(model), [trace(model).find("1")], (32, 32), 1)
    32
    """
    last = max((site.order for site in sites), default=len(table))
    grown = prod(view) / prod(model.preprocessing.input_size)
    elements = grown * sum(prod(site.shape) for site in table if site.order <= last)
    return int(max(1, min(_MOST, _BUDGET / max(1.0, 4 * _KEPT * elements * views))))
