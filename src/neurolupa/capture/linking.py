"""Which norm and which non-linearity each convolution leads to, and which non-linearities are gates."""

from collections.abc import Sequence
from dataclasses import replace
from math import prod

from neurolupa.capture.flow import Flow
from neurolupa.capture.operations import BOUNDED
from neurolupa.capture.site import Site

_WEIGHTED = ("conv", "linear")


class Linker:
    """Watches sites come by in forward order and notes what each value stands for.

    `links` maps (site, point) to (site, shared through a sum); the first site that qualifies is kept.
    """

    def __init__(self) -> None:
        self.sites: list[Site] = []
        self.links: dict[tuple[int, str], tuple[int, bool]] = {}
        self.gates: set[int] = set()

    def add(self, site: Site, before: Flow | None, after: Flow) -> Flow:
        """Take in a site whose input had the flow `before`; gives `after` with what the output stands for."""
        index = len(self.sites)
        self.sites.append(site)
        trail = before.trail if before is not None else frozenset()
        if site.kind in _WEIGHTED:
            return replace(after, trail=frozenset({(index, False)}), origin=None)
        if site.kind == "norm":
            weighted = frozenset(step for step in trail if self.sites[step[0]].kind in _WEIGHTED)
            self._link(weighted, "norm", index)
            return replace(after, trail=trail | {(index, False)}, origin=None)
        if site.kind == "relu":
            self._link(trail, "relu", index)
            return replace(after, trail=frozenset(), origin=index)
        return after

    def _link(self, trail: frozenset[tuple[int, bool]], point: str, target: int) -> None:
        for source, shared in trail:
            self.links.setdefault((source, point), (target, shared))

    def multiply(self, parts: Sequence[tuple[tuple[int, ...], Flow]]) -> None:
        """Note the gates of a product of several values computed from the input.

        A gate is the factor that a bounded function made; without one, the smaller factor that is stretched
        over the other; without one, the only factor that a non-linearity made.
        """
        made = [(prod(shape), flow.origin) for shape, flow in parts]
        bounded = {origin for _, origin in made if origin is not None and self._is_bounded(origin)}
        smallest = min(size for size, _ in made)
        if not bounded and any(size != smallest for size, _ in made):
            made = [(size, origin) for size, origin in made if size == smallest]
        origins = {origin for _, origin in made if origin is not None}
        self.gates |= bounded or (origins if len(origins) == 1 else set())

    def _is_bounded(self, index: int) -> bool:
        label = self.sites[index].type.lower().removeprefix("f.")
        return label.removesuffix("me") in BOUNDED
