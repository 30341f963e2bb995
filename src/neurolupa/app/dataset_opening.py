"""An atlas for the page of the data set: opened from a folder of this machine, read behind bounded caches.

The caches are shared by all sessions and hold only tables that nobody changes. Their keys are the folder and
the digest of its `atlas.json`, so that a new scan into the same folder is read anew.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import streamlit as st

from neurolupa.app.atlas_tables import TABLES
from neurolupa.app.visitors import may_open
from neurolupa.atlas import Atlas, open_atlas
from neurolupa.atlas.manifest import CHECKPOINT, MANIFEST
from neurolupa.atlas.schema import SCHEMA_VERSION
from neurolupa.errors import DataError, UsageError

MOST_ATLASES = 4
MOST_TABLES = 48
_REMOTE = re.compile(r"^(?:[A-Za-z][A-Za-z0-9+.-]+:|//|\\\\)")
_FILE = re.compile(r"[^/\\\s]+\.(?:parquet|safetensors|npy|json)\b")


class AtlasError(Exception):
    """Why an atlas cannot be shown: a code of `app.dataset.failed.*` and what fills its sentence."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.code = code
        self.values: Mapping[str, str] = values


@dataclass(frozen=True)
class Opened:
    """An atlas that is open.

    Attributes:
        folder: Where it lies, whole.
        digest: SHA-256 of its `atlas.json`.
        atlas: The atlas, shared by all sessions.
    """

    folder: str
    digest: str
    atlas: Atlas = field(compare=False)


def open_folder(typed: str) -> Opened:
    """The atlas in a folder that a person names.

    Raises:
        AtlasError: There is none here, or it is unfinished, damaged or of another schema version.
    """
    words = typed.strip().strip("\"'")
    if not words:
        raise AtlasError("empty")
    if _REMOTE.match(words) and not re.match(r"^[A-Za-z]:[\\/]", words):
        raise AtlasError("remote")
    if not may_open(words):
        raise AtlasError("visitor")
    try:
        folder = Path(words).expanduser().resolve()
        digest = sha256((folder / MANIFEST).read_bytes()).hexdigest()
        return Opened(str(folder), digest, _atlas(str(folder), digest))
    except (OSError, ValueError, RuntimeError, DataError, UsageError) as error:
        raise _fault(words, error) from error


def table(opened: Opened, kind: str, *about: object) -> Any:
    """What a view shows: one of `atlas_tables.TABLES`, of a layer, picture or unit where `about` names it.

    Raises:
        AtlasError: A file of the atlas is missing or damaged.
    """
    try:
        return _table(opened.folder, opened.digest, kind, *about)
    except DataError as error:
        raise damaged(error) from error


def damaged(error: DataError) -> AtlasError:
    """That a file of the atlas is missing or damaged, by the line that says which."""
    found = _FILE.findall(str(error))
    return AtlasError("damaged", file=found[-1] if found else MANIFEST)


@st.cache_resource(max_entries=MOST_ATLASES, show_spinner=False)
def _atlas(folder: str, digest: str) -> Atlas:
    return open_atlas(folder)


@st.cache_resource(max_entries=MOST_TABLES, show_spinner=False)
def _table(folder: str, digest: str, kind: str, *about: object) -> Any:
    return TABLES[kind](_atlas(folder, digest), *about)


def _fault(words: str, error: Exception) -> AtlasError:
    """What is wrong with a folder, looked up again in the order in which a person would."""
    try:
        folder = Path(words).expanduser()
        if not folder.is_dir():
            return AtlasError("file" if folder.exists() else "missing")
        if not (folder / MANIFEST).is_file():
            return AtlasError("interrupted" if (folder / CHECKPOINT).exists() else "none")
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8")).get("schema")
    except (OSError, ValueError, RuntimeError, AttributeError, RecursionError):
        return AtlasError("damaged" if isinstance(error, DataError) else "missing", file=MANIFEST)
    if isinstance(found, int) and found != SCHEMA_VERSION:
        return AtlasError("schema", found=str(found), known=str(SCHEMA_VERSION))
    return AtlasError("damaged", file=MANIFEST)
