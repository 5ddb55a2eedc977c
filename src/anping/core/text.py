"""A text is one meaning in two languages; nothing a person reads exists in only one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
#: As pages and files name a language (BCP 47).
LANGUAGE_TAGS: dict[Language, str] = {"zh": "zh-Hant-TW", "en": "en"}


@dataclass(frozen=True, slots=True)
class Text:
    """One meaning, in Traditional Chinese and in English."""

    zh: str
    en: str

    def to(self, language: Language) -> str:
        """Return the text in ``language``."""
        return self.zh if language == "zh" else self.en

    def fill(self, **values: object) -> Text:
        """Return the text with ``{name}`` fields filled in both languages."""
        return Text(self.zh.format(**values), self.en.format(**values))

    def as_json(self) -> dict[str, str]:
        """Return ``{"zh": ..., "en": ...}``."""
        return {"zh": self.zh, "en": self.en}


def counted(n: int, one: str, more: str = "") -> str:
    """Return a number with its English noun: ``1 table``, ``2 tables``; ``more`` if it is irregular."""
    return f"{n:,} {one if n == 1 else more or one + 's'}"
