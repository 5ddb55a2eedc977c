"""Presidio without any name model, timed over texts: with its stock set, and with our patterns.

Run by a Python that has presidio-analyzer: reads {"texts", "patterns": [[type, pattern]], "labels"}
as JSON from standard input, and writes {"stock": CPU seconds, "ours": CPU seconds}. Texts are
taken apart by spaCy's blank tokenizers, so no model is needed; its usual set-up is slower.
"""

from __future__ import annotations

import json
import logging
import sys
from time import process_time
from typing import Any


def main() -> None:
    import spacy
    from presidio_analyzer import AnalyzerEngine, Pattern, PatternRecognizer, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    logging.disable(logging.ERROR)
    asked = json.load(sys.stdin)

    class Blank(SpacyNlpEngine):  # type: ignore[misc]
        """Tokenizers only."""

        def __init__(self) -> None:
            super().__init__()
            self.nlp = {"en": spacy.blank("en"), "zh": spacy.blank("zh")}

        def load(self) -> None:
            """Nothing is loaded."""

        def is_loaded(self) -> bool:
            """Return that nothing is missing."""
            return True

    def seconds(registry: Any, language: str) -> float:
        analyzer = AnalyzerEngine(
            registry=registry, nlp_engine=Blank(), supported_languages=[language]
        )
        analyzer.analyze(asked["texts"][0], language)
        begin = process_time()
        for text in asked["texts"]:
            analyzer.analyze(text, language)
        return process_time() - begin

    stock = RecognizerRegistry(supported_languages=["en"])
    stock.load_predefined_recognizers(languages=["en"], nlp_engine=None)
    stock.recognizers = [r for r in stock.recognizers if "Spacy" not in type(r).__name__]
    ours = RecognizerRegistry(
        supported_languages=["zh"],
        recognizers=[
            PatternRecognizer(
                supported_entity=kind,
                name=f"{kind} {number}",
                supported_language="zh",
                patterns=[Pattern(kind, pattern, 0.5)],
                context=asked["labels"].get(kind, []),
            )
            for number, (kind, pattern) in enumerate(asked["patterns"])
        ],
    )
    json.dump({"stock": seconds(stock, "en"), "ours": seconds(ours, "zh")}, sys.stdout)


if __name__ == "__main__":
    main()
