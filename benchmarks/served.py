"""The dashboard's server, which also prints how long it works: `run SECONDS`, `analysis SECONDS`.

What it prints is what `benchmarks.dashboard` reads; a line comes when the work is done.
"""

from collections.abc import Callable
from functools import wraps
from time import perf_counter
from typing import Any

from streamlit.runtime.scriptrunner.script_runner import ScriptRunner

from neurolupa.app import start, work


def timed(name: str, work_of: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, which prints its name and its seconds."""

    @wraps(work_of)
    def telling(*given: Any, **named: Any) -> Any:
        began = perf_counter()
        try:
            return work_of(*given, **named)
        finally:
            print(name, perf_counter() - began, flush=True)

    return telling


if __name__ == "__main__":
    ScriptRunner._run_script = timed("run", ScriptRunner._run_script)
    work.analyse = timed("analysis", work.analyse)
    start.main()
