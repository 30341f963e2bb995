"""docs/gallery.md and docs/gallery.es.md, written from `units.json` and `observations.json` alone."""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from itertools import groupby
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gallery.words import HERE, name_of, observations, words
from neurolupa.figures.synthesis_words import state_words
from neurolupa.locales import text, whole
from neurolupa.synthesis.levelling import LEVELS

Row = dict[str, Any]

TITLES = {
    "resnet18": {"en": "ResNet-18, ImageNet", "es": "ResNet-18, ImageNet"},
    "squeezenet1_1": {"en": "SqueezeNet 1.1, ImageNet", "es": "SqueezeNet 1.1, ImageNet"},
    "embedded": {"en": "The embedded network, CIFAR-10", "es": "La red incluida, CIFAR-10"},
}


def page(rows: Sequence[Row], lang: str) -> str:
    """The page in Markdown."""
    environment = Environment(loader=FileSystemLoader(HERE), undefined=StrictUndefined, autoescape=False)
    counts = Counter(row["level"] for row in rows)
    return environment.get_template(f"page.{lang}.md.j2").render(
        total=len(rows),
        caution=words(lang)["caution"],
        words=words(lang),
        wings=list(_wings(rows, lang)),
        counts={level: counts[level] for level in LEVELS},
        labelled={row["network"]: whole(row["classes"]["pictures"], lang) for row in rows},
        best=_counted,
        example=next(row["unit"] for row in rows if row["site"].startswith("features.12")),
        level=lambda row: text(f"levels.level.{row['level']}", lang),
        seen=lambda row: observations()[name_of(row)][lang],
        state=lambda row: state_words(row["state"], lang),
        share=partial(_share, joint=words(lang)["to"]),
        thousands=partial(whole, lang=lang),
    )


def file_of(network: str, site: str) -> str:
    """The name of a layer's sheet, without its language.

    >>> file_of("embedded", "layer2.1.relu")
    'embedded-layer2.1.relu'
    """
    return f"{network}-{site}"


def _wings(rows: Sequence[Row], lang: str) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "title": TITLES[name][lang],
            "note": words(lang).get(f"note.{name}"),
            "layers": _layers(list(of_network)),
        }
        for name, of_network in groupby(rows, lambda row: row["network"])
    ]


def _layers(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [
        {"site": site, "file": file_of(rows[0]["network"], site), "rows": list(of_site)}
        for site, of_site in groupby(rows, lambda row: row["site"])
    ]


def _share(one: dict[str, float], joint: str) -> str:
    share, low, high = (round(100 * one[name]) for name in ("share", "low", "high"))
    return f"{share} % ({low} {joint} {high})".replace("-", "\N{MINUS SIGN}")


def _counted(names: Sequence[str]) -> str:
    """The names in their order, each once, with how often it stands there.

    >>> _counted(["truck", "ship", "truck"])
    'truck (2), ship'
    """
    counts = Counter(names)
    return ", ".join(f"{name} ({count})" if count > 1 else name for name, count in counts.items())
