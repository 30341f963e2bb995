"""What a row of a benchmark says, and where it is kept so that an interrupted run goes on."""

import json
import os
import platform
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Row:
    """One figure against its target.

    Attributes:
        name: of the figure.
        values: one for each repetition.
        target: what the design asks for.
        at_least: whether the figure must reach the target, or else stay below it.
        unit: of the figure.
        facts: absolute numbers behind it.
    """

    name: str
    values: tuple[float, ...]
    target: float
    at_least: bool = True
    unit: str = "ratio"
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def median(self) -> float:
        """The figure to quote."""
        return float(np.median(self.values))

    @property
    def met(self) -> bool:
        """Whether the median reaches the target."""
        return self.median >= self.target if self.at_least else self.median <= self.target

    def line(self) -> str:
        """The row as it is printed."""
        sign, word = ("≥" if self.at_least else "≤"), ("met" if self.met else "MISSED")
        spread = f"{min(self.values):.4g} to {max(self.values):.4g}, {len(self.values)} times"
        facts = "; ".join(f"{key} {value}" for key, value in self.facts.items())
        figure = f"{self.name}: {self.median:.4g} {self.unit} ({spread})"
        return f"{figure}, target {sign} {self.target:g}: {word}\n    {facts}"


def source_digest() -> str:
    """Of the package's code: kept results count only for the code that gave them."""
    files = sorted((ROOT / "src").rglob("*.py")) + sorted(Path(__file__).parent.glob("*.py"))
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "python": platform.python_version(),
    }


def kept_or_measured(name: str, measure: Callable[[], Iterable[Row]]) -> list[Row]:
    """The rows of one benchmark: kept from the same code on the same machine, or measured now."""
    path = RESULTS / f"{name}.json"
    stamp = {"source": source_digest(), "machine": machine()}
    if path.exists() and (kept := json.loads(path.read_text()))["stamp"] == stamp:
        return [Row(**(row | {"values": tuple(row["values"])})) for row in kept["rows"]]
    rows = list(measure())
    RESULTS.mkdir(exist_ok=True)
    path.write_text(json.dumps({"stamp": stamp, "rows": [asdict(row) for row in rows]}, indent=2) + "\n")
    return rows
