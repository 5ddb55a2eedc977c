"""The exact look at delimited text: every record, with its line number or with what is wrong.

Records follow RFC 4180: a field may be quoted, a quote inside is doubled, a quoted field may span
lines. A quote inside an unquoted field is an ordinary character. A quoted field that is never
closed, or that text follows, spoils the line its record begins on and nothing more: reading goes
on with the next line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Flaw = Literal["unclosed-quote", "stray-quote", "too-many-fields"]

#: A record longer than this many bytes is taken for an opening quote that nothing closes.
LONGEST_RECORD = 32 << 20

#: So many fields are told apart while the number of columns is not known yet.
MOST_FIELDS = 100_000

_QUOTED = re.compile(r'"([^"]*(?:""[^"]*)*)("?)')
_BLANKS = re.compile("[ \t]*")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How fields are told apart. ``width`` is the number of columns, 0 while it is unknown."""

    delimiter: str
    trim_blanks: bool = True
    comment: str | None = None
    width: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its first line's number, its raw text, its fields, and where the next begins.

    With a ``flaw``, ``fields`` are those before the flawed one.
    """

    line: int
    raw: str
    fields: tuple[str, ...]
    end: int
    flaw: Flaw | None = None


def records(text: str, dialect: Dialect, *, line: int, final: bool) -> Iterator[Record]:
    """Yield the records of ``text``, whose first line has number ``line``.

    Unless ``final``, stops before a record that the text does not finish.
    """
    position = 0
    while position < len(text):
        stop = text.find("\n", position)
        if stop < 0:
            if not final:
                return
            stop = len(text)
        raw = text[position:stop]
        if _passed_over(raw, dialect):
            position, line = stop + 1, line + 1
            continue
        if '"' in raw:
            fields, end, flaw = _fields(text, position, dialect)
            if end > len(text) and not final:
                return
        else:
            (fields, flaw), end = _plain(raw, dialect), stop + 1
        if flaw is not None:
            end = stop + 1
        record = Record(line, text[position : end - 1], tuple(fields), end, flaw)
        yield record
        line += record.raw.count("\n") + 1
        position = end


def _passed_over(raw: str, dialect: Dialect) -> bool:
    if not raw or (dialect.width != 1 and not raw.strip(" ")):
        return True
    return dialect.comment is not None and raw.startswith(dialect.comment)


def _most_fields(dialect: Dialect) -> int:
    """Return how many fields are worth telling apart; a line of commas must not fill the memory."""
    return 2 * dialect.width + 1_000 if dialect.width else MOST_FIELDS


def _plain(raw: str, dialect: Dialect) -> tuple[list[str], Flaw | None]:
    most = _most_fields(dialect)
    fields = raw.split(dialect.delimiter, most)
    flaw: Flaw | None = "too-many-fields" if len(fields) > most else None
    fields = fields[:most]
    return [field.strip(" \t") for field in fields] if dialect.trim_blanks else fields, flaw


def _fields(text: str, position: int, dialect: Dialect) -> tuple[list[str], int, Flaw | None]:
    """Return the fields of the record at ``position``, where the next record begins, and the flaw.

    An end past the text's own says that the text stops inside the record.
    """
    fields: list[str] = []
    beyond = len(text) + 1
    while True:
        start = _after_blanks(text, position, dialect)
        if text.startswith('"', start):
            quoted = _QUOTED.match(text, start)
            if quoted is None or not quoted[2]:
                return fields, beyond, "unclosed-quote"
            value = quoted[1].replace('""', '"')
            stop = _after_blanks(text, quoted.end(), dialect)
        else:
            stop = _next_mark(text, position, dialect.delimiter)
            value = text[position:stop]
        if len(fields) >= _most_fields(dialect):
            return fields, stop, "too-many-fields"
        if stop < len(text) and text[stop] not in (dialect.delimiter, "\n"):
            return fields, stop, "stray-quote"
        fields.append(value.strip(" \t") if dialect.trim_blanks else value)
        if stop >= len(text) or text[stop] == "\n":
            return fields, stop + 1, None
        position = stop + 1


def _after_blanks(text: str, position: int, dialect: Dialect) -> int:
    if not dialect.trim_blanks:
        return position
    if dialect.delimiter == "\t":
        while text.startswith(" ", position):
            position += 1
        return position
    found = _BLANKS.match(text, position)
    return position if found is None else found.end()


def _next_mark(text: str, position: int, delimiter: str) -> int:
    line_end = text.find("\n", position)
    line_end = len(text) if line_end < 0 else line_end
    mark = text.find(delimiter, position, line_end)
    return line_end if mark < 0 else mark
