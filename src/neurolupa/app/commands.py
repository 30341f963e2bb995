"""The command line that gives the same result as the dashboard."""

import shlex
from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from neurolupa.app.request import ImageRef, Request

if TYPE_CHECKING:
    from neurolupa.probing.result import ProbeReport
    from neurolupa.synthesis import Synthesis

_FOLDER = "analysis"
_PICTURES = "made"
_PROBES = "probes"
_COMPARED = "compared"


def inspect_command(request: Request, upload: str | None = None) -> str:
    """`neurolupa inspect` for a request; an uploaded picture stands there by its file's name.

    >>> picture = ImageRef("url", "https://a.org/cat.jpg")
    >>> inspect_command(Request(sites=("fc",), point=None, by="mean", image=picture))
    'neurolupa inspect embedded https://a.org/cat.jpg --site fc --by mean --top 6 --out analysis'
    """
    words = ["neurolupa", "inspect", request.model, _image(request.image, upload)]
    for site in request.sites:
        words += ["--site", site]
    if request.point is not None:
        words += ["--point", request.point]
    if request.weights != "default":
        words += ["--weights", request.weights]
    return shlex.join([*words, *_ranking(request), "--out", _FOLDER])


def synthesize_command(made: "Synthesis", atlas: str | None = None) -> str | None:
    """`neurolupa synthesize` for pictures of units; None for what it cannot make: an objective of one's own.

    Args:
        made: The pictures.
        atlas: The folder of the atlas that they are compared with.
    """
    source, units = made.source, list(dict.fromkeys(made.units))
    placed = any(target.endswith("]") for target in made.targets)
    if source.site is None or source.method == "own" or placed or min(units) < 0:
        return None
    words = ["neurolupa", "synthesize", source.model, "--site", source.site, "--units", ranges(units)]
    words += ["--method", source.method, "--steps", str(source.recipe["steps"]), "--seed", str(source.seed)]
    words += ["--size", "{},{}".format(*source.view)]
    words += ["--copies", str(max(made.copies) + 1)] if max(made.copies) else []
    words += ["--prior", source.prior] if source.prior != "samples" else []
    return shlex.join([*words, *([] if atlas is None else ["--atlas", atlas]), "--out", _PICTURES])


def probe_command(report: "ProbeReport", model: str) -> str:
    """`neurolupa probe` for what a report holds, of the network that `model` names."""
    source, settings = report.source, report.settings
    words = ["neurolupa", "probe", model, source.spec]
    for name in (*(each.concept for each in report.concepts), *report.skipped):
        words += ["--target", name]
    words += ["--sites", ",".join(report.sites), "--pooling", source.pooling]
    words += [] if source.random_seed is not None else ["--no-controls"]
    words += ["--test", repr(settings.test), "--folds", str(settings.folds), "--seed", str(settings.seed)]
    return shlex.join([*words, "--out", _PROBES])


def compare_classes_command(folder: str, site: str, classes: Sequence[str]) -> str:
    """`neurolupa compare-classes` for some classes of an atlas at a site.

    >>> compare_classes_command("my atlas", "relu", ["cat", "dog"])
    "neurolupa compare-classes 'my atlas' cat dog --site relu --out compared"
    """
    return shlex.join(["neurolupa", "compare-classes", folder, *classes, "--site", site, "--out", _COMPARED])


def compare_command(first: str, second: str) -> str:
    """`neurolupa compare` for two atlases.

    >>> compare_command("before", "after")
    'neurolupa compare before after --out compared'
    """
    return shlex.join(["neurolupa", "compare", first, second, "--out", _COMPARED])


def ranges(units: Sequence[int]) -> str:
    """Units as they are typed, those that follow each other as a range.

    >>> ranges([0, 1, 2, 5, 4])
    '0-2,5,4'
    """
    runs: list[list[int]] = []
    for unit in units:
        if runs and unit == runs[-1][-1] + 1:
            runs[-1].append(unit)
        else:
            runs.append([unit])
    return ",".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _ranking(request: Request) -> list[str]:
    words = ["--by", request.by, "--top", str(request.k)]
    if request.by == "balanced":
        words += ["--min-sparsity", repr(request.min_sparsity), "--weight", repr(request.weight)]
    if request.by == "manual":
        words += ["--units", ",".join(map(str, request.chosen))]
    return words


def _image(image: ImageRef, upload: str | None) -> str:
    if image.kind == "upload":
        return PurePath(upload or "picture").name
    return f"samples#{image.value}" if image.kind == "sample" else image.value
