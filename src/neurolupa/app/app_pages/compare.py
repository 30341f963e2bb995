"""Class against class and atlas against atlas, read from atlases alone; no network is run here."""

from collections.abc import Callable
from functools import partial

from neurolupa.app import state
from neurolupa.app.atlas_form import atlas_page, failed
from neurolupa.app.compare_atlases import atlases
from neurolupa.app.compare_classes import classes
from neurolupa.app.compare_parts import Comparing
from neurolupa.app.context import Context
from neurolupa.app.dataset_opening import AtlasError, Opened
from neurolupa.app.frames import lazy_tabs
from neurolupa.app.pages import Page

PAGE = Page(key="compare", title="compare.title", icon=":material/compare_arrows:", order=50)
VIEWS: dict[str, Callable[[Comparing], None]] = {"classes": classes, "atlases": atlases}
"""By the words in links, in order."""


def render(context: Context) -> None:
    """Draw the page."""
    atlas_page(context, PAGE, _shown)


def _shown(context: Context, opened: Opened) -> None:
    comparing = Comparing(context, opened)
    views = {name: partial(_guarded, draw, comparing) for name, draw in VIEWS.items()}
    lazy_tabs(
        context, "compare.tab", views, state.comparing().tab, lambda name: state.change_comparing(tab=name)
    )


def _guarded(draw: Callable[[Comparing], None], comparing: Comparing) -> None:
    try:
        draw(comparing)
    except AtlasError as error:
        failed(comparing.context, error, False)
