"""How every figure looks: sizes, colours, the title, the caption with its N, and names that are never cut."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patheffects import withStroke
from numpy.typing import ArrayLike

from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.atlas import Source

WIDTH = 10.0
"""Inches; 1,500 pixels at DPI."""

DPI = 150
TALLEST = 60.0
SMALL, NORMAL, LARGE = 7.5, 9.0, 12.0
INK, MUTED, GRID = "#222222", "#6b6b6b", "#d9d9d9"

# Taken from viridis, dark enough for white paper and told apart in grey as well.
COLOURS = {"mean": "#3b528b", "std": "#21868d", "sparsity": "#35a873", "range": "#471365"}
MINUS = "\N{MINUS SIGN}"
ACCENT = "#471365"
SEQUENTIAL = "viridis"
DIVERGING = "PuOr_r"

_NAME = 48
_LABEL: dict[str, Any] = {
    "fontsize": SMALL - 1,
    "color": MUTED,
    "va": "center",
    "zorder": 3,
    "path_effects": [withStroke(linewidth=2, foreground="white")],
}


class NotebookFigure(Figure):
    """A figure that a notebook shows by itself, without any magic command."""

    def _repr_png_(self) -> bytes:
        buffer = BytesIO()
        self.savefig(buffer, format="png", dpi=self.dpi, metadata={"Software": None})
        return buffer.getvalue()


def new_figure(height: float, title: str, notes: Sequence[str]) -> Figure:
    """An empty figure with its title at the top left and its notes, wrapped, at the bottom left."""
    layout = ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.06)
    figure = NotebookFigure(figsize=(WIDTH, min(height, TALLEST)), dpi=DPI, layout=layout)
    heading = textwrap.fill(title, 90, break_long_words=True)
    plain: dict[str, Any] = {"x": 0.01, "ha": "left", "parse_math": False}
    figure.suptitle(heading, fontsize=LARGE, fontweight="bold", color=INK, **plain)
    lines = (textwrap.fill(note, 175) for note in notes if note)
    figure.supxlabel("\n".join(lines), fontsize=SMALL, color=MUTED, **plain)
    return figure


def caption(source: Source, lang: str) -> str:
    """Network, image set and the number of images that the figure is over."""
    values = {"model": source.model, "images": source.images, "read": whole(source.read, lang)}
    line = text("caption", lang, **values)
    if not source.skipped:
        return line
    return f"{line} ({text('caption.skipped', lang, skipped=whole(source.skipped, lang))})"


def tidy(axes: Axes, grid: Literal["x", "y", "both"] = "x") -> None:
    """Thin grid behind the data, no box around it."""
    axes.set_axisbelow(True)
    axes.grid(axis=grid, color=GRID, linewidth=0.6)
    axes.tick_params(labelsize=SMALL, colors=INK, length=2.5)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(MUTED)


def panel_title(axes: Axes, words: str) -> None:
    """A panel's title, at its left."""
    axes.set_title(words, loc="left", fontsize=NORMAL, color=INK, parse_math=False)


def rows_height(rows: int, each: float = 0.21) -> float:
    """Inches for a panel of so many horizontal bars: never less than a readable panel."""
    return max(1.9, each * rows + 0.4)


def name_rows(axes: Axes, names: Sequence[str]) -> None:
    """Names down the left side, the first at the top; very many names are thinned out evenly."""
    places = range(0, len(names), max(1, -(-len(names) // 260)))
    axes.set_yticks(places, shorten([names[place] for place in places]), fontsize=SMALL, parse_math=False)
    axes.set_ylim(len(names) - 0.4, -0.6)


def shorten(names: Sequence[str]) -> list[str]:
    """Long names without their middle, as much of it kept as tells them apart.

    >>> shorten(["relu", "features." * 20 + "relu"])
    ['relu', 'features.features.featu…s.features.features.relu']
    """
    for kept in range(_NAME, max(map(len, names), default=0), 8):
        half = kept // 2
        short = [name if len(name) <= kept else f"{name[: half - 1]}…{name[-half:]}" for name in names]
        if len(set(short)) == len(set(names)):
            return short
    return list(names)


def bars(axes: Axes, values: ArrayLike, colour: str, labels: Sequence[str]) -> None:
    """Horizontal bars, each with its label on the right; what is no number has a label and no bar."""
    lengths = np.nan_to_num(np.asarray(values, float))
    axes.barh(np.arange(len(lengths)), lengths, height=0.72, color=colour)
    axes.axvline(0, color=MUTED, linewidth=0.6)
    for row, (length, label) in enumerate(zip(lengths, labels, strict=True)):
        words, end = label.replace("-", MINUS), (max(length, 0.0), row)
        axes.annotate(words, end, xytext=(3, 0), textcoords="offset points", **_LABEL)
    low, high = min(0.0, lengths.min(initial=0.0)), max(0.0, lengths.max(initial=0.0))
    axes.set_xlim(1.06 * low, high + 0.28 * ((high - low) or 1.0))


def short(value: float) -> str:
    """A number for the end of a bar: three significant digits, no exponent below 100,000.

    >>> short(0.12345), short(1114.2), short(2.5e7)
    ('0.123', '1114', '2.5e+07')
    """
    return f"{value:.0f}" if 1000 <= abs(value) < 1e5 else f"{value:.3g}"


def colour_bar(figure: Figure, image: Any, axes: Any, label: str, extend: str = "neither") -> None:
    """A colour bar in the true unit."""
    bar = figure.colorbar(image, ax=axes, fraction=0.03, aspect=32, pad=0.015, extend=extend)
    bar.set_label(label, fontsize=NORMAL, color=INK)
    bar.ax.tick_params(labelsize=SMALL)
    bar.outline.set_visible(False)


def shades(count: int) -> np.ndarray:
    """(count, 4) colours along viridis, from dark to light but never too light for white paper."""
    return mpl.colormaps[SEQUENTIAL](np.linspace(0.08, 0.72, count))
