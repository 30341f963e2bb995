"""Every figure of an atlas as PNG files, the same bytes each time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from neurolupa.atlas.export import write_together
from neurolupa.atlas.schema import escape
from neurolupa.figures.classes import class_statistics
from neurolupa.figures.layers import dead_units, evolution, layer_statistics
from neurolupa.figures.style import DPI
from neurolupa.figures.units import unit_heat_map
from neurolupa.figures.values import distributions
from neurolupa.figures.weights import kernels
from neurolupa.locales import text

if TYPE_CHECKING:
    from neurolupa.atlas import Atlas


def export_figures(
    atlas: Atlas,
    folder: str | os.PathLike,
    lang: str = "en",
) -> tuple[Path, ...]:
    """Write every figure of an atlas to `folder`: all files appear, or none does.

    `layer_statistics.png`, `distributions.png`, `dead_units.png`, `evolution.png`, for each site
    `unit_heat_map_<site>.png` and, where the images have classes, `class_statistics_<site>.png`; for each
    convolution of the network `kernels_<layer>.png`. Sites and layers are percent-escaped.

    Raises:
        UsageError: an unknown language.
        DataError: the atlas is damaged or `folder` cannot be written.
    """
    text("site", lang)

    def write(place: Path) -> None:
        for name, draw in _figures(atlas):
            draw(lang=lang).savefig(place / f"{name}.png", dpi=DPI, metadata={"Software": None})

    return write_together(folder, write)


def _figures(atlas: Atlas) -> Iterator[tuple[str, Callable[..., Figure]]]:
    yield "layer_statistics", partial(layer_statistics, atlas)
    yield "distributions", partial(distributions, atlas)
    yield "dead_units", partial(dead_units, atlas)
    yield "evolution", partial(evolution, atlas)
    labelled = set(atlas.classes()["site"])
    for site in atlas.sites:
        yield f"unit_heat_map_{escape(site)}", partial(unit_heat_map, atlas, site)
        if site in labelled:
            yield f"class_statistics_{escape(site)}", partial(class_statistics, atlas, site)
    for layer, kept in atlas.kernels().items():
        yield f"kernels_{escape(layer)}", partial(kernels, kept.weight, name=layer, total=kept.total)
