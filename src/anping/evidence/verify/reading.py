"""Read the evidence files of a dossier; whatever cannot be read becomes a finding."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from anping.core.errors import EvidenceError
from anping.evidence.checkpoint import SignedCheckpoint, read_checkpoint
from anping.evidence.dossier import (
    CHECKPOINT,
    HISTORY,
    KEYS,
    PROOFS,
    STATEMENTS,
    TIMESTAMP,
    WITNESSES,
)
from anping.evidence.dsse import IN_TOTO, Envelope, read_line
from anping.evidence.keys import Keys, read_keys
from anping.evidence.merkle import leaf_hash
from anping.evidence.proof import (
    GrowthProof,
    InclusionProof,
    read_growth_proof,
    read_inclusion_proof,
)
from anping.evidence.statement import StepRecord, read_payload
from anping.evidence.verify.report import Finding, failed, from_error

_MAXIMUM_BYTES = 256 << 20
_SMALL = 4 << 20
_INDEXED = re.compile(
    r"(?:proofs/([0-9]+)\.tlog-proof|history/([0-9]+)\.(?:checkpoint|consistency))"
)

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the statements file, numbered from 1, as far as it could be read."""

    number: int
    leaf: bytes
    envelope: Envelope | None
    record: StepRecord | None

    @property
    def where(self) -> str:
        """How findings name it."""
        return f"{STATEMENTS}:{self.number}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What could be read of the evidence; mappings are by log index or tree size.

    ``keys`` are those the release names; ``later`` are witnesses that only cosigned; ``timestamp``
    is an authority's response, unread.
    """

    keys: Keys
    later: Keys
    checkpoint: SignedCheckpoint | None
    lines: tuple[Line, ...]
    proofs: Mapping[int, InclusionProof]
    history: Mapping[int, SignedCheckpoint]
    growth: Mapping[int, GrowthProof]
    findings: tuple[Finding, ...]
    timestamp: bytes | None = None


def read_evidence(files: Mapping[str, Path]) -> Evidence:
    """Read the evidence among ``files`` (relative name to path). Never raises for bad content."""
    findings: list[Finding] = []
    keys = _one(files, KEYS, read_keys, findings) or Keys()
    checkpoint = _one(files, CHECKPOINT, read_checkpoint, findings)
    lines = _lines(files, findings)
    later = _one(files, WITNESSES, read_keys, findings) if WITNESSES in files else None
    timestamp = _one(files, TIMESTAMP, bytes, findings) if TIMESTAMP in files else None
    return Evidence(
        keys,
        later or Keys(),
        checkpoint,
        lines,
        _many(files, (PROOFS, ".tlog-proof"), read_inclusion_proof, findings),
        _many(files, (HISTORY, ".checkpoint"), read_checkpoint, findings),
        _many(files, (HISTORY, ".consistency"), read_growth_proof, findings),
        tuple(findings),
        timestamp,
    )


def _content(path: Path, limit: int) -> bytes:
    with path.open("rb") as stream:
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise OSError("too large")
    return content


def _one(
    files: Mapping[str, Path],
    name: str,
    read: Callable[[bytes], Value],
    findings: list[Finding],
) -> Value | None:
    if name not in files:
        findings.append(
            failed(
                "evidence.missing",
                f"缺少證據檔 {name}。",
                f"The evidence file {name} is missing.",
                where=name,
            )
        )
        return None
    try:
        return read(_content(files[name], _SMALL))
    except EvidenceError as error:
        findings.append(from_error(error, where=name))
    except OSError:
        findings.append(_unreadable(name))
    return None


def _many(
    files: Mapping[str, Path],
    pattern: tuple[str, str],
    read: Callable[[bytes], Value],
    findings: list[Finding],
) -> dict[int, Value]:
    folder, suffix = pattern
    found: dict[int, Value] = {}
    for name in files:
        match = _INDEXED.fullmatch(name.removeprefix("evidence/"))
        if match is None or not (name.startswith(f"{folder}/") and name.endswith(suffix)):
            continue
        value = _one(files, name, read, findings)
        if value is not None:
            found[int(match[1] or match[2])] = value
    return found


def _lines(files: Mapping[str, Path], findings: list[Finding]) -> tuple[Line, ...]:
    try:
        content = _content(files[STATEMENTS], _MAXIMUM_BYTES) if STATEMENTS in files else None
    except OSError:
        findings.append(_unreadable(STATEMENTS))
        return ()
    if not content or not content.endswith(b"\n"):
        findings.append(
            failed(
                "statements.truncated",
                "敘述檔不存在、是空的，或被截斷。",
                "The statements file is missing, empty or cut short.",
                where=STATEMENTS,
            )
        )
    raw = content.removesuffix(b"\n").split(b"\n") if content else []
    return tuple(_line(number, line, findings) for number, line in enumerate(raw, 1))


def _line(number: int, raw: bytes, findings: list[Finding]) -> Line:
    envelope = record = None
    try:
        envelope = read_line(raw)
        if envelope.payload_type == IN_TOTO:
            record = read_payload(envelope.payload)
        else:
            findings.append(
                failed(
                    "statement.type",
                    "這一行簽的不是 in-toto 敘述。",
                    "What is signed on this line is not an in-toto statement.",
                    where=f"{STATEMENTS}:{number}",
                )
            )
    except EvidenceError as error:
        findings.append(from_error(error, where=f"{STATEMENTS}:{number}"))
    return Line(number, leaf_hash(raw), envelope, record)


def _unreadable(name: str) -> Finding:
    return failed(
        "evidence.unreadable", f"無法讀取 {name}。", f"{name} cannot be read.", where=name
    )
