"""JSON documents and FHIR resources: every text and number on a line, after the name it stands under."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from anping.core.text import Text
from anping.engine.documents import refusals as refusal
from anping.engine.documents.document import Document, Limits, Writing
from anping.engine.documents.markup import text_of_html

JSON = Text("JSON 檔", "JSON file")
_ENCODED = re.compile(r"[A-Za-z0-9+/\s]{512,}={0,2}\s*")
_DEEPEST = 200


def read_json(text: str, limits: Limits) -> Document:
    """Return the leaves of a JSON document, or of JSON Lines, as ``path: value``.

    Markup (a FHIR narrative) is read as text. Encoded binary content is passed over and told.
    """
    writing = Writing()
    skipped = 0
    for root, value in _values(text):
        for path, leaf in _leaves(value, root, 0):
            if isinstance(leaf, str) and _ENCODED.fullmatch(leaf):
                skipped += 1
                continue
            shown = text_of_html(leaf, limits) if _is_markup(leaf) else str(leaf)
            name = path.rpartition(".")[2] or path
            writing.add("field", f"{name}: {shown}", name=path)
            if writing.length > limits.characters:
                raise refusal.too_much_text(limits)
    if skipped:
        writing.notes.append(
            Text(
                f"{skipped:,} 個欄位是編碼過的二進位內容，未讀。",
                f"Fields of encoded binary content, not read: {skipped:,}.",
            )
        )
    return writing.document("json")


def _values(text: str) -> Iterator[tuple[str, Any]]:
    try:
        whole = json.loads(text)
    except RecursionError as error:
        raise refusal.damaged(JSON) from error
    except ValueError:
        yield from _lines(text)
    else:
        yield "", whole


def _lines(text: str) -> Iterator[tuple[str, Any]]:
    lines = [line for line in text.split("\n") if line.strip()]
    try:
        for number, line in enumerate(lines, start=1):
            yield f"[{number}]", json.loads(line)
    except (ValueError, RecursionError) as error:
        raise refusal.damaged(JSON) from error


def _leaves(value: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    if depth > _DEEPEST:
        raise refusal.damaged(JSON)
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{number}]", depth + 1)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield path, value


def _is_markup(leaf: Any) -> bool:
    return isinstance(leaf, str) and leaf.lstrip().startswith(("<div", "<p", "<html"))
