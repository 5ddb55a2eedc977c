"""A text in both languages on one line, for formats that hold one string."""

from __future__ import annotations

from anping.core.text import Text


def both(text: Text, *, between: str = " / ") -> str:
    """Return English and Chinese joined; once where they are equal, and without an empty side."""
    return between.join(dict.fromkeys(words for words in (text.en, text.zh) if words.strip()))
