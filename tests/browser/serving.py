"""A dashboard server of its own process, and the browser of this machine."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PROGRAM = ("-m", "neurolupa.app.start")
START_SECONDS = 180
_NOWHERE = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Server:
    """A running dashboard: where it answers, which process it is, what it writes."""

    address: str
    pid: int
    log: Path

    def resident_bytes(self) -> int:
        """The memory that the process holds now."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def told(self, name: str) -> tuple[float, ...]:
        """The numbers that it has written after a name, a line each."""
        words = (line.split() for line in self.log.read_text().splitlines())
        return tuple(float(line[1]) for line in words if len(line) == 2 and line[0] == name)


@contextmanager
def serve(folder: Path, program: Sequence[str] = PROGRAM) -> Iterator[Server]:
    """What `neurolupa app` starts, on a free port, cut off from the internet, its home the empty `folder`."""
    port, log = _free_port(), folder / "server.log"
    words = [sys.executable, *program, f"--port={port}"]
    with log.open("w") as written:
        process = subprocess.Popen(words, cwd=folder, env=_cut_off(folder), stdout=written, stderr=written)
    try:
        server = Server(f"http://127.0.0.1:{port}", process.pid, log)
        _wait(server, process)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=30)


def find_browser() -> str | None:
    """The program of the system's Chromium."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def _cut_off(folder: Path) -> dict[str, str]:
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), _NOWHERE)
    own = {"HOME": str(folder), "TORCH_HOME": str(folder), "STREAMLIT_SERVER_HEADLESS": "true"}
    own["NEUROLUPA_CACHE"] = str(folder / "cache")
    own["PYTHONPATH"] = str(Path(__file__).parents[2])
    alone = {"OMP_NUM_THREADS": "1"}  # beside other tests, threads that wait for each other take minutes
    return os.environ | proxies | own | alone | {"no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"}


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def _wait(server: Server, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            with urlopen(f"{server.address}/_stcore/health", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"the dashboard did not start:\n{server.log.read_text()}")
