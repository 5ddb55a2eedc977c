"""A Ray cluster (the extra ``ray``): reached by its address, or started on this machine."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from anping.core.errors import InputError, MissingExtraError
from anping.core.text import Text

#: An address that starts Ray here.
LOCAL = "local"
#: Seconds to wait for an address to answer.
_PATIENCE = 10.0


def ray_library() -> ModuleType:
    """Return Ray. Raises MissingExtraError when the extra ``ray`` is not installed."""
    # Nothing is told to anybody outside.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as problem:
        raise MissingExtraError.of(
            "ray", needed_for=Text("在 Ray 上訓練", "Learning on Ray")
        ) from problem
    module: ModuleType = ray
    return module


@contextmanager
def ray_at(address: str, *, workers: int | None = None) -> Iterator[tuple[ModuleType, int]]:
    """Yield Ray, connected to ``address``, and how many workers to use.

    ``address`` is ``local`` (Ray is started here), ``auto``, ``ray://host:10001`` or ``host:6379``;
    ``workers`` is their number, by default one for each of the cluster's cores. A connection that this
    process already has is used and kept. Workers must be able to import ``anping`` with the extra
    ``models``. Raises MissingExtraError without ``anping[ray]``, InputError if the cluster cannot be
    reached (``ray.unreachable``) or a worker is lost (``ray.lost``).
    """
    library = ray_library()
    mine = not library.is_initialized()
    if mine:
        _start(library, address, workers)
    try:
        yield library, workers or max(1, int(library.cluster_resources().get("CPU", 1)))
    except library.exceptions.RayActorError as problem:
        raise _lost() from problem
    finally:
        if mine:
            library.shutdown()


def _start(library: ModuleType, address: str, workers: int | None) -> None:
    settings: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    if address == LOCAL:
        # Rows are personal data: no web page shows what is done, and nobody else is listened to.
        settings |= {"include_dashboard": False, "_node_ip_address": "127.0.0.1"}
        settings |= {"num_cpus": workers} if workers else {}
    elif ":" in address:
        _require_answer(address)
    try:
        library.init(address=address, **settings)
    except (ConnectionError, RuntimeError, ValueError, TimeoutError, OSError) as problem:
        raise _unreachable() from problem


def _require_answer(address: str) -> None:
    """Raise at once where nobody answers: Ray itself would wait for minutes."""
    found = urlsplit(address if "//" in address else f"//{address}")
    try:
        with socket.create_connection((found.hostname, found.port), timeout=_PATIENCE):
            return
    except (OSError, ValueError) as problem:
        raise _unreachable() from problem


def _unreachable() -> InputError:
    return InputError(
        "ray.unreachable",
        Text("連不到 Ray 叢集。", "The Ray cluster cannot be reached."),
        hint=Text(
            "請檢查位址（例如 ray://主機:10001）、版本與防火牆；寫 local 可在這台機器上啟動。",
            "Check the address (as ray://host:10001), the versions and the firewall; local starts Ray here.",
        ),
    )


def _lost() -> InputError:
    return InputError(
        "ray.lost",
        Text("Ray 的工作程序中斷了。", "A worker of Ray was lost."),
        hint=Text(
            "請再執行一次：已完成的部分不會重做；記憶體不足時請減少工作程序。",
            "Run it again: what is finished is not done anew; with too little memory use fewer workers.",
        ),
    )
