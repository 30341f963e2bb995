"""`monitor`: layers watched while a network learns, in a plain PyTorch loop."""

import json
import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from torch import Tensor, nn

from neurolupa.atlas.checks import path_of, shown, whole_number
from neurolupa.capture import Site, trace
from neurolupa.capture.tracing import refuse_hidden
from neurolupa.capture.watching import NextPass, sites_of_module
from neurolupa.errors import DataError, UsageError
from neurolupa.models import Model
from neurolupa.monitoring.log import COLUMNS, ROWS
from neurolupa.monitoring.measuring import SiteRow, row_of
from neurolupa.monitoring.opening import begin, facts_of


def monitor(
    module: nn.Module | Model,
    out: str | os.PathLike,
    *,
    every: int = 100,
    sites: str | Iterable[str | Site] = "kind:relu",
    example: Tensor | None = None,
    resume: bool = False,
    start: int | None = None,
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
        example: A batch (N, C, H, W); with it, or where `module` is a `Model`, the sites are looked up at
            once, so that a wrong name is told before the training begins.
        resume: Whether to go on with the log that is in the folder.
        start: The number of the first step; by default 0, or the one after the last that was measured.

    Raises:
        UsageError: `every` below 1, no network, one that is wrapped, or (with an example) no such site.
        DataError: The folder holds something else, another network's log, or steps from `start` on; a
            compiled network; (with an example) one that cannot run on it.

    >>> import tempfile, torch
    >>> from neurolupa.monitoring import open_log
    >>> net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 2))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with monitor(net, folder, every=2) as watch:
    ...         for step in range(4):
    ...             loss = net(torch.rand(5, 3, 8, 8)).square().mean()
    ...             watch.step(loss=float(loss.detach()))
    ...     open_log(folder).steps
    (0, 2)
    """
    network = module.module if isinstance(module, Model) else module
    _refuse(network)
    place, every = path_of("out", out), whole_number("every", every, 1)
    first = None if start is None else whole_number("start", start, 0)
    chosen = sites if isinstance(sites, str) else tuple(sites)
    found = _looked_up(module, example, chosen)
    steps = begin(place, facts_of(network, chosen, every), resume, first)
    return Monitor(network, place, every, chosen, found, steps)


class Monitor:
    """A running watch; `step` is called once after each step of the optimiser.

    Attributes:
        steps: The number of the step that is under way.
    """

    def __init__(
        self,
        module: nn.Module,
        place: Path,
        every: int,
        selection: str | Sequence[str | Site],
        sites: Sequence[Site] | None,
        steps: int,
    ) -> None:
        self.steps = steps
        self._module, self._every, self._selection, self._sites = module, every, selection, sites
        self._file = (place / ROWS).open("a", encoding="utf-8")
        self._pass: NextPass[SiteRow] | None = None
        self._arm()

    def step(self, **numbers: float) -> None:
        """One step is done; `numbers`, as the loss, are kept where it was measured.

        Raises:
            UsageError: The watch is over; a number has the name of a column, or is none.
            DataError: The step's pass could not be measured.
        """
        if self._file.closed:
            raise UsageError("this watch is over: step was called after it was closed")
        watched = self._pass
        if watched is not None and watched.done:
            watched.close()
            self._pass = None
            self._write(self._rows(watched), numbers)
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
        if self.steps % self._every:
            return
        if self._pass is None:
            self._pass = NextPass(self._module, self._chosen, row_of)
        else:
            told = f"nothing was measured from step {self.steps - self._every} to step {self.steps}"
            warnings.warn(f"{told}: no pass in training mode and with gradients was seen", stacklevel=3)

    def _chosen(self, batch: Tensor) -> Sequence[Site]:
        if self._sites is None:
            self._sites = sites_of_module(self._module, batch).select(self._selection)
        return self._sites

    def _rows(self, watched: NextPass[SiteRow]) -> list[SiteRow]:
        if isinstance(watched.fault, UsageError):
            raise watched.fault
        if watched.fault is not None:
            reason = str(watched.fault).partition("\n")[0]
            told = f"step {self.steps} could not be measured: {reason}"
            raise DataError(told) from watched.fault
        return sorted(watched.found, key=lambda row: row.order)

    def _write(self, rows: Sequence[SiteRow], numbers: Mapping[str, float]) -> None:
        told = {name: _number(name, value) for name, value in numbers.items()}
        line = {"step": self.steps, "numbers": told, "sites": [row.to_dict() for row in rows]}
        self._file.write(json.dumps(line, allow_nan=False) + "\n")
        self._file.flush()


def _number(name: str, value: Any) -> float | None:
    """A number of the user's as JSON can hold it: None for NaN and infinity."""
    if name in COLUMNS:
        raise UsageError(f"a number cannot be named {name!r}: the log has a column of that name")
    try:
        found = float(value.detach() if isinstance(value, Tensor) else value)
    except (TypeError, ValueError, RuntimeError):
        raise UsageError(f"{name} must be a number, not {shown(value)}") from None
    return found if isfinite(found) else None


def _refuse(network: Any) -> None:
    if not isinstance(network, nn.Module):
        raise UsageError(f"a network is watched, not a {type(network).__name__}")
    if isinstance(network, nn.DataParallel):
        raise UsageError("DataParallel runs copies of the network, which are not seen; train on one device")
    if isinstance(network, nn.parallel.DistributedDataParallel):
        raise UsageError("watch the network inside DistributedDataParallel: give its .module")
    refuse_hidden(network)


def _looked_up(
    module: nn.Module | Model, example: Tensor | None, sites: str | Sequence[str | Site]
) -> Sequence[Site] | None:
    """The sites, where they can be found before the first training pass."""
    if example is not None:
        network = module.module if isinstance(module, Model) else module
        return sites_of_module(network, example).select(sites)
    return trace(module).select(sites) if isinstance(module, Model) else None
