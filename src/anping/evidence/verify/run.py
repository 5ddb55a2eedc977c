"""Verify a dossier, offline and read only: its files, signatures, log, witnesses, flow, numbers."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from anping.core.errors import AnpingError, EvidenceError, Where
from anping.core.text import Text
from anping.evidence.archive import unzip_dossier
from anping.evidence.checkpoint import Checkpoint
from anping.evidence.keys import Keys, read_keys
from anping.evidence.tree import plain_files
from anping.evidence.verify.files import check_files, digests_of
from anping.evidence.verify.flow import check_ancestry, check_decision, check_delivery, check_labels
from anping.evidence.verify.log import check_history, check_log, pair
from anping.evidence.verify.opened import Check, OpenedDossier, OpenedStatement
from anping.evidence.verify.reading import Evidence, Line, read_evidence
from anping.evidence.verify.replay import Replayer, replay
from anping.evidence.verify.report import Finding, Report, failed, from_error
from anping.evidence.verify.stamped import check_stamp
from anping.evidence.verify.trust import check_keys, check_signatures
from anping.evidence.verify.witnessed import check_cosignatures, check_held


def verify(
    dossier: Path,
    *,
    trust: Path | Keys | None = None,
    witness_checkpoint: bytes | Callable[[Checkpoint], bytes] | None = None,
    replayers: Mapping[str, Replayer] | None = None,
    checks: Sequence[Check] = (),
    timestamp_roots: bytes | None = None,
) -> Report:
    """Verify a dossier folder or zip and report everything found, in plain words.

    ``trust`` is a ``keys.json`` (or its keys) that the auditor got elsewhere; without it the keys
    in the dossier are used and the report says so. ``witness_checkpoint`` is what the witness holds
    (:meth:`anping.evidence.witness.Witness.held`), or an ``add-checkpoint`` body from this
    dossier's size to it, or a function that finds these for the dossier's checkpoint (nothing,
    ``b""``, does not pass). ``timestamp_roots`` are the certificates (PEM) of trusted time-stamping
    authorities: with them a timestamp is demanded. ``replayers`` recompute measures by replay id; None
    means no replay.

    A forged dossier never raises: every failure is a finding. Raises EvidenceError only if nothing
    can be read at ``dossier``, or the trust file is malformed.
    """
    trusted = _trusted(trust) if isinstance(trust, Path) else trust
    with _folder(dossier) as (folder, refused):
        if refused is not None:
            return Report((refused,))
        opened, looked, findings = _open(folder)
        evidence = looked.evidence
        findings += [
            *check_keys(evidence.keys, evidence.later, trusted),
            *check_signatures(evidence),
        ]
        findings += check_files(opened.release, opened.names, evidence)
        findings += [*check_log(evidence, looked.pairs), *check_history(evidence)]
        findings += check_cosignatures(evidence, trusted)
        if witness_checkpoint is not None:
            held = _held(witness_checkpoint, evidence)
            findings += check_held(evidence, held, trusted)
        findings += check_stamp(evidence, opened.release, timestamp_roots)
        findings += [*check_ancestry(opened.statements), *check_labels(opened.statements)]
        findings += [*check_delivery(opened.release), *check_decision(opened.release)]
        findings += replay(opened, replayers)
        findings += [finding for check in checks for finding in _guarded(check, opened)]
    return Report(tuple(findings))


def _held(given: bytes | Callable[[Checkpoint], bytes], evidence: Evidence) -> bytes:
    if isinstance(given, bytes):
        return given
    return given(evidence.checkpoint.checkpoint) if evidence.checkpoint is not None else b""


def _trusted(path: Path) -> Keys:
    try:
        return read_keys(path.read_bytes())
    except OSError as error:
        raise EvidenceError(
            "verify.no-trust-file",
            Text("無法讀取信任的金鑰檔。", "The file of trusted keys cannot be read."),
            where=Where(file=path.name),
            hint=Text("請檢查路徑。", "Check the path."),
        ) from error


@contextmanager
def _folder(dossier: Path) -> Iterator[tuple[Path, Finding | None]]:
    """Yield the folder to look at: the dossier itself, or a zip unpacked aside."""
    if dossier.is_dir():
        yield dossier, None
    elif dossier.is_file():
        with tempfile.TemporaryDirectory(prefix="anping-verify-") as aside:
            folder = Path(aside) / "dossier"
            folder.mkdir()
            refused = None
            try:
                unzip_dossier(dossier, folder)
            except EvidenceError as error:
                refused = from_error(error, where=dossier.name)
            yield folder, refused
    else:
        raise EvidenceError(
            "verify.not-a-dossier",
            Text("這裡沒有卷宗也沒有壓縮檔。", "There is neither a dossier folder nor a zip here."),
            where=Where(file=str(dossier)),
            hint=Text("請檢查路徑。", "Check the path."),
        )


@dataclass(frozen=True, slots=True)
class _Looked:
    evidence: Evidence
    pairs: tuple[tuple[Line, int | None], ...]


def _open(folder: Path) -> tuple[OpenedDossier, _Looked, list[Finding]]:
    files, odd = plain_files(folder)
    findings = [
        failed(
            "files.not-plain",
            f"{name} 是連結、空資料夾、特殊檔案，或檔名無法通用。",
            f"{name} is a link, an empty folder, a special file, or has an unportable name.",
            where=name,
        )
        for name in odd
    ]
    names, unread = digests_of(files)
    findings += [
        failed("files.unreadable", f"無法讀取 {name}。", f"{name} cannot be read.", where=name)
        for name in unread
    ]
    evidence = read_evidence(files)
    looked = _Looked(evidence, pair(evidence))
    statements = tuple(
        OpenedStatement(index, line.record)
        for line, index in looked.pairs
        if line.record is not None
    )
    by_digest = {digest: files[name] for name, digest in names.items()}
    opened = OpenedDossier(folder, statements, names, by_digest)
    return opened, looked, [*findings, *evidence.findings]


def _guarded(check: Check, opened: OpenedDossier) -> tuple[Finding, ...]:
    """Run a check of another room; forged content may break it, which is a failure too."""
    try:
        return tuple(check(opened))
    except AnpingError as error:
        return (from_error(error),)
    except Exception as error:  # noqa: BLE001 - see above
        name = type(error).__name__
        return (
            failed(
                "check.error",
                f"有一項檢查無法完成（{name}）：內容不是它該有的樣子。",
                f"A check could not be completed ({name}): the content is not what it should be.",
            ),
        )
