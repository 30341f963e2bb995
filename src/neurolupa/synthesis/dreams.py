"""The result of a dream: the picture, the one that it was made from, and what was reached at each size."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import isfinite, nan
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from neurolupa.atlas.checks import path_of
from neurolupa.errors import DataError
from neurolupa.synthesis.result import FAILED, GOOD, NOT_ACTIVATED

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = 1
JSON, ARRAYS = "dream.json", "dream.safetensors"
_PICTURES = ("picture", "original")


@dataclass(frozen=True)
class DreamSource:
    """Where a dream comes from; with the same the picture is the same.

    Attributes:
        model: the network's name.
        weights_digest: of its tensors.
        sites: addresses of the sites that the objective looks at.
        image: id of the user's picture: its file name, its id in the set, or its digest's beginning.
        image_digest: SHA-256 of its size and pixels.
        image_size: its height and width as it was given; the dream's are those of `Dream.picture`.
        octaves: how many sizes were asked for; those too small for the sites were left out.
        scale: from one size to the next.
        steps: at each size.
        rate: mean change of a value (0..1) in one step.
        seed: of the jitter.
        most: pixels above which the picture was reduced.
        versions: of neurolupa, torch and NumPy.
    """

    model: str
    weights_digest: str
    sites: tuple[str, ...]
    image: str
    image_digest: str
    image_size: tuple[int, int]
    octaves: int
    scale: float
    steps: int
    rate: float
    seed: int
    most: int
    versions: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Octave:
    """What was reached at one size.

    Attributes:
        height: of the picture at this size.
        width: likewise.
        steps: that were taken.
        before: the objective on the picture as it came to this size, unmoved.
        after: the objective when it left.
        restarted: whether it broke (NaN or infinity) and began again with a tenth of the rate.
        failed: whether it broke a second time; then this size changed nothing.
        curve: the objective before each step, on the picture as it was rolled then.
    """

    height: int
    width: int
    steps: int
    before: float
    after: float
    restarted: bool = False
    failed: bool = False
    curve: tuple[float, ...] = field(default=(), repr=False)


@dataclass(frozen=True, eq=False)
class Dream:
    """A user's picture in which a network's layer or unit was driven up; it is synthetic, and says so.

    Attributes:
        picture: (C, H, W) float32 in 0..1, in the proportions of the user's picture.
        original: (C, H, W), what it was made from: the user's picture, reduced where it had too many pixels.
        target: what was driven, as text: `layer3.1.relu:1#5`, or a site alone for all of it.
        octaves: the sizes from small to large.
        source: where it comes from.
        interrupted: whether Ctrl-C ended it early.
        seconds: how long it took.
    """

    picture: np.ndarray = field(repr=False)
    original: np.ndarray = field(repr=False)
    target: str
    octaves: tuple[Octave, ...]
    source: DreamSource
    interrupted: bool
    seconds: float

    @property
    def image(self) -> Image.Image:
        """The picture as 8-bit colour, or grey."""
        return _shown(self.picture)

    @property
    def original_image(self) -> Image.Image:
        """What it was made from, at the same size."""
        return _shown(self.original)

    @property
    def reduced(self) -> bool:
        """Whether the user's picture had too many pixels."""
        return self.original.shape[1:] != tuple(self.source.image_size)

    @property
    def state(self) -> str:
        """GOOD; NOT_ACTIVATED where the objective rose at no size; FAILED where every size broke."""
        if all(one.failed for one in self.octaves):
            return FAILED
        return GOOD if any(one.after > one.before for one in self.octaves) else NOT_ACTIVATED

    def to_frame(self) -> "pd.DataFrame":
        """One row per octave: its number from 0 and every field of `Octave` but the curve."""
        import pandas as pd

        rows = [{"octave": number, **asdict(one)} for number, one in enumerate(self.octaves)]
        return pd.DataFrame(rows).drop(columns="curve")

    def to_dict(self) -> dict[str, Any]:
        """All but the pictures, ready for JSON; a number that is not finite is None."""
        return {
            "schema": SCHEMA,
            "synthetic": True,
            "target": self.target,
            "state": self.state,
            "source": self.source.to_dict(),
            "octaves": [_told(one) for one in self.octaves],
            "interrupted": self.interrupted,
            "seconds": self.seconds,
        }

    def save(self, folder: str | os.PathLike) -> None:
        """Write it into a folder, which is made where it is missing; `load` reads it back.

        Raises:
            DataError: the folder cannot be written.
        """
        place = path_of("folder", folder)
        try:
            place.mkdir(parents=True, exist_ok=True)
            save_file({name: np.ascontiguousarray(getattr(self, name)) for name in _PICTURES}, place / ARRAYS)
            (place / JSON).write_text(json.dumps(self.to_dict(), indent=1, ensure_ascii=False), "utf-8")
        except (OSError, SafetensorError) as error:
            raise DataError(f"{place} cannot be written: {error}") from None

    @classmethod
    def load(cls, folder: str | os.PathLike) -> "Dream":
        """What `save` wrote.

        Raises:
            DataError: a file is missing, damaged or of another schema.
        """
        place = path_of("folder", folder)
        try:
            head = json.loads((place / JSON).read_text(encoding="utf-8"))
            if head["schema"] != SCHEMA:
                raise DataError(f"{place} holds a dream of another schema than {SCHEMA}: make it anew")
            source = head["source"]
            source |= {name: tuple(source[name]) for name in ("sites", "image_size")}
            arrays: dict[str, Any] = dict(load_file(place / ARRAYS))
            return cls(
                **arrays,
                **{name: head[name] for name in ("target", "interrupted", "seconds")},
                octaves=tuple(_octave(one) for one in head["octaves"]),
                source=DreamSource(**source),
            )
        except FileNotFoundError:
            raise DataError(f"no dream in {place}: it needs {JSON} and {ARRAYS}") from None
        except (OSError, ValueError, LookupError, TypeError, SafetensorError) as error:
            raise DataError(f"the dream in {place} is damaged: {error}") from None


def _told(octave: Octave) -> dict[str, Any]:
    told = asdict(octave)
    finite = {name: _number(told[name]) for name in ("before", "after")}
    return {**told, **finite, "curve": [_number(value) for value in octave.curve]}


def _number(value: float) -> float | None:
    return value if isfinite(value) else None


def _octave(told: Mapping[str, Any]) -> Octave:
    values = {name: nan if told[name] is None else told[name] for name in ("before", "after")}
    curve = tuple(nan if value is None else value for value in told.get("curve", ()))
    return Octave(**{**told, **values, "curve": curve})


def _shown(values: np.ndarray) -> Image.Image:
    pixels = np.rint(values.transpose(1, 2, 0) * 255).astype(np.uint8)
    return Image.fromarray(pixels if pixels.shape[2] == 3 else pixels[:, :, 0])
