"""One layer class by class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from neurolupa.atlas.captions import caption
from neurolupa.errors import DataError
from neurolupa.figures import style
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.atlas import Atlas

MOST_CLASSES = 30
"""More classes than this are shown by their extremes alone: as many from either end as fit."""


def class_statistics(atlas: Atlas, site: str, lang: str = "en") -> Figure:
    """Mean and sparsity of a layer by class; of more than 30 classes the 15 highest and 15 lowest means.

    Raises UsageError for an unknown site and DataError where the images carry no classes.
    """
    name = atlas.site(site)
    rows = atlas.classes(name)
    if rows.empty:
        raise DataError(
            f"the images of {atlas.folder} carry no classes: there are no class-wise figures of {name}"
        )
    shown = _extremes(rows)
    notes = (
        f"{text('class_statistics.note', lang)} {_samples(rows, lang)}",
        caption(atlas.source, lang),
    )
    figure = style.new_figure(style.rows_height(len(shown), 0.23) + 1.3, _title(name, rows, lang), notes)
    layer = atlas.layers.set_index("site").loc[name]
    panels = figure.subplots(1, 2, sharey=True)
    titles = (text("class_statistics.mean", lang), text("measure.sparsity", lang))
    for axes, measure, title in zip(panels, ("mean", "sparsity"), titles, strict=True):
        column = "sparsity_%" if measure == "sparsity" else measure
        style.tidy(axes)
        style.bars(axes, shown[column], style.COLOURS[measure], _labels(shown, column, lang))
        style.panel_title(axes, title)
        if np.isfinite(layer[column]):
            axes.axvline(layer[column], **style.REFERENCE)
    style.name_rows(panels[0], _names(shown, rows, lang))
    return figure


def _extremes(rows: pd.DataFrame) -> pd.DataFrame:
    """All rows by class, or the two ends by mean with an empty row between them."""
    if len(rows) <= MOST_CLASSES:
        return rows
    ranked = rows.sort_values("mean", ascending=False, kind="stable")
    gap = pd.DataFrame([{"class_id": -1, "class_name": "…"}])
    return pd.concat([ranked.head(MOST_CLASSES // 2), gap, ranked.tail(MOST_CLASSES // 2)], ignore_index=True)


def _title(site: str, rows: pd.DataFrame, lang: str) -> str:
    if len(rows) <= MOST_CLASSES:
        return text("class_statistics.title", lang, site=site)
    half = MOST_CLASSES // 2
    return text("class_statistics.some", lang, site=site, high=half, low=half, total=whole(len(rows), lang))


def _even(rows: pd.DataFrame) -> bool:
    return rows["num_samples"].nunique() == 1


def _samples(rows: pd.DataFrame, lang: str) -> str:
    if not _even(rows):
        return text("class_statistics.samples", lang)
    return text("class_statistics.each", lang, samples=whole(int(rows["num_samples"].iloc[0]), lang))


def _names(shown: pd.DataFrame, rows: pd.DataFrame, lang: str) -> list[str]:
    if _even(rows):
        return shown["class_name"].to_list()
    pairs = zip(shown["class_name"], shown["num_samples"], strict=True)
    return [name if pd.isna(samples) else f"{name} ({whole(int(samples), lang)})" for name, samples in pairs]


def _labels(shown: pd.DataFrame, column: str, lang: str) -> list[str]:
    empty = {True: "", False: text("not_applicable", lang)}
    form = "{:.1f}".format if column == "sparsity_%" else style.short
    pairs = zip(shown[column], shown["class_id"], strict=True)
    return [empty[class_id < 0] if np.isnan(value) else form(value) for value, class_id in pairs]
