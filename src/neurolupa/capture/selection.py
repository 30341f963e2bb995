"""Selections of sites: addresses, globs and kinds."""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from neurolupa.capture.site import Site
from neurolupa.errors import UsageError, unknown

KINDS = ("relu", "gate", "conv", "norm", "linear", "pool", "add", "mul", "cat", "block", "other")
Find = Callable[[str], Site]


def select(sites: Sequence[Site], find: Find, selection: str | Iterable[str | Site]) -> tuple[Site, ...]:
    """The sites that a selection names, each once, in forward order.

    A text that is a site's own name or address, or is one as a whole before it is split at commas, is that
    site, whatever signs it holds.

    Raises:
        UsageError: An unknown name or kind, a pattern without a match, an empty selection.

    >>> sites = [Site("relu", call=i, calls=2, kind="relu", order=i) for i in range(2)]
    >>> [site.address for site in select(sites, None, "kind:relu")]
    ['relu:1']
    """
    named = {site.name: site for site in sites} | {site.address: site for site in sites}
    chosen = {
        site
        for part in _parts(selection, named)
        for site in ([named[part]] if part in named else _matches(sites, find, part))
    }
    if not chosen:
        raise UsageError("the selection of sites is empty; try kind:relu, kind:conv or kind:all")
    return tuple(sorted(chosen, key=lambda site: site.order))


def _parts(selection: str | Iterable[str | Site], names: Container[str]) -> Iterator[str]:
    if not isinstance(selection, str | Site | Iterable):
        raise UsageError(f"sites are chosen by names, not by {selection!r}")
    for item in [selection] if isinstance(selection, str | Site) else selection:
        if not isinstance(item, str | Site):
            raise UsageError(f"sites are chosen by names, not by {item!r}")
        text = item.address if isinstance(item, Site) else item.strip()
        yield from [text] if text in names else (part.strip() for part in text.split(",") if part.strip())


def _matches(sites: Sequence[Site], find: Find, part: str) -> Sequence[Site]:
    if part.startswith("kind:"):
        return _of_kind(sites, part.removeprefix("kind:"))
    if not any(sign in part for sign in "*?["):
        return [find(part)]
    found = [site for site in sites if fnmatchcase(site.name, part) or fnmatchcase(site.address, part)]
    return found or _nothing(sites, part)


def _of_kind(sites: Sequence[Site], kind: str) -> Sequence[Site]:
    if kind == "all":
        return sites
    if kind not in (*KINDS, "relu-calls"):
        raise unknown("kind of site", kind, (*KINDS, "relu-calls", "all"))
    found = [site for site in sites if site.kind == kind.removesuffix("-calls")]
    if kind == "relu":
        found = list({site.path: site for site in found}.values())
    return found or _nothing(sites, f"kind:{kind}")


def _nothing(sites: Sequence[Site], part: str) -> Sequence[Site]:
    present = sorted({site.kind for site in sites})
    raise UsageError(f"no site matches {part!r}; kinds with sites: {', '.join(present)}")
