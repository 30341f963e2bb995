"""`monitor`: layers watched while a network learns, in a plain PyTorch loop."""

import json
import os
from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import torch
from torch import Tensor, nn

from neurolupa import __version__
from neurolupa.atlas.checks import path_of, whole_number
from neurolupa.capture import Site
from neurolupa.capture.watching import NextPass, sites_of_module
from neurolupa.errors import DataError, UsageError
from neurolupa.models import Model
from neurolupa.monitoring.log import HEADER, ROWS, SCHEMA, WINDOW, TrainingLog, open_log
from neurolupa.monitoring.measuring import SiteRow, row_of


def monitor(
    module: nn.Module | Model,
    out: str | os.PathLike,
    *,
    every: int = 100,
    sites: str = "kind:relu",
    resume: bool = False,
) -> "Monitor":
    """Watch the sites of a network while it learns; every so many steps one training pass is measured.

    Between these passes nothing is attached to the network. What is measured changes neither values nor
    gradients nor random numbers. Rows are appended to a folder that is readable at any moment:
    `neurolupa show`, `nl.monitoring.open_log`.

    Args:
        module: The network that is trained.
        out: A folder for the log: new, or with `resume` an earlier one of the same network.
        every: Steps from one measured pass to the next; the first step is measured.
        sites: A selection, as everywhere.
        resume: Whether to go on with the log that is in the folder.

    Raises:
        UsageError: `every` below 1, or no network; a network that is wrapped or compiled.
        DataError: The folder holds something else, or another network's log.

    >>> import tempfile
    >>> net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 2))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with monitor(net, folder, every=2) as watch:
    ...         for step in range(4):
    ...             loss = net(torch.rand(5, 3, 8, 8)).square().mean()
    ...             watch.step(loss=float(loss.detach()))
    ...     open_log(folder).steps
    (0, 2)
    """
    found = module.module if isinstance(module, Model) else module
    if not isinstance(found, nn.Module):
        raise UsageError(f"a network is watched, not a {type(found).__name__}")
    _refuse_wrapped(found)
    place = path_of("out", out)
    facts = _facts(found, sites, whole_number("every", every, 1))
    return Monitor(found, place, facts, _begun(place, facts, resume))


class Monitor:
    """A running watch; `step` is called once after each step of the optimiser.

    Attributes:
        steps: How many steps were told so far.
    """

    def __init__(self, module: nn.Module, place: Path, facts: Mapping[str, Any], steps: int) -> None:
        self.steps = steps
        self._module, self._facts = module, facts
        self._rows: list[SiteRow] = []
        self._sites: tuple[Site, ...] | None = None
        self._file = (place / ROWS).open("a", encoding="utf-8")
        self._pass: NextPass | None = None
        self._arm()

    def step(self, **numbers: float) -> None:
        """One step is done; `numbers`, as the loss, are kept where it was measured.

        Raises:
            DataError: The step's pass could not be measured.
        """
        watched = self._pass
        if watched is not None and watched.done:
            self._pass = None
            if watched.fault is not None:
                raise DataError(
                    f"step {self.steps} could not be measured: {watched.fault}"
                ) from watched.fault
            self._write(numbers)
        self.steps += 1
        self._arm()

    def close(self) -> None:
        """Watch no longer; the log stays."""
        if self._pass is not None:
            self._pass.close()
            self._pass = None
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _arm(self) -> None:
        if self._pass is None and self.steps % self._facts["every"] == 0:
            self._rows = []
            self._pass = NextPass(self._module, self._chosen, self._take)

    def _chosen(self, batch: Tensor) -> tuple[Site, ...]:
        if self._sites is None:
            self._sites = sites_of_module(self._module, batch).select(self._facts["sites"])
        return self._sites

    def _take(self, site: Site, value: Tensor) -> None:
        self._rows.append(row_of(site, value))

    def _write(self, numbers: Mapping[str, float]) -> None:
        told = {name: float(value) if isfinite(value) else None for name, value in numbers.items()}
        rows = [row.to_dict() for row in sorted(self._rows, key=lambda row: row.order)]
        line = json.dumps({"step": self.steps, "numbers": told, "sites": rows}, allow_nan=False)
        self._file.write(line + "\n")
        self._file.flush()


def _refuse_wrapped(module: nn.Module) -> None:
    wrapped = (nn.DataParallel, nn.parallel.DistributedDataParallel)
    if isinstance(module, wrapped):
        raise UsageError(f"watch the network inside {type(module).__name__}: give its .module")
    if hasattr(module, "_orig_mod") or isinstance(module, torch.jit.ScriptModule):
        raise UsageError("a compiled network hides its layers; watch it before it is compiled")


def _facts(module: nn.Module, sites: str, every: int) -> dict[str, Any]:
    shapes = {name: list(value.shape) for name, value in module.named_parameters()}
    return {
        "schema": SCHEMA,
        "network": type(module).__name__,
        "parameters": shapes,
        "sites": sites,
        "every": every,
        "window": WINDOW,
        "versions": {"neurolupa": __version__, "torch": str(torch.__version__)},
    }


def _begun(place: Path, facts: Mapping[str, Any], resume: bool) -> int:
    """Write the header, or take an earlier log over; the step to go on from."""
    if resume and (place / HEADER).is_file():
        return _resumed(open_log(place), facts)
    if place.is_dir() and any(place.iterdir()):
        raise DataError(f"{place} holds files; name a new folder, or resume=True for its own log")
    try:
        place.mkdir(parents=True, exist_ok=True)
        (place / HEADER).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise DataError(f"{place} cannot be written: {error.strerror or error}") from None
    return 0


def _resumed(log: TrainingLog, facts: Mapping[str, Any]) -> int:
    for name in ("network", "parameters", "sites", "every"):
        if log.header[name] != facts[name]:
            raise DataError(f"{log.folder} is the log of something else: its {name} differ")
    if log.torn:
        kept = b"".join(json.dumps(one).encode() + b"\n" for one in log.samples)
        (log.folder / ROWS).write_bytes(kept)
    return log.steps[-1] + int(facts["every"]) if log.steps else 0
