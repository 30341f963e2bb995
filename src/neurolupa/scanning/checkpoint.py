"""An interrupted scan on disk: one file, replaced as a whole, that continues to the same bytes."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from neurolupa.atlas.manifest import CHECKPOINT
from neurolupa.atlas.ownership import STATE, STATE_HEAD
from neurolupa.errors import DataError
from neurolupa.scanning.progress import Progress
from neurolupa.scanning.rows import naming
from neurolupa.scanning.settings import ScanSettings


@dataclass(frozen=True)
class Checkpoint:
    """Where the checkpoint of a scan into `folder` lies, and what the scan is."""

    folder: Path

    @property
    def path(self) -> Path:
        """The file that holds the state."""
        return self.folder / CHECKPOINT / STATE

    def exists(self) -> bool:
        """Whether there is a state to go on from."""
        return self.path.is_file()

    def save(self, progress: Progress, settings: ScanSettings, identity: Mapping[str, Any]) -> None:
        """Replaces the stored state in one step."""
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
                np.savez(file, allow_pickle=False, **arrays)
            part.replace(self.path)

    def facts(self) -> dict[str, Any]:
        """The recorded settings and identity, and how far the scan had come; DataError when damaged."""
        with self._open() as stored:
            return json.loads(stored[STATE_HEAD].tobytes())

    def restore(self, progress: Progress) -> None:
        """Brings a fresh `progress` to where the scan was interrupted; DataError when damaged."""
        facts = self.facts()
        with self._open() as stored:
            for state in progress.sites:
                before = f"{state.site.address}|"
                names = [name for name in stored.files if name.startswith(before)]
                state.restore({name.removeprefix(before): stored[name] for name in names})
            progress.sizes[:] = stored["sizes"]
        progress.next_block = facts["next_block"]
        progress.skipped.update({int(index): reason for index, reason in facts["skipped"]})

    @contextmanager
    def _open(self) -> Iterator[Any]:
        try:
            with self.path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                yield stored
        except Exception as error:  # a damaged archive fails in as many ways as it has bytes
            reason = str(error).partition("\n")[0] or type(error).__name__
            fault = f"the checkpoint in {self.folder} cannot be read ({reason})"
            raise DataError(f"{fault}; remove that folder and start anew") from None
