"""The service as an ASGI application: addresses, tokens, sizes, times, and one envelope for errors."""

from __future__ import annotations

import asyncio
import gc
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from anping.core.errors import AnpingError
from anping.core.text import Text
from anping.run.serving import counts as counting
from anping.run.serving import problems
from anping.run.serving.deployment import Deployment
from anping.run.serving.openapi import openapi
from anping.run.serving.problems import RequestError
from anping.run.serving.service import Service
from anping.run.serving.tokens import Tokens

Handler = Callable[[Request], Awaitable[Response]]
_JSON = "application/json"
_SEPARATORS = (",", ":")


@dataclass(frozen=True, eq=False)
class Running:
    """What runs beside the requests.

    ``changed`` tells, ``every`` so many seconds, what is to be served now, or None for no change;
    ``began`` and ``ended`` are called before the first request and after the last.
    """

    changed: Callable[[], Deployment | None]
    began: Callable[[], None] = lambda: None
    ended: Callable[[], None] = lambda: None
    every: float = 2.0


def application(service: Service, tokens: Tokens, running: Running) -> Starlette:
    """Return the ASGI application of a service.

    Whoever stops it waits for the requests under way; then what shadows still owe is recorded, and
    the last segment of decisions is ended and handed over.
    """
    doors = _Doors(service, tokens)
    one = "/v1/models/{name}"
    app = Starlette(
        routes=[
            Route(f"{one}/versions/{{version:int}}:predict", doors.predict, methods=["POST"]),
            Route(f"{one}:predict", doors.predict, methods=["POST"]),
            Route("/v1/models", doors.models, methods=["GET"]),
            Route("/openapi.json", doors.document, methods=["GET"]),
            Route("/metrics", doors.metrics, methods=["GET"]),
            Route("/healthz", doors.health, methods=["GET"]),
        ],
        exception_handlers={
            404: _refusing(problems.not_found()),
            405: _refusing(problems.no_method()),
            500: _failing,
        },
        lifespan=lambda app: _living(app, service, running),
    )
    # A redirect would send the caller, with its token and its row, to whatever the Host header names.
    app.router.redirect_slashes = False
    return app


@asynccontextmanager
async def _living(app: Starlette, service: Service, running: Running) -> AsyncIterator[None]:
    del app
    running.began()
    service.spool.start()
    tasks = [
        asyncio.create_task(service.shadowing()),
        asyncio.create_task(_watching(service, running)),
    ]
    # What is there now stays to the end: looking through all of it again and again would hold up
    # requests for tens of milliseconds.
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        with suppress(TimeoutError):
            async with asyncio.timeout(service.limits.stop_seconds):
                await service.shadow_all()
        await asyncio.to_thread(service.spool.close)
        await asyncio.to_thread(running.ended)


async def _watching(service: Service, running: Running) -> None:
    """Serve what the workspace says is to be served, until cancelled."""
    while True:
        await asyncio.sleep(running.every)
        try:
            found = await asyncio.to_thread(running.changed)
        except Exception:  # noqa: BLE001 - a workspace that is away for a moment is asked again
            service.counts.unseen += 1
            continue
        if found is not None:
            service.deploy(found)


@dataclass(frozen=True, eq=False)
class _Doors:
    """The handlers of the addresses."""

    service: Service
    tokens: Tokens

    async def predict(self, request: Request) -> Response:
        """Answer a request for predictions."""
        began = time.perf_counter()
        try:
            async with asyncio.timeout(self.service.limits.seconds):
                reply = _reply(await self._predicted(request))
        except TimeoutError:
            reply = _refusal(problems.too_slow(self.service.limits.seconds))
        except ClientDisconnect:
            reply = Response(status_code=499)
        except AnpingError as problem:
            reply = _refusal(problem)
        except Exception as problem:  # noqa: BLE001 - whatever it is, its message may hold a value
            reply = _refusal(problems.defect(problem))
        self.service.counts.replied(reply.status_code, time.perf_counter() - began)
        return reply

    async def _predicted(self, request: Request) -> object:
        self._admit(request)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != _JSON:
            raise _not_a_kind()
        content = await _read(request, self.service.limits.body)
        told = request.path_params
        return await self.service.predict(told["name"], told.get("version"), content)

    async def models(self, request: Request) -> Response:
        """Tell what is served."""
        return self._told(request, lambda: _reply(_listing(self.service.deployment)))

    async def document(self, request: Request) -> Response:
        """Describe the service as OpenAPI."""
        service, tokens = self.service, bool(self.tokens.digests)
        return self._told(
            request, lambda: _reply(openapi(service.deployment, service.limits, tokens=tokens))
        )

    async def metrics(self, request: Request) -> Response:
        """Tell what was counted."""
        text = self.service.counts.text
        return self._told(request, lambda: Response(text(), media_type=counting.MEDIA_TYPE))

    async def health(self, request: Request) -> Response:
        """Say that the server lives; anybody may ask."""
        del request
        return _reply({"status": "paused" if self.service.deployment.paused else "ok"})

    def _told(self, request: Request, make: Callable[[], Response]) -> Response:
        try:
            self._admit(request)
            return make()
        except AnpingError as problem:
            return _refusal(problem)

    def _admit(self, request: Request) -> None:
        if not self.tokens.admit(request.headers.get("authorization")):
            raise problems.unauthorised()


def _listing(deployment: Deployment) -> dict[str, object]:
    challenger = deployment.challenger
    return {
        "models": [
            {
                "name": deployment.name,
                "champion": deployment.champion.named(),
                "challenger": None if challenger is None else challenger.named(),
                "share": deployment.share,
                "paused": deployment.paused or None,
                "signature": deployment.champion.signature.as_json(),
                "coverages": list(deployment.champion.levels),
            }
        ]
    }


async def _read(request: Request, most: int) -> bytes:
    """Return a request's body. Raises RequestError (413) as soon as it is too large."""
    told = request.headers.get("content-length", "")
    if told.isascii() and told.isdigit() and int(told[:20]) > most:
        raise _too_large(most)
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise _too_large(most)
        parts.append(part)
    return b"".join(parts)


def _reply(value: object) -> Response:
    content = json.dumps(value, ensure_ascii=False, separators=_SEPARATORS, allow_nan=False)
    return Response(content.encode(), media_type=_JSON)


def _refusal(problem: AnpingError) -> Response:
    content = json.dumps(problems.envelope(problem), ensure_ascii=False, separators=_SEPARATORS)
    return Response(
        content.encode(),
        status_code=problems.status_of(problem),
        headers=dict(problems.headers_of(problem)),
        media_type=_JSON,
    )


def _refusing(problem: RequestError) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def refuse(request: Request, error: Exception) -> Response:
        del request, error
        return _refusal(problem)

    return refuse


async def _failing(request: Request, error: Exception) -> Response:
    del request
    return _refusal(problems.defect(error))


def _not_a_kind() -> RequestError:
    return RequestError(
        "serving.media-type",
        Text("內容要是 application/json。", "The body must be application/json."),
        status=415,
    )


def _too_large(most: int) -> RequestError:
    return RequestError(
        "serving.too-large",
        Text(f"內容至多 {most:,} 位元組。", f"The body may have at most {most:,} bytes."),
        status=413,
    )
