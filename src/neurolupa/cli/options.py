"""Options that several commands share, and how their text becomes values."""

from typing import Annotated

import typer

from neurolupa.errors import UsageError

_MOST_UNITS = 1_000_000

Network = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help="A torchvision network, timm:NAME, pkg.module:factory or path/file.py:factory.",
    ),
]
Images = Annotated[
    str,
    typer.Argument(
        metavar="IMAGES",
        help="A folder, or folder:DIR, parquet:FILE, npz:FILE, cifar10:DIR, samples; "
        "?classes=cat,dog&per_class=50 chooses.",
    ),
]
AtlasFolder = Annotated[str, typer.Argument(metavar="ATLAS", help="The folder of an atlas.")]

Weights = Annotated[
    str,
    typer.Option(
        metavar="FILE", help="A file of weights, or 'default' (the published ones), or 'random' ('none')."
    ),
]
Classes = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Names of the network's classes, .json or .txt."),
]
InputSize = Annotated[
    str | None, typer.Option(metavar="N", help="Another input size in pixels: N, or HEIGHT,WIDTH.")
]
Mean = Annotated[str | None, typer.Option(metavar="A,B,C", help="Another mean for each channel, in 0..1.")]
Std = Annotated[
    str | None, typer.Option(metavar="A,B,C", help="Another standard deviation for each channel, in 0..1.")
]
Device = Annotated[str, typer.Option(metavar="NAME", help="auto, cpu, cuda, cuda:1 or mps.")]
AllowPartial = Annotated[
    bool, typer.Option("--allow-partial", help="Load what fits of the weights; the rest stays random.")
]
Seed = Annotated[int, typer.Option(metavar="N", help="What random weights are drawn with.")]

Sites = Annotated[
    list[str],
    typer.Option(
        metavar="S", help="Addresses, globs or kinds, with commas between or repeated: layer1.*,kind:conv."
    ),
]
Limit = Annotated[int | None, typer.Option(metavar="N", help="Only the first N images.")]
BatchSize = Annotated[
    int | None,
    typer.Option(metavar="B", help="Images in a block; 64, or 256 for inputs below 128 pixels."),
]
Workers = Annotated[
    int | None, typer.Option(metavar="N", help="Threads that decode images; as many as cores.")
]
Dtype = Annotated[
    str, typer.Option(metavar="T", help="What the network computes in: float32, bfloat16 or float16.")
]

Lang = Annotated[str, typer.Option(metavar="en|es", help="Language of the sentences.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


def weights_named(text: str) -> str | None:
    """What `load_model` calls it: None for random weights, else the text itself.

    >>> weights_named("none"), weights_named("random"), weights_named("default"), weights_named("net.pth")
    (None, None, 'default', 'net.pth')
    """
    return None if text.lower() in ("none", "random") else text


def numbers(option: str, text: str | None) -> tuple[float, ...] | None:
    """The numbers of "a,b,c"; UsageError when one is none.

    >>> numbers("--mean", "0.5,0.25,0.5")
    (0.5, 0.25, 0.5)
    """
    if text is None:
        return None
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(
            f"{option} takes numbers with commas between, as 0.5,0.5,0.5, not {text!r}"
        ) from None


def pixels(option: str, text: str | None) -> int | tuple[int, int] | None:
    """An input size: one number, or height and width; UsageError for anything else.

    >>> pixels("--input-size", "32"), pixels("--input-size", "224,320")
    (32, (224, 320))
    """
    if text is None:
        return None
    try:
        sides = [int(part) for part in text.split(",")]
    except ValueError:
        sides = []
    if len(sides) not in (1, 2) or min(sides) < 1:
        raise UsageError(f"{option} takes pixels, as 224 or 224,320 (height, width), not {text!r}")
    return sides[0] if len(sides) == 1 else (sides[0], sides[1])


def at_least_one(option: str, value: int | None) -> int | None:
    """The value itself; UsageError for one below 1.

    >>> at_least_one("--workers", 2)
    2
    """
    if value is not None and value < 1:
        raise UsageError(f"{option} is at least 1, not {value}")
    return value


def unit_numbers(option: str, text: str | None) -> tuple[int, ...]:
    """The units of "3,5-9"; none for None, UsageError for anything else.

    >>> unit_numbers("--units", "3,5-7"), unit_numbers("--units", None)
    ((3, 5, 6, 7), ())
    """
    found: list[int] = []
    for part in text.split(",") if text is not None else ():
        first, mark, last = part.strip().partition("-")
        last = last if mark else first
        if not (first.isdecimal() and last.isdecimal() and int(first) <= int(last) < _MOST_UNITS):
            raise UsageError(f"{option} takes unit numbers, as 3,5-9, not {text!r}")
        found.extend(range(int(first), int(last) + 1))
    return tuple(found)
