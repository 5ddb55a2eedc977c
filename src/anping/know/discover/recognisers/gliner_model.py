"""Names by a GLiNER model that the user downloaded: a folder, or a name in the Hugging Face cache.

Documentation: https://github.com/urchade/GLiNER (``predict_entities``: ``start``, ``end``, ``score``).
Nothing is downloaded (``local_files_only``). Models that split texts at blanks see a Chinese clause as
one word, so for those every Chinese character is set apart first, and places are counted back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from anping.core.ratings import Finder
from anping.core.text import Text
from anping.know.discover.recognisers.digests import folder_digest
from anping.know.discover.recognisers.model import Found, in_windows, missing, unavailable

_LABEL = "person"
_PRECISE, _RECALL = 0.5, 0.25
#: Models read some 384 words; a Chinese character is one.
_WINDOW = 250
_HAN = re.compile("[\u3400-\u9fff]")
_LICENCE = re.compile(r"^license: *(\S.*)$", re.MULTILINE)


@dataclass(frozen=True)
class GlinerNames:
    """A loaded model; ``model`` is a ``gliner.GLiNER``, ``apart`` whether it needs blanks."""

    finder: Finder
    model: Any
    apart: bool = True

    def find(self, texts: Sequence[str], *, recall: bool) -> list[list[Found]]:
        """Return the people of each text that score at least 0.5, or 0.25 with ``recall``."""
        least = _RECALL if recall else _PRECISE

        def found(text: str) -> Iterator[Found]:
            return self._found(text, least)

        return [list(in_windows(text, found, window=_WINDOW)) for text in texts]

    def _found(self, text: str, least: float) -> Iterator[Found]:
        if not text.strip():
            return
        shown, places = spread(text) if self.apart else (text, range(len(text)))
        for one in self.model.predict_entities(shown, [_LABEL], threshold=least):
            start, end = int(one["start"]), int(one["end"])
            if 0 <= start < end <= len(shown):
                yield Found(places[start], places[end - 1] + 1, float(one["score"]))


def spread(text: str) -> tuple[str, Sequence[int]]:
    """Return the text with a blank on both sides of every Chinese character, and where each came from.

    A blank is counted as the character before it.
    """
    parts: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        parts.append(character)
        places.append(place)
        following = text[place + 1 : place + 2]
        if following and (_HAN.match(character) or _HAN.match(following)):
            parts.append(" ")
            places.append(place)
    return "".join(parts), places


def load_gliner(name: str) -> GlinerNames:
    """Load a model from a folder or from the cache of Hugging Face.

    Raises MissingExtraError without GLiNER, InputError (``names.unavailable``) without the model.
    """
    try:
        from gliner import GLiNER
    except ImportError as error:
        raise missing("gliner") from error
    try:
        folder = _folder(name)
        model = GLiNER.from_pretrained(str(folder), local_files_only=True)
    except Exception as error:
        # The library and what it loads with raise many types, none of them its own.
        hint = Text(
            f"先自行下載模型，例如：huggingface-cli download {name}，或給一個資料夾。",
            f"Download it first, for example: huggingface-cli download {name}; or give a folder.",
        )
        raise unavailable("gliner", name, hint=hint) from error
    splitter = getattr(getattr(model, "config", None), "words_splitter_type", "whitespace")
    return GlinerNames(
        Finder("gliner", name, version("gliner"), _licence(folder), folder_digest(folder)),
        model,
        apart=splitter == "whitespace",
    )


def _folder(name: str) -> Path:
    if Path(name).is_dir():
        return Path(name)
    from huggingface_hub import snapshot_download

    return Path(snapshot_download(name, local_files_only=True))


def _licence(folder: Path) -> str:
    """Return the licence that the model's card states."""
    card = folder / "README.md"
    stated = _LICENCE.search(card.read_text("utf-8", "replace")) if card.is_file() else None
    return stated[1].strip() if stated else "?"
