"""Stopping between two blocks: a first Ctrl-C or termination asks, a second Ctrl-C insists."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from neurolupa.errors import NeurolupaError


class ScanInterrupted(NeurolupaError):  # noqa: N818 (nothing is wrong: somebody asked)
    """A scan that was stopped on request and can be resumed; exit code 130, as a shell gives for Ctrl-C."""

    exit_code = 130


class StopRequest:
    """Whether somebody asked the scan to stop."""

    asked = False

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.asked = True


@contextmanager
def stop_on_signals() -> Iterator[StopRequest]:
    """Within it, SIGINT and SIGTERM set `asked`; outside of the main thread it changes nothing."""
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    before = {number: signal.signal(number, request._on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
