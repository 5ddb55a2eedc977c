"""Runs targets under atheris, each in a process of its own: ``coverage_guided.py OUT LIMIT NAME ...``.

``LIMIT`` is in libFuzzer's words: ``-max_total_time=20`` (seconds) or ``-runs=200`` (inputs: the same
ones on every machine, where time would try others on each).

The readers are imported once, instrumented for coverage; then a child is forked for each target
(so many inputs leave no trace in the next). A child writes ``OUT/NAME.log`` (libFuzzer's own words)
and, for an input that breaks a promise, ``OUT/NAME-crash-...``. The seeds of ``seeds/NAME`` are read
first; what is found is kept in ``OUT/NAME.corpus``.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
from pathlib import Path

import atheris

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
# Spark, charts and shells are not read from; numpy and pyarrow are compiled.
_INSTRUMENTED = ["anping.engine", "anping.evidence", "anping.govern", "anping.know.contract",
                 "anping.know.contract_quality", "anping.know.contract_rules", "anping.protect",
                 "anping.share.licence", "anping.workspace.backups", "anping.workspace.pipeline",
                 "anping.core", "yaml", "zipfile", "tarfile"]  # fmt: skip

with atheris.instrument_imports(include=_INSTRUMENTED):
    from fuzz.shapes import SHAPES
    from fuzz.targets import TARGETS

MOST_MEGABYTES = 1024
#: By the clock, and a machine may pause.
MOST_SECONDS = 60
MOST_BYTES = 65_536


def fuzz(name: str, out: Path, limit: str, seed: int) -> None:
    """Fuzz one target; never returns."""
    target, seeds, found = TARGETS[name], HERE / "seeds" / name, out / f"{name}.corpus"
    found.mkdir(parents=True, exist_ok=True)
    log = os.open(out / f"{name}.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 1)
    os.dup2(log, 2)
    aside = tempfile.TemporaryDirectory(prefix="anping-fuzz-", dir=_fast())
    count = 0

    def one(content: bytes) -> None:
        nonlocal count
        count += 1
        folder = Path(aside.name) / str(count)
        folder.mkdir()
        try:
            target.once(bytes(content), folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def mutator(content: bytes, most: int, chance: int) -> bytes:
        return SHAPES[target.shape](
            bytes(content),
            random.Random(chance),
            lambda plain: atheris.Mutate(plain, max(len(plain) * 2, 64)),
        )[:most]

    words = [
        sys.argv[0], str(found), str(seeds), limit, f"-seed={seed}",
        f"-rss_limit_mb={MOST_MEGABYTES}", f"-timeout={MOST_SECONDS}", f"-max_len={MOST_BYTES}", "-verbosity=1",
        f"-artifact_prefix={out}/{name}-", "-print_final_stats=1", "-len_control=0", f"-dict={HERE}/yaml.dict",
    ]  # fmt: skip
    atheris.Setup(words, one, custom_mutator=mutator)
    atheris.Fuzz()


def _fast() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def main() -> int:
    out, limit, *names = sys.argv[1:]
    failed = 0
    for number, name in enumerate(names or TARGETS):
        child = os.fork()
        if child == 0:
            fuzz(name, Path(out), limit, seed=number + 1)
        _, status = os.waitpid(child, 0)
        failed += status != 0
        print(f"{name} {os.waitstatus_to_exitcode(status)}", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
