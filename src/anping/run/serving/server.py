"""Running a service until it is told to stop (Uvicorn)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import uvicorn
from starlette.types import ASGIApp

from anping.run.serving.limits import Limits


@dataclass(frozen=True, slots=True)
class Listening:
    """Where a server listens; port 0 takes a free one. ``certificate`` and ``key`` turn TLS on."""

    host: str = "127.0.0.1"
    port: int = 8080
    certificate: str | None = None
    key: str | None = None


class _Server(uvicorn.Server):
    """A server that closes a connection whose next request does not begin in time.

    Uvicorn waits for ever for the head of a connection's first request: who opens as many connections
    as are borne, and sends nothing, would keep everybody else out.
    """

    def __init__(self, config: uvicorn.Config, seconds: float) -> None:
        super().__init__(config)
        self._seconds = seconds
        self._waiting: WeakKeyDictionary[Any, tuple[object, float]] = WeakKeyDictionary()

    async def on_tick(self, counter: int) -> bool:
        """Look at the connections each second. Return whether the server shall end."""
        if counter % 10 == 0:
            self._close_silent(time.monotonic())
        return await super().on_tick(counter)

    def _close_silent(self, now: float) -> None:
        for connection in tuple(self.server_state.connections):
            request = getattr(connection, "cycle", None)
            if request is not None and not request.response_complete:
                self._waiting.pop(connection, None)
                continue
            last, since = self._waiting.get(connection, (self, now))
            if last is not request:
                self._waiting[connection] = (request, now)
            elif now - since >= self._seconds:
                connection.transport.close()


def server_of(app: ASGIApp, listening: Listening, limits: Limits) -> uvicorn.Server:
    """Return a server that stops at SIGTERM or SIGINT, after the requests that are under way.

    A connection on which no request begins within ``limits.seconds`` is closed.
    """
    return _Server(
        uvicorn.Config(
            app,
            host=listening.host,
            port=listening.port,
            ssl_certfile=listening.certificate,
            ssl_keyfile=listening.key,
            log_level="warning",
            access_log=False,
            server_header=False,
            ws="none",
            lifespan="on",
            limit_concurrency=limits.connections,
            timeout_graceful_shutdown=max(1, round(limits.stop_seconds)),
            h11_max_incomplete_event_size=16_384,
        ),
        limits.seconds,
    )
