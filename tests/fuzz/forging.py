"""Forges dossiers: every way known to us of making one say something else than it says.

A forgery is a name and a function that changes a copy of a true dossier. What is honest is defined
in :func:`same_content`: every file that the release names, the keys, the earlier checkpoints and the
statements are byte for byte those of the true dossier. Only what follows from the log may differ
(checkpoint, proofs, cosignatures, timestamp), because an owner may have the same content
witnessed or stamped again later.
"""

from __future__ import annotations

import base64
import itertools
import json
import random
import shutil
import unicodedata
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from anping.core.digest import canonical_json
from anping.evidence.dossier import CHECKPOINT, KEYS, STATEMENTS, is_derived
from anping.evidence.dsse import Envelope, read_line, sign
from anping.evidence.keys import Keys, PublicKey, SigningKey, keys_json, read_keys

#: Changes a copy of a dossier's folder.
Forgery = Callable[[Path], object]
Named = tuple[str, Forgery]


def files_of(folder: Path) -> dict[str, Path]:
    """Everything below a folder that is no folder, by relative name."""
    found = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return {path.relative_to(folder).as_posix(): path for path in sorted(found)}


def same_content(forged: Path, true: Path) -> bool:
    """Whether two folders hold the same content, in the sense of this module."""
    one, other = files_of(forged), files_of(true)
    kept = {name for name in {*one, *other} if not is_derived(name) or name == STATEMENTS}
    return all(
        name in one
        and name in other
        and not one[name].is_symlink()
        and one[name].read_bytes() == other[name].read_bytes()
        for name in kept
    )


# --- values -------------------------------------------------------------------------------------


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of every value inside a JSON value, the containers too."""
    if path:
        yield path
    if isinstance(value, (dict, list)):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in items:
            yield from places(inner, (*path, key))


def at(value: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        value = value[part]
    return value


def changed(value: Any, chance: random.Random) -> Any:
    """Return another JSON value of the same kind, as a forger would choose it."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return chance.choice(
            [value + 1, 0.01, -value - 1, 1e300, 10**400, 0, 5, float(value) + 0.5]
        )
    if isinstance(value, str):
        options = [
            f"{value} ",
            value[:-1],
            f"{value}\u200b",
            value[::-1] + "!",
            "",
            "allow",
            "open",
        ]
        options += [unicodedata.normalize("NFD", value), "\ud800", "0" * 64, "2026-13-45T99:99:99Z"]
        return chance.choice([option for option in options if option != value])
    if isinstance(value, list):
        return (
            chance.choice([value[:-1], [*value, *value[-1:]], value[::-1], []]) if value else [{}]
        )
    if value is None:
        return chance.choice([0, "", {}, "2099-01-01", deep(chance.choice([50, 400, 900]))])
    return chance.choice([{**value, "zz": 1}, dict(list(value.items())[1:]), None])


def deep(levels: int) -> Any:
    value: Any = {}
    for _ in range(levels):
        value = {"a": value}
    return value


def edits(payload: bytes, chance: random.Random, count: int) -> Iterator[tuple[str, bytes]]:
    """Yield payloads in which one value is another one."""
    value = json.loads(payload)
    every = list(places(value))
    for path in chance.sample(every, min(count, len(every))):
        copy = json.loads(payload)
        *parents, last = path
        new = changed(at(value, path), chance)
        if new == at(value, path):
            continue
        at(copy, tuple(parents))[last] = new
        name = ".".join(map(str, path))
        try:
            yield name, canonical_json(copy)
        except ValueError:
            yield name, json.dumps(copy, sort_keys=True, separators=(",", ":")).encode()


def spellings(line: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield other spellings of the same JSON, or of nearly the same."""
    value = json.loads(line)
    text = line.decode()
    yield "blank", text.replace('":', '": ', 1).encode()
    yield "order", json.dumps(dict(reversed(value.items())), separators=(",", ":")).encode()
    yield "escape", text.replace("a", "\\u0061", 1).encode()
    yield "slash", text.replace("/", "\\/", 1).encode()
    first = next(iter(value))
    yield "doubled first", f'{{"{first}":{json.dumps(value[first])},{text[1:]}'.encode()
    yield "doubled last", f'{text[:-1]},"{first}":{json.dumps(value[first])}}}'.encode()
    yield "doubled other", f'{{"{first}":"x",{text[1:]}'.encode()
    yield "mark", b"\xef\xbb\xbf" + line
    yield "return", line + b"\r"
    yield "nul", line + b"\x00"
    yield "utf-16", text.encode("utf-16")


# --- statements ---------------------------------------------------------------------------------


def with_lines(change: Callable[[list[bytes]], list[bytes]]) -> Forgery:
    def forge(folder: Path) -> None:
        path = folder / STATEMENTS
        lines = change(path.read_bytes().split(b"\n")[:-1])
        path.write_bytes(b"".join(line + b"\n" for line in lines))

    return forge


def with_line(place: int, line: bytes) -> Forgery:
    return with_lines(lambda lines: [*lines[:place], line, *lines[place + 1 :]])


def statement_forgeries(folder: Path, chance: random.Random, *, each: int) -> Iterator[Named]:
    """Edit, sign again, swap, drop, double and respell the statements."""
    lines = (folder / STATEMENTS).read_bytes().split(b"\n")[:-1]
    stranger = SigningKey.generate("producer", "stranger")
    for place, line in enumerate(lines):
        envelope = read_line(line)
        for name, payload in edits(envelope.payload, chance, each):
            kept = Envelope(payload, envelope.payload_type, envelope.signatures)
            anew = sign(payload, stranger)
            both = kept.also_signed_by(stranger)
            renamed = json.loads(anew.line())
            renamed["signatures"][0]["keyid"] = envelope.signatures[0].keyid
            chosen = chance.choice([kept.line(), anew.line(), both.line(), canonical_json(renamed)])
            yield f"statement {place}: {name}", with_line(place, chosen)
        for name, payload in spellings(envelope.payload):
            kept = Envelope(payload, envelope.payload_type, envelope.signatures)
            yield f"statement {place}: payload {name}", with_line(place, kept.line())
        for name, spelled in spellings(line):
            yield f"statement {place}: line {name}", with_line(place, spelled)
        other = Envelope(envelope.payload, "text/plain", envelope.signatures)
        yield f"statement {place}: type", with_line(place, other.line())
        more = envelope.also_signed_by(stranger)
        yield f"statement {place}: one more signature", with_line(place, more.line())
        without = canonical_json({**json.loads(line), "signatures": []})
        yield f"statement {place}: no signature", with_line(place, without)
        yield (
            f"statement {place}: dropped",
            with_lines(partial(_without, place)),
        )
        yield f"statement {place}: dropped with its proof", dropped(place)
        yield (
            f"statement {place}: doubled",
            with_lines(partial(_doubled, place)),
        )
    for one, other_place in itertools.combinations(range(len(lines)), 2):
        yield (
            f"statements {one} and {other_place} swapped",
            with_lines(partial(_swapped, one, other_place)),
        )
    yield "statements: one more end", with_lines(lambda found: [*found, b""])
    yield "statements: truncated", with_lines(lambda found: found[:-1])


def _without(place: int, lines: list[bytes]) -> list[bytes]:
    return [*lines[:place], *lines[place + 1 :]]


def _doubled(place: int, lines: list[bytes]) -> list[bytes]:
    return [*lines[: place + 1], *lines[place:]]


def _swapped(one: int, other: int, lines: list[bytes]) -> list[bytes]:
    lines = list(lines)
    lines[one], lines[other] = lines[other], lines[one]
    return lines


def dropped(place: int) -> Forgery:
    """Drop a statement together with its proof, as if it had never been enclosed."""

    def forge(folder: Path) -> None:
        with_lines(partial(_without, place))(folder)
        proofs = sorted((folder / "evidence/proofs").iterdir())
        proofs[place].unlink()

    return forge


# --- files --------------------------------------------------------------------------------------


def _moved(name: str, to: str) -> Forgery:
    def forge(folder: Path) -> None:
        target = folder / to
        target.parent.mkdir(parents=True, exist_ok=True)
        (folder / name).rename(target)

    return forge


def _written(name: str, content: bytes) -> Forgery:
    def forge(folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)

    return forge


def _gone(name: str) -> Forgery:
    def forge(folder: Path) -> None:
        (folder / name).unlink()

    return forge


def _linked(name: str) -> Forgery:
    def forge(folder: Path) -> None:
        aside = folder.with_name(f"{folder.name}.aside")
        shutil.copyfile(folder / name, aside)
        (folder / name).unlink()
        (folder / name).symlink_to(aside)

    return forge


def _exchanged(one: str, other: str) -> Forgery:
    def forge(folder: Path) -> None:
        kept = (folder / one).read_bytes()
        shutil.copyfile(folder / other, folder / one)
        (folder / other).write_bytes(kept)

    return forge


def other_names(name: str) -> Iterator[str]:
    """Yield names that some file system or some reader takes for the same."""
    stem, dot, suffix = name.rpartition(".")
    for other in (
        name.swapcase(), name + ".", name + " ", f"{stem}{dot} {suffix}", f"x/../{name}x",
        unicodedata.normalize("NFD", name), unicodedata.normalize("NFKC", name), f"{name}\u200b",
        f"./{name}~", f"evidence/{name}", f"{name}\u202e",
    ):  # fmt: skip
        if other != name:
            yield other


def file_forgeries(folder: Path, chance: random.Random, *, pairs: int) -> Iterator[Named]:
    """Change, drop, rename, link, exchange and add files."""
    contents = {name: path.read_bytes() for name, path in files_of(folder).items()}
    for name, content in contents.items():
        yield f"{name}: dropped", _gone(name)
        yield f"{name}: linked", _linked(name)
        for ending in (b"\n", b"\x00", b" "):
            yield f"{name}: {ending!r} added", _written(name, content + ending)
        yield f"{name}: CRLF", _written(name, content.replace(b"\n", b"\r\n") + b"\r\n")
        yield f"{name}: cut", _written(name, content[:-1])
        flipped = bytearray(content)
        flipped[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        yield f"{name}: bit", _written(name, bytes(flipped))
        if name.endswith(".json"):
            for spelled, text in (
                spellings(content.removesuffix(b"\n")) if content[:1] == b"{" else ()
            ):
                yield f"{name}: {spelled}", _written(name, text + b"\n")
            for place, text in edits(content, chance, 6):
                yield f"{name}: {place}", _written(name, text + b"\n")
        for other in other_names(name):
            yield f"{name} renamed {other!r}", _moved(name, other)
            yield f"{name} also as {other!r}", _written(other, content)
    every = list(itertools.combinations(contents, 2))
    for one, other in chance.sample(every, min(pairs, len(every))):
        yield f"{one} and {other} exchanged", _exchanged(one, other)
        yield f"{one} over {other}", _written(other, contents[one])
    for extra in (".DS_Store", "evidence/keys.json.bak", "evidence/refusal.json", "Thumbs.db",
                  "evidence/history/000000001.checkpoint", "evidence/checkpoint.tsr",
                  "evidence/proofs/000000000.tlog-proof", "evidence/witnesses.json"):  # fmt: skip
        if extra not in contents:
            yield f"extra {extra}", _written(extra, b"")
            yield f"extra {extra} with content", _written(extra, contents[CHECKPOINT])
    yield "an empty folder", lambda folder: (folder / "empty").mkdir()


# --- keys, checkpoint, proofs -------------------------------------------------------------------


def key_forgeries(folder: Path) -> Iterator[Named]:
    """Change who signs: roles, names, further keys, other keys."""
    keys = read_keys((folder / KEYS).read_bytes()).members
    strangers = [SigningKey.generate(role, f"s-{role}").public
                 for role in ("producer", "log", "officer", "witness")]  # fmt: skip
    for place, key in enumerate(keys):
        others = [*keys[:place], *keys[place + 1 :]]
        yield f"key {place} dropped", _written(KEYS, keys_json(others))
        for role in ("producer", "log", "officer", "witness"):
            if role != key.role:
                yield (
                    f"key {place} also as {role}",
                    _written(
                        KEYS,
                        keys_json([*keys, PublicKey(role, key.name, key.raw)]),
                    ),
                )
                yield (
                    f"key {place} as {role}",
                    _written(
                        KEYS,
                        keys_json([*others, PublicKey(role, key.name, key.raw)]),
                    ),
                )
        yield (
            f"key {place} renamed",
            _written(KEYS, keys_json([*others, PublicKey(key.role, key.name + "x", key.raw)])),
        )
        yield (
            f"key {place} replaced",
            _written(
                KEYS, keys_json([*others, *(each for each in strangers if each.role == key.role)])
            ),
        )
    for stranger in strangers:
        yield f"{stranger.role} added", _written(KEYS, keys_json([*keys, stranger]))
        yield (
            f"{stranger.role} added later",
            _written("evidence/witnesses.json", keys_json([stranger])),
        )
    yield "no keys", _written(KEYS, keys_json([]))


def note_forgeries(folder: Path, chance: random.Random) -> Iterator[Named]:
    """Change checkpoints and proofs by their lines, and carry a checkpoint into every proof."""
    names = [name for name in files_of(folder) if name.startswith("evidence/")
             and not name.endswith((".jsonl", ".json"))]  # fmt: skip
    for name in names:
        lines = (folder / name).read_bytes().split(b"\n")
        for place in range(len(lines)):
            kept, after = lines[:place], lines[place + 1 :]
            yield f"{name}: line {place} dropped", _written(name, b"\n".join([*kept, *after]))
            yield (
                f"{name}: line {place} doubled",
                _written(name, b"\n".join([*kept, lines[place], lines[place], *after])),
            )
            if lines[place].isdigit() or b" " in lines[place]:
                number = bytes(b"0123456789".replace(b"9", b"")) + lines[place]
                yield (
                    f"{name}: line {place} number",
                    _written(name, b"\n".join([*kept, number, *after])),
                )
        swapped = list(lines)
        chance.shuffle(swapped)
        yield f"{name}: shuffled", _written(name, b"\n".join(swapped))
    note = (folder / CHECKPOINT).read_bytes()
    for name, other in _other_notes(note):

        def everywhere(folder: Path, other: bytes = other) -> None:
            for path in files_of(folder).values():
                path.write_bytes(path.read_bytes().replace(note, other))

        yield f"checkpoint everywhere: {name}", everywhere


def _other_notes(note: bytes) -> Iterator[tuple[str, bytes]]:
    text, _, signatures = note.partition(b"\n\n")
    origin, size, root = text.split(b"\n")
    lines = signatures.split(b"\n")[:-1]
    yield "larger", b"\n".join([origin, b"%d" % (int(size) + 1), root]) + b"\n\n" + signatures
    yield "smaller", b"\n".join([origin, b"%d" % (int(size) - 1), root]) + b"\n\n" + signatures
    flipped = base64.b64encode(bytes(32))
    yield "other root", b"\n".join([origin, size, flipped]) + b"\n\n" + signatures
    yield "other origin", note.replace(origin, origin + b"x")
    yield "log's signature only", text + b"\n\n" + lines[0] + b"\n"
    if lines[1:]:
        yield "witness's only", text + b"\n\n" + lines[1] + b"\n"
        yield "time of the witness", text + b"\n\n" + lines[0] + b"\n" + _later(lines[1]) + b"\n"


def _later(line: bytes) -> bytes:
    head, _, value = line.rpartition(b" ")
    raw = bytearray(base64.b64decode(value))
    raw[11] ^= 1
    return head + b" " + base64.b64encode(bytes(raw))


def mixtures(folder: Path, second: Path, chance: random.Random, count: int) -> Iterator[Named]:
    """Carry files of another dossier, of the same owner or of another one, into this one."""
    theirs = {name: path.read_bytes() for name, path in files_of(second).items()}
    names = sorted(theirs)
    for name in names:
        yield f"{name} of the other", _written(name, theirs[name])
    for number in range(count):
        chosen = chance.sample(names, chance.randrange(2, len(names)))

        def forge(folder: Path, chosen: list[str] = chosen) -> None:
            for name in chosen:
                _written(name, theirs[name])(folder)

        yield f"mixture {number}", forge

    def evidence(folder: Path) -> None:
        shutil.rmtree(folder / "evidence")
        shutil.copytree(second / "evidence", folder / "evidence")

    yield "the other's evidence", evidence


def everything(
    folder: Path, second: Path, chance: random.Random, *, each: int, pairs: int
) -> Iterator[Named]:
    """Yield every forgery of a dossier that needs no key of the owner."""
    yield from statement_forgeries(folder, chance, each=each)
    yield from file_forgeries(folder, chance, pairs=pairs)
    yield from key_forgeries(folder)
    yield from note_forgeries(folder, chance)
    yield from mixtures(folder, second, chance, pairs)


__all__ = ["Keys", "edits", "everything", "files_of", "same_content", "spellings"]
