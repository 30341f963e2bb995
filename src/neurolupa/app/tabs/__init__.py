"""The tabs of one analysis: each is a file with `render(context)`, drawn only while it is open."""

from collections.abc import Callable
from functools import partial

from neurolupa.app.context import Context
from neurolupa.app.tabs import detail, downloads, filters, general, grid, overlay, prediction

Render = Callable[[Context], None]


def _with_foot(render: Render, context: Context) -> None:
    render(context)
    downloads.render(context)


TABS: dict[str, Render] = {
    "general": partial(_with_foot, general.render),
    "overlay": partial(_with_foot, overlay.render),
    "grid": partial(_with_foot, grid.render),
    "detail": partial(_with_foot, detail.render),
    "filters": partial(_with_foot, filters.render),
    "prediction": partial(_with_foot, prediction.render),
}
"""By the words of links, in order."""
