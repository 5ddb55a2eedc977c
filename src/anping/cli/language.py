"""Which language the command line speaks: ``--lang``, then ANPING_LANG, then the locale."""

from __future__ import annotations

import os
import sys

from anping.core.text import Language, Text


def language() -> Language:
    """Return the language asked for on the command line or by the environment."""
    words = sys.argv[1:]
    asked = ""
    for index, word in enumerate(words):
        if word.startswith("--lang="):
            asked = word.removeprefix("--lang=")
        elif word == "--lang" and index + 1 < len(words):
            asked = words[index + 1]
    candidates = (asked, *(os.environ.get(name, "") for name in ("ANPING_LANG", "LC_ALL", "LANG")))
    chosen = next((value for value in candidates if value), "en")
    return "zh" if chosen.lower().startswith("zh") else "en"


def say(text: Text) -> str:
    """Return the text in the language of the command line."""
    return text.to(language())
