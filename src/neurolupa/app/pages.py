"""A page is one file of `app_pages/` with `PAGE` and `render(context)`; putting it there is all it takes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from neurolupa.app import app_pages

if TYPE_CHECKING:
    from neurolupa.app.context import Context


@dataclass(frozen=True)
class Page:
    """What the navigation needs to know of a page.

    Attributes:
        key: Its address and its word in links, the same in every language.
        title: Code of its title in the catalogues, without `app.`.
        icon: A Streamlit icon, such as ":material/info:".
        order: Its place in the navigation, low first; the first one is the home page.
    """

    key: str
    title: str
    icon: str
    order: int


@cache
def find_pages() -> dict[Page, Callable[["Context"], None]]:
    """Every page with its `render`, in the order of the navigation."""
    names = (f"{app_pages.__name__}.{found.name}" for found in iter_modules(app_pages.__path__))
    modules = [import_module(name) for name in names]
    return {module.PAGE: module.render for module in sorted(modules, key=lambda module: module.PAGE.order)}
