"""How probes are fitted and judged: every choice in one value."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from math import inf
from typing import Any

from neurolupa.atlas.checks import real_number, whole_number
from neurolupa.errors import UsageError


@dataclass(frozen=True)
class Settings:
    """The choices of a probe.

    Attributes:
        test: Share of the pictures, of every class, that probes are judged on and never see before.
        folds: Of the cross-validation inside the other pictures that chooses the strength.
        strengths: The C to choose from, as scikit-learn's `LogisticRegression` means it: the larger, the
            freer the weights.
        resamples: Of the test pictures, for intervals.
        seed: Of the split, the shuffled labels and the resamples.
    """

    test: float = 0.2
    folds: int = 5
    strengths: tuple[float, ...] = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
    resamples: int = 1000
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < real_number("test", self.test) < 1:
            raise UsageError(f"test is a share between 0 and 1, not {self.test:g}")
        for name, least in (("folds", 2), ("resamples", 1), ("seed", 0)):
            whole_number(name, getattr(self, name), least)
        object.__setattr__(self, "strengths", _strengths(self.strengths))

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return asdict(self) | {"strengths": list(self.strengths)}


def _strengths(given: Any) -> tuple[float, ...]:
    each = given if isinstance(given, Iterable) and not isinstance(given, str) else [given]
    found = tuple(sorted({real_number("strength", one) for one in each}))
    if not found or not all(0 < one < inf for one in found):
        raise UsageError(f"strengths are finite numbers above 0, not {given}")
    return found
