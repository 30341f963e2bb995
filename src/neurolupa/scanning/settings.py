"""What a scan was asked to do, and what must be the same for an interrupted one to go on."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from neurolupa.atlas.checks import whole_number
from neurolupa.errors import DataError, UsageError, unknown

DTYPES = ("float32", "bfloat16", "float16")
_IDENTITY = {
    "weights": "the network's weights",
    "preprocessing": "the network's preprocessing",
    "images": "the image set",
    "sites": "the sites",
    "exemplars": "the number of exemplars",
    "samples": "the number of samples",
    "dtype": "the number type",
    "dead_threshold": "the threshold for dead units",
    "dormant_tau": "the threshold for dormant units",
    "keeps_activations": "whether activations are kept",
}


PLACES = ("ray",)
"""Where a scan can run besides this process."""


def check_place(on: str | None) -> None:
    """UsageError for a place that is none.

    >>> check_place("ray"), check_place(None)
    (None, None)
    """
    if on not in (None, *PLACES):
        raise unknown("place to scan on", str(on), PLACES)


@dataclass(frozen=True)
class ScanSettings:
    """The choices behind an atlas.

    Attributes:
        sites: full addresses, in forward order.
        batch_size: images in a block; blocks are fixed ranges of image indices.
        dtype: what the network computes in; measurements are in float32 and sums in float64.
        device: where it ran.
        exemplars: how many exemplars of a band are kept for a unit.
        samples: of how many images the values of every unit are kept.
        dead_threshold: a unit whose maximum is at most this is dead.
        dormant_tau: a unit whose mean magnitude is at most this share of its layer's is dormant.
    """

    sites: tuple[str, ...]
    batch_size: int
    dtype: str = "float32"
    device: str = "cpu"
    exemplars: int = 9
    samples: int = 4096
    dead_threshold: float = 1e-6
    dormant_tau: float = 0.025

    def __post_init__(self) -> None:
        for name in ("batch_size", "exemplars", "samples"):
            number = whole_number(name.replace("_", " "), getattr(self, name), 1)
            object.__setattr__(self, name, number)
        if self.dtype not in DTYPES:
            raise UsageError(f"unknown number type {self.dtype!r}; choose from: {', '.join(DTYPES)}")

    def to_dict(self) -> dict[str, Any]:
        """JSON-able values.

        >>> ScanSettings(("relu:0",), 64).to_dict()["batch_size"]
        64
        """
        return asdict(self) | {"sites": list(self.sites)}


def refuse_changes(recorded: Mapping[str, Any], present: Mapping[str, Any]) -> None:
    """DataError that names what differs between an interrupted scan and the one that would resume it.

    >>> refuse_changes({"images": "a"}, {"images": "b"})
    Traceback (most recent call last):
    ...
    neurolupa.errors.DataError: cannot resume: the image set changed since the scan was interrupted; ...
    """
    changed = [words for key, words in _IDENTITY.items() if recorded.get(key) != present.get(key)]
    if not changed and not _close(recorded.get("probe", ()), present.get("probe", ())):
        changed = ["the network's code (equal weights give other outputs)"]
    if changed:
        fault = f"cannot resume: {', '.join(changed)} changed since the scan was interrupted"
        raise DataError(f"{fault}; undo that, or start anew with --overwrite")


def _close(one: Any, two: Any) -> bool:
    first, second = np.asarray(one, np.float64), np.asarray(two, np.float64)
    return first.shape == second.shape and np.allclose(first, second, rtol=1e-3, atol=1e-3, equal_nan=True)
