"""Layers watched while a network learns."""

from neurolupa.monitoring.log import Change, TrainingLog, is_log, open_log
from neurolupa.monitoring.monitor import Monitor, monitor

__all__ = ["Change", "Monitor", "TrainingLog", "is_log", "monitor", "open_log"]
