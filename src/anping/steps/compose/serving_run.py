"""Running a served model until it is told to stop."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from anping.core.errors import ParameterError, Where
from anping.core.text import Text
from anping.steps.compose.serving import Serving, Wanted, serving

if TYPE_CHECKING:
    import uvicorn

    from anping.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Door:
    """Where a server listens, and who may come in."""

    host: str = "127.0.0.1"
    port: int = 8080
    token_file: Path | None = None
    certificate: str | None = None
    private_key: str | None = None


def run_server(
    workspace: Workspace,
    wanted: Wanted,
    door: Door,
    *,
    began: Callable[[Serving, str], None],
) -> None:
    """Serve a model until SIGTERM or SIGINT; ``began`` hears the address once it answers.

    Raises ParameterError where it may not listen (``serving.no-tokens``) or cannot
    (``serving.port``), and what :func:`anping.steps.compose.serving.serving` raises.
    """
    from anping.run.serving.limits import Limits
    from anping.run.serving.server import Listening, server_of
    from anping.run.serving.tokens import Tokens, check_open, read_tokens

    tokens = Tokens() if door.token_file is None else read_tokens(door.token_file)
    check_open(tokens, door.host)
    _check_certificate(door)
    limits = Limits()
    made = serving(workspace, wanted, tokens, limits)
    listening = Listening(door.host, door.port, door.certificate, door.private_key)
    server = server_of(made.app, listening, limits)
    try:
        asyncio.run(_served(server, lambda address: began(made, address)))
    except SystemExit as stopped:
        if stopped.code:
            raise _no_port(door.port) from stopped
        raise


async def _served(server: uvicorn.Server, began: Callable[[str], None]) -> None:
    running = asyncio.create_task(server.serve())
    while not server.started and not running.done():  # noqa: ASYNC110 - Uvicorn has no event
        await asyncio.sleep(0.01)
    if server.started:
        host, port = server.servers[0].sockets[0].getsockname()[:2]
        scheme = "https" if server.config.is_ssl else "http"
        named = f"[{host}]" if ":" in host else host
        began(f"{scheme}://{named}:{port}")
    await running


def _check_certificate(door: Door) -> None:
    if door.certificate is None and door.private_key is None:
        return
    try:
        if door.certificate is None:
            raise _no_certificate(door)
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
            door.certificate, door.private_key, password=""
        )
    except ssl.SSLError as problem:
        raise _no_certificate(door) from problem


def _no_certificate(door: Door) -> ParameterError:
    return ParameterError(
        "serving.certificate",
        Text(
            "TLS 憑證與私鑰不是成對的 PEM 檔。",
            "The TLS certificate and private key are no pair of PEM files.",
        ),
        where=Where(file=door.certificate),
        hint=Text(
            "以 --certificate 與 --private-key 給出成對、未加密的 PEM 檔。",
            "Give a pair of PEM files, the key not encrypted, with --certificate and --private-key.",
        ),
    )


def _no_port(port: int) -> ParameterError:
    return ParameterError(
        "serving.port",
        Text(f"無法在埠 {port} 提供服務。", f"The server cannot listen on port {port}."),
        hint=Text("換一個埠號，或停止占用它的程式。", "Take another port, or stop what holds it."),
    )
