"""What a model of names must answer, and what is said when it cannot be asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol

from anping.core.errors import InputError, MissingExtraError
from anping.core.ratings import Finder
from anping.core.text import Text
from anping.core.windows import cuts

#: What models call people: OntoNotes and MSRA, CoNLL and WikiNER, GLiNER.
PEOPLE = frozenset({"PERSON", "PER", "person", "PERSON_NAME"})
#: The score of a name that a model gives without one.
UNSCORED = 0.8


class Found(NamedTuple):
    """A name in one text: code points ``start`` to ``end`` (excluded), and a score from 0 to 1."""

    start: int
    end: int
    score: float


class NameModel(Protocol):
    """Finds names in texts, and says what it is."""

    @property
    def finder(self) -> Finder:
        """Name, version, licence and digest of what was loaded."""

    def find(self, texts: Sequence[str], *, recall: bool) -> list[list[Found]]:
        """Return the names of each text; with ``recall`` less certain ones too."""


def unavailable(kind: str, name: str, *, hint: Text) -> InputError:
    """Return the error for a model that is not on this machine, or cannot be loaded."""
    return InputError(
        "names.unavailable",
        Text(
            f"無法載入人名模型 {kind}:{name}。安平不會從網路下載模型。",
            f"The name model {kind}:{name} cannot be loaded. Anping never downloads a model.",
        ),
        hint=hint,
    )


def missing(kind: str) -> MissingExtraError:
    """Return the error for a library that is not installed."""
    return MissingExtraError.of(
        f"names-{kind}",
        needed_for=Text(f"人名模型 {kind}", f"A name model of {kind}"),
    )


def in_windows(
    text: str, find: Callable[[str], Iterator[Found]], *, window: int
) -> Iterator[Found]:
    """Yield what is found in a text of any length, window by window, at the places of the text."""
    for start, end in cuts(text, window):
        for one in find(text[start:end]):
            yield Found(one.start + start, one.end + start, one.score)
