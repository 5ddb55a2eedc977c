"""Redact documents: their texts and their names, each mention's place kept on both sides."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from anping.core.measure import Measure
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.engine.documents.document import Document
from anping.protect.text.offsets import to_new
from anping.protect.text.operators import TAG, Operator, Surrogates
from anping.protect.text.placeholders import type_name
from anping.protect.text.redact import FindSpans, RedactedText, redact_text

FORMAT = "anping.documents-redaction/1"
_DOING = Text("遮蔽文件", "Redacting documents")
_UNFIT = re.compile(r'[\x00-\x1f<>:"|?*\\]')
#: What a redacted corpus does not show, said with every one.
LIMITS = (
    Text(
        "輸出是純文字：PDF 與 Word 的版面、圖片與附件不保留。",
        "The output is plain text: the layout, pictures and attachments of PDF and Word are not kept.",
    ),
    Text(
        "只遮蔽偵測器找得到的；綽號與足以認出某人的敘述仍可能留下。",
        "Only what the detector finds is redacted; nicknames, and stories that tell who someone is,"
        " may remain.",
    ),
)
CHANCE = Text(
    "擬真替代值可能碰巧屬於某人，兩個不同的值也可能碰巧相同。",
    "A surrogate may by chance be somebody's, and two values may by chance get one surrogate.",
)


@dataclass(frozen=True, slots=True)
class RedactedDocument:
    """A document as it leaves, what it was called, and its text with every place."""

    document: Document
    original: str
    redacted: RedactedText

    def as_json(self) -> dict[str, Any]:
        """Return what was replaced where: types and places of the old text and of the new."""
        return {
            "document": self.original,
            "redacted": self.document.name,
            "replacements": [
                [each.type, each.old_start, each.old_end, each.start, each.end]
                for each in self.redacted.replacements
            ],
            "again": dict(self.redacted.again),
            "remaining": dict(self.redacted.remaining),
        }


def redact_documents(
    documents: Iterable[Document],
    *,
    find_spans: FindSpans,
    operator: Operator = TAG,
    total: int | None = None,
    progress: Progress = silent,
) -> Iterator[RedactedDocument]:
    """Yield the documents redacted, under names that are redacted, too, and differ.

    Dates move by one number of days in each document, unless the operator has a subject.
    """
    taken: set[str] = set()
    for number, document in enumerate(documents):
        progress(_DOING, number, total)
        named = _named(operator, document.name)
        done = redact_text(document.text, find_spans=find_spans, operator=named)
        name = _free(_name(document.name, find_spans, named), taken)
        blocks = tuple(
            replace(block, start=to_new(done.replacements, block.start), name="")
            for block in document.blocks
        )
        made = Document(name, "text", done.text, blocks)
        yield RedactedDocument(made, document.name, done)


def _named(operator: Operator, name: str) -> Operator:
    if isinstance(operator, Surrogates) and not operator.subject:
        return replace(operator, subject=name)
    return operator


def _name(name: str, find_spans: FindSpans, operator: Operator) -> str:
    """Return a path whose parts are redacted; it ends in ``.txt``."""
    parts = []
    for part in name.split("/"):
        made = redact_text(part, find_spans=find_spans, operator=operator).text
        # A replacement may hold what no file name may: a slash of a date, a star of a mask.
        parts.append(_UNFIT.sub("_", made.replace("/", "-")).strip(". ") or "_")
    return "/".join(parts) + ("" if name.lower().endswith(".txt") else ".txt")


def _free(name: str, taken: set[str]) -> str:
    stem, found, count = name.removesuffix(".txt"), name, 1
    while found.lower() in taken:
        count += 1
        found = f"{stem}-{count}.txt"
    taken.add(found.lower())
    return found


class RedactionTally:
    """What redaction of a corpus came to, counted while documents stream by."""

    def __init__(self) -> None:
        self.documents = self.changed = self.again = self.remaining = 0
        self._counts: Counter[str] = Counter()

    def add(self, done: RedactedDocument) -> None:
        """Count one document."""
        self.documents += 1
        self.changed += bool(done.redacted.replacements)
        self.again += sum(done.redacted.again.values())
        self.remaining += sum(done.redacted.remaining.values())
        self._counts.update(each.type for each in done.redacted.replacements)

    @property
    def counts(self) -> Mapping[str, int]:
        """The mentions replaced, by type."""
        return dict(self._counts.most_common())

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Documents changed, mentions by type, and what scanning the result again found."""
        n = self.documents
        made = [
            Measure(
                "redaction.documents", float(self.changed), "documents", n,
                Text("有內容被遮蔽的文件數", "Documents in which something was replaced"),
                method="count",
            )
        ]  # fmt: skip
        for kind, count in self.counts.items():
            name = type_name(kind)
            title = Text(f"遮蔽的{name.zh}", f"Mentions redacted: {name.en.lower()}")
            made.append(
                Measure(
                    "redaction.mentions", float(count), "mentions", n, title,
                    subject=kind, method="count",
                )
            )  # fmt: skip
        for key, count, title in (
            ("redaction.again", self.again, _AGAIN),
            ("redaction.remaining", self.remaining, _REMAINING),
        ):
            made.append(Measure(key, float(count), "mentions", n, title, method="count"))
        return tuple(made)


_AGAIN = Text(
    "再掃描遮蔽後文字時才找到、已一併遮蔽的處數",
    "Mentions found only when the redacted texts were scanned again, and redacted then",
)
_REMAINING = Text(
    "遮蔽後的文字裡仍被偵測到的處數", "Mentions that are still detected in the redacted texts"
)
