"""The value of a site as maps, whatever its layout."""

from torch import Tensor

from neurolupa.capture.site import Site


def maps_of(value: Tensor, site: Site) -> Tensor:
    """A site's value (N, ...) as (N, units, height, width); height and width 1 where a unit has one value.

    >>> import torch
    >>> tokens = Site("blocks.0", shape=(16, 192), channel_axis=2)
    >>> maps_of(torch.zeros(2, 16, 192), tokens).shape
    torch.Size([2, 192, 1, 16])
    """
    moved = value.movedim(site.channel_axis, 1)
    width = moved.shape[-1] if moved.ndim > 2 else 1
    return moved.reshape(*moved.shape[:2], -1, width)
