"""Where this user's caches of neurolupa are."""

import os
import sys
from pathlib import Path

FOLDER = "NEUROLUPA_CACHE"
"""The environment variable that names another folder for what is kept."""


def user_folder() -> Path:
    """`$NEUROLUPA_CACHE`, else where the system wants caches."""
    if chosen := os.environ.get(FOLDER):
        return Path(chosen)
    usual = {"darwin": Path.home() / "Library" / "Caches", "win32": Path.home() / "AppData" / "Local"}
    base = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME")
    return (Path(base) if base else usual.get(sys.platform, Path.home() / ".cache")) / "neurolupa"
