"""Redact free text in place: what a detector finds, and what the table itself knows.

::

    from anping.know.discover.text import find_spans
    from anping.protect.text.redact import redact_text
    print(redact_text("王小明的手機是0912-345-678", find_spans=find_spans).text)

Detection alone has misses; but the table names its own people, so every direct identifier of any
row is looked for in every text in its written forms, and weaker forms (a given name alone, short
record numbers, the row's own dates) in the texts of the same row. A name that was found once in a
text is looked for in all of it, its given name, too. A redacted text is looked through
again, and what is found beside the replacements is redacted, too, until nothing more is found. What
remains: people whom neither the detector nor the table knows, nicknames, and stories that tell who
someone is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from anping.core.progress import Progress, silent
from anping.core.span import Span
from anping.core.text import Text
from anping.core.windows import WINDOW, cut_before
from anping.protect.text.columns import replaced_in
from anping.protect.text.dictionary import IdentifierDictionary
from anping.protect.text.finding import Finder, FindSpans, RowFinder, RowForms
from anping.protect.text.operators import TAG, Operator
from anping.protect.text.redacted import RedactedText, RedactedTexts
from anping.protect.text.settling import Settling

#: Texts are looked at together: so many, and of a stream so many windows.
_STEP, _WINDOWS = 4_000, 8
__all__ = [
    "FindSpans", "Redacted", "RedactedText", "RowForms", "Tally", "nothing_found", "redact",
    "redact_stream", "redact_text",
]  # fmt: skip
_DOING = Text("遮蔽自由文字", "Redacting free text")
#: Every round hides more of the original, so it ends by itself; this bounds a strange detector.
_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Redacted:
    """The redacted texts, the number of mentions replaced by type, and of texts changed.

    ``each`` is every text with its replacements (None for null); ``again`` and ``remaining`` count
    mentions as :class:`RedactedText` does.
    """

    texts: tuple[str | None, ...]
    counts: Mapping[str, int]
    changed: int
    each: RedactedTexts = field(default_factory=lambda: RedactedTexts(()))

    @property
    def again(self) -> int:
        """The mentions that only looking through the redacted texts found."""
        return sum(sum(one.again.values()) for one in self.each.settled)

    @property
    def remaining(self) -> int:
        """The mentions that are still found."""
        return sum(sum(one.remaining.values()) for one in self.each.settled)

    @property
    def read(self) -> int:
        """The number of texts that were there (not null)."""
        return sum(text is not None for text in self.texts)


@dataclass(frozen=True, slots=True)
class Tally:
    """What redaction replaced in a column: mentions by type, texts changed, texts read.

    ``again`` are mentions found only in the redacted texts, ``remaining`` those still found there.
    """

    counts: Mapping[str, int]
    changed: int
    read: int
    again: int = 0
    remaining: int = 0

    @classmethod
    def of(cls, redacted: Redacted) -> Tally:
        """Return the tally of one batch."""
        return cls(
            redacted.counts, redacted.changed, redacted.read, redacted.again, redacted.remaining
        )

    def __add__(self, other: Tally) -> Tally:
        """Return the tally of both."""
        counts = Counter(self.counts)
        counts.update(other.counts)
        return Tally(
            dict(sorted(counts.items())),
            self.changed + other.changed,
            self.read + other.read,
            self.again + other.again,
            self.remaining + other.remaining,
        )


#: The tally of no text.
NO_TALLY = Tally({}, 0, 0)


def nothing_found(text: str) -> Sequence[Span]:
    """Find nothing: for tests and for tables whose own identifiers are enough."""
    del text
    return ()


def redact_text(
    text: str, *, find_spans: FindSpans, operator: Operator = TAG, window: int = WINDOW
) -> RedactedText:
    """Return one text redacted; a text of any length is looked at in windows."""
    finder = Finder(find_spans, None, None, window).at([0])
    if len(text) <= window:
        return _settled([text], finder, operator)[0]
    return _long(text, finder, operator)[0] or RedactedText(text)


def _long(text: str, finder: RowFinder, operator: Operator) -> RedactedTexts:
    each = RedactedTexts([text])
    _group(each, [0], [text], finder, operator=operator)
    return each


def redact_stream(
    pieces: Iterable[str],
    *,
    find_spans: FindSpans,
    operator: Operator = TAG,
    window: int = WINDOW,
) -> Iterator[str]:
    """Yield one text redacted, as it comes in, in pieces of some windows of ``window`` characters.

    The text may be longer than memory and have no line's end. Pieces are cut where a line, a
    sentence or a word ends, if there is such a place; surrogates should be given a ``subject``, as
    otherwise each piece has dates of its own.
    """
    finder = Finder(find_spans, None, None, window).at([0])
    held: list[str] = []
    size, most = 0, _WINDOWS * window
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size < 2 * most:
            continue
        text, at = "".join(held), 0
        while len(text) - at >= 2 * most:
            end = cut_before(text, at, at + most)
            yield _long(text[at:end], finder, operator).text(0) or ""
            at = end
        held, size = [text[at:]], len(text) - at
    if size:
        yield redact_text(
            "".join(held), find_spans=find_spans, operator=operator, window=window
        ).text


def redact(
    texts: Sequence[str | None],
    *,
    find_spans: FindSpans,
    known: IdentifierDictionary | None = None,
    own_forms: RowForms | None = None,
    operator: Operator = TAG,
    progress: Progress = silent,
) -> Redacted:
    """Return the texts with what ``operator`` makes in place of every mention.

    ``known`` is looked for in all texts, ``own_forms(i)`` in text ``i`` only. Overlapping mentions
    become one, of the longest one's type. Redacted texts are looked through again. A detector that
    takes many texts at once (:class:`~anping.core.windows.FindsInMany`) is asked so.
    """
    told = [at for at, text in enumerate(texts) if text is not None and text.strip()]
    finder = Finder(find_spans, known, own_forms)
    each, counts = RedactedTexts(texts), Counter[str]()
    # Texts that are looked at in windows go by themselves, so that the others may go in columns.
    told.sort(key=lambda at: len(texts[at] or "") > WINDOW)
    for first in range(0, len(told), _STEP):
        progress(_DOING, first, len(told))
        rows = told[first : first + _STEP]
        counts.update(
            _group(each, rows, [texts[at] or "" for at in rows], finder.at(rows), operator=operator)
        )
    made = tuple(each.text(at) for at in range(len(texts)))
    changed = sum(one != other for one, other in zip(texts, made, strict=True))
    return Redacted(made, dict(sorted(counts.items())), changed, each)


def _group(
    each: RedactedTexts,
    rows: Sequence[int],
    texts: list[str],
    finder: RowFinder,
    *,
    operator: Operator,
) -> Counter[str]:
    """Redact some texts and put them into their rows; return how many mentions of each type."""
    mentions = finder.mentions(texts)
    if mentions is None:
        settled = _settled(texts, finder, operator)
        each.settle(zip(rows, settled, strict=True))
        return Counter(kind.type for one in settled for kind in one.replacements)
    done = replaced_in(texts, mentions, operator)
    changed = done.changed
    found = finder.mentions([done.texts[at] for at in changed], changed)
    left = list(range(len(texts))) if found is None else sorted(done.beside(found, changed))
    each.take(rows, done)
    if not left:
        return done.counts(without=())
    settled = _settled([texts[at] for at in left], finder.some(left), operator)
    each.settle(zip([rows[at] for at in left], settled, strict=True))
    return done.counts(without=left) + Counter(
        kind.type for one in settled for kind in one.replacements
    )


#: Finds mentions in some texts, told which of the texts to settle they come from.
_FindEach = Callable[[Sequence[str], Sequence[int]], list[list[Span]]]


def _settled(texts: Sequence[str], find: _FindEach, operator: Operator) -> list[RedactedText]:
    """Replace the mentions, look again, and go on until nothing is found beside replacements."""
    found = find(texts, range(len(texts)))
    each = [Settling(text, spans) for text, spans in zip(texts, found, strict=True)]
    left = [at for at, one in enumerate(each) if one.spans]
    for _ in range(_ROUNDS):
        if not left:
            break
        made = [each[at].replaced(operator) for at in left]
        found = find(made, left)
        left = [at for at, spans in zip(left, found, strict=True) if each[at].goes_on(spans)]
    return [RedactedText(one.made, one.replacements, one.again, one.remaining) for one in each]
