"""Ended segments are sealed one after the other beside the server; what fails stays for later."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from anping.run.serving.counts import Counts


@dataclass(eq=False)
class Sealing:
    """Hands ended segments to ``seal`` in a thread of its own; ``seal`` removes what it sealed."""

    seal: Callable[[Path], None]
    counts: Counts = field(default_factory=Counts)
    _queue: queue.SimpleQueue[Path | None] = field(default_factory=queue.SimpleQueue)
    _thread: threading.Thread | None = None
    #: Why segments could not be sealed, as codes.
    failed: list[str] = field(default_factory=list)

    def start(self) -> None:
        """Start the thread."""
        self._thread = threading.Thread(target=self._work, name="sealing", daemon=True)
        self._thread.start()

    def take(self, path: Path) -> None:
        """Take a segment and return at once."""
        self.counts.unsealed += 1
        self._queue.put(path)

    def finish(self) -> None:
        """Wait until everything that was taken was tried."""
        self._queue.put(None)
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        while (path := self._queue.get()) is not None:
            try:
                self.seal(path)
                self.counts.unsealed -= 1
            except Exception as problem:  # noqa: BLE001 - the segment stays; serving goes on
                self.failed.append(getattr(problem, "code", type(problem).__name__))
