"""Names by a Stanza pipeline whose models the user downloaded: tokenizer and named entities.

Documentation: https://stanfordnlp.github.io/stanza/ner.html (``ents`` with ``type``, ``start_char`` and
``end_char``); nothing is downloaded (``download_method=None``). Stanza's models state no licence of their
own in their files; the library's is Apache-2.0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from anping.core.ratings import Finder
from anping.core.text import Text
from anping.know.discover.recognisers.digests import files_digest
from anping.know.discover.recognisers.model import (
    PEOPLE,
    UNSCORED,
    Found,
    in_windows,
    missing,
    unavailable,
)

_WINDOW = 5_000
_LICENCE = "Stanza: Apache-2.0; model: ?"


@dataclass(frozen=True)
class StanzaNames:
    """A loaded pipeline; ``pipeline`` is a ``stanza.Pipeline``."""

    finder: Finder
    pipeline: Any

    def find(self, texts: Sequence[str], *, recall: bool) -> list[list[Found]]:
        """Return the people of each text; the pipeline gives no scores, so ``recall`` adds nothing."""
        del recall
        return [list(in_windows(text, self._found, window=_WINDOW)) for text in texts]

    def _found(self, text: str) -> Iterator[Found]:
        if not text.strip():
            return
        for entity in self.pipeline(text).ents:
            if entity.type in PEOPLE:
                yield Found(entity.start_char, entity.end_char, UNSCORED)


def load_stanza(language: str) -> StanzaNames:
    """Load the tokenizer and the entities of a language (``zh-hant``, ``en``).

    Raises MissingExtraError without Stanza, InputError (``names.unavailable``) without its models.
    """
    try:
        import stanza
    except ImportError as error:
        raise missing("stanza") from error
    try:
        pipeline = stanza.Pipeline(
            lang=language,
            processors="tokenize,ner",
            download_method=None,
            use_gpu=False,
            verbose=False,
        )
    except Exception as error:
        # Stanza has an exception of its own for each thing that can lack.
        hint = Text(
            f"先下載：python -c \"import stanza; stanza.download('{language}')\"。不是每種語言都有人名模型。",
            f"Download it first: python -c \"import stanza; stanza.download('{language}')\". "
            "Not every language has a model of entities.",
        )
        raise unavailable("stanza", language, hint=hint) from error
    paths = [Path(path) for path in getattr(pipeline.processors["ner"], "model_paths", ())]
    known = [(path.name, path) for path in paths if path.is_file()]
    return StanzaNames(
        Finder(
            kind="stanza",
            name=f"{language} {'+'.join(path.stem for path in paths)}".strip(),
            version=version("stanza"),
            licence=_LICENCE,
            digest=files_digest(known) if known else "",
        ),
        pipeline,
    )
