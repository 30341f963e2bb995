"""A training log: a folder that is readable at any moment, whatever becomes of the training."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurolupa.atlas.checks import path_of
from neurolupa.errors import DataError, unknown

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = 1
HEADER, ROWS = "training.json", "rows.jsonl"
WINDOW = 3
"""Samples in a row in which a unit is silent until it is called dead."""

COLUMNS = (
    "step", "site", "order", "units", "n", "silent", "dead", "dormant", "sparsity", "effective_rank",
    "rank_bound", "mean", "std", "not_finite",
)  # fmt: skip
"""Of a log's table; the user's numbers follow."""

Change = tuple[int, str, str, tuple[int, ...]]
"""Step, site, "died" or "revived", and the units."""


@dataclass(frozen=True, eq=False)
class TrainingLog:
    """What was measured while a network learnt.

    Attributes:
        folder: where it lies.
        header: network, sites, how often it was measured, versions.
        samples: one for each measured step: `step`, `numbers` (of the user) and `sites`, the rows.
        torn: whether the last line was not written to its end and is left out.
    """

    folder: Path
    header: Mapping[str, Any]
    samples: Sequence[Mapping[str, Any]] = field(repr=False)
    torn: bool

    @property
    def steps(self) -> tuple[int, ...]:
        """The measured steps."""
        return tuple(int(one["step"]) for one in self.samples)

    @property
    def sites(self) -> tuple[str, ...]:
        """The names of the sites, in forward order."""
        rows = {row["site"]: row["order"] for one in self.samples for row in one["sites"]}
        return tuple(sorted(rows, key=rows.__getitem__))

    def dead_units(self, site: str) -> dict[int, tuple[int, ...]]:
        """By step, the units of a site that were silent in this and the samples before, as many as a window.

        Raises:
            UsageError: There is no such site.
        """
        if site not in self.sites:
            raise unknown("site", site, self.sites)
        window = int(self.header["window"])
        found: dict[int, tuple[int, ...]] = {}
        recent: list[set[int]] = []
        for one in self.samples:
            row = next((row for row in one["sites"] if row["site"] == site), None)
            if row is not None:
                recent = [*recent, set(row["silent"])][-window:]
                dead = set.intersection(*recent) if len(recent) == window else set()
                found[int(one["step"])] = tuple(sorted(dead))
        return found

    def to_frame(self) -> "pd.DataFrame":
        """One row for each step and site: `COLUMNS`, then the user's numbers.

        Silent and dead are counts of units; dead: silent in this and the samples before, a window in all.
        """
        import pandas as pd

        dead = {site: self.dead_units(site) for site in self.sites}
        rows = []
        for one in self.samples:
            for row in one["sites"]:
                told = dict(row, silent=len(row["silent"]), dead=len(dead[row["site"]][int(one["step"])]))
                rows.append({"step": int(one["step"]), **told, **one["numbers"]})
        numbers = dict.fromkeys(name for one in self.samples for name in one["numbers"])
        return pd.DataFrame(rows, columns=[*COLUMNS, *numbers])

    def changes(self) -> list[Change]:
        """What died and what came back, in the order in which it happened."""
        found: list[Change] = []
        for site in self.sites:
            before: set[int] = set()
            for step, dead in self.dead_units(site).items():
                for code, units in (("died", set(dead) - before), ("revived", before - set(dead))):
                    if units:
                        found.append((step, site, code, tuple(sorted(units))))
                before = set(dead)
        return sorted(found, key=lambda one: one[0])


def open_log(folder: str | os.PathLike) -> TrainingLog:
    """The log in a folder; a last line that was torn by a kill is left out and told.

    Raises:
        DataError: There is none, or it is damaged.

    >>> open_log("nowhere")
    Traceback (most recent call last):
    ...
    neurolupa.errors.DataError: no training log at nowhere: it has no training.json
    """
    place = path_of("folder", folder)
    if not (place / HEADER).is_file():
        raise DataError(f"no training log at {place}: it has no {HEADER}")
    try:
        header = json.loads((place / HEADER).read_text(encoding="utf-8"))
        if header["schema"] != SCHEMA:
            raise DataError(f"{place} holds a training log of schema {header['schema']}, not {SCHEMA}")
        _check(header)
        lines = (place / ROWS).read_bytes().split(b"\n") if (place / ROWS).is_file() else [b""]
        samples = [json.loads(line) for line in lines[:-1]]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise DataError(f"the training log at {place} is damaged: {error}") from error
    return TrainingLog(place, header, samples, torn=bool(lines[-1]))


def _check(header: Mapping[str, Any]) -> None:
    """Raise LookupError or TypeError for a header that does not tell what readers ask."""
    for name in ("network", "sites", "every", "window"):
        header[name]


def is_log(folder: str | os.PathLike) -> bool:
    """Whether a folder holds a training log."""
    return (Path(folder) / HEADER).is_file()
