"""An interrupted scan on disk: one file, replaced as a whole, that continues to the same bytes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from neurolupa.atlas.manifest import CHECKPOINT
from neurolupa.errors import DataError
from neurolupa.scanning.progress import Progress
from neurolupa.scanning.settings import ScanSettings

_FILE = "state.npz"


@dataclass(frozen=True)
class Checkpoint:
    """Where the checkpoint of a scan into `folder` lies, and what the scan is."""

    folder: Path

    @property
    def path(self) -> Path:
        """The file that holds the state."""
        return self.folder / CHECKPOINT / _FILE

    def exists(self) -> bool:
        """Whether there is a state to go on from."""
        return self.path.is_file()

    def save(self, progress: Progress, settings: ScanSettings, identity: Mapping[str, Any]) -> None:
        """Replaces the stored state in one step."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        facts = {
            "settings": settings.to_dict(),
            "identity": identity,
            "next_block": progress.next_block,
            "skipped": list(progress.skipped.items()),
        }
        arrays = {
            f"{s.site.address}|{key}": array for s in progress.sites for key, array in s.arrays().items()
        }
        arrays["facts"] = np.frombuffer(json.dumps(facts).encode(), np.uint8)
        part = self.path.with_name("state.part")
        with part.open("wb") as file:
            np.savez(file, allow_pickle=False, sizes=progress.sizes, **arrays)
        part.replace(self.path)

    def facts(self) -> dict[str, Any]:
        """The recorded settings and identity, and how far the scan had come."""
        with self._open() as stored:
            return json.loads(stored["facts"].tobytes())

    def restore(self, progress: Progress) -> None:
        """Brings a fresh `progress` to where the scan was interrupted."""
        facts = self.facts()
        with self._open() as stored:
            for state in progress.sites:
                state.restore({key: stored[f"{state.site.address}|{key}"] for key in state.arrays()})
            progress.sizes[:] = stored["sizes"]
        progress.next_block = facts["next_block"]
        progress.skipped.update({int(index): reason for index, reason in facts["skipped"]})

    def _open(self) -> Any:
        try:
            return np.load(self.path, allow_pickle=False)
        except (OSError, ValueError) as error:
            fault = f"the checkpoint in {self.folder} cannot be read ({error})"
            raise DataError(f"{fault}; start anew with --overwrite") from None
