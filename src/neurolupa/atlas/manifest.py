"""The front page of an atlas: whether a folder is one, and where its numbers come from."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from neurolupa.atlas.checksums import require_unchanged
from neurolupa.atlas.schema import SCHEMA_VERSION
from neurolupa.errors import DataError

MANIFEST = "atlas.json"
CHECKPOINT = "checkpoint"
BUILDING = "building"


@dataclass(frozen=True)
class Source:
    """Where the numbers of an atlas come from; every result that is read from it carries this.

    Attributes:
        model: the network's name.
        weights_digest: of its tensors.
        images: the image set's name.
        images_digest: of its ids and sizes.
        read: how many images the numbers are over.
        skipped: how many could not be read.
        version: the neurolupa that scanned.
    """

    model: str
    weights_digest: str
    images: str
    images_digest: str
    read: int
    skipped: int
    version: str

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON.

        >>> Source("resnet18", "ab", "photos", "cd", 7, 1, "0.1.0").to_dict()["read"]
        7
        """
        return asdict(self)


def beside(folder: Path, what: str) -> Path:
    """Where a new atlas is built, or an old one waits to be removed, while `folder` holds another.

    >>> beside(Path("atlas"), BUILDING).as_posix()
    '.atlas.building'
    """
    return folder.with_name(f".{folder.name}.{what}")


def read_manifest(folder: Path) -> dict[str, Any]:
    """What `atlas.json` says; DataError unless `folder` is a finished atlas of this schema version.

    >>> read_manifest(Path("nowhere"))
    Traceback (most recent call last):
    ...
    neurolupa.errors.DataError: no atlas at nowhere: there is no such folder
    """
    if not folder.is_dir():
        if folder.name and (beside(folder, BUILDING) / MANIFEST).is_file():
            raise DataError(f"the scan into {folder} was interrupted at its end, run again with --resume")
        fault = "that is a file, an atlas is a folder" if folder.exists() else "there is no such folder"
        raise DataError(f"no atlas at {folder}: {fault}")
    path = folder / MANIFEST
    if not path.is_file():
        raise DataError(_unfinished(folder))
    manifest = _parse(path)
    found = manifest.get("schema")
    if found != SCHEMA_VERSION:
        fault = f"{folder} is an atlas of schema {found}; this neurolupa reads schema {SCHEMA_VERSION}"
        raise DataError(f"{fault}: scan again")
    require_unchanged(folder, path)
    return manifest


def source_of(manifest: Mapping[str, Any], path: Path) -> Source:
    """The provenance that a manifest states; DataError when it is not there.

    >>> source_of({}, Path("atlas"))
    Traceback (most recent call last):
    ...
    neurolupa.errors.DataError: atlas.json in atlas is damaged: it lacks 'model'
    """
    try:
        model, images = manifest["model"], manifest["images"]
        return Source(
            model=str(model["name"]),
            weights_digest=str(model["weights_digest"]),
            images=str(images["name"]),
            images_digest=str(images["digest"]),
            read=int(images["read"]),
            skipped=int(images["skipped"]),
            version=str(manifest["neurolupa"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        fault = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        raise DataError(f"{MANIFEST} in {path} is damaged: {fault}") from None


def _unfinished(folder: Path) -> str:
    if (folder / CHECKPOINT).exists():
        return f"the scan into {folder} was interrupted, run again with --resume"
    return f"{folder} is not an atlas: it has no {MANIFEST}"


def _parse(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{path} is damaged: {error}") from None
    if not isinstance(manifest, dict) or "schema" not in manifest:
        raise DataError(f"{path.parent} is not an atlas: its {path.name} states no schema")
    return manifest
