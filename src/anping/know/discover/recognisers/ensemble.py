"""The embedded recogniser and installed models together: a union to hide, a vote to report.

To hide (``recall``) every name counts that anyone finds. To report, a name counts that has two votes:
what the embedded recogniser finds in its precise mode has both; its high-recall mode and every model
give one each. A model's name without a second vote stays in the tier of low confidence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from anping.core.ratings import Finder
from anping.core.span import Span
from anping.core.text import Text
from anping.know.discover.recognisers.model import Found, NameModel
from anping.know.discover.text import THRESHOLD, standard_names

JOINED = {
    True: Text(
        "遮蔽取聯集：內建辨識器或任一模型找到的人名都遮蔽。",
        "To hide, the union counts: every name that the embedded recogniser or any model finds.",
    ),
    False: Text(
        "報告取表決：內建辨識器有把握的，或內建（寧多勿漏）與模型、或兩個模型都找到的人名才算。",
        "To report, votes count: names that the embedded recogniser is sure of, or that two of its "
        "high-recall mode and the models find.",
    ),
}
#: What two votes make of a name, one vote, and one vote where everything counts.
_AGREED, _ALONE, _UNION = 0.8, 0.3, 0.6
_KIND = "PERSON_NAME"
_HALF = 0.5
#: A name is no longer than this: a model that marks a whole line is wrong.
_LONGEST = 60


@dataclass(frozen=True)
class WithModels:
    """Finds names as a scanner asks for them, one text at a time or many.

    In another process it is made again by ``again`` from ``specifications``, so that models are never
    sent there.
    """

    models: tuple[NameModel, ...]
    specifications: tuple[str, ...] = ()
    again: Callable[[tuple[str, ...]], WithModels] | None = None

    def __reduce__(self) -> tuple[Callable[..., WithModels], tuple[Any, ...]]:
        """Return how it is made again in another process."""
        if self.again is None:
            return WithModels, (self.models,)
        return self.again, (self.specifications,)

    @property
    def finders(self) -> tuple[Finder, ...]:
        """What the models are."""
        return tuple(model.finder for model in self.models)

    def __call__(self, folded: str, recall: bool) -> list[Span]:  # noqa: FBT001 - the seam's form
        """Return the names of one folded text."""
        return self.many([folded], recall)[0]

    def many(self, texts: Sequence[str], recall: bool) -> list[list[Span]]:  # noqa: FBT001 - as above
        """Return the names of each folded text."""
        answers = [model.find(texts, recall=recall) for model in self.models]
        return [
            self._joined(text, [answer[number] for answer in answers], recall=recall)
            for number, text in enumerate(texts)
        ]

    def _joined(self, text: str, answers: list[list[Found]], *, recall: bool) -> list[Span]:
        votes = [
            [_span(text, one, finder) for one in answer]
            for finder, answer in zip(self.finders, answers, strict=True)
        ]
        given = [[span for span in spans if span is not None] for spans in votes]
        if recall:
            every = [replace(s, score=max(s.score, _UNION)) for spans in given for s in spans]
            return standard_names(text, True) + every
        sure = standard_names(text, False)
        voters = [standard_names(text, True), *given]
        found = list(sure)
        for number, spans in enumerate(given, start=1):
            others = [one for at, listed in enumerate(voters) if at != number for one in listed]
            found += [_voted(span, others) for span in spans]
        return found


def _voted(span: Span, others: list[Span]) -> Span:
    """Return a model's name with the score that its votes give it."""
    agreed = any(_shared(span, other) >= _HALF for other in others if other.type == _KIND)
    score = max(span.score, _AGREED) if agreed else min(span.score, _ALONE)
    assert agreed == (score >= THRESHOLD)
    return replace(span, score=score, evidence=(*span.evidence, f"votes:{1 + agreed}"))


def _shared(one: Span, other: Span) -> float:
    """Return what two spans share, as a share of the longer one."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared / max(one.end - one.start, other.end - other.start)


def _span(text: str, found: Found, finder: Finder) -> Span | None:
    """Return a name without blanks around it; None for what can be none."""
    start, end = found.start, found.end
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    if not start < end <= start + _LONGEST or not any(map(str.isalpha, text[start:end])):
        return None
    return Span(start, end, _KIND, round(found.score, 4), (f"name-model:{finder.kind}",))
