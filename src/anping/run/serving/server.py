"""Running a service until it is told to stop (Uvicorn)."""

from __future__ import annotations

from dataclasses import dataclass

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


def server_of(app: ASGIApp, listening: Listening, limits: Limits) -> uvicorn.Server:
    """Return a server that stops at SIGTERM or SIGINT, after the requests that are under way."""
    return uvicorn.Server(
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
        )
    )
