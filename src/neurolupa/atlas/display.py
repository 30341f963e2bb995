"""An atlas as readable text and as a self-contained piece of HTML."""

from collections.abc import Sequence
from html import escape

import pandas as pd

from neurolupa.atlas.manifest import Source

SHOWN = 40
"""Most sites that are listed; the rest are counted."""

_HEAD = ("site", "type", "shape", "mean", "std", "min", "max", "sparsity", "dead")
_NUMERIC = frozenset({"mean", "std", "min", "max", "sparsity", "dead"})


def as_text(layers: pd.DataFrame, source: Source) -> str:
    """A heading and one line for each site.

    >>> layers = pd.DataFrame({"site": ["relu"], "type": "ReLU", "shape": "[3, 4, 8, 8]", "mean": 0.5,
    ...                        "std": 1.0, "min": 0.0, "max": 2.0, "sparsity_%": 60.0, "dead": 1,
    ...                        "total_neurons": 4})
    >>> print(as_text(layers, Source("net", "c0ffee", "photos", "", 3, 1, "0.1.0")))
    Atlas of net on photos: 1 site, 4 units, 1 dead (25.00 %)
    3 images read, 1 skipped; weights c0ffee; neurolupa 0.1.0
    <BLANKLINE>
    site  type  shape         mean  std  min  max  sparsity    dead
    relu  ReLU  [3, 4, 8, 8]   0.5    1    0    2    60.0 %  1 of 4
    """
    rows = [_HEAD, *_rows(layers)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(map(_pad, row, widths, _HEAD)).rstrip() for row in rows]
    return "\n".join([*_heading(layers, source), "", *lines, *_rest(layers)])


def as_html(layers: pd.DataFrame, source: Source) -> str:
    """The same as a table, escaped, with its style inside it and nothing that changes from run to run."""
    title, origin = _heading(layers, source)
    rows = "".join(_html_row(row, "td") for row in _rows(layers))
    more = "".join(f"<p>{escape(line)}</p>" for line in _rest(layers))
    return (
        f"<div><p><strong>{escape(title)}</strong><br>{escape(origin)}</p>"
        f'<table style="border-collapse:collapse">'
        f"<thead>{_html_row(_HEAD, 'th')}</thead><tbody>{rows}</tbody></table>{more}</div>"
    )


def _heading(layers: pd.DataFrame, source: Source) -> tuple[str, str]:
    units, dead = int(layers["total_neurons"].sum()), int(layers["dead"].sum())
    share = f" ({100 * dead / units:.2f} %)" if dead else ""
    sites = "1 site" if len(layers) == 1 else f"{len(layers):,} sites"
    title = f"Atlas of {source.model} on {source.images}: {sites}, {units:,} units, {dead:,} dead{share}"
    read = f"{source.read:,} images read, {source.skipped:,} skipped"
    return title, f"{read}; weights {source.weights_digest[:12]}; neurolupa {source.version}"


def _rows(layers: pd.DataFrame) -> list[tuple[str, ...]]:
    return [_cells(row) for _, row in layers.head(SHOWN).iterrows()]


def _cells(row: pd.Series) -> tuple[str, ...]:
    numbers = (_number(row[name]) for name in ("mean", "std", "min", "max"))
    sparsity = "n/a" if pd.isna(row["sparsity_%"]) else f"{row['sparsity_%']:.1f} %"
    dead = f"{row['dead']} of {row['total_neurons']}"
    return (str(row["site"]), str(row["type"]), str(row["shape"]), *numbers, sparsity, dead)


def _number(value: float) -> str:
    return "n/a" if pd.isna(value) else f"{value:.4g}"


def _rest(layers: pd.DataFrame) -> list[str]:
    return [f"... and {len(layers) - SHOWN:,} more sites"] if len(layers) > SHOWN else []


def _pad(cell: str, width: int, column: str) -> str:
    return cell.rjust(width) if column in _NUMERIC else cell.ljust(width)


def _html_row(cells: Sequence[str], tag: str) -> str:
    sides = ("right" if column in _NUMERIC else "left" for column in _HEAD)
    pairs = zip(cells, sides, strict=True)
    inner = "".join(
        f'<{tag} style="text-align:{side};padding:2px 8px">{escape(cell)}</{tag}>' for cell, side in pairs
    )
    return f"<tr>{inner}</tr>"
