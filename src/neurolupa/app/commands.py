"""The command line that gives the same result as the dashboard."""

import shlex
from pathlib import PurePath

from neurolupa.app.request import ImageRef, Request

_FOLDER = "analysis"


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
