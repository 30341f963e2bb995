"""A unit's colours: its kernel's planes where it looks at the picture, and the input gradient at its peak."""

import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image

from neurolupa.app.context import Context
from neurolupa.app.request import Result
from neurolupa.app.tabs.cards import Tile, tile_row
from neurolupa.app.tabs.drawing import TILE, fitted, full_colour, full_weight, in_colours, norm_of, plane_of
from neurolupa.figures.overlays import painted, scale_of
from neurolupa.inspection import ColourPattern
from neurolupa.inspection.dossier import Dossier
from neurolupa.inspection.kernels import Kernel
from neurolupa.locales import text

COLOURS = ("red", "green", "blue")
STRONGEST = 12
TABLE_HEIGHT = 248
GRADIENT_TILE = 100


def render(context: Context, result: Result, held: Dossier, unit: int) -> None:
    """The kernel, then the gradient."""
    kernel = held.kernels[unit]
    st.markdown(f"**{context.say('colours.kernel')}**")
    if kernel.planes is not None:
        tile_row(kernel_tiles(context, kernel))
    else:
        _without_planes(context, kernel)
    st.markdown(f"**{context.say('colours.gradient')}**")
    pattern = held.gradients.get(unit)
    if pattern is None or pattern.code is not None:
        code = "cut_off" if held.gradient_code else "no_gradient"
        st.info(context.say(f"colours.{code}"))
        return
    st.caption(context.say("colours.gradient_help", limit=context.number(full_colour(pattern))))
    tile_row(gradient_tiles(context, result, pattern), GRADIENT_TILE)


def kernel_tiles(context: Context, kernel: Kernel) -> list[Tile]:
    """The mix of the three planes, then each plane in its own colour."""
    if kernel.planes is None:
        return []
    limit, (rows, columns) = full_weight(kernel, context.display), kernel.size
    mix = context.say("colours.mix", rows=rows, columns=columns, limit=context.number(limit))
    planes = kernel.planes
    return [Tile(in_colours(planes, limit), mix)] + [
        Tile(plane_of(planes, channel, limit), context.say(f"colours.{name}"))
        for channel, name in enumerate(COLOURS)
    ]


def gradient_tiles(context: Context, result: Result, pattern: ColourPattern) -> list[Tile]:
    """What the peak sees, the gradient there, and its three planes with their shares."""
    limit, shares = full_colour(pattern), pattern.to_frame().set_index("colour")["share"]
    tiles = [Tile(fitted(_window(result.analysis.picture.seen, pattern)), context.say("detail.strongest"))]
    if len(pattern.window) != len(COLOURS):
        scale = scale_of(pattern.window[0], signed=True)
        return [*tiles, Tile(painted(pattern.window[0], scale, side=TILE), context.say("colours.grey"))]
    tiles.append(Tile(in_colours(pattern.window, limit), context.say("colours.gradient_mix")))
    for channel, name in enumerate(COLOURS):
        words = f"{context.say(f'colours.{name}')} · {context.percent(float(shares[name]), 0)}"
        tiles.append(Tile(plane_of(pattern.window, channel, limit), words))
    return tiles


def deep_tiles(context: Context, kernel: Kernel) -> list[Tile]:
    """The norm at each position and the mean over the input channels; none for a kernel of one position."""
    if not kernel.weights.size or kernel.size == (1, 1):
        return []
    norms, mean = norm_of(kernel), kernel.averaged
    norm_words = context.say("colours.norm", high=context.number(float(norms.max())))
    mean_words = context.say("colours.averaged", limit=context.number(float(np.abs(mean).max())))
    return [
        Tile(painted(norms, scale_of(norms), context.display.palette, TILE), norm_words),
        Tile(painted(mean, scale_of(mean, signed=True), side=TILE), mean_words),
    ]


def channel_table(context: Context, kernel: Kernel) -> pd.DataFrame:
    """The input channels with the largest norms, the largest first."""
    table = kernel.to_frame().sort_values("norm", ascending=False, kind="stable").head(STRONGEST)
    table["share"] *= 100
    words = {name: context.say(f"colours.column_{name}") for name in table.columns}
    return table.rename(columns=words).reset_index(drop=True)


def picture_of(pixels: np.ndarray) -> Image.Image:
    """Pixels (height, width, 3) as a picture."""
    return Image.fromarray(np.ascontiguousarray(pixels))


def why_no_planes(context: Context, kernel: Kernel) -> str:
    """The sentence for a kernel without colour planes."""
    counts = {"in_channels": context.count(kernel.in_channels), "groups": context.count(kernel.groups)}
    return text(f"inspection.kernel.{kernel.code}", context.lang, **counts)


def _without_planes(context: Context, kernel: Kernel) -> None:
    st.caption(why_no_planes(context, kernel))
    if not kernel.weights.size:
        return
    tiles = deep_tiles(context, kernel)
    if tiles:
        tile_row(tiles)
    rows, columns = kernel.size
    count = len(kernel.channels)
    st.caption(
        context.say(
            "colours.channels",
            rows=rows,
            columns=columns,
            layer=kernel.layer,
            shown=min(STRONGEST, count),
            channels=context.count(count),
        )
    )
    table = channel_table(context, kernel)
    share = context.say("colours.column_share")
    config = st.column_config.ProgressColumn(
        share, format="%.1f %%", min_value=0, max_value=float(max(table[share].max(), 1e-9))
    )
    st.dataframe(table, hide_index=True, height=TABLE_HEIGHT, column_config={share: config})


def _window(seen: Image.Image, pattern: ColourPattern) -> Image.Image:
    return seen if pattern.box is None else seen.crop(pattern.box)
