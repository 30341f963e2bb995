"""One registry per kind of choice, filled by the package itself and by entry points of other packages."""

from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from typing import Generic, TypeVar

from neurolupa.errors import NeurolupaError, unknown

T = TypeVar("T")


class Registry(Generic[T]):
    """Named choices of one kind, such as image sets or attribution methods.

    Another package adds one through an entry point in the group `neurolupa.<group>`; it is loaded when it is
    asked for, so that a broken plug-in is named then and never hides the others.

    >>> shapes = Registry("shape", "shapes")
    >>> @shapes.register("circle")
    ... def circle(): return "o"
    >>> shapes["circle"]()
    'o'
    >>> shapes.names()
    ('circle',)
    """

    def __init__(self, kind: str, group: str) -> None:
        self.kind = kind
        self.group = f"neurolupa.{group}"
        self._entries: dict[str, T] = {}

    def register(self, name: str) -> Callable[[T], T]:
        """A decorator that adds its argument under `name`; a second entry of the same name is an error."""

        def add(entry: T) -> T:
            if name in self._entries:
                raise NeurolupaError(f"{self.kind} {name!r} is registered twice")
            self._entries[name] = entry
            return entry

        return add

    def names(self) -> tuple[str, ...]:
        """Every name, those of plug-ins included, sorted."""
        return tuple(sorted({*self._entries, *self._plugins()}))

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __contains__(self, name: str) -> bool:
        return name in self._entries or name in self._plugins()

    def __getitem__(self, name: str) -> T:
        if name in self._entries:
            return self._entries[name]
        plugins = self._plugins()
        if name not in plugins:
            raise unknown(self.kind, name, self.names())
        try:
            return plugins[name].load()
        except Exception as error:
            raise NeurolupaError(f"the plug-in {self.kind} {name!r} does not load: {error}") from error

    def _plugins(self) -> dict:
        return {point.name: point for point in entry_points(group=self.group)}
