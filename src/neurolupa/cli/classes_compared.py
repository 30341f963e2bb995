"""What `neurolupa compare-classes` opens, and what it says."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurolupa.cli.network import open_network
from neurolupa.cli.printing import Column, print_json, print_table, records
from neurolupa.errors import UsageError
from neurolupa.figures.classes_compared_words import (
    code_lines,
    comparison_notes,
    comparison_title,
    reading_lines,
)
from neurolupa.locales import text

if TYPE_CHECKING:
    import pandas as pd

    from neurolupa.atlas import Atlas
    from neurolupa.comparison.classes import ClassComparison, Lookalikes
    from neurolupa.images import ImageSet
    from neurolupa.models import Model


def _two(value: float) -> str:
    return f"{round(value, 2) + 0.0:.2f}"


_UNITS = (
    Column("unit", right=True),
    Column("higher"),
    Column("lower"),
    Column("g", show=_two, right=True),
    Column("low", "95 % low", _two, right=True, spare=1),
    Column("high", "95 % high", _two, right=True, spare=1),
    Column("p_adjusted", "adjusted p", "{:.2g}".format, right=True),
    Column("p_shuffled", "shuffled p", "{:.3f}".format, right=True, spare=3),
    Column("auroc", "AUROC", "{:.3f}".format, right=True, spare=2),
    Column("n", "N", right=True, spare=4),
    Column("code", spare=5),
)


@dataclass(frozen=True)
class SecondPass:
    """What is shown once more, where it was named.

    Attributes:
        network: that was scanned; None leaves it to the atlas.
        images: that were scanned; None leaves them to the atlas.
    """

    network: "Model | None"
    images: "ImageSet | None"


def second_pass(
    atlas: "Atlas", maps: bool, model: str | None, images: str | None, *, weights: str, device: str
) -> SecondPass:
    """The network and the images that were named.

    Raises:
        UsageError: A network without --maps, or other images than those of the atlas.
    """
    from neurolupa.comparison.classes.reopening import scanned_images

    if model is not None and not maps:
        raise UsageError("--model is for --maps; the rest is read from the atlas alone")
    shown = None if images is None and not maps else scanned_images(atlas, images)
    network = None if model is None else open_network(model, weights=weights, device=device)
    return SecondPass(network, shown)


def report(found: "ClassComparison", files: Sequence[Path], top: int, lang: str, json: bool) -> None:
    """The units that differ most and what it amounts to, or everything as JSON with its source."""
    if json:
        print_json(_facts(found, files))
        return
    *_, source = comparison_notes(found, lang)
    print(f"{comparison_title(found, lang)}\n{source}\n")
    print_table(_strongest(found, top), _UNITS)
    print()
    for line in (*reading_lines(found, lang), *code_lines(found, lang)):
        print(f"  {line}")
    if files:
        told = {"folder": files[0].parent.as_posix(), "count": len(files)}
        print(f"\n{text('cli.inspect.written', lang, **told)}")


def _facts(found: "ClassComparison", files: Sequence[Path]) -> dict[str, Any]:
    return {
        "source": found.source.to_dict(),
        "site": found.site,
        "classes": [
            {name: getattr(each, name) for name in ("name", "id", "images", "sampled")}
            for each in found.classes
        ],
        "correction": found.correction,
        "shuffles": found.shuffles,
        "seed": found.seed,
        "largest": [
            {"first": pair.first, "second": pair.second, "observed": null.observed, **null.to_dict()}
            for pair in found.pairs
            if (null := pair.sampled.largest) is not None
        ],
        "units": records(found.to_frame()),
        "variance": records(found.variance_frame()),
        "lookalikes": _lookalikes(found.lookalikes),
        "files": [path.as_posix() for path in files],
    }


def _lookalikes(held: "Lookalikes") -> dict[str, Any]:
    return {
        **{name: getattr(held, name) for name in ("code", "images", "accuracy", "low", "high")},
        "null": None if held.null is None else held.null.to_dict(),
        "pictures": records(held.to_frame()),
    }


def _strongest(found: "ClassComparison", top: int) -> "pd.DataFrame":
    """The rows of units and pairs with the largest g, turned so that it is above 0."""
    import numpy as np

    frame = found.to_frame().dropna(subset="g")
    frame = frame.loc[frame["g"].abs().sort_values(ascending=False, kind="stable").index[:top]]
    turned = frame["g"] < 0
    one, two = frame["first"], frame["second"]
    return frame.assign(
        higher=one.where(~turned, two),
        lower=two.where(~turned, one),
        g=frame["g"].abs(),
        low=np.where(turned, -frame["high"], frame["low"]),
        high=np.where(turned, -frame["low"], frame["high"]),
        auroc=frame["auroc"].where(~turned, 1 - frame["auroc"]),
        n=frame["n_first"].astype(str) + " + " + frame["n_second"].astype(str),
    )
