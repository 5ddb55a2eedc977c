"""Redacted texts with their places; of many texts they are made when somebody asks for one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import overload

from anping.protect.text.columns import Replaced
from anping.protect.text.offsets import Replacement


@dataclass(frozen=True, slots=True)
class RedactedText:
    """A redacted text: where everything stood before, and what looking through it again found.

    ``again`` counts the mentions, by type, that were found only in the redacted text and redacted
    then; ``remaining`` those that are still found beside the replacements: none, unless the detector
    contradicts itself. ``replacements`` and :mod:`~anping.protect.text.offsets` map places.
    """

    text: str
    replacements: tuple[Replacement, ...] = ()
    again: Mapping[str, int] = field(default_factory=dict)
    remaining: Mapping[str, int] = field(default_factory=dict)


class RedactedTexts(Sequence[RedactedText | None]):
    """Every text with its replacements, None for null; filled group by group while texts are redacted."""

    def __init__(self, texts: Sequence[str | None]) -> None:
        """Begin with texts in which nothing is replaced."""
        self._texts = texts
        self._groups: list[Replaced] = []
        self._group = [-1] * len(texts)
        self._at = [0] * len(texts)
        self._settled: dict[int, RedactedText] = {}

    def take(self, rows: Sequence[int], done: Replaced) -> None:
        """Put a group of redacted texts into their rows."""
        for at, row in enumerate(rows):
            self._group[row], self._at[row] = len(self._groups), at
        self._groups.append(done)

    def settle(self, settled: Iterable[tuple[int, RedactedText]]) -> None:
        """Put texts that were settled one by one into their rows."""
        self._settled.update(settled)

    @property
    def settled(self) -> Sequence[RedactedText]:
        """The texts that were settled one by one: in no other one anything more was found."""
        return list(self._settled.values())

    def text(self, row: int) -> str | None:
        """Return one redacted text."""
        if row in self._settled:
            return self._settled[row].text
        group = self._group[row]
        return self._texts[row] if group < 0 else self._groups[group].texts[self._at[row]]

    def __len__(self) -> int:
        return len(self._texts)

    @overload
    def __getitem__(self, row: int) -> RedactedText | None: ...
    @overload
    def __getitem__(self, row: slice) -> list[RedactedText | None]: ...
    def __getitem__(self, row: int | slice) -> RedactedText | list[RedactedText | None] | None:
        """Return one text with its replacements, or some."""
        if isinstance(row, slice):
            return [self[at] for at in range(*row.indices(len(self)))]
        row = range(len(self))[row]
        text = self.text(row)
        if text is None or row in self._settled:
            return self._settled.get(row)
        group = self._group[row]
        if group < 0:
            return RedactedText(text)
        return RedactedText(text, self._groups[group].replacements(self._at[row]))

    def __eq__(self, other: object) -> bool:
        """Return whether the texts and all their places are the same."""
        return isinstance(other, RedactedTexts) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]
