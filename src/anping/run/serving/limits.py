"""How much one request may ask of a server, and how long it may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What a server bears: sizes in bytes, times in seconds.

    A number may lie outside of what almost all training rows held by ``reach`` times the width or the
    greater bound of that range, a date by its width; beyond it is refused. ``inline_rows`` are answered on the event loop, more of them in
    a thread, so that a batch does not keep others waiting.
    """

    body: int = 1 << 20
    rows: int = 1000
    text: int = 1000
    seconds: float = 10.0
    connections: int = 512
    stop_seconds: float = 10.0
    reach: float = 10.0
    inline_rows: int = 4
    #: Answers of a challenger that may wait; what comes while so many wait is not asked.
    shadows: int = 1000
