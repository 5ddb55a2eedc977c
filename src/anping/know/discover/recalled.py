"""What only recall mode finds, in many texts at once: the findings of :func:`text.recall_only`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np

from anping.core.span import Span
from anping.know.discover.automaton import Automaton, build
from anping.know.discover.buffer import Buffer, Mask, Places
from anping.know.discover.flags import DIGIT, LETTER
from anping.know.discover.pattern import parse
from anping.know.discover.standing import apart
from anping.know.discover.text import PARTIAL_DATE, RECALL_DIGITS, long_number, partial_date
from anping.know.discover.walking import walk_many

_BLANK, _HYPHEN = ord(" "), ord("-")
_JOINING = tuple(map(ord, "/.-"))
#: What a partial date holds within its first six characters.
_TELLING, _SOON = np.isin(np.arange(0x10000), [*map(ord, "年月/")]), 6


def recalled(buffer: Buffer) -> Iterator[tuple[tuple[Places, Places], Span]]:
    """Yield starts and ends of findings, each time with a span that says what they are."""
    yield _long_numbers(buffer), long_number(0, 0)
    yield _partial_dates(buffer), partial_date(0, 0)


def _long_numbers(buffer: Buffer) -> tuple[Places, Places]:
    digits = buffer.where(DIGIT)
    gap = np.diff(digits)
    between = buffer.codes[digits[:-1] + 1] if len(digits) else gap
    joined = (gap == 1) | ((gap == 2) & ((between == _BLANK) | (between == _HYPHEN)))
    firsts = np.flatnonzero(np.append(True, ~joined))
    lasts = np.append(firsts[1:], len(digits)) - 1
    long = lasts - firsts + 1 >= RECALL_DIGITS
    return digits[firsts[long]], digits[lasts[long]] + 1


def _partial_dates(buffer: Buffer) -> tuple[Places, Places]:
    automaton = _dates()
    classes = automaton.classes.take(buffer.codes)
    classes[buffer.stops] = 0
    telling = np.flatnonzero(_TELLING[buffer.codes])
    going = automaton.table[automaton.starts[0]] != 0
    soon = np.unique((telling[:, None] - np.arange(_SOON)).ravel())
    places = soon[np.searchsorted(soon, 0) :]
    _, starts, ends = walk_many(automaton, classes, places[going[classes[places]]])
    kept = apart(np.zeros(len(starts), np.int64), starts, ends)
    starts, ends = starts[kept], ends[kept]
    alone = ~(_joined(buffer, starts, -1) | _joined(buffer, ends - 1, 1))
    return starts[alone], ends[alone]


@cache
def _dates() -> Automaton:
    return build([parse(PARTIAL_DATE)])


def _joined(buffer: Buffer, places: Places, step: int) -> Mask:
    """Return where a letter joins on, or one behind a sign; see :func:`fold.bounded`."""
    flags = buffer.flags
    letter = (flags[places + step] & LETTER) != 0
    beyond = (flags[places + 2 * step] & LETTER) != 0
    return np.asarray(letter | (np.isin(buffer.codes[places + step], _JOINING) & beyond))
