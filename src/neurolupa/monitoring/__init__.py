"""Layers watched while a network learns; a log is read without torch, which only watching imports."""

from typing import TYPE_CHECKING, Any

from neurolupa.monitoring.log import Change, TrainingLog, is_log, open_log

if TYPE_CHECKING:
    from neurolupa.monitoring.watcher import Monitor, monitor

__all__ = ["Change", "Monitor", "TrainingLog", "is_log", "monitor", "open_log"]


def __getattr__(name: str) -> Any:
    if name not in ("Monitor", "monitor"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from neurolupa.monitoring import watcher

    return getattr(watcher, name)
