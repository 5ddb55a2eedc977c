"""Batches pass through a function on several cores, and come back in order.

NumPy and Arrow let other threads run while they work on a batch, so threads are enough, and nothing
has to travel between processes.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")

# More threads would wait for each other: between two array operations only one of them runs.
_MOST = 8


def cores() -> int:
    """Return on how many cores this process may run, 8 at most."""
    here = (
        os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    )
    return min(_MOST, len(here))


@contextmanager
def beside(call: Callable[[], Made]) -> Iterator[Callable[[], Made]]:
    """Do ``call`` in another thread meanwhile; what is yielded waits for its answer and returns it."""
    with ThreadPoolExecutor(1) as thread:
        yield thread.submit(call).result


def in_order(
    function: Callable[[Item], Made], items: Iterable[Item], *, threads: int | None = None
) -> Iterator[Made]:
    """Yield ``function`` of every item, in the items' order, while the next ones are being made.

    There are as many ``threads`` as cores, unless fewer are asked for.

    The items are taken one by one by the caller's thread, and never more than one beyond the number
    of threads ahead of what was asked for. ``function`` runs in other threads, several at
    a time, so it must depend on its item only. An error in it is raised in its item's turn; whoever
    stops asking leaves nothing running.
    """
    workers = cores() if threads is None else threads
    waiting: deque[Future[Made]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for one in waiting:
                one.cancel()
