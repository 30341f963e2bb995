"""Compiled kernels on every core: our own threads, since Numba's must not be entered from several of them."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import Any


@cache
def _pool(workers: int, process: int) -> ThreadPoolExecutor:
    """The pool of one process: threads do not survive a fork, so a child must not be handed its parent's."""
    return ThreadPoolExecutor(workers, thread_name_prefix="neurolupa-kernel")


def ranges(count: int, parts: int) -> list[tuple[int, int]]:
    """`count` items in at most `parts` consecutive ranges of nearly equal length.

    >>> ranges(10, 3)
    [(0, 4), (4, 7), (7, 10)]
    """
    parts = max(1, min(parts, count))
    size, extra = divmod(count, parts)
    starts = [part * size + min(part, extra) for part in range(parts + 1)]
    return list(pairwise(starts))


def run(kernel: Callable[..., Any], count: int, *arguments: Any, workers: int) -> None:
    """Calls `kernel(first, last, *arguments)` for consecutive ranges of `count` units, one to a thread."""
    run_each(kernel, [(first, last, *arguments) for first, last in ranges(count, workers)])


def run_each(kernel: Callable[..., Any], calls: list[tuple]) -> None:
    """Calls `kernel` with each tuple of arguments, at the same time; the first error is raised here."""
    if len(calls) == 1:
        kernel(*calls[0])
        return
    pending = [_pool(len(calls), os.getpid()).submit(kernel, *arguments) for arguments in calls]
    for future in pending:
        future.result()
