"""Names by a spaCy pipeline that the user installed: a package's name, or a folder.

Documentation: https://spacy.io/api/language (load, pipe, meta), https://spacy.io/api/doc#ents. Offsets
of entities are code points of the text as given.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anping.core.ratings import Finder
from anping.core.text import Text
from anping.know.discover.recognisers.digests import folder_digest
from anping.know.discover.recognisers.model import (
    PEOPLE,
    UNSCORED,
    Found,
    in_windows,
    missing,
    unavailable,
)

#: A pipeline reads this many characters at once; spaCy refuses a million.
_WINDOW = 20_000


@dataclass(frozen=True)
class SpacyNames:
    """A loaded pipeline; ``pipeline`` is a ``spacy.language.Language``."""

    finder: Finder
    pipeline: Any

    def find(self, texts: Sequence[str], *, recall: bool) -> list[list[Found]]:
        """Return the people of each text; the pipeline gives no scores, so ``recall`` adds nothing."""
        del recall
        return [list(in_windows(text, self._found, window=_WINDOW)) for text in texts]

    def _found(self, text: str) -> Iterator[Found]:
        for entity in self.pipeline(text).ents:
            if entity.label_ in PEOPLE:
                yield Found(entity.start_char, entity.end_char, UNSCORED)


def load_spacy(name: str) -> SpacyNames:
    """Load a pipeline by its package's name or its folder.

    Raises MissingExtraError without spaCy, InputError (``names.unavailable``) without the pipeline.
    """
    try:
        import spacy
    except ImportError as error:
        raise missing("spacy") from error
    try:
        with warnings.catch_warnings():
            # spaCy warns of a pipeline trained by another of its versions; it says so itself.
            warnings.simplefilter("ignore")
            pipeline = spacy.load(name)
    except (OSError, ValueError, ImportError) as error:
        hint = Text(
            f"安裝後再試，例如：python -m spacy download {name}。",
            f"Install it, then try again: python -m spacy download {name}",
        )
        raise unavailable("spacy", name, hint=hint) from error
    meta, folder = pipeline.meta, pipeline.path
    named = f"{meta.get('lang', '')}_{meta.get('name', '')}".strip("_")
    return SpacyNames(
        Finder(
            kind="spacy",
            name=named or Path(name).name,
            version=str(meta.get("version", "")),
            licence=str(meta.get("license") or "?"),
            digest=folder_digest(Path(folder)) if folder else "",
        ),
        pipeline,
    )
