"""Links: the round trip is a law, and no address can do harm."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurolupa.app.link_values import criteria, palettes, sample_names
from neurolupa.app.links import GALLERY, MENU, Notice, ViewState, from_query, to_query, waits_for
from neurolupa.app.request import (
    MOST_SITES,
    MOST_UNITS,
    TAB_KEYS,
    VIEW_KEYS,
    WEIGHTS,
    DataView,
    Display,
    ImageRef,
    Request,
)

SHARES = st.floats(0, 1)
UNITS = st.integers(0, 9_999_999)
IMAGES = st.one_of(
    st.sampled_from(sample_names()).map(lambda name: ImageRef("sample", name)),
    st.tuples(st.text(min_size=1, max_size=30), UNITS).map(
        lambda pair: ImageRef("set", f"{pair[0]}#{pair[1]}")
    ),
    st.text("0123456789abcdef", min_size=64, max_size=64).map(lambda digest: ImageRef("upload", digest)),
    st.sampled_from(["https://a.org/x.jpg?a=1&b=2#c", "http://b.net/%20"]).map(
        lambda url: ImageRef("url", url)
    ),
)
REQUESTS = st.builds(
    Request,
    model=st.sampled_from([*MENU, "timm:convnext_tiny", "vgg16"]),
    weights=st.sampled_from(WEIGHTS),
    sites=st.lists(st.text(min_size=1, max_size=20), max_size=MOST_SITES, unique=True).map(tuple),
    point=st.sampled_from([None, "conv", "norm", "relu"]),
    k=st.integers(1, MOST_UNITS),
    by=st.sampled_from(criteria()),
    min_sparsity=SHARES,
    weight=SHARES,
    chosen=st.lists(UNITS, max_size=MOST_UNITS, unique=True).map(tuple),
    image=IMAGES,
)
DISPLAYS = st.builds(
    Display,
    lang=st.sampled_from(["en", "es"]),
    opacity=SHARES,
    palette=st.sampled_from(palettes()),
    shared_scale=st.booleans(),
    unit=st.none() | UNITS,
    tab=st.sampled_from(TAB_KEYS),
)
DATA_VIEWS = st.builds(
    DataView, site=st.none() | st.text(min_size=1, max_size=20), view=st.sampled_from(VIEW_KEYS)
)
NAMES = {*to_query(ViewState()), *to_query(ViewState(page=GALLERY)), "site", "layer", "at"}
"""Of every parameter, those that are absent by default too."""


def as_lists(query: Mapping[str, str | list[str]]) -> dict[str, list[str]]:
    return {name: [value] if isinstance(value, str) else value for name, value in query.items()}


@given(REQUESTS, DISPLAYS, DATA_VIEWS)
@settings(max_examples=60, deadline=None)
def test_a_view_survives_its_link(request_: Request, display: Display, data: DataView) -> None:
    view = ViewState("analyse", request_, display, data)
    assert from_query(as_lists(to_query(view))) == (view, ())


@given(
    st.dictionaries(
        st.sampled_from(sorted(NAMES)) | st.text(max_size=5), st.lists(st.text(max_size=40), max_size=6)
    )
)
@settings(max_examples=150, deadline=None)
def test_no_address_fails_and_what_it_gives_is_in_range(query: dict[str, list[str]]) -> None:
    view, notices = from_query(query)
    asked, shown = view.request, view.display
    assert 1 <= asked.k <= MOST_UNITS
    assert all(0 <= share <= 1 for share in (asked.min_sparsity, asked.weight, shown.opacity))
    assert asked.by in criteria()
    assert shown.tab in TAB_KEYS
    assert shown.palette in palettes()
    assert len(asked.sites) <= MOST_SITES
    assert asked.point in (None, "conv", "norm", "relu")
    told = {name for notice in notices for _, names in notice.values for name in names.split(", ")}
    assert told <= NAMES, "a notice repeats nothing that came from the address"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("k", "0"), ("k", "25"), ("k", "1e9"), ("k", "٣"), ("sp", "nan"), ("sp", "-0.1"), ("w", "inf"),
        ("by", "__class__"), ("model", "os:abort"), ("model", "/tmp/x.py:build"), ("model", "../x"),
        ("model", "timm:../../x"), ("tab", "<script>"), ("map", "Accent"), ("lang", "../en"),
        ("img", "file:///etc/passwd"), ("img", "url:file:///etc/passwd"), ("img", "url:http://u:p@a.org/x"),
        ("img", "url:" + "http://a.org/" + "x" * 3000), ("img", "set:folder:x"), ("img", "sha256:zz"),
        ("img", "sample:dragon"), ("unit", "-1"), ("units", "1;2"), ("site", "x" * 300), ("page", "admin"),
        ("view", "secrets"), ("layer", "x" * 300), ("layer", ""), ("scale", "log"),
        ("weights", "/etc/passwd"), ("point", "gate"),
    ],
)  # fmt: skip
def test_a_hostile_value_is_the_default_and_is_told(name: str, value: str) -> None:
    view, notices = from_query({name: [value]})
    assert view == ViewState()
    assert notices == (Notice("link_defaults", (("names", name),)),)


def test_too_many_sites_are_refused_at_once() -> None:
    view, notices = from_query({"site": [f"layer{number}" for number in range(MOST_SITES + 1)]})
    assert view.request.sites == ()
    assert notices[0].values == (("names", "site"),)


def test_a_link_of_another_version_is_told() -> None:
    assert from_query({"v": ["7"], "k": ["3"]}) == (
        ViewState(request=Request(k=3)),
        (Notice("link_version"),),
    )


def test_an_uploaded_picture_is_there_by_its_digest_only() -> None:
    asked = Request(image=ImageRef("upload", "ab" * 32))
    assert to_query(ViewState(request=asked))["img"] == "sha256:" + "ab" * 32


def test_values_are_the_same_in_every_language() -> None:
    english, spanish = (to_query(ViewState(display=Display(lang=lang))) for lang in ("en", "es"))
    assert {name for name in english if english[name] != spanish[name]} == {"lang"}


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (Request(), None),
        (Request(model="resnet18"), None),
        (Request(image=ImageRef("set", "samples?classes=cat#0")), None),
        (Request(image=ImageRef("url", "https://a.org/x.png")), "url"),
        (Request(image=ImageRef("upload", "ab" * 32)), "upload"),
        (Request(image=ImageRef("set", "folder:/home#3")), "set"),
        (Request(model="vit_h_14"), "network"),
        (Request(model="vit_h_14", weights="random"), None),
    ],
)
def test_what_a_link_does_not_do_by_itself(request_: Request, reason: str | None) -> None:
    assert waits_for(request_) == reason
