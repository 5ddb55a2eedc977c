"""Every file is a subject of the release, and every subject is a file with that digest."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from anping.core.digest import sha256_file
from anping.evidence.dossier import (
    CHECKPOINT,
    CONTENT,
    STATEMENTS,
    TIMESTAMP,
    WITNESSES,
    growth_name,
    history_name,
    is_derived,
    proof_name,
)
from anping.evidence.statement import StepRecord
from anping.evidence.verify.reading import Evidence
from anping.evidence.verify.report import Finding, failed, or_passed, passed

_MOST_THREADS = 8


def digests_of(files: Mapping[str, Path]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the SHA-256 of every file (name to path) that can be read, and the names of the others.

    The files are read in chunks, several at a time, the largest first.
    """
    found: dict[str, str | None] = dict.fromkeys(files)

    def digest(name: str) -> None:
        with suppress(OSError):
            found[name] = sha256_file(files[name])

    with ThreadPoolExecutor(max_workers=min(_MOST_THREADS, os.cpu_count() or 1)) as pool:
        list(pool.map(digest, sorted(files, key=lambda name: -_size(files[name]))))
    unread = tuple(name for name, digest in found.items() if digest is None)
    return {name: digest for name, digest in found.items() if digest is not None}, unread


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def check_files(
    release: StepRecord | None, names: Mapping[str, str], evidence: Evidence
) -> tuple[Finding, ...]:
    """Compare the files (name to SHA-256) with the release statement's subjects."""
    if release is None:
        return (
            failed(
                "release.missing",
                "最後一筆敘述不是發布（share.release）：缺少發布敘述，無從得知這裡該有哪些檔案。",
                "The last statement is not a release (share.release): without it nobody can say "
                "which files belong here.",
                where=STATEMENTS,
            ),
        )
    wanted = {
        subject.name: subject.digest.value
        for subject in release.subjects
        if subject.port == CONTENT and subject.digest.algorithm == "sha256"
    }
    good = passed(
        "files.match",
        f"{len(wanted)} 個檔案與發布敘述的摘要完全相符，沒有多也沒有少。",
        f"All {len(wanted)} files match the digests in the release statement; none is missing or extra.",
    )
    if not wanted:
        return (
            failed(
                "files.none", "發布敘述沒有列出任何檔案。", "The release statement lists no file."
            ),
        )
    return or_passed((*_content(wanted, names), *_derived(names, evidence)), good)


def _content(wanted: Mapping[str, str], names: Mapping[str, str]) -> Iterator[Finding]:
    by_digest = {digest: name for name, digest in wanted.items()}
    for name, digest in wanted.items():
        found = names.get(name)
        if found is None:
            yield failed(
                "files.missing", f"缺少檔案 {name}。", f"The file {name} is missing.", where=name
            )
        elif found != digest and found in by_digest:
            other = by_digest[found]
            yield failed(
                "files.swapped",
                f"檔案 {name} 的內容其實是 {other} 的：檔案被對調。",
                f"The file {name} holds the content of {other}: files were swapped.",
                where=name,
            )
        elif found != digest:
            yield failed(
                "files.changed",
                f"檔案 {name} 的內容在發布後被更動。",
                f"The content of {name} was changed after the release.",
                where=name,
            )
    for name in names:
        if name not in wanted and not is_derived(name):
            yield failed(
                "files.extra",
                f"檔案 {name} 不屬於這次發布：是後來加進來的。",
                f"The file {name} is no part of the release: it was added later.",
                where=name,
            )


def _derived(names: Mapping[str, str], evidence: Evidence) -> Iterator[Finding]:
    """Find files that have the name of evidence but no place in it."""
    expected = {CHECKPOINT, STATEMENTS}
    expected |= {WITNESSES} if evidence.later.members else set()
    expected |= {TIMESTAMP} if evidence.timestamp is not None else set()
    expected |= {proof_name(index) for index in evidence.proofs}
    expected |= {growth_name(size) for size in evidence.history}
    for name in names:
        if is_derived(name) and name not in expected:
            yield failed(
                "files.extra",
                f"證據檔 {name} 沒有對應的項目，或檔名不正確。",
                f"The evidence file {name} belongs to nothing, or is wrongly named.",
                where=name,
            )
    for size, checkpoint in evidence.history.items():
        if checkpoint.head.size != size or history_name(size) not in names:
            yield failed(
                "files.misnamed",
                f"先前的檢查點檔名（{size}）與內容不符。",
                f"The name of an earlier checkpoint ({size}) does not fit its content.",
                where=history_name(size),
            )
