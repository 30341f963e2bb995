"""A view as an address and back: `?v=1&lang=es&tab=overlay&model=resnet18&site=layer2.0.conv1&point=relu...`.

The values are words of the program, never of a language, and defaults are written too, so that a link means
the same in every language and after a default has changed. Nothing in an address can make reading it fail.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from neurolupa.app import gallery_values as gallery
from neurolupa.app import link_values as values
from neurolupa.app import probing_values as probing
from neurolupa.app.request import CompareView, DataView, Display, GalleryView, ProbingView, Request

VERSION = "1"
HOME = "analyse"
GALLERY = "gallery"
PROBING = "probing"
COMPARE = "compare"
OWN_PARTS = (GALLERY, PROBING, COMPARE)
"""Pages whose choices stand in their own links alone."""
OWN_SETS = ("samples", "stimuli", "gratings", "hues")
MENU = ("embedded", "resnet18", "alexnet", "squeezenet1_1", "resnet50")
"""The networks of the menu; another one is fetched only when a person asks for it."""


@dataclass(frozen=True)
class ViewState:
    """One view: the page, what was asked for, how it is shown, and the choices of the other pages."""

    page: str = HOME
    request: Request = field(default_factory=Request)
    display: Display = field(default_factory=Display)
    data: DataView = field(default_factory=DataView)
    gallery: GalleryView = field(default_factory=GalleryView)
    probing: ProbingView = field(default_factory=ProbingView)
    compare: CompareView = field(default_factory=CompareView)


@dataclass(frozen=True)
class Notice:
    """Something to tell: a code of `app.notice.*` and what fills its sentence."""

    code: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class _Field:
    """One parameter: where its value lives, how it is written, how it is read."""

    part: str
    name: str
    write: Callable[[Any], str] = str
    read: Callable[[str], Any] = str


_FIELDS: dict[str, _Field] = {
    "lang": _Field("display", "lang", read=values.one_of(values.languages)),
    "tab": _Field("display", "tab", read=values.one_of(values.tabs)),
    "model": _Field("request", "model", read=values.network),
    "weights": _Field("request", "weights", read=values.one_of(values.weights)),
    "point": _Field("request", "point", values.point_text, values.point),
    "k": _Field("request", "k", read=values.unit_count),
    "by": _Field("request", "by", read=values.one_of(values.criteria)),
    "sp": _Field("request", "min_sparsity", repr, values.share),
    "w": _Field("request", "weight", repr, values.share),
    "units": _Field("request", "chosen", values.numbers_text, values.numbers),
    "img": _Field("request", "image", values.image_text, values.image),
    "unit": _Field("display", "unit", values.optional_text, values.optional_number),
    "alpha": _Field("display", "opacity", repr, values.share),
    "map": _Field("display", "palette", read=values.one_of(values.palettes)),
    "scale": _Field("display", "shared_scale", values.scale_text, values.scale),
    "view": _Field("data", "view", read=values.one_of(values.views)),
    "neuron": _Field("data", "neuron", read=values.number),
    "part": _Field("data", "part", read=values.one_of(values.parts)),
    "picture": _Field("data", "picture", values.optional_text, values.optional_number),
    "gallery": _Field(GALLERY, "tab", read=values.one_of(gallery.gallery_tabs)),
    "order": _Field(GALLERY, "order", read=values.one_of(gallery.orders)),
    "net": _Field(GALLERY, "model", read=values.network),
    "make": _Field(GALLERY, "units", read=gallery.units_typed),
    "method": _Field(GALLERY, "method", read=values.one_of(gallery.methods)),
    "steps": _Field(GALLERY, "steps", gallery.steps_text, gallery.steps),
    "drive": _Field(GALLERY, "unit", gallery.whole_text, gallery.whole_or_unit),
    "octaves": _Field(GALLERY, "octaves", read=gallery.octaves),
    "from": _Field(GALLERY, "image", values.image_text, values.image),
    "probing": _Field(PROBING, "tab", read=values.one_of(probing.probing_tabs)),
    "of": _Field(PROBING, "model", read=values.network),
    "images": _Field(PROBING, "images", read=probing.spec),
    "most": _Field(PROBING, "most", read=probing.most),
    "pooling": _Field(PROBING, "pooling", read=probing.pooling),
    "controls": _Field(PROBING, "controls", probing.switch_text, probing.switch),
    "compare": _Field(COMPARE, "tab", read=values.one_of(values.comparisons)),
}


# Names are the only values that may be absent, or several.
_NAMES: dict[str, tuple[str, Callable[[Sequence[str]], dict[str, Any]]]] = {
    "site": ("request", lambda given: {"sites": values.site_names(given)}),
    "layer": ("data", lambda given: {"site": next(iter(values.site_names(given[-1:])), None)}),
    "at": (GALLERY, lambda given: {"site": next(iter(values.site_names(given[-1:])), None)}),
    "concepts": (PROBING, lambda given: {"concepts": probing.names(given)} if given else {}),
    "sites": (PROBING, lambda given: {"sites": probing.names(given)} if given else {}),
    "concept": (PROBING, lambda given: {"concept": next(iter(probing.names(given[-1:])), None)}),
    "class": (COMPARE, lambda given: {"classes": values.class_names(given)}),
    "layer_of": (PROBING, lambda given: {"site": next(iter(values.site_names(given[-1:])), None)}),
}


def to_query(view: ViewState) -> dict[str, str | list[str]]:
    """The query parameters of a view, in a fixed order; `site` once for each site, `layer` if one is chosen.

    What is of the gallery, of the probes or of comparisons stands in their own links alone.

    >>> query = to_query(ViewState(request=Request(sites=("layer1", "fc"))))
    >>> query["site"], query["by"], query["img"], query["unit"]
    (['layer1', 'fc'], 'balanced', 'sample:cat', 'first')
    """
    written = {
        name: each.write(getattr(getattr(view, each.part), each.name))
        for name, each in _FIELDS.items()
        if each.part == view.page or each.part not in OWN_PARTS
    }
    sites = {"site": list(view.request.sites), "layer": _named(view.data.site)}
    return {"v": VERSION, "page": view.page, **written, **sites, **_own_names(view)}


def from_query(
    query: Mapping[str, Sequence[str]], lang: str = "en", pages: Sequence[str] = (HOME,)
) -> tuple[ViewState, tuple[Notice, ...]]:
    """The view of query parameters, and what to tell about those that mean nothing.

    What is missing is the default; what cannot be understood is the default too, and a notice names it.

    Args:
        query: For each name all its values.
        lang: The language where the address names none.
        pages: The pages that there are.

    >>> view, notices = from_query({"v": ["1"], "k": ["12"], "by": ["beauty"], "site": ["fc"]})
    >>> view.request.k, view.request.by, view.request.sites, notices
    (12, 'balanced', ('fc',), (Notice(code='link_defaults', values=(('names', 'by'),)),))
    """
    changes: dict[str, dict[str, Any]] = {"request": {}, "display": {"lang": lang}, "data": {}}
    changes |= {part: {} for part in OWN_PARTS}
    wrong = []
    for name, each in _FIELDS.items():
        try:
            if given := _texts(query, name):
                changes[each.part][each.name] = each.read(given[-1])
        except ValueError:
            wrong.append(name)
    for name, (part, read) in _NAMES.items():
        try:
            changes[part] |= read(_texts(query, name))
        except ValueError:
            wrong.append(name)
    page, told = _page(query, pages)
    view = ViewState(
        page,
        Request(**changes["request"]),
        Display(**changes["display"]),
        DataView(**changes["data"]),
        GalleryView(**changes[GALLERY]),
        ProbingView(**changes[PROBING]),
        CompareView(**changes[COMPARE]),
    )
    return view, (*_version(query), *_told([*told, *wrong]))


def waits_for(request: Request) -> str | None:
    """Why a request that came by a link is not carried out before a person presses the button; None if it is.

    "url": its picture would be fetched; "upload": only its sender has it; "set": files of this machine would
    be read; "network": weights of a network that is not in the menu would be fetched.

    >>> from neurolupa.app.request import ImageRef
    >>> waits_for(Request()), waits_for(Request(image=ImageRef("url", "https://example.org/cat.jpg")))
    (None, 'url')
    """
    image = request.image
    if image.kind in ("url", "upload"):
        return image.kind
    if image.kind == "set" and image.split()[0].partition("?")[0] not in OWN_SETS:
        return "set"
    return "network" if request.model not in MENU and request.weights == "default" else None


def _texts(query: Mapping[str, Sequence[str]], name: str) -> Sequence[str]:
    """The values of a parameter; ValueError where one is no text that an address can hold again."""
    given = query.get(name, ())
    "".join(given).encode()  # half of a surrogate pair, which UTF-8 has no bytes for, raises a ValueError
    return given


def _own_names(view: ViewState) -> dict[str, list[str]]:
    """Those that stand in the links of one page alone; what is empty there is not the default."""
    if view.page == GALLERY:
        return {"at": _named(view.gallery.site)}
    if view.page == COMPARE:
        return {"class": values.class_texts(view.compare.classes)}
    if view.page != PROBING:
        return {}
    shown = view.probing
    wanted = {"concepts": list(shown.concepts) or [""], "sites": list(shown.sites) or [""]}
    return wanted | {"concept": _named(shown.concept), "layer_of": _named(shown.site)}


def _named(site: str | None) -> list[str]:
    return [] if site is None else [site]


def _page(query: Mapping[str, Sequence[str]], pages: Sequence[str]) -> tuple[str, list[str]]:
    asked = query.get("page")
    if not asked:
        return HOME, []
    return (asked[-1], []) if asked[-1] in pages else (HOME, ["page"])


def _version(query: Mapping[str, Sequence[str]]) -> tuple[Notice, ...]:
    given = query.get("v")
    return (Notice("link_version"),) if given and given[-1] != VERSION else ()


def _told(wrong: Sequence[str]) -> tuple[Notice, ...]:
    return (Notice("link_defaults", (("names", ", ".join(wrong)),)),) if wrong else ()
