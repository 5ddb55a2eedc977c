"""Who writes a segment holds it; what nobody holds was left by a server that is no more."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from anping.run.serving.segment import SUFFIX

if sys.platform == "win32":
    import msvcrt

    def hold(descriptor: int) -> None:
        """Hold an open file until it is closed, by this process's end at the latest."""
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def hold(descriptor: int) -> None:
        """Hold an open file until it is closed, by this process's end at the latest."""
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def left(folder: Path) -> Iterator[Path]:
    """Yield the segments in a spool folder that no server writes any more, oldest first."""
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            descriptor = os.open(path, os.O_RDWR)
        except OSError:
            continue
        try:
            hold(descriptor)
        except OSError:
            continue
        finally:
            os.close(descriptor)
        yield path
