"""Any text in any parameter of a link gives a view that can be shown and written again."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import strategies as st

from neurolupa.app.links import (
    COMPARE,
    GALLERY,
    HOME,
    PROBING,
    ViewState,
    from_query,
    to_query,
    waits_for,
)
from neurolupa.app.request import MOST_CLASSES, MOST_SITES, MOST_UNITS, CompareView, Request

from .effort import EFFORTS, fuzz, kept
from .ends import outcome
from .mutations import DAMAGES, Damage, damaged

Query = dict[str, list[str]]
PAGES = (HOME, GALLERY, PROBING, COMPARE)
STRANGE = (
    "", " ", "\0", "\ud800", "٣", "1e3", "-0", "-0.0", "nan", "inf", "1_000", "9" * 5000, "0x10", "None",
    "True", "first", "layer", "usual", "site", "on", "grid:3", "a" * 201, "set:#1", "set:samples#7",
    "url:http://", "url:https://[", "url:http://a.org:99999/", "sha256:" + "0" * 12, "timm:x\n", "0-5, 9\n",
    "mean\n", "🙂", "&v=1",
)  # fmt: skip


def as_lists(view: ViewState) -> Query:
    written = to_query(view)
    return {name: [value] if isinstance(value, str) else value for name, value in written.items()}


SEEDS = [
    as_lists(
        ViewState(page, Request(sites=("layer1", "fc"), chosen=(1, 2)), compare=CompareView(classes=("a",)))
    )
    for page in PAGES
]
NAMES = sorted({name for seed in SEEDS for name in seed} | {"layer", "at", "concept", "layer_of", "class"})
VALUES = (
    st.sampled_from(STRANGE) | st.text(max_size=30) | st.from_regex(r"[0-9.,\-+e ]{0,12}", fullmatch=True)
)


@pytest.fixture(autouse=True, scope="module")
def _warm() -> None:
    """What reading imports and opens for the first time is no memory of a link's."""
    for seed in SEEDS:
        from_query(seed, "en", PAGES)


@st.composite
def changed_links(draw: st.DrawFn) -> Query:
    """A link of the program, some of whose parameters hold something else."""
    query = dict(draw(st.sampled_from(SEEDS)))
    odd = st.dictionaries(st.sampled_from(NAMES), st.lists(VALUES, max_size=9), max_size=6)
    return (
        query
        | draw(odd)
        | draw(st.dictionaries(st.text(max_size=4), st.lists(VALUES, max_size=2), max_size=1))
    )


@st.composite
def damaged_addresses(draw: st.DrawFn) -> Query:
    """A link whose address was damaged as text, as a mail programme reads it."""
    seed: Query = draw(st.sampled_from(SEEDS))
    changes: list[Damage] = draw(DAMAGES)
    address = damaged(
        urlencode(seed, doseq=True).encode(), changes, b"&".join(text.encode() for text in NAMES)
    )
    return parse_qs(address.decode("utf-8", "replace"), keep_blank_values=True)


def check(query: Query) -> None:
    (view, notices), line = outcome(lambda: from_query(query, "en", PAGES))
    assert line is None
    require_in_range(view)
    assert all(notice.code in ("link_defaults", "link_version") for notice in notices)
    told = {name for notice in notices for _, names in notice.values for name in names.split(", ")}
    assert told <= {*NAMES, "page"}, "a notice repeats what stood in the address"
    again, odd = from_query(as_lists(view), "es", PAGES)
    assert (again, odd) == (shown_in_links(view), ())
    assert to_query(again) == to_query(view)
    assert waits_for(view.request) in (None, "url", "upload", "set", "network")
    urlencode(to_query(view), doseq=True)
    json.dumps(to_query(view)).encode()


def require_in_range(view: ViewState) -> None:
    asked, shown = view.request, view.display
    assert 1 <= asked.k <= MOST_UNITS >= len(asked.chosen)
    assert len(asked.sites) <= MOST_SITES
    assert len(view.compare.classes or ()) <= MOST_CLASSES
    assert all(0 <= share <= 1 for share in (asked.min_sparsity, asked.weight, shown.opacity))
    assert view.page in PAGES
    for name, kind in (("neuron", int), ("picture", int | None)):
        assert isinstance(getattr(view.data, name), kind)
    _spec, index = asked.image.split()
    assert 0 <= index < 10**7


def shown_in_links(view: ViewState) -> ViewState:
    """What of a view its own link says: what is of the other pages does not stand there."""
    own: dict[str, Any] = {view.page: getattr(view, view.page)} if view.page != HOME else {}
    return ViewState(view.page, view.request, view.display, view.data, **own)


@pytest.mark.parametrize("effort", EFFORTS)
def test_odd_parameters(effort: str) -> None:
    fuzz(effort, "links", changed_links(), check, 0.6)


@pytest.mark.parametrize("effort", EFFORTS)
def test_damaged_addresses(effort: str) -> None:
    fuzz(effort, "links", damaged_addresses(), check, 0.4)


@pytest.mark.parametrize("name", NAMES)
def test_every_strange_value_in_every_parameter(name: str) -> None:
    page = next((seed["page"] for seed in SEEDS if name in seed), [HOME])
    for value in STRANGE:
        check({"page": page, name: [value]})


@pytest.mark.parametrize("path", kept("links"))
def test_kept_inputs(path: Path) -> None:
    check(json.loads(path.read_text(encoding="utf-8")))
