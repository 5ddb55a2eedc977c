"""Forges dossiers with all of the owner's keys, but not the witness's: what an insider could do."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from anping.core.errors import AnpingError
from anping.evidence.checkpoint import (
    Checkpoint,
    SignedCheckpoint,
    cosignature,
    read_checkpoint,
    sign_checkpoint,
)
from anping.evidence.dossier import CHECKPOINT, HISTORY, KEYS, PROOFS, STATEMENTS, is_derived, seal
from anping.evidence.dsse import IN_TOTO, Envelope, read_line, sign
from anping.evidence.keys import PublicKey, SigningKey, keys_json
from anping.evidence.merkle import Tree
from anping.evidence.statement import read_payload
from fuzz.forging import edits, files_of

FORGED_AT = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Insider:
    """Whoever holds the owner's private keys, and every line of the log."""

    producer: SigningKey
    log: SigningKey
    lines: Sequence[bytes]
    #: The log index of each statement of the dossier.
    indices: Sequence[int]
    witness: PublicKey

    def rewrite(self, folder: Path, lines: Sequence[bytes], *, fake: SigningKey | None) -> None:
        """Make the folder's evidence say that the log always held ``lines``.

        ``fake`` cosigns in the place of the witness, under its name.
        """
        tree, origin = Tree(), read_checkpoint((folder / CHECKPOINT).read_bytes()).checkpoint.origin
        for line in lines:
            tree.add(line)
        made = sign_checkpoint(Checkpoint(origin, tree.head), self.log)
        if fake is not None:
            signed = cosignature(made.checkpoint, fake, FORGED_AT)
            made = SignedCheckpoint(made.checkpoint, (*made.signatures, signed))
        for place in (PROOFS, HISTORY):
            shutil.rmtree(folder / place, ignore_errors=True)
        statements = [(index, lines[index]) for index in self.indices if index < len(lines)]
        named = () if fake is None else (fake.public,)
        seal(folder, statements, checkpoint=made, node=tree.node, witnesses=named)

    def released_again(self, folder: Path, lines: Sequence[bytes]) -> list[bytes]:
        """Return the lines with a release statement of the files as they lie there now."""
        from anping.evidence.dossier import content_subjects

        record = read_payload(read_line(lines[-1]).payload)
        labels = record.subjects[0].labels
        assert labels is not None
        again = replace(record, subjects=content_subjects(folder, labels=labels))
        return [*lines[:-1], sign(again.payload(), self.producer).line()]


def insider_forgeries(
    true: Path, insider: Insider, chance: random.Random, folder: Path, *, each: int
) -> Iterator[str]:
    """Make one forged dossier after the other at ``folder``, each rewritten and signed throughout."""
    fake = SigningKey("witness", insider.witness.name, SigningKey.generate("witness", "x").private)
    for place in insider.indices:
        payload = read_line(insider.lines[place]).payload
        for name, forged in edits(payload, chance, each):
            lines = list(insider.lines)
            lines[place] = sign(forged, insider.producer).line()
            yield from _variants(true, insider, lines, (folder, fake, f"#{place} {name}"))
        lines = list(insider.lines)
        lines[place] = sign(b"{}", insider.producer, payload_type=IN_TOTO).line()
        yield from _variants(true, insider, lines, (folder, fake, f"#{place} emptied"))
        lines[place] = Envelope(payload, "text/plain", ()).also_signed_by(insider.producer).line()
        yield from _variants(true, insider, lines, (folder, fake, f"#{place} other type"))
    for name, path in files_of(true).items():
        if not is_derived(name) and not name.startswith("evidence/"):
            content = path.read_bytes()
            for change in (content + b"\n", content.replace(b"1", b"2") + b" ", content[:-2]):
                _fresh(true, folder)
                (folder / name).write_bytes(change)
                shutil.rmtree(folder / HISTORY, ignore_errors=True)
                lines = insider.released_again(_without_derived(folder), insider.lines)
                insider.rewrite(folder, lines, fake=None)
                yield f"{name} released again"
    yield from _shorter(true, insider, folder, fake)


def _fresh(true: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(true, folder)


def _without_derived(folder: Path) -> Path:
    """Copy what a release may name, beside the folder."""
    aside = folder.with_name(f"{folder.name}.content")
    shutil.rmtree(aside, ignore_errors=True)
    shutil.copytree(folder, aside)
    for name, path in files_of(aside).items():
        if is_derived(name):
            path.unlink()
    shutil.rmtree(aside / PROOFS, ignore_errors=True)
    return aside


def _variants(
    true: Path,
    insider: Insider,
    lines: Sequence[bytes],
    into: tuple[Path, SigningKey, str],
) -> Iterator[str]:
    """Rewrite without a witness, with the true cosignature's bytes, and with a witness of one's own."""
    folder, fake, name = into
    _fresh(true, folder)
    history = {each.name: each.read_bytes() for each in (folder / HISTORY).glob("*.checkpoint")}
    try:
        insider.rewrite(folder, lines, fake=None)
    except AnpingError:
        return
    yield f"{name}: rewritten"
    for earlier, note in history.items():
        (folder / HISTORY).mkdir(exist_ok=True)
        (folder / HISTORY / earlier).write_bytes(note)
    yield f"{name}: rewritten with the true history"
    note = (true / CHECKPOINT).read_bytes()
    new = (folder / CHECKPOINT).read_bytes()
    _replace(folder, new, new + note.split(b"\n\n")[1].split(b"\n")[1] + b"\n")
    yield f"{name}: rewritten with the true cosignature"
    _fresh(true, folder)
    shutil.rmtree(folder / HISTORY, ignore_errors=True)
    keys = keys_json([insider.producer.public, insider.log.public, fake.public])
    (folder / KEYS).write_bytes(keys)
    try:
        again = insider.released_again(_without_derived(folder), lines)
    except AnpingError:
        again = list(lines)
    insider.rewrite(folder, again, fake=fake)
    yield f"{name}: rewritten with a witness of its own"
    # A fork: only the statements differ, under the true checkpoint.
    _fresh(true, folder)
    kept = b"".join(lines[index] + b"\n" for index in insider.indices)
    (folder / STATEMENTS).write_bytes(kept)
    yield f"{name}: under the true checkpoint"


def _replace(folder: Path, note: bytes, other: bytes) -> None:
    for path in files_of(folder).values():
        path.write_bytes(path.read_bytes().replace(note, other))


def _shorter(true: Path, insider: Insider, folder: Path, fake: SigningKey) -> Iterator[str]:
    """Leave entries of the log out, so that it is shorter than what the witness saw."""
    for left_out in range(len(insider.lines) - 1):
        lines = [line for place, line in enumerate(insider.lines) if place != left_out]
        moved = [index - (index > left_out) for index in insider.indices if index != left_out]
        for witness in (None, fake):
            _fresh(true, folder)
            replace(insider, indices=moved).rewrite(folder, lines, fake=witness)
            yield f"entry {left_out} never written"
