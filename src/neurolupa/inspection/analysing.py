"""One picture through a network in one pass: the sites, the prediction, what the convolutions were given."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor, nn

from neurolupa.capture import Link, Site, SiteTable, View, trace, view
from neurolupa.capture.frames import only_tensor
from neurolupa.errors import UsageError
from neurolupa.images import ImageSet
from neurolupa.inspection.analysis import ImageAnalysis
from neurolupa.inspection.provenance import provenance_of
from neurolupa.inspection.seen import Inspected, Opened, SeenPicture, open_inspected
from neurolupa.inspection.statistics import unit_table
from neurolupa.models import Model, Prediction, as_model


def inspect(
    model: Model | str | nn.Module,
    image: Inspected,
    site: str,
    point: str | None = None,
    *,
    images: ImageSet | None = None,
) -> ImageAnalysis:
    """What one picture does at one site of a network, from one forward pass.

    Args:
        model: The network; a name or a module is made a model with `load_model`.
        image: A path, bytes, Pillow picture, array, picture of an image set, http(s) address, or an index of
            `images`.
        site: A layer or operation, as `neurolupa.layers` names it.
        point: Which value of a convolution is meant: `conv`, `norm` or `relu`. None reads the site itself.
        images: The image set that the picture belongs to: its name then stands in the provenance.

    Raises:
        UsageError: An unknown network, site or point, a point that the data never reaches, no picture at all.
        DataError: The picture cannot be read, or the network cannot run.

    >>> from PIL import Image
    >>> network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4, 2))
    >>> from neurolupa.models import load_model
    >>> analysis = inspect(load_model(network, input_size=3), Image.new("RGB", (6, 3)), "0", "relu")
    >>> analysis.site.name, analysis.maps.shape, len(analysis.prediction)
    ('1', (4, 1, 1), 2)
    """
    network = as_model(model)
    table = trace(network)
    return _analyse(network, table, open_inspected(image, images), [_reading(table, site, point)])[0]


def inspect_layers(
    model: Model | str | nn.Module,
    image: Inspected,
    sites: str | Iterable[str | Site],
    point: str | None = None,
    *,
    images: ImageSet | None = None,
) -> tuple[ImageAnalysis, ...]:
    """The same as `inspect` for several sites, in forward order, from one forward pass for all.

    Args:
        model: As for `inspect`.
        image: As for `inspect`.
        sites: A selection: addresses, globs and kinds.
        point: As for `inspect`, for each of the sites.
        images: As for `inspect`.

    Raises:
        UsageError: As for `inspect`.
        DataError: As for `inspect`.

    >>> from PIL import Image
    >>> network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    >>> [one.site.name for one in inspect_layers(network, Image.new("RGB", (9, 9)), "kind:all")]
    ['0', '1']
    """
    network = as_model(model)
    table = trace(network)
    readings = [_reading(table, site.name, point) for site in table.select(sites)]
    return _analyse(network, table, open_inspected(image, images), readings)


@dataclass(frozen=True)
class _Reading:
    """What was asked for, and the site where it is read."""

    asked: str
    site: Site
    link: Link | None
    convolution: Site | None


def _reading(table: SiteTable, asked: str, point: str | None) -> _Reading:
    found = table.find(asked)
    if point is None:
        return _Reading(asked, found, None, table.convolution_of(found))
    link = table.resolve(asked, point)
    if link.site is None:
        raise UsageError(f"{asked} has no point {point}; {_points(table, asked)}")
    source = found if found.kind in ("conv", "linear") else table.convolution_of(link.site)
    return _Reading(asked, link.site, link, source)


def _points(table: SiteTable, asked: str) -> str:
    there = [point for point in ("conv", "norm", "relu") if table.resolve(asked, point).site]
    return f"it has {', '.join(there)}" if there else "read the site itself, without a point"


def _analyse(
    model: Model, table: SiteTable, opened: Opened, readings: Sequence[_Reading]
) -> tuple[ImageAnalysis, ...]:
    sites = tuple({reading.site for reading in readings})
    convolutions = tuple({reading.convolution for reading in readings if reading.convolution})
    seen = SeenPicture.of(opened.picture, model.preprocessing)
    # A prefix may be as large as the maps, and each site has its own.
    resumed = sites[0] if len(sites) == 1 else None
    passed = view(model, seen.as_input(model), sites, convolutions, resumed)
    prediction = _predicted(model, passed.output)
    return tuple(_analysis(model, opened, reading, passed, seen, prediction) for reading in readings)


def _analysis(
    model: Model,
    opened: Opened,
    reading: _Reading,
    passed: View,
    seen: SeenPicture,
    prediction: tuple[Prediction, ...],
) -> ImageAnalysis:
    site, convolution = reading.site, reading.convolution
    maps = _units_first(passed.values[site.address], site.channel_axis)
    inputs = passed.inputs.get(convolution.address) if convolution else None
    return ImageAnalysis(
        picture=seen,
        site=site,
        link=reading.link,
        point=None if reading.link is None else reading.link.point,
        maps=maps,
        spatial=len(site.shape) == 3,
        units=unit_table(maps, site.rectified),
        prediction=prediction,
        true_label=opened.true_label,
        convolution=convolution,
        inputs=None if inputs is None or convolution is None else _given(inputs, convolution),
        provenance=provenance_of(model, reading.asked, site, reading.link, opened),
        prefix=passed.prefix,
    )


def _units_first(value: Tensor, channel: int) -> np.ndarray:
    """The value of a batch of one (1, ...) as maps (units, h, w) in float32."""
    array = value[0].movedim(channel - 1, 0).to("cpu").float().numpy()
    positions = array.shape[1:]
    height = int(np.prod(positions[:-1], dtype=int))
    return np.ascontiguousarray(array).reshape(len(array), height, positions[-1] if positions else 1)


def _given(inputs: Tensor, convolution: Site) -> np.ndarray:
    """What a convolution got, channels first; a linear layer's features are on the last axis."""
    return _units_first(inputs, inputs.ndim - 1 if convolution.kind == "linear" else 1)


def _predicted(model: Model, output: object) -> tuple[Prediction, ...]:
    logits = only_tensor(output)
    return () if logits is None or logits.ndim != 2 else model.strongest(logits[0])
