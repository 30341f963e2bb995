"""An interrupted scan on disk: the last two states, each in a file that is replaced as a whole.

A state carries a digest of all that is in it. One that is damaged is never gone on from: the one before it is
taken, and the scan does what lies between again, to the same bytes.
"""

import hashlib
import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurolupa.atlas.checks import first_line
from neurolupa.atlas.manifest import CHECKPOINT
from neurolupa.atlas.ownership import EARLIER, STATE, STATE_HEAD
from neurolupa.errors import DataError, Notice
from neurolupa.scanning.progress import Progress
from neurolupa.scanning.rows import naming
from neurolupa.scanning.settings import ScanSettings

_DIGEST = "digest"


@dataclass(frozen=True, eq=False)
class Stored:
    """A state that was read whole: facts, and every array by `address|accumulator/array`."""

    facts: Mapping[str, Any]
    arrays: Mapping[str, NDArray]

    def restore(self, progress: Progress) -> None:
        """Brings a fresh `progress` to where the scan was interrupted."""
        for state in progress.sites:
            before = f"{state.site.address}|"
            names = [name for name in self.arrays if name.startswith(before)]
            state.restore({name.removeprefix(before): self.arrays[name] for name in names})
        progress.sizes[:] = self.arrays["sizes"]
        progress.next_block = self.facts["next_block"]
        progress.skipped.update({int(index): reason for index, reason in self.facts["skipped"]})


@dataclass(frozen=True)
class Checkpoint:
    """Where the checkpoint of a scan into `folder` lies, and what the scan is."""

    folder: Path

    @property
    def path(self) -> Path:
        """The file that holds the state."""
        return self.folder / CHECKPOINT / STATE

    @property
    def earlier(self) -> Path:
        """The file that holds the state before it."""
        return self.folder / CHECKPOINT / EARLIER

    def exists(self) -> bool:
        """Whether there is a state to go on from."""
        return self.path.is_file() or self.earlier.is_file()

    def save(self, progress: Progress, settings: ScanSettings, identity: Mapping[str, Any]) -> None:
        """Stores the state in one step; what was stored becomes the earlier one."""
        facts = {
            "settings": settings.to_dict(),
            "identity": identity,
            "next_block": progress.next_block,
            "skipped": list(progress.skipped.items()),
        }
        head = np.frombuffer(json.dumps(facts).encode(), np.uint8)
        arrays: dict[str, Any] = {STATE_HEAD: head, "sizes": progress.sizes}
        for state in progress.sites:
            arrays |= {f"{state.site.address}|{key}": array for key, array in state.arrays().items()}
        with naming(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            part = self.path.with_name("state.part")
            with part.open("wb") as file:
                np.savez(file, allow_pickle=False, **arrays, **{_DIGEST: _digest(arrays)})
            if self.path.is_file():
                self.path.replace(self.earlier)
            part.replace(self.path)

    def read(self) -> Stored:
        """The last state, or with a `Notice` the one before it where that is damaged.

        Raises:
            DataError: neither can be read.
        """
        try:
            return _read(self.path)
        except Exception as error:  # a damaged archive fails in as many ways as it has bytes
            fault = f"the checkpoint in {self.folder} cannot be read ({first_line(error)})"
        try:
            stored = _read(self.earlier)
        except Exception:
            raise DataError(f"{fault}; remove that folder and start anew") from None
        warnings.warn(f"{fault}; the one before it is taken", Notice, stacklevel=2)
        return stored


def _read(path: Path) -> Stored:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    if not np.array_equal(arrays.pop(_DIGEST), _digest(arrays)):
        raise ValueError("its content does not fit its digest")
    return Stored(json.loads(arrays.pop(STATE_HEAD).tobytes()), arrays)


def _digest(arrays: Mapping[str, NDArray]) -> NDArray[np.uint8]:
    """SHA-256 over names, types, shapes and bytes."""
    found = hashlib.sha256()
    for name, array in arrays.items():
        found.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        found.update(np.ascontiguousarray(array).data)
    return np.frombuffer(found.digest(), np.uint8)
