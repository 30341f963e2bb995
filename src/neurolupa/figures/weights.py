"""The kernels of a convolution: pictures where they have colours, lengths where they have none."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from neurolupa.atlas.checks import shown, whole_number
from neurolupa.errors import UsageError
from neurolupa.figures import style
from neurolupa.locales import text, whole


def kernels(
    weight: Any,
    units: int = 16,
    name: str = "",
    lang: str = "en",
    total: int | None = None,
    on_pixels: bool = True,
) -> Figure:
    """The first kernels of a convolution, all in one scale.

    Three input channels make an RGB picture with grey as 0, one makes a signed map. With more, a kernel has
    no colours: its L2 norm over the input channels is shown for each position, and the figure says so.

    Args:
        weight: (out, in, height, width), an array or a tensor.
        units: how many of the `out` kernels to show.
        name: of the layer, for the title.
        lang: of the words.
        total: how many kernels the layer has, where `weight` holds only the first of them.
        on_pixels: whether three input channels are the colours of the picture, and not made by the network.

    Raises:
        UsageError: the weight has not four axes, or `units` is not positive.
    """
    table, units = _array(weight), whole_number("units", units, 1)
    if table.ndim != 4 or not table.size:
        raise UsageError(f"kernels need a weight (out, in, height, width), not one of shape {table.shape}")
    shown, channels = table[:units], table.shape[1]
    signed = channels == 1 or (channels == 3 and on_pixels)
    pictures, limit = _pictures(shown, signed)
    columns = min(8, len(shown))
    rows = -(-len(shown) // columns)
    title, note = _title(name, len(shown), total or len(table), lang), _note(channels, signed, limit, lang)
    figure = style.new_figure(1.32 * rows + 0.95, title, [note])
    panels = figure.subplots(rows, columns, squeeze=False)
    for place, axes in enumerate(panels.flat):
        axes.set_axis_off()
        if place < len(shown):
            drawn = axes.imshow(pictures[place], interpolation="nearest", **_scale(channels, signed, limit))
            axes.set_title(f"#{place}", fontsize=style.SMALL, pad=2)
    if channels != 3 or not signed:
        unit = text(f"kernels.{'weight' if channels == 1 else 'length'}", lang)
        style.colour_bar(figure, drawn, panels, unit)
    return figure


def _array(weight: Any) -> np.ndarray:
    if hasattr(weight, "detach"):
        weight = weight.detach().cpu().float()
    try:
        return np.asarray(weight.numpy() if hasattr(weight, "numpy") else weight, np.float64)
    except (TypeError, ValueError):
        raise UsageError(f"kernels need a weight (out, in, height, width), not {shown(weight)}") from None


def _pictures(shown: np.ndarray, signed: bool) -> tuple[np.ndarray, float]:
    """The pictures and the largest magnitude in them: (K, h, w, 3) in 0..1, or (K, h, w) in true units."""
    if not signed:
        norms = np.sqrt((shown**2).sum(axis=1))
        return norms, float(norms.max(initial=0.0)) or 1.0
    limit = float(np.abs(shown).max(initial=0.0)) or 1.0
    if shown.shape[1] == 1:
        return shown[:, 0], limit
    return np.moveaxis(0.5 + 0.5 * shown / limit, 1, -1), limit


def _scale(channels: int, signed: bool, limit: float) -> dict[str, Any]:
    if not signed:
        return {"cmap": style.SEQUENTIAL, "vmin": 0.0, "vmax": limit}
    return {} if channels == 3 else {"cmap": style.DIVERGING, "vmin": -limit, "vmax": limit}


def _title(name: str, shown: int, total: int, lang: str) -> str:
    code = "kernels.title" if name else "kernels.untitled"
    return text(code, lang, name=name, last=shown - 1, total=whole(total, lang))


def _note(channels: int, signed: bool, limit: float, lang: str) -> str:
    kind = {1: "single", 3: "rgb"}[channels] if signed else "norm"
    return text(f"kernels.{kind}", lang, channels=whole(channels, lang), limit=limit)
