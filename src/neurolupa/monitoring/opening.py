"""The folder of a log at the beginning of a training: new, or taken over from an earlier run."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from neurolupa import __version__
from neurolupa.atlas.export import write_together
from neurolupa.capture import Site
from neurolupa.errors import DataError
from neurolupa.monitoring.log import HEADER, ROWS, SCHEMA, WINDOW, TrainingLog, open_log

_SAME = ("network", "parameters", "sites", "every", "window")
"""What a log and a training that goes on with it must share."""


def facts_of(module: nn.Module, sites: str | Sequence[str | Site], every: int) -> dict[str, Any]:
    """The header of a log: the network, what is measured, versions.

    >>> facts_of(nn.Conv2d(3, 4, 1, bias=False), "kind:relu", 100)["parameters"]
    {'weight': [4, 3, 1, 1]}
    """
    names = [one.address if isinstance(one, Site) else one for one in sites]
    return {
        "schema": SCHEMA,
        "network": type(module).__name__,
        "parameters": {name: list(value.shape) for name, value in module.named_parameters()},
        "sites": sites if isinstance(sites, str) else names,
        "every": every,
        "window": WINDOW,
        "versions": {"neurolupa": __version__, "torch": str(torch.__version__)},
    }


def begin(place: Path, facts: Mapping[str, Any], resume: bool, start: int | None) -> int:
    """Write the header, or take an earlier log over; the number of the first step.

    Raises:
        DataError: The folder holds something else, another network's log, or steps from `start` on.
    """
    if resume and (place / HEADER).is_file():
        return _resumed(open_log(place), facts, start)
    if place.exists() and not (place.is_dir() and not any(place.iterdir())):
        raise DataError(f"{place} holds files; name a new folder, or resume=True for its own log")
    header = json.dumps(facts, indent=1) + "\n"
    write_together(place, lambda folder: _put(folder / HEADER, header))
    return start or 0


def _put(path: Path, words: str) -> None:
    path.write_text(words, encoding="utf-8")


def _resumed(log: TrainingLog, facts: Mapping[str, Any], start: int | None) -> int:
    for name in _SAME:
        if log.header[name] != facts[name]:
            raise DataError(f"{log.folder} is the log of something else: its {name} differ")
    following = log.steps[-1] + 1 if log.steps else 0
    if start is not None and start < following:
        raise DataError(f"{log.folder} holds step {following - 1} already: start is {start}")
    if log.torn:
        _mend(log.folder / ROWS)
    return following if start is None else start


def _mend(rows: Path) -> None:
    """Cut off a last line that was not written to its end."""
    os.truncate(rows, rows.read_bytes().rfind(b"\n") + 1)
