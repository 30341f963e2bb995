"""The result of a synthesis: pictures, what they reach, and where they come from."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from neurolupa.errors import UsageError
from neurolupa.synthesis.quality import Quality

if TYPE_CHECKING:
    import os

    import pandas as pd

BLANK, NOT_ACTIVATED, FAILED, RESTARTED, GOOD = "BLANK", "NOT_ACTIVATED", "FAILED", "RESTARTED", "GOOD"
STATES = (GOOD, RESTARTED, NOT_ACTIVATED, BLANK, FAILED)


@dataclass(frozen=True)
class SynthesisSource:
    """Where synthetic pictures come from; with the same the pictures are the same.

    Attributes:
        model: the network's name.
        weights_digest: of its tensors.
        site: name of the site, None where the objectives look at several or none.
        address: its full address, likewise.
        method: the name of the recipe that was altered.
        recipe: every choice, as plain values.
        prior: the pictures that colours and spectrum were measured on.
        size: height and width of the pictures.
        view: height and width of what the network saw.
        seed: of every sample's stream.
        versions: of neurolupa, torch and NumPy.
    """

    model: str
    weights_digest: str
    site: str | None
    address: str | None
    method: str
    recipe: Mapping[str, Any]
    prior: str
    size: tuple[int, int]
    view: tuple[int, int]
    seed: int
    versions: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Synthesis:
    """Pictures that were made to drive something in a network; never show one without natural exemplars.

    Row i of every array is picture i.

    Attributes:
        images: (N, C, H, W) float32 in 0..1.
        targets: what each picture drives, as text: `layer1.0.relu:1#5`.
        units: the unit that each drives, -1 where that is no single unit.
        copies: which of several pictures of the same target each is, from 0.
        activations: (N,) the objective on the picture as it is.
        curves: (N, looks) the objective on the picture as it was at each look.
        steps: (looks,) the steps that had been taken.
        states: GOOD; RESTARTED (NaN once, then with a lower rate); NOT_ACTIVATED (the objective did not
            rise); BLANK (the picture has hardly any contrast); FAILED (NaN twice).
        quality: how good each picture is.
        source: where they come from.
        interrupted: whether Ctrl-C ended it early.
        seconds: how long each took, its share of the batch.
    """

    images: np.ndarray = field(repr=False)
    targets: tuple[str, ...]
    units: tuple[int, ...]
    copies: tuple[int, ...]
    activations: np.ndarray
    curves: np.ndarray = field(repr=False)
    steps: np.ndarray = field(repr=False)
    states: tuple[str, ...]
    quality: tuple[Quality, ...] = field(repr=False)
    source: SynthesisSource
    interrupted: bool
    seconds: tuple[float, ...] = field(repr=False)

    def __len__(self) -> int:
        return len(self.images)

    def picture(self, index: int) -> Image.Image:
        """Picture `index` as 8-bit colour, or grey.

        Raises:
            UsageError: No such picture, or neither 1 nor 3 channels.
        """
        if not 0 <= index < len(self):
            raise UsageError(f"no picture {index}; there are 0 to {len(self) - 1}")
        values = np.rint(self.images[index].transpose(1, 2, 0) * 255).astype(np.uint8)
        if values.shape[2] not in (1, 3):
            raise UsageError(f"a picture of {values.shape[2]} channels cannot be shown; use .images")
        return Image.fromarray(values if values.shape[2] == 3 else values[:, :, 0])

    def to_frame(self) -> "pd.DataFrame":
        """One row per picture: target, unit, copy, state, activation, seconds and every number of quality."""
        import pandas as pd

        rows = [
            {
                "target": self.targets[index],
                "unit": self.units[index],
                "copy": self.copies[index],
                "state": self.states[index],
                "activation": float(self.activations[index]),
                "seconds": self.seconds[index],
                **asdict(self.quality[index]),
            }
            for index in range(len(self))
        ]
        return pd.DataFrame(rows)

    def save(self, folder: "str | os.PathLike") -> None:
        """Write it into a folder; `load` reads it back.

        Raises:
            DataError: the folder cannot be written.
        """
        from neurolupa.synthesis.storing import save

        save(self, folder)

    @classmethod
    def load(cls, folder: "str | os.PathLike") -> "Synthesis":
        """What `save` wrote.

        Raises:
            DataError: a file is missing, damaged or of another schema.
        """
        from neurolupa.synthesis.storing import load

        return load(folder)
