"""The top of a delimited file says how it is laid out: delimiter, column names, where rows begin."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice

from anping.core.errors import InputError, ParameterError, Where
from anping.core.text import Text
from anping.engine.encodings import is_marked
from anping.engine.header import check_is_header, check_names
from anping.engine.reading import ReadOptions
from anping.engine.records import Dialect, Record, records

DELIMITERS = (",", "\t", ";", "|")

#: The lines above the rows are held in memory at once; so many bytes of them at most.
LONGEST_TOP = 8 << 20
_SAMPLE_CHARACTERS = 262_144
_SAMPLE_RECORDS = 200
_LONGEST_HEADER = 4 << 20


@dataclass(frozen=True, slots=True)
class Layout:
    """The dialect, the column names, and the offset and line number at which rows begin."""

    dialect: Dialect
    names: tuple[str, ...]
    body: int
    line: int


def top_is_complete(head: bytes, options: ReadOptions) -> bool:
    """Return whether ``head`` holds the whole first record (or more than any header may hold)."""
    if len(head) >= LONGEST_TOP:
        return True
    comment = None if options.comment is None else options.comment.encode()
    quotes, begun = 0, False
    for line in head[_offset_of_line(head, options.skip_lines) :].split(b"\n")[:-1]:
        begun = begun or bool(line.strip() and not (comment and line.startswith(comment)))
        quotes += line.count(b'"') if begun else 0
        if begun and quotes % 2 == 0:
            return True
    return False


def layout(head: bytes, options: ReadOptions, *, file: str, whole: bool) -> Layout:
    """Read the layout from the first bytes of a file (UTF-8, LF).

    ``whole`` says that they are the whole file. Raises InputError when there is nothing to read,
    SchemaError when column names are doubled, empty, or not as many as the columns.
    """
    skipped = _offset_of_line(head, options.skip_lines)
    # A chunk may end inside a character, so the line it ends in is left out.
    end = len(head) if whole else head.rfind(b"\n") + 1
    top = head[skipped:end].decode("utf-8", "surrogatepass")
    line = options.skip_lines + 1
    if len(top) > _LONGEST_HEADER and top.find("\n", 0, _LONGEST_HEADER) < 0:
        raise _endless(file, line)
    delimiter = _delimiter(options, top)
    # Where a blank is the delimiter, trimming blanks would eat it.
    dialect = Dialect(delimiter, options.trim_blanks and delimiter != " ", options.comment)
    first = next(records(top, dialect, line=line, final=True), None)
    if first is None:
        raise _empty(file) if whole else _endless(file, line)
    if not options.header:
        width = _usual_width(top, dialect)
        names = options.column_names or tuple(f"column_{n}" for n in range(1, width + 1))
        check_names(names, file=file, line=None, expected=width)
        return Layout(_wide(dialect, len(names)), names, skipped, line)
    names = _header_names(first, options, file)
    body = len(top[: first.end].encode("utf-8", "surrogatepass"))
    lines = top[: first.end].count("\n")
    return Layout(_wide(dialect, len(names)), names, skipped + body, line + lines)


def _header_names(first: Record, options: ReadOptions, file: str) -> tuple[str, ...]:
    if first.flaw is not None or is_marked(first.raw):
        raise _unreadable_header(first, file)
    names = options.column_names
    if names is None:
        names = tuple(name.strip().lstrip("\ufeff") for name in first.fields)
        check_is_header(names, file=file, line=first.line)
    check_names(names, file=file, line=first.line, expected=len(first.fields))
    return names


def _wide(dialect: Dialect, width: int) -> Dialect:
    return Dialect(dialect.delimiter, dialect.trim_blanks, dialect.comment, width)


def _offset_of_line(head: bytes, lines: int) -> int:
    offset = 0
    for _ in range(lines):
        found = head.find(b"\n", offset)
        if found < 0:
            return len(head)
        offset = found + 1
    return offset


def _delimiter(options: ReadOptions, top: str) -> str:
    given = "\t" if options.format == "tsv" and options.delimiter is None else options.delimiter
    if given is None:
        return _sniff(top, options)
    if len(given) != 1 or not given.isascii() or given in '"\n\r':
        raise ParameterError(
            "input.bad-delimiter",
            Text(
                "分隔符號必須是一個 ASCII 字元，且不能是引號或換行。",
                "The delimiter must be one ASCII character, not a quote or a line end.",
            ),
            hint=Text(
                "常用的有逗號、定位字元、分號與直線。",
                "Common ones are a comma, a tab, a semicolon and a bar.",
            ),
        )
    return given


def _sample(top: str, dialect: Dialect) -> list[Record]:
    sample = top[:_SAMPLE_CHARACTERS]
    if len(sample) < len(top) and "\n" in sample:
        sample = sample[: sample.rfind("\n") + 1]
    found = [*islice(records(sample, dialect, line=1, final=False), _SAMPLE_RECORDS)]
    return found or [*islice(records(top, dialect, line=1, final=True), 1)]


def _usual_width(top: str, dialect: Dialect) -> int:
    widths = Counter(len(record.fields) for record in _sample(top, dialect) if record.flaw is None)
    return widths.most_common(1)[0][0] if widths else 1


def _sniff(top: str, options: ReadOptions) -> str:
    """Return the delimiter that splits the records, the first above all, into equally many fields."""

    def score(delimiter: str) -> tuple[bool, int, int]:
        found = _sample(top, Dialect(delimiter, options.trim_blanks, options.comment))
        widths = Counter(len(record.fields) for record in found if record.flaw is None)
        if not widths:
            return (False, 0, 0)
        width, agreeing = widths.most_common(1)[0]
        first = found[0].flaw is None and len(found[0].fields)
        tenths = 10 * agreeing // len(found)
        return (width > 1 and (first == width or not options.header), tenths, width)

    scores = {delimiter: score(delimiter) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=lambda delimiter: scores[delimiter])
    if scores[best][0]:
        return best
    # No delimiter splits the rows as the header: the header alone decides, so that ragged rows
    # are refused by number instead of the whole file being read as one column.
    header = next(records(top, Dialect("\0", comment=options.comment), line=1, final=True), None)
    raw = "" if header is None else header.raw
    return max(DELIMITERS, key=raw.count)


def _empty(file: str) -> InputError:
    return InputError(
        "input.empty",
        Text("檔案是空的。", "The file is empty."),
        where=Where(file=file),
        hint=Text("請確認檔案已完整下載或匯出。", "Check that the file was exported completely."),
    )


def _endless(file: str, line: int) -> InputError:
    return InputError(
        "input.line-too-long",
        Text(
            "第一列太長，不像標題列或一筆資料。",
            "The first line is too long to be a header or a record.",
        ),
        where=Where(file=file, row=line),
        hint=Text(
            "請確認檔案有換行；定寬檔請指定 widths。",
            "Check that the file has line ends; for fixed-width fields give widths.",
        ),
    )


def _unreadable_header(first: Record, file: str) -> InputError:
    return InputError(
        "input.unreadable-header",
        Text("標題列無法讀取。", "The header cannot be read."),
        where=Where(file=file, row=first.line),
        hint=Text(
            "請檢查引號與文字編碼，或以 encoding 指定編碼。",
            "Check its quotation marks and its encoding, or name the encoding.",
        ),
    )
