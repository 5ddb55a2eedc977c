"""The model card: one self-contained page per language about a model that leaves the house."""

from __future__ import annotations

from dataclasses import dataclass

from anping.core.labels import Labels
from anping.core.text import Language, Text
from anping.share.card import ChainStep
from anping.share.measure_table import families_of
from anping.share.pages import environment, page_words, resource
from anping.share.release import ContentFile, Release

_HEADING = Text("模型卡", "Model card")
_TASKS = {
    "binary": Text("兩類的機率", "probabilities of two classes"),
    "classes": Text("多類的機率", "probabilities of several classes"),
    "number": Text("一個數字", "a number"),
}
_NATURES = {
    "number": Text("數字", "number"),
    "category": Text("類別", "category"),
    "date": Text("日期", "date"),
}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A column that was not learnt from, and why."""

    column: str
    why: Text


@dataclass(frozen=True, slots=True)
class ModelCard:
    """Everything a model card shows.

    ``release`` describes the model as a release: its columns are what the model reads. ``permission``
    are the labels that the model inherits from the data that ``taken_in`` (places in the ledger) took
    in. ``files`` are named by digest.
    """

    release: Release
    target: str
    task: str
    table: str
    permission: Labels
    taken_in: tuple[int, ...]
    left_out: tuple[LeftOut, ...] = ()
    warnings: tuple[Text, ...] = ()
    chain: tuple[ChainStep, ...] = ()
    files: tuple[ContentFile, ...] = ()
    judged: bool = False


def model_card_html(card: ModelCard, language: Language) -> str:
    """Return the card as one HTML page, the same for the same card."""
    release = card.release
    return (
        environment(language)
        .get_template("model.html")
        .render(
            **page_words(language),
            page="model",
            heading=_HEADING,
            release=release,
            card=card,
            task=_TASKS.get(card.task, Text(card.task, card.task)),
            natures=_NATURES,
            families=families_of(release.measures),
            rules=release.verdict.reasons,
            expires=release.licence.expires(release.released.date()),
            style=resource("style.css"),
        )
    )


def model_index_html(card: ModelCard) -> str:
    """Return the page that links both cards and says how to verify, in both languages."""
    template = environment("en").get_template("model_index.html")
    return template.render(**page_words("en"), release=card.release, style=resource("style.css"))
