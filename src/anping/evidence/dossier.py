"""The evidence part of a dossier: what lies where, and how it is written.

A dossier is a folder. Content files have any names; each is a subject of the release statement.
So are ``evidence/keys.json`` (the public keys) and ``evidence/history/<size>.checkpoint`` (earlier
checkpoints), which :func:`prepare` writes before the release statement is signed. After the log's
new checkpoint is signed and cosigned, :func:`seal` writes the rest, all of which follows from the
log: ``statements.intoto.jsonl``, ``proofs/<index>.tlog-proof``, ``history/<size>.consistency``,
``checkpoint``, ``witnesses.json`` with the keys of witnesses that cosigned without being named in
``keys.json``, and ``checkpoint.tsr``, an authority's timestamp of the checkpoint, if there is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from anping.core.digest import sha256_file
from anping.core.errors import EvidenceError, Where
from anping.core.files import write
from anping.core.labels import Labels
from anping.core.text import Text
from anping.evidence.checkpoint import SignedCheckpoint, read_checkpoint
from anping.evidence.keys import PublicKey, keys_json, read_keys
from anping.evidence.merkle import NodeReader, consistency_proof, inclusion_proof, leaf_hash
from anping.evidence.proof import GrowthProof, InclusionProof
from anping.evidence.resource import Digest, Resource
from anping.evidence.tree import plain_files

KEYS = "evidence/keys.json"
STATEMENTS = "evidence/statements.intoto.jsonl"
CHECKPOINT = "evidence/checkpoint"
WITNESSES = "evidence/witnesses.json"
TIMESTAMP = "evidence/checkpoint.tsr"
PROOFS = "evidence/proofs"
HISTORY = "evidence/history"
#: The steps that freeze what a dossier holds: tables, or a model.
RELEASE_STEPS = frozenset({"share.release", "share.model"})
#: The port of a release statement's subjects that are files of the dossier.
CONTENT = "content"

_DERIVED = re.compile(
    r"evidence/(checkpoint|checkpoint\.tsr|witnesses\.json|statements\.intoto\.jsonl|proofs/[0-9]{9,}\.tlog-proof"
    r"|history/[0-9]{9,}\.consistency)"
)
_MEDIA_TYPES = {
    ".checkpoint": "text/plain",
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".yaml": "application/yaml",
}


def proof_name(index: int) -> str:
    """Return where the inclusion proof of an entry lies."""
    return f"{PROOFS}/{index:09d}.tlog-proof"


def history_name(size: int) -> str:
    """Return where an earlier checkpoint lies."""
    return f"{HISTORY}/{size:09d}.checkpoint"


def growth_name(size: int) -> str:
    """Return where the consistency proof from an earlier checkpoint lies."""
    return f"{HISTORY}/{size:09d}.consistency"


def is_derived(name: str) -> bool:
    """Return whether a file follows from the log, so that it cannot be a subject."""
    return _DERIVED.fullmatch(name) is not None


def prepare(folder: Path, *, keys: bytes, history: Iterable[bytes] = ()) -> None:
    """Write the keys and the earlier checkpoints into a folder that holds the content.

    ``keys`` is ``keys.json``; name the witnesses that will cosign in it. Raises EvidenceError if
    one of them is malformed.
    """
    read_keys(keys)
    earlier = {read_checkpoint(note).head.size: note for note in history}
    write(folder / KEYS, keys)
    for size, note in earlier.items():
        write(folder / history_name(size), note)


def content_subjects(
    folder: Path, *, labels: Labels, digests: Mapping[str, str] | None = None
) -> tuple[Resource, ...]:
    """Return one subject per content file of a prepared folder, sorted by name.

    All bear the labels of the release. ``digests`` gives the files' SHA-256 by name where they have
    been taken just now; else they are taken here. Raises EvidenceError for a link or an unportable name.
    """
    files, odd = plain_files(folder)
    if odd:
        raise _not_plain(odd[0])
    return tuple(
        Resource(
            name=name,
            digest=Digest("sha256", sha256_file(path) if digests is None else digests[name]),
            media_type=_MEDIA_TYPES.get(PurePosixPath(name).suffix, "application/octet-stream"),
            port=CONTENT,
            kind="file",
            labels=labels,
        )
        for name, path in files.items()
        if not is_derived(name)
    )


def seal(
    folder: Path,
    statements: Sequence[tuple[int, bytes]],
    *,
    checkpoint: SignedCheckpoint,
    node: NodeReader,
    witnesses: Iterable[PublicKey] = (),
    timestamp: bytes | None = None,
) -> None:
    """Write what follows from the log into a prepared folder, the checkpoint last.

    ``statements`` are (log index, canonical line): the release statement and its whole ancestry.
    ``witnesses`` are the witnesses that the owner knows now; those named in ``keys.json`` need not be
    given. ``timestamp`` is an RFC 3161 response for the checkpoint. Sealing again, with a cosignature added, replaces the files. Raises EvidenceError if a
    statement or an earlier checkpoint is not in the log that ``checkpoint`` describes, or if nobody
    knows whose cosignature it bears; nothing is written then.
    """
    ordered = sorted(statements)
    files = dict(_inclusion_files(ordered, checkpoint, node))
    files |= dict(_history_files(folder, checkpoint, node))
    files[STATEMENTS] = b"".join(line + b"\n" for _, line in ordered)
    later = _later_witnesses(folder, checkpoint, witnesses)
    if later:
        files[WITNESSES] = keys_json(later)
    else:
        (folder / WITNESSES).unlink(missing_ok=True)
    if timestamp is not None:
        files[TIMESTAMP] = timestamp
    else:
        (folder / TIMESTAMP).unlink(missing_ok=True)
    files[CHECKPOINT] = checkpoint.encode()
    for name, content in files.items():
        write(folder / name, content)


def _later_witnesses(
    folder: Path, checkpoint: SignedCheckpoint, witnesses: Iterable[PublicKey]
) -> tuple[PublicKey, ...]:
    """Return the witnesses that cosigned but are not named in the release's keys."""
    keys = read_keys((folder / KEYS).read_bytes())
    named = keys.of("witness")
    later = tuple(
        key for key in witnesses if key not in named and checkpoint.cosigned_by(key) is not None
    )
    if checkpoint.unexplained(keys.of("log"), (*named, *later)):
        raise _unknown_signer()
    return later


def _inclusion_files(
    statements: Sequence[tuple[int, bytes]], checkpoint: SignedCheckpoint, node: NodeReader
) -> Iterable[tuple[str, bytes]]:
    size = checkpoint.head.size
    for index, line in statements:
        if not 0 <= index < size:
            raise _not_in_log(proof_name(index))
        proof = InclusionProof(index, inclusion_proof(index, size, node), checkpoint)
        if not proof.proves(leaf_hash(line)):
            raise _not_in_log(proof_name(index))
        yield proof_name(index), proof.encode()


def _history_files(
    folder: Path, checkpoint: SignedCheckpoint, node: NodeReader
) -> Iterable[tuple[str, bytes]]:
    for path in sorted((folder / HISTORY).glob("*.checkpoint")):
        old = read_checkpoint(path.read_bytes()).head
        if old.size > checkpoint.head.size:
            raise _not_in_log(history_name(old.size))
        proof = GrowthProof(
            old.size, consistency_proof(old.size, checkpoint.head.size, node), checkpoint
        )
        if not proof.proves(old):
            raise _not_in_log(history_name(old.size))
        yield growth_name(old.size), proof.encode()


def _not_plain(name: str) -> EvidenceError:
    return EvidenceError(
        "dossier.not-plain",
        Text(
            "卷宗裡只能有一般檔案，且檔名須能在各系統使用。",
            "A dossier holds only plain files, with names that work on every system.",
        ),
        where=Where(file=name),
        hint=Text("移除連結或改掉檔名。", "Remove the link or rename the file."),
    )


def _not_in_log(name: str) -> EvidenceError:
    return EvidenceError(
        "dossier.not-in-log",
        Text(
            "這一筆不在檢查點所述的紀錄裡。",
            "This entry is not in the log that the checkpoint describes.",
        ),
        where=Where(file=name),
        hint=Text(
            "請用同一個紀錄的敘述、節點與檢查點重新封存。",
            "Seal again with statements, nodes and checkpoint of one and the same log.",
        ),
    )


def _unknown_signer() -> EvidenceError:
    return EvidenceError(
        "dossier.unknown-signer",
        Text(
            "檢查點上有不明金鑰的簽章：既不是 keys.json 裡的紀錄金鑰，也不是已知的見證人。",
            "The checkpoint bears a signature of an unknown key: neither the log key in keys.json nor "
            "a known witness.",
        ),
        where=Where(file=CHECKPOINT),
        hint=Text("請一併提供該見證人的公開金鑰。", "Give that witness's public key as well."),
    )
