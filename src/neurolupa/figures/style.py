"""How every figure looks: sizes, colours, the title, the caption with its N, and names that are never cut."""

from __future__ import annotations

import re
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from numpy.typing import ArrayLike

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
    "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.9},
}
REFERENCE: dict[str, Any] = {"color": MUTED, "linewidth": 0.9, "linestyle": "--", "zorder": 1.5}
"""A line to compare bars with: over the bars, under their labels."""

_BEYOND_LATIN = re.compile("[\u2e80-\ud7ff\uf900-\uffef\U00010000-\U0010ffff]")
_WIDE_FONTS = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK KR", "Noto Sans SC", "Source Han Sans SC",
    "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Droid Sans Fallback", "PingFang SC", "Hiragino Sans",
    "Apple SD Gothic Neo", "Microsoft YaHei", "Yu Gothic", "Malgun Gothic", "SimHei", "MS Gothic",
    "Arial Unicode MS", "Unifont",
)  # fmt: skip
"""Fonts with Chinese, Japanese and Korean signs, the first that is installed being taken."""


class NotebookFigure(Figure):
    """A figure that a notebook shows by itself, without any magic command.

    Signs that matplotlib's own font lacks are drawn in another one where it is installed, else as boxes, and
    neither is worth a warning.
    """

    def draw(self, renderer: Any) -> None:
        """Draws everything."""
        with _any_sign(self):
            super().draw(renderer)

    def get_tightbbox(self, *args: Any, **options: Any) -> Any:
        """The box of everything that is drawn, in inches."""
        with _any_sign(self):
            return super().get_tightbbox(*args, **options)

    def _repr_png_(self) -> bytes:
        buffer = BytesIO()
        self.savefig(buffer, format="png", dpi=self.dpi, metadata={"Software": None})
        return buffer.getvalue()


@contextmanager
def _any_sign(figure: Figure) -> Iterator[None]:
    for words in figure.findobj(Text):
        if beyond_latin(words.get_text()):
            words.set_fontfamily([*mpl.rcParams["font.family"], *wide_fonts()])
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .*missing from", UserWarning)
        yield


def beyond_latin(words: str) -> bool:
    """Whether there is a sign that matplotlib's own font lacks.

    >>> beyond_latin("ReLU µ"), beyond_latin("猫")
    (False, True)
    """
    return _BEYOND_LATIN.search(words) is not None


@cache
def wide_fonts() -> tuple[str, ...]:
    """The installed font with signs beyond Latin, Greek and Cyrillic; none when there is none."""
    installed = {font.name for font in fontManager.ttflist}
    return tuple(name for name in _WIDE_FONTS if name in installed)[:1]


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
