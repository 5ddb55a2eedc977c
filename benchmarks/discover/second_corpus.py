"""A second labelled corpus: other sentences, look-alikes and layouts than the first one's.

Forms, letters, chats, call notes, e-mails, minutes, court-like prose, tables, logs and texts that
name nobody, in Chinese, English and both. One document in five is disturbed: full-width values,
blanks inside numbers or between characters as OCR leaves them, or lines broken at a width. The
templates are drawn by lot, within each kind, into two halves, each in its own file: rules may be
mended by what the half for tuning shows; the held-out half is only measured.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

import numpy as np
import yaml

from anping.core.span import Span
from anping.recipes.sample.draw import Weighted, chance, pick
from benchmarks.discover.second_corpus_values import PLAIN, TELLING

Half = Literal["tune", "held_out"]
IGNORED: Final = "IGNORE"
_FOLDER: Final = Path(__file__).with_name("templates")
_SLOT: Final = re.compile(r"\{([a-z_]+)\}|«([A-Z_]+):([^»]*)»")
_HAN: Final = re.compile("[\u3400-\u9fff]")
#: Values that OCR and full-width typing touch: numbers and codes.
_NUMBERS: Final = frozenset({
    "TW_NATIONAL_ID", "TW_RESIDENT_ID", "TW_DRIVER_LICENSE", "TW_PASSPORT", "TW_NHI_CARD", "PHONE",
    "MEDICAL_RECORD_NO", "CREDIT_CARD", "BANK_ACCOUNT", "TW_BUSINESS_ID", "VEHICLE_PLATE",
})  # fmt: skip
#: How a document is disturbed, with the share of each.
DISTURBANCES: Final = Weighted.of(
    (("none", 80.0), ("full width", 6.0), ("blanks in numbers", 5.0), ("blanks between characters", 4.0),
     ("broken lines", 5.0))
)  # fmt: skip
_FULL: Final = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


@dataclass(frozen=True, slots=True)
class Labelled:
    """A document, where it comes from, its true spans, and places that count neither way."""

    text: str
    genre: str
    language: str
    disturbance: str
    true: tuple[Span, ...]
    ignored: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A document with slots in braces and fixed mentions between ``«TYPE:`` and ``»``."""

    genre: str
    language: str
    text: str


@cache
def templates(half: Half) -> tuple[Template, ...]:
    """Return the templates of one half."""
    listed = yaml.safe_load((_FOLDER / f"second_corpus_{half}.yaml").read_text("utf-8"))
    return tuple(Template(**one) for one in listed)


def second_corpus(half: Half, count: int, *, seed: int = 20261121) -> tuple[Labelled, ...]:
    """Return ``count`` documents of one half; the same arguments give the same documents."""
    rng = np.random.default_rng([seed, *half.encode()])
    listed = templates(half)
    return tuple(_document(pick(listed, rng), rng) for _ in range(count))


def _document(template: Template, rng: np.random.Generator) -> Labelled:
    disturbance = DISTURBANCES.one(rng)
    text, spans, place = "", [], 0
    for match in _SLOT.finditer(template.text):
        text += template.text[place : match.start()]
        kind, value = _value(match, rng)
        if kind in _NUMBERS:
            value = _touched(value, disturbance, rng)
        if kind:
            spans.append(Span(len(text), len(text) + len(value), kind))
        text += value
        place = match.end()
    text += template.text[place:]
    text, spans = _disturbed(text, spans, disturbance, rng)
    return Labelled(
        text,
        template.genre,
        template.language,
        disturbance,
        tuple(span for span in spans if span.type != IGNORED),
        tuple(span for span in spans if span.type == IGNORED),
    )


def _value(match: re.Match[str], rng: np.random.Generator) -> tuple[str, str]:
    slot, kind, fixed = match.groups()
    if slot is None:
        return kind, fixed
    if slot in PLAIN:
        return "", PLAIN[slot](rng)
    kind, draw = TELLING[slot]
    return kind, draw(rng)


def _touched(value: str, disturbance: str, rng: np.random.Generator) -> str:
    """Return a number as full-width typing or OCR leaves it."""
    if disturbance == "full width":
        return value.translate(_FULL)
    if disturbance == "blanks in numbers":
        plain = value.replace(" ", "")
        step = 1 if chance(0.5, rng) else 2
        return " ".join(plain[at : at + step] for at in range(0, len(plain), step))
    return value


def _disturbed(
    text: str, spans: list[Span], disturbance: str, rng: np.random.Generator
) -> tuple[str, list[Span]]:
    if disturbance == "broken lines":
        width = int(rng.integers(22, 40))
        return _with(text, spans, "\n", lambda _, line: line > 0 and line % width == 0)
    if disturbance == "blanks between characters":
        between = [
            bool(_HAN.match(text[at - 1]) and _HAN.match(text[at])) for at in range(1, len(text))
        ]
        return _with(text, spans, " ", lambda at, _: at > 0 and between[at - 1])
    return text, spans


def _with(
    text: str, spans: list[Span], added: str, where: Callable[[int, int], bool]
) -> tuple[str, list[Span]]:
    """Return the text with a character added before some places, and its spans moved along.

    ``where`` is asked with each place and its distance from the last line break.
    """
    moved: list[int] = []
    parts, line = [], 0
    for at, character in enumerate(text):
        add = where(at, line) and character != "\n"
        parts.append(added * add + character)
        moved.append(_moved_on(moved, add=add))
        line = 0 if character == "\n" else line + 1
    places = [at + extra for at, extra in enumerate(moved)]
    return "".join(parts), [
        Span(places[span.start], places[span.end - 1] + 1, span.type) for span in spans
    ]


def _moved_on(moved: list[int], *, add: bool) -> int:
    """Return how far a character moves: as the one before it, and one more where one is added."""
    return (moved[-1] if moved else 0) + add
