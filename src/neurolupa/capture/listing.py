"""The sites of a network as a table to read."""

from typing import TYPE_CHECKING

from torch import nn

from neurolupa.capture.tracing import trace
from neurolupa.models import Model

if TYPE_CHECKING:
    import pandas as pd


def layers(model: Model | str | nn.Module) -> "pd.DataFrame":
    """One row per site of a network, in forward order.

    Columns: site (the bare name for a last call), address, order, type, kind, shape (without the batch
    axis), channel_axis (in the shape with it), units, parameters; the receptive field in pixels of the input:
    rf_height, rf_width, rf_stride_y, rf_stride_x, rf_start_y, rf_start_x (empty where unknown); norm and
    relu: the sites that a convolution or linear layer leads to; link: own, after_add or none. A name or a
    module is made a model with `load_model`.

    >>> from torch import nn
    >>> from neurolupa.models import load_model
    >>> frame = layers(load_model(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten()), input_size=8))
    >>> frame[["site", "kind", "units", "rf_height"]].values.tolist()
    [['0', 'conv', 4, 3], ['1', 'relu', 4, 3], ['2', 'other', 144, 8]]
    """
    return trace(model).to_frame()
