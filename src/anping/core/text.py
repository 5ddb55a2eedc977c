"""A text is one meaning in two languages; nothing a person reads exists in only one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


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
