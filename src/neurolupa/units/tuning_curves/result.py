"""The result of a tuning measurement, and where it comes from."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurolupa.atlas.checks import whole_number
from neurolupa.errors import UsageError, unknown
from neurolupa.units.tuning_curves.curves import OK, TuningCurves

if TYPE_CHECKING:
    import os

    import pandas as pd


@dataclass(frozen=True)
class TuningSource:
    """Where tuning curves come from.

    Attributes:
        model: the network's name.
        weights_digest: of its tensors.
        site: name of the measured site.
        address: its full address.
        point: the capture point that was asked for, None where the site itself was.
        link: how the site was reached from the one asked for (own, after_add), None likewise.
        stimuli: for each kind of pictures shown: spec, digest, pictures, window.
        shuffles: of the labels, for the null.
        seed: of the shuffling.
        versions: of neurolupa, torch and NumPy.
    """

    model: str
    weights_digest: str
    site: str
    address: str
    point: str | None
    link: str | None
    stimuli: Mapping[str, Mapping[str, Any]]
    shuffles: int
    seed: int
    versions: Mapping[str, str]

    @property
    def pictures(self) -> int:
        """How many pictures were shown in all."""
        return sum(kind["pictures"] for kind in self.stimuli.values())

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Tuning:
    """Tuning curves of some units of a site.

    Attributes:
        units: their numbers in the site.
        curves: by factor, the curves of these units, in this order.
        source: where they come from.
    """

    units: tuple[int, ...]
    curves: Mapping[str, TuningCurves]
    source: TuningSource

    @property
    def factors(self) -> tuple[str, ...]:
        """The names of the measured factors."""
        return tuple(self.curves)

    def __repr__(self) -> str:
        held = f"{len(self.units)} units of {self.source.site}, {', '.join(self.factors)}"
        return f"<Tuning {self.source.model}: {held}; {self.source.pictures} pictures>"

    def of(self, factor: str) -> TuningCurves:
        """The curves over one factor; UsageError with the nearest names for one that was not measured."""
        if factor not in self.curves:
            raise unknown("tuning factor", str(factor), self.curves)
        return self.curves[factor]

    def place(self, unit: int) -> int:
        """Where a unit stands among `units`; UsageError for one that was not measured."""
        number = whole_number("unit", unit)
        if number not in self.units:
            raise UsageError(
                f"unit {number} of {self.source.site} was not measured; {_listed(self.units)} were"
            )
        return self.units.index(number)

    def to_frame(self) -> "pd.DataFrame":
        """One row for each unit and factor: what the curve amounts to, its null and its N."""
        import pandas as pd

        rows = [
            {"unit": unit, **curves.row(place)}
            for place, unit in enumerate(self.units)
            for curves in self.curves.values()
        ]
        return pd.DataFrame(rows)

    def curve(self, factor: str, unit: int) -> "pd.DataFrame":
        """One unit's curve: for each value the mean answer, its standard error, N, and what chance gives.

        `null_low` and `null_high` hold 95 % of the means under shuffled labels (normal approximation).
        """
        import pandas as pd

        curves, place = self.of(factor), self.place(unit)
        reach = 1.959964 * curves.null_error[place]
        return pd.DataFrame(
            {
                "value": list(curves.values),
                "mean": curves.response[place],
                "error": curves.error[place],
                "n": curves.counts,
                "null_low": curves.null_response[place] - reach,
                "null_high": curves.null_response[place] + reach,
            }
        )

    def curves_frame(self) -> "pd.DataFrame":
        """Every curve, one under the other: unit, factor and the columns of `curve`."""
        import pandas as pd

        parts = [
            self.curve(factor, unit).assign(unit=unit, factor=factor)
            for unit in self.units
            for factor in self.factors
        ]
        frame = pd.concat(parts, ignore_index=True)
        return frame[["unit", "factor", *(name for name in frame if name not in ("unit", "factor"))]]

    def strongest(self, count: int = 6) -> tuple[int, ...]:
        """The units whose index, in any factor, is furthest above its null's 95th percentile, best first.

        Units without a sound curve come last; ties go to the lower number.
        """
        count = whole_number("count", count, 1)
        margins = np.stack(
            [np.where(np.array(c.state) == OK, c.index - c.null_high, -np.inf) for c in self.curves.values()]
        )
        order = np.argsort(-margins.max(0), kind="stable")[:count]
        return tuple(self.units[place] for place in order)

    def save(self, folder: "str | os.PathLike") -> None:
        """Write `tuning.json` and `tuning.safetensors` into a folder, from which `load` reads them."""
        from neurolupa.units.tuning_curves.storing import save

        save(self, folder)

    @classmethod
    def load(cls, folder: "str | os.PathLike") -> "Tuning":
        """What `save` wrote; DataError where it is missing or damaged."""
        from neurolupa.units.tuning_curves.storing import load

        return load(folder)


def _listed(units: tuple[int, ...]) -> str:
    if units == tuple(range(units[0], units[-1] + 1)):
        return f"{units[0]} to {units[-1]}"
    more = f", ... ({len(units)} in all)" if len(units) > 12 else ""
    return ", ".join(map(str, units[:12])) + more
