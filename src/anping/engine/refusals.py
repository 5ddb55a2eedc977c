"""Refused rows: why a row cannot be read, how many there are, and where they are kept aside."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO

from anping.core.errors import InputError, Where
from anping.core.files import aside_name, sweep
from anping.core.text import Text
from anping.engine.reading import REFUSED_LISTED, RefusedRow

#: A refused row's text is kept up to this many characters; what is longer is no honest row.
_RAW_KEPT = 1 << 20


def ragged(row: int, *, expected: int, found: int) -> RefusedRow:
    """Return the refusal of a row with too few or too many fields."""
    return RefusedRow(
        row,
        None,
        Text(
            f"應有 {expected} 個欄位，但有 {found} 個。",
            f"The row should have {expected} fields but has {found}.",
        ),
        "input.ragged-row",
    )


def undecodable(row: int, column: str | None, encoding: str) -> RefusedRow:
    """Return the refusal of a row with bytes that the encoding does not have."""
    return RefusedRow(
        row,
        column,
        Text(
            f"有位元組不屬於文字編碼 {encoding}。",
            f"The row holds bytes that are not {encoding} text.",
        ),
        "input.undecodable",
    )


def unclosed_quote(row: int, column: str | None) -> RefusedRow:
    """Return the refusal of a row with an opening quote that nothing closes."""
    return RefusedRow(
        row,
        column,
        Text("引號沒有結尾。", "A quotation mark is opened and never closed."),
        "input.unclosed-quote",
    )


def stray_text(row: int, column: str | None) -> RefusedRow:
    """Return the refusal of a row with text after a closing quote."""
    return RefusedRow(
        row,
        column,
        Text("結尾引號之後還有文字。", "There is text after a closing quotation mark."),
        "input.stray-quote",
    )


def wrong_type(row: int, column: str, type_name: str) -> RefusedRow:
    """Return the refusal of a row with a value that does not fit the declared type."""
    return RefusedRow(
        row,
        column,
        Text(
            f"有值不符合宣告的型別 {type_name}。",
            f"A value does not fit the declared type {type_name}.",
        ),
        "input.wrong-type",
    )


def invalid_json(row: int) -> RefusedRow:
    """Return the refusal of a line that is not JSON."""
    return RefusedRow(
        row,
        None,
        Text("這一列不是正確的 JSON。", "The line is not valid JSON."),
        "input.invalid-json",
    )


def not_an_object(row: int) -> RefusedRow:
    """Return the refusal of a line of JSON that is not an object."""
    return RefusedRow(
        row,
        None,
        Text("這一列的 JSON 不是物件。", "The line's JSON is not an object."),
        "input.not-an-object",
    )


def empty_object(row: int) -> RefusedRow:
    """Return the refusal of a JSON object without a key."""
    return RefusedRow(
        row,
        None,
        Text("JSON 物件是空的。", "The JSON object is empty."),
        "input.empty-object",
    )


def doubled_key(row: int) -> RefusedRow:
    """Return the refusal of a JSON object that names one key twice, or has an empty key."""
    return RefusedRow(
        row,
        None,
        Text(
            "JSON 物件有重複或空白的鍵。",
            "The JSON object has a doubled or an empty key.",
        ),
        "input.doubled-key",
    )


def too_long(row: int) -> RefusedRow:
    """Return the refusal of a line that is longer than any record may be."""
    return RefusedRow(
        row,
        None,
        Text("這一列太長，不像一筆資料。", "The line is too long to be one record."),
        "input.line-too-long",
    )


def nul_character(row: int, column: str | None) -> RefusedRow:
    """Return the refusal of a row that holds the character NUL, which no text has."""
    return RefusedRow(
        row,
        column,
        Text("含有空字元（NUL）。", "The row holds a NUL character."),
        "input.nul-character",
    )


def wrong_length(row: int, *, expected: int, found: int, unit: str) -> RefusedRow:
    """Return the refusal of a line of fixed-width fields that is too short or too long."""
    unit_zh = "個位元組" if unit == "bytes" else "個字元"
    return RefusedRow(
        row,
        None,
        Text(
            f"應有 {expected} {unit_zh}，但有 {found} 個。",
            f"The line should have {expected} {unit} but has {found}.",
        ),
        "input.wrong-length",
    )


def impossible_day(row: int, column: str) -> RefusedRow:
    """Return the refusal of a row with a date before year 1 or after year 9999."""
    return RefusedRow(
        row,
        column,
        Text("日期不在西元 1 年至 9999 年之間。", "A date is not within the years 1 to 9999."),
        "input.impossible-date",
    )


def not_finite(row: int, column: str) -> RefusedRow:
    """Return the refusal of a row with an infinite number."""
    return RefusedRow(
        row,
        column,
        Text("數值是無限大。", "A number is infinite."),
        "input.not-finite",
    )


def not_a_resource(row: int) -> RefusedRow:
    """Return the refusal of a JSON object that is no FHIR resource."""
    return RefusedRow(
        row,
        None,
        Text("這個 JSON 物件不是 FHIR 資源。", "The JSON object is not a FHIR resource."),
        "input.not-a-resource",
    )


class Refusals:
    """Counts refused rows, lists the first, and keeps their raw text in the quarantine file."""

    def __init__(self, quarantine: IO[str] | None = None) -> None:
        self._quarantine = quarantine
        self.keep = quarantine is not None
        self._listed: list[RefusedRow] = []
        self.total = 0
        #: The file that is being read, where several are read as one table.
        self.file: str | None = None

    def add(self, refused: RefusedRow, raw: str) -> None:
        """Refuse one row; ``raw`` goes to the quarantine file and nowhere else."""
        self.total += 1
        refused = replace(refused, file=self.file)
        if len(self._listed) < REFUSED_LISTED:
            self._listed.append(refused)
        if self._quarantine is not None:
            line = {
                "file": refused.file,
                "row": refused.row,
                "column": refused.column,
                "code": refused.code,
                "reason": refused.reason.as_json(),
                "raw": raw[:_RAW_KEPT],
            }
            self._quarantine.write(json.dumps(line, ensure_ascii=False) + "\n")

    @property
    def listed(self) -> tuple[RefusedRow, ...]:
        """The first refused rows."""
        return tuple(self._listed)

    def error(self, file: str, *, encodings: tuple[str, ...] = ()) -> InputError:
        """Return the error that names the first refused row and counts the rest."""
        first, more = self._listed[0], self.total - 1
        hint = Text(
            "修正這些列，或加上 --quarantine 把它們另存後讀取其餘的列。",
            "Correct these rows, or add --quarantine to keep them aside and read the rest.",
        )
        if first.code == "input.undecodable":
            hint = _encodings_hint(encodings)
        return InputError(
            first.code,
            Text(
                first.reason.zh + (f"另有 {more} 列無法讀取。" if more else ""),
                first.reason.en + (f" Rows that cannot be read besides: {more}." if more else ""),
            ),
            where=Where(file=first.file or file, row=first.row, column=first.column),
            hint=hint,
        )


def _encodings_hint(encodings: tuple[str, ...]) -> Text:
    if not encodings:
        return Text(
            "沒有一種編碼能完整解讀此檔，可能混有多種編碼；請轉成 UTF-8，或加上 --quarantine 把這些列另存。",
            "No encoding decodes the whole file; it may mix several. Convert it to UTF-8, or add "
            "--quarantine to keep these rows aside.",
        )
    return Text(
        f"能完整解讀此檔的編碼：{'、'.join(encodings)}；以 encoding 指定其一，"
        "或加上 --quarantine 把這些列另存。",
        f"Encodings that decode the whole file: {', '.join(encodings)}; "
        "name one as the encoding, or add --quarantine to keep these rows aside.",
    )


@contextmanager
def quarantine_file(path: Path | None) -> Iterator[IO[str] | None]:
    """Yield a stream for refused rows (mode 0600); it appears at ``path`` only if it was used."""
    if path is None:
        yield None
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    sweep(path.parent, of=path.name)
    temporary = path.with_name(aside_name(path.name))
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            yield stream
            stream.flush()
            os.fsync(descriptor)
        if temporary.stat().st_size:
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
