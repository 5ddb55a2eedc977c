"""Folds learnt on Ray (the extra ``ray``): on many machines at once, with the answers of one.

What is learnt of a fold depends on the rows, the settings and the seed alone, so that only the time
changes. Rows travel to the workers: they must be as trusted as this machine.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from anping.core.errors import InputError, MissingExtraError
from anping.core.text import Text
from anping.learn.design import Config, Design, Fitted
from anping.learn.folds import Folds
from anping.learn.hands import fold_fitted

#: An address that starts Ray here, with so many workers.
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


class Learner:
    """A worker of Ray: it keeps the rows, and learns the folds that it is asked for."""

    def __init__(self, design: Design, folds: Folds) -> None:
        self._design = design
        self._folds = folds

    def fitted(self, config: Config, fold: int) -> Fitted:
        """Return what a fold teaches."""
        return fold_fitted(self._design, self._folds, config, fold)


@dataclass(frozen=True, eq=False)
class RayHands:
    """Workers that each hold the rows; ``pool`` gives work to whoever is free."""

    pool: Any
    library: ModuleType
    ahead: int

    def fitted(self, config: Config, folds: Sequence[int]) -> Iterator[Fitted]:
        """Begin all folds at once, and return them in order."""
        asked = [self.pool.submit(config, fold) for fold in folds]
        return (self.library.get(each) for each in asked)


class _Pool:
    """Gives each piece of work to the worker that was given least."""

    def __init__(self, workers: Sequence[Any]) -> None:
        self._workers = workers
        self._given = [0] * len(workers)

    def submit(self, config: Config, fold: int) -> Any:
        """Return the promise of a fold."""
        least = self._given.index(min(self._given))
        self._given[least] += 1
        return self._workers[least].fitted.remote(config, fold)


@contextmanager
def ray_hands(
    address: str, design: Design, folds: Folds, *, workers: int | None = None
) -> Iterator[RayHands]:
    """Yield hands on the Ray cluster at ``address``; its workers are let go afterwards.

    ``address`` is ``local`` (Ray is started here), ``auto``, ``ray://host:10001`` or ``host:6379``;
    ``workers`` is their number, by default one for each of the cluster's cores. Workers must be able
    to import ``anping`` with the extra ``models``. Raises MissingExtraError without ``anping[ray]``,
    InputError if the cluster cannot be reached (``ray.unreachable``) or a worker is lost
    (``ray.lost``).
    """
    library = ray_library()
    with ExitStack() as after:
        if not library.is_initialized():
            _start(library, address, workers)
            after.callback(library.shutdown)
        count = workers or max(1, int(library.cluster_resources().get("CPU", 1)))
        remote = library.remote(num_cpus=1)(Learner)
        held = library.put(design), library.put(folds)
        actors = [remote.remote(*held) for _ in range(count)]
        for actor in actors:
            after.callback(library.kill, actor)
        try:
            yield RayHands(_Pool(actors), library, ahead=-(-count // folds.count))
        except library.exceptions.RayActorError as problem:
            raise _lost() from problem


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
