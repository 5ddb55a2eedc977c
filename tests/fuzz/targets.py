"""Every reader as a fuzzing target: bytes in, then a value or the right typed error, nothing else.

A target that raises anything but its own kinds of :class:`AnpingError`, gives an error that cannot be
shown, tells a data value, or takes more than :data:`MOST_SECONDS` of CPU time has a defect.
"""

from __future__ import annotations

import io
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anping.core.errors import (
    AnpingError,
    EvidenceError,
    InputError,
    ParameterError,
    PlanError,
    PolicyError,
    SchemaError,
    WorkspaceError,
)
from anping.engine.bundles import flatten_fhir
from anping.engine.read import read, read_many
from anping.engine.reading import ReadOptions
from anping.evidence.checkpoint import Checkpoint, read_checkpoint
from anping.evidence.dsse import read_line
from anping.evidence.keys import SigningKey, read_keys
from anping.evidence.merkle import TreeHead
from anping.evidence.note import read_note
from anping.evidence.proof import read_growth_proof, read_inclusion_proof
from anping.evidence.statement import read_payload
from anping.evidence.timestamp import read_timestamp
from anping.evidence.verify import verify
from anping.evidence.verify.opened import OpenedDossier, OpenedStatement
from anping.evidence.verify.replay import replay
from anping.govern.policy import parse_policy
from anping.govern.signing import open_policy
from anping.know.contract import read_contract
from anping.protect.plan_file import dump_plan, parse_plan
from anping.share.licence import read_licence
from anping.workspace.backups.checking import check_backup
from anping.workspace.pipeline import read_pipeline

MOST_SECONDS = 2.0
#: What stands for a person's value: if it is in a row, no error may repeat it.
CANARY = "Z9Q7canary7Q9Z"
_MOST_EXPANDED = 4 << 20
_LONGEST_LIST = 4096

Run = Callable[[bytes, Path], object]
Kinds = tuple[type[AnpingError], ...]
TABLE: Kinds = (InputError, SchemaError, ParameterError)


class DefectError(AssertionError):
    """A reader broke its promise."""


@dataclass(frozen=True)
class Target:
    """A reader, what it may raise, and how its inputs are mutated (``bytes``, ``zip`` ...)."""

    run: Run
    kinds: Kinds
    shape: str = "bytes"

    def once(self, content: bytes, folder: Path) -> str | None:
        """Read ``content``; return the code of the refusal, or None. Raises DefectError."""
        begun = time.process_time()
        code = None
        try:
            self.run(content, folder)
        except AnpingError as error:
            self._check(error, content)
            code = error.code
        took = time.process_time() - begun
        if took > MOST_SECONDS:
            raise DefectError(f"{took:.1f} s of CPU for {len(content)} bytes")
        return code

    def _check(self, error: AnpingError, content: bytes) -> None:
        if not isinstance(error, self.kinds):
            raise DefectError(f"{type(error).__name__} {error.code}") from error
        if not all((error.what.zh, error.what.en, error.hint.zh, error.hint.en)):
            raise DefectError(f"{error.code}: a language is missing") from error
        try:
            words = str(error).encode("utf-8").decode()
        except UnicodeEncodeError:
            raise DefectError(f"{error.code}: its words cannot be shown") from error
        if CANARY in words and _in_a_row(content):
            raise DefectError(f"{error.code}: it tells a value") from error


def _in_a_row(content: bytes) -> bool:
    """Whether the canary can only be a value: after the first line, and no key of JSON."""
    head, _, rest = content.partition(b"\n")
    place = rest.find(CANARY.encode())
    after = rest[place + len(CANARY) :].lstrip(b'"\t\r\n ')
    return b"\r" not in content and place > 0 and CANARY.encode() not in head and after[:1] != b":"


def _table(name: str, **options: Any) -> Run:
    given = ReadOptions(max_expanded_bytes=_MOST_EXPANDED, **options)

    def run(content: bytes, folder: Path) -> None:
        path = folder / name
        path.write_bytes(content)
        refused: AnpingError | None = None
        for kept in (None, folder / "quarantine.jsonl"):
            try:
                read(path, into=folder / "out.parquet", options=given, quarantine=kept)
            except AnpingError as error:
                refused = error
            if (folder / "out.parquet").exists():
                (folder / "out.parquet").unlink()
        left = {each.name for each in folder.iterdir()} - {name, "quarantine.jsonl"}
        if left:
            raise DefectError(f"left behind: {len(left)}")
        if refused is not None:
            raise refused

    return run


def _several(content: bytes, folder: Path) -> None:
    parts = content.split(b"\x00\x00", 3)
    paths = []
    for number, part in enumerate(parts):
        paths.append(folder / f"part{number}.csv")
        paths[-1].write_bytes(part)
    read_many(paths, into=folder / "out.parquet", options=ReadOptions(union_columns=True))


def _bundle(content: bytes, folder: Path) -> None:
    (folder / "bundle.json").write_bytes(content)
    flatten_fhir(folder / "bundle.json", folder / "tables")


def _plan(content: bytes, folder: Path) -> None:
    del folder
    plan = parse_plan(content, file="plan.yaml")
    if parse_plan(dump_plan(plan)) != plan:
        raise DefectError("a plan written is another one read")


def _policy(content: bytes, folder: Path) -> None:
    """A policy file, and a signed bundle: the file, NUL NUL, the envelope."""
    del folder
    policy, parted, signature = content.partition(b"\x00\x00")
    if parted:
        open_policy(policy, signature, lambda line: read_line(line).payload)
    else:
        parse_policy(policy)


def _contract(content: bytes, folder: Path) -> None:
    del folder
    read_contract(content, file="contract.yaml", candidates=("customers",))


def _file(name: str, reader: Callable[[Path], object]) -> Run:
    def run(content: bytes, folder: Path) -> None:
        (folder / name).write_bytes(content)
        reader(folder / name)

    return run


def _envelope(content: bytes, folder: Path) -> None:
    del folder
    envelope = read_line(content)
    if envelope.line() != content:
        raise DefectError("a second spelling of an envelope")
    record = read_payload(envelope.payload)
    if record.payload() != envelope.payload:
        raise DefectError("a second spelling of a statement")
    _use(record)


def _payload(content: bytes, folder: Path) -> None:
    del folder
    record = read_payload(content)
    if record.payload() != content:
        raise DefectError("a second spelling of a statement")
    _use(record)


def _use(record: Any) -> None:
    """What ``verify`` does with a statement once it is read, replayed by its own numbers."""
    opened = OpenedDossier(Path(), (OpenedStatement(0, record),), {}, {})
    names = {each.replay.id for each in record.measurements if each.replay is not None}
    for finding in replay(opened, dict.fromkeys(names, lambda *_: record.measurements)):
        finding.what.zh.encode()


def _note(content: bytes, folder: Path) -> None:
    del folder
    note = read_note(content)
    if note.encode() != content:
        raise DefectError("a second spelling of a note")
    signed = read_checkpoint(content)
    if signed.encode() != content:
        raise DefectError("a second spelling of a checkpoint")
    key = _KEY.public
    if signed.signed_by(key) or signed.cosigned_by(key) is not None:
        raise DefectError("signed by a key that signed nothing")


_KEY = SigningKey.generate("witness", "nobody.example")


def _proof(content: bytes, folder: Path) -> None:
    del folder
    if content.startswith(b"old "):
        grown = read_growth_proof(content)
        if grown.encode() != content:
            raise DefectError("a second spelling of a proof")
        if grown.old_size and grown.proves(TreeHead(grown.old_size, bytes(32))):
            raise DefectError("a proof of a root that was never there")
    else:
        included = read_inclusion_proof(content)
        if included.encode() != content:
            raise DefectError("a second spelling of a proof")
        if included.proves(bytes(32)):
            raise DefectError("a proof of a leaf that was never there")


def _keys(content: bytes, folder: Path) -> None:
    del folder
    read_keys(content)


def _timestamp(content: bytes, folder: Path) -> None:
    del folder
    read_timestamp(content, Checkpoint("anping.local/0", TreeHead(1, bytes(32))))


def _unpacked(content: bytes, folder: Path) -> Path | None:
    """Lay the members of a plain zip down as files, without asking whether they are honest."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if len(packed.infolist()) > _LONGEST_LIST or packed.testzip() is not None:
                return None
            target = folder / "dossier"
            for entry in packed.infolist():
                path = target / entry.filename
                if ".." in path.parts or entry.filename.startswith("/") or entry.is_dir():
                    continue
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(packed.read(entry))
    except Exception:  # noqa: BLE001 - what is no zip is no folder either
        return None
    return target if target.is_dir() else None


def _true_files() -> Mapping[str, bytes]:
    seed = Path(__file__).with_name("seeds") / "dossier-folder" / "true"
    if not seed.exists():
        return {}
    with zipfile.ZipFile(seed) as packed:
        return {entry.filename: packed.read(entry) for entry in packed.infolist()}


def _accepted(folder: Path) -> None:
    """What is called verified must be, file for file, the true dossier of the seeds."""
    for name, content in _true_files().items():
        if (folder / name).read_bytes() != content:
            raise DefectError(f"{name} was changed and accepted")


def _folder(content: bytes, folder: Path) -> None:
    dossier = _unpacked(content, folder)
    if dossier is None:
        return
    report = verify(dossier, replayers={})
    for finding in report.findings:
        f"{finding.what.zh}{finding.what.en}{finding.where}".encode()
    if report.ok:
        _accepted(dossier)


def _zip(content: bytes, folder: Path) -> None:
    (folder / "dossier.zip").write_bytes(content)
    report = verify(folder / "dossier.zip")
    if report.ok:
        true = (Path(__file__).with_name("seeds") / "dossier-zip" / "true").read_bytes()
        if content != true:
            raise DefectError("another zip was accepted")


EVIDENCE: Kinds = (EvidenceError,)
TARGETS: Mapping[str, Target] = {
    "csv": Target(_table("a.csv"), TABLE),
    "tsv": Target(_table("a.tsv"), TABLE),
    "several": Target(_several, TABLE),
    "jsonl": Target(_table("a.jsonl"), TABLE),
    "json": Target(_table("a.json"), TABLE),
    "fixed": Target(
        _table("a.txt", widths=(4, 6, 3), width_unit="bytes", column_names=("a", "b", "c")), TABLE
    ),
    "excel": Target(_table("a.xlsx"), TABLE, "zip"),
    "compressed": Target(_table("a.csv.gz"), TABLE, "gzip"),
    "archive": Target(_table("a.zip"), TABLE, "zip"),
    "tar": Target(_table("a.tar"), TABLE),
    "parquet": Target(_table("a.parquet"), TABLE, "parquet"),
    "fhir": Target(_bundle, TABLE),
    "plan": Target(_plan, (PlanError,)),
    "policy": Target(_policy, (PolicyError,)),
    "contract": Target(_contract, (InputError, ParameterError)),
    "pipeline": Target(_file("pipeline.yaml", read_pipeline), (InputError, ParameterError)),
    "licence": Target(_file("licence.yaml", read_licence), (ParameterError,)),
    "envelope": Target(_envelope, EVIDENCE, "envelope"),
    "statement": Target(_payload, EVIDENCE),
    "checkpoint": Target(_note, EVIDENCE),
    "proof": Target(_proof, EVIDENCE),
    "keys": Target(_keys, EVIDENCE),
    "timestamp": Target(_timestamp, EVIDENCE),
    "dossier-folder": Target(_folder, EVIDENCE, "zip"),
    "dossier-zip": Target(_zip, EVIDENCE, "zip"),
    "backup": Target(_file("a.anping", check_backup), (WorkspaceError,)),
}


def try_once(name: str, content: bytes) -> str | None:
    """Read ``content`` with one target in a folder of its own. Raises DefectError."""
    with tempfile.TemporaryDirectory(prefix="anping-fuzz-") as folder:
        return TARGETS[name].once(content, Path(folder))
