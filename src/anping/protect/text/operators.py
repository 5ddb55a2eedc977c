"""What stands in a redacted text in place of a mention: a tag, a mask, its format, or a surrogate."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from anping.core.span import Span
from anping.protect.pseudonym.keys import Keys, subkey
from anping.protect.pseudonym.normal import normal
from anping.protect.text.folding import squeezed_text
from anping.protect.text.placeholders import is_chinese, placeholder
from anping.protect.text.surrogates import days, people
from anping.protect.text.surrogates.draw import Draw
from anping.protect.text.surrogates.formats import is_plain, reformed_each
from anping.protect.text.surrogates.kinds import fake, family, sameness
from anping.protect.text.surrogates.layout import reformed

#: The names of the operators in plans and on the command line.
Method = Literal["tag", "mask", "format", "surrogate"]
#: How far dates are moved unless something else is asked for, in days.
MAX_DAYS = 182
_DATES = frozenset({"DATE", "DATE_OF_BIRTH"})
_TRIES = 16


class Operator(Protocol):
    """Says what stands in place of each mention of one text."""

    def __call__(self, text: str, spans: Sequence[Span], /) -> Sequence[str]:
        """Return one replacement for each span; the spans are in order and do not overlap."""
        ...


@runtime_checkable
class InColumns(Protocol):
    """An operator that needs to know no more of a mention than its type, its length and language."""

    def in_columns(
        self,
        kinds: tuple[Sequence[str], npt.NDArray[np.int64]],
        lengths: npt.NDArray[np.int64],
        *,
        chinese: npt.NDArray[np.bool_],
    ) -> Sequence[str]:
        """Return one replacement for each mention of many texts.

        ``kinds`` are the names of types and by mention the number of one; ``chinese`` says whether
        the mention's text is.
        """
        ...


@runtime_checkable
class OfMentions(Protocol):
    """An operator that needs to know nothing but the mention itself."""

    def of_mentions(self, mentions: Sequence[str], /) -> Sequence[str]:
        """Return one replacement for each mention."""
        ...


@dataclass(frozen=True, slots=True)
class Tag:
    """The type in brackets, in the language of the text: ``[姓名]``."""

    def __call__(self, text: str, spans: Sequence[Span], /) -> Sequence[str]:
        """Return the tags."""
        chinese = is_chinese(text)
        return [placeholder(span.type, chinese=chinese) for span in spans]

    def in_columns(
        self,
        kinds: tuple[Sequence[str], npt.NDArray[np.int64]],
        lengths: npt.NDArray[np.int64],
        *,
        chinese: npt.NDArray[np.bool_],
    ) -> Sequence[str]:
        """Return the tags."""
        del lengths
        names, numbers = kinds
        tags = [placeholder(name, chinese=said) for name in names for said in (False, True)]
        return [tags[number] for number in (numbers * 2 + chinese).tolist()]


@dataclass(frozen=True, slots=True)
class Mask:
    """One mark for every character: the length shows, nothing else."""

    mark: str = "*"

    def __call__(self, text: str, spans: Sequence[Span], /) -> Sequence[str]:
        """Return the masks."""
        del text
        return [self.mark * (span.end - span.start) for span in spans]

    def in_columns(
        self,
        kinds: tuple[Sequence[str], npt.NDArray[np.int64]],
        lengths: npt.NDArray[np.int64],
        *,
        chinese: npt.NDArray[np.bool_],
    ) -> Sequence[str]:
        """Return the masks."""
        del kinds, chinese
        return [self.mark * length for length in lengths.tolist()]


@dataclass(frozen=True, slots=True)
class KeepFormat:
    """A digit for a digit, a letter for a letter, ``○`` for a Chinese character; separators stay.

    The same value gives the same text under the same derived key. Checksums do not hold.
    """

    secret: bytes = field(repr=False)

    @classmethod
    def under(cls, keys: Keys, key: str) -> KeepFormat:
        """Return the operator under the key of that name. Raises KeyStoreError."""
        return cls(subkey(keys, key, use="redaction-format"))

    def __call__(self, text: str, spans: Sequence[Span], /) -> Sequence[str]:
        """Return texts of the mentions' formats."""
        return [self._made(text[span.start : span.end]) for span in spans]

    def of_mentions(self, mentions: Sequence[str], /) -> Sequence[str]:
        """Return texts of the mentions' formats, each distinct mention's once."""
        plain = list(dict.fromkeys(filter(is_plain, mentions)))
        draws = [Draw(self.secret, "format", normal(mention), "0") for mention in plain]
        known = dict(zip(plain, reformed_each(plain, draws), strict=True))
        return [
            known[mention] if known.get(mention, mention) != mention else self._made(mention)
            for mention in mentions
        ]

    def _made(self, mention: str) -> str:
        made = mention
        for attempt in range(_TRIES):
            made = reformed(mention, Draw(self.secret, "format", normal(mention), str(attempt)))
            if made != mention:
                break
        return made


@dataclass(frozen=True, slots=True)
class Surrogates:
    """A realistic fake of the same kind and form; what had a valid check digit has one again.

    The same value gives the same fake under the same derived key, in every text, and never itself;
    no table is kept. Two values may by chance get one fake, and a fake may by chance be somebody's.
    Dates move by one number of days for each ``subject`` (a person, a case); where none is given,
    for each text. Names of one text that are parts of one another stay so. A fake is none of
    ``taken`` (folded and squeezed): in a table, no other person of the same table.
    """

    secret: bytes = field(repr=False)
    subject: str = ""
    max_days: int = MAX_DAYS
    taken: Container[str] = field(default=(), repr=False)

    @classmethod
    def under(
        cls, keys: Keys, key: str, *, subject: str = "", max_days: int = MAX_DAYS
    ) -> Surrogates:
        """Return the operator under the key of that name. Raises KeyStoreError."""
        return cls(subkey(keys, key, use="redaction-surrogate"), subject, max_days)

    def __call__(self, text: str, spans: Sequence[Span], /) -> Sequence[str]:
        """Return the surrogates; a placeholder where none can be made."""
        mentions = [text[span.start : span.end] for span in spans]
        named = [one for one, span in zip(mentions, spans, strict=True) if _is_name(span)]
        names = people.whole_names(named)
        chinese = is_chinese(text)
        made = []
        for mention, span in zip(mentions, spans, strict=True):
            found = self._made(mention, span, text=text, names=names)
            made.append(found or placeholder(span.type, chinese=chinese))
        return made

    def _made(self, mention: str, span: Span, *, text: str, names: frozenset[str]) -> str | None:
        if span.type in _DATES:
            subject = Draw(self.secret, "dates", self.subject or text)
            return days.moved(mention, days.offset(subject, max_days=self.max_days))
        if _is_name(span):
            whole = people.owner(mention, names)
            same, kind = normal(whole), "name"
        else:
            whole, same, kind = "", sameness(span.type, mention), family(span.type)
        true = normal(mention)
        for attempt in range(_TRIES):
            draw = Draw(self.secret, kind, same, str(attempt))
            made = (
                people.person(mention, draw, whole=whole)
                if _is_name(span)
                else fake(span.type)(mention, draw)
            )
            if normal(made) != true and squeezed_text(made) not in self.taken:
                return made
        return None


def _is_name(span: Span) -> bool:
    return span.type == "PERSON_NAME"


#: The operator that needs no key.
TAG = Tag()


def operator_of(
    method: Method, keys: Keys, *, key: str, max_days: int = MAX_DAYS, taken: Container[str] = ()
) -> Operator:
    """Return the operator of that name. Raises KeyStoreError if it needs a key that is missing."""
    if method == "surrogate":
        return replace(Surrogates.under(keys, key, max_days=max_days), taken=taken)
    if method == "format":
        return KeepFormat.under(keys, key)
    return Mask() if method == "mask" else TAG
