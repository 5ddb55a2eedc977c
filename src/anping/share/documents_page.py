"""A page about a scanned corpus: what is where, as a heat map, and each document's finds.

It is for the owner of the documents: it names them and shows masked examples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, log10
from typing import Any

from anping.core.ratings import Ratings
from anping.core.text import LANGUAGE_TAGS, LANGUAGES, Language, Text
from anping.share.pages import environment, resource

#: Documents and types that the page shows: those with the most mentions.
SHOWN, TYPES = 200, 30
_LEVELS = 5
_TITLE = Text("文件集 {name}：什麼在哪裡", "Corpus {name}: what is where")
_LEAD = Text(
    "每份文件中找到的個人資料，依類型計數；只顯示遮住的例子。此頁列出文件名稱，請勿外傳。",
    "Personal data found in each document, counted by type; examples are masked. The page names"
    " documents: keep it inside.",
)
_DOCUMENTS = Text("文件", "Documents")
_TELLING = Text("含個人資料", "With personal data")
_MENTIONS = Text("處", "Mentions")
_DOCUMENT = Text("文件", "Document")
_MAP = Text("熱圖", "Heat map")
_WHERE = Text("在哪一頁、哪一段、哪一行", "On which page, paragraph and line")
_NOTHING = Text("什麼都沒找到。", "Nothing was found.")
_RATINGS = Text("這些類型找得多準", "How well these types are found")
_TYPE = Text("類型", "Type")
_LIMITS = Text("這一頁沒有說的", "What this page does not say")
_LIMIT = Text(
    "偵測有漏有誤：沒有找到不等於沒有。影像內容與掃描頁未看。",
    "Detection misses and errs: nothing found does not mean that nothing is there. What pictures and"
    " scanned pages show is not looked at.",
)
_MORE = Text(
    "只列出處數最多的 {shown:,} 份文件，共 {all:,} 份。",
    "Only the {shown:,} documents with the most mentions are listed, of {all:,}.",
)


def documents_page(name: str, report: Mapping[str, Any]) -> str:
    """Return the page in both languages; ``report`` is the JSON of a scan of documents."""
    halves = [_half(name, report, language) for language in LANGUAGES]
    template = environment("zh").get_template("documents.html")
    return template.render(name=name, halves=halves, style=resource("style.css"))


def _half(name: str, report: Mapping[str, Any], language: Language) -> dict[str, Any]:
    types = list(report["counts"])[:TYPES]
    documents = sorted(
        (one for one in report["documents"] if one["counts"]),
        key=lambda one: (-sum(one["counts"].values()), one["document"]),
    )
    titles = {kind: title[language] for kind, title in report["titles"].items()}
    facts = (
        (_DOCUMENTS, len(report["documents"])),
        (_TELLING, len(documents)),
        (_MENTIONS, sum(report["counts"].values())),
    )
    more = _MORE.fill(shown=SHOWN, all=len(documents)) if len(documents) > SHOWN else Text("", "")
    largest = max((max(one["counts"].values()) for one in documents), default=1)
    return {
        "language": language,
        "tag": LANGUAGE_TAGS[language],
        "title": _TITLE.fill(name=name).to(language),
        "lead": _LEAD.to(language),
        "facts": [(title.to(language), f"{count:,}") for title, count in facts],
        "map_title": _MAP.to(language),
        "document": _DOCUMENT.to(language),
        "nothing": _NOTHING.to(language),
        "types": [titles[kind] for kind in types],
        "rows": [
            _row(one, types, titles, largest=largest, language=language)
            for one in documents[:SHOWN]
        ],
        "more": more.to(language),
        "where_title": _WHERE.to(language),
        "ratings": _rated(report, language),
        "limits_title": _LIMITS.to(language),
        "limit": _LIMIT.to(language),
    }


def _rated(report: Mapping[str, Any], language: Language) -> dict[str, Any] | None:
    """Return how well the types are found, where the report says it."""
    if "ratings" not in report:
        return None
    ratings = Ratings.from_json(report["ratings"])
    return {
        "title": _RATINGS.to(language),
        "lead": ratings.lead.to(language),
        "header": (_TYPE.to(language), *ratings.header(language)),
        "rows": ratings.rows(language),
        "notes": [note.to(language) for note in ratings.notes],
    }


def _row(
    document: Mapping[str, Any],
    types: Sequence[str],
    titles: Mapping[str, str],
    *,
    largest: int,
    language: Language,
) -> dict[str, Any]:
    counts = document["counts"]
    return {
        "name": document["document"],
        "total": f"{sum(counts.values()):,}",
        "cells": [
            {"count": counts.get(kind, 0), "level": _level(counts.get(kind, 0), largest)}
            for kind in types
        ],
        "mentions": [
            {
                "title": titles[mention["type"]],
                "where": mention["where"][language],
                "example": mention["example"],
                "score": f"{mention['score']:.2f}",
            }
            for mention in document["mentions"]
        ],
    }


def _level(count: int, largest: int) -> int:
    """Return the shade of a count, by its logarithm: 0 for none, 5 for the largest."""
    if not count:
        return 0
    return max(1, ceil(_LEVELS * log10(1 + count) / log10(1 + largest)))
