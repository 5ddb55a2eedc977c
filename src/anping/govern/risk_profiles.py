"""Named risk profiles: the conventions 0.33, 0.20, 0.09 and 0.05 with who uses them, as data.

A profile bounds the highest and the average risk together: a maximum alone says nothing of how many
are near it (ISO/IEC 27559:2022, clause 7). A profile decides nothing; a signed policy does.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib import resources
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from anping.core.errors import PolicyError
from anping.core.measure import Measure
from anping.core.text import Text
from anping.core.verdict import Reason
from anping.govern.policy import Number, Threshold
from anping.govern.policy_source import read_source
from anping.govern.thresholds import threshold_reason

_FILE = "risk_profiles.yaml"
_ORDER = ("internal", "restricted", "public", "strict")
_WHY_HIGHEST = Text(
    "知道某人在表中的人，認出他的機率上限。",
    "The most that someone who knows a person is in the table can succeed in finding them.",
)
_WHY_AVERAGE = Text("平均每筆被正確認出的比例。", "The average share of records that can be found.")
_REMEDY = Text(
    "把計畫中的 k 提高，再執行 anping protect。",
    "Raise k in the plan, then run anping protect again.",
)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


Seen = Literal["text", "abstract", "summary", "none"]
_SEEN: dict[Seen, Text] = {
    "text": Text("", ""),
    "abstract": Text("（只查證摘要）", " (only the abstract was seen)"),
    "summary": Text("（只查證他人的摘要）", " (only a summary was seen)"),
    "none": Text("（未查證原文）", " (unconfirmed: its text was not seen)"),
}


class Citation(_Part):
    """Where a number comes from, of which day (of a book: its year), and how that was looked at."""

    date: date
    said: Text = Field(alias="text")
    seen: Seen

    @property
    def text(self) -> Text:
        """The source, and where it does not stand on its own text, that it does not."""
        how = _SEEN[self.seen]
        return Text(self.said.zh + how.zh, self.said.en + how.en)


class RiskProfile(_Part):
    """A convention: classes of at least ``k``, and the highest and average risk it allows."""

    title: Text
    k: int = Field(ge=1)
    maximum: Number
    average: Number
    use: Text
    sources: tuple[Citation, ...] = Field(min_length=1)
    average_source: Citation

    def thresholds(self, *, subject: str = "after") -> tuple[Threshold, Threshold]:
        """Return its two bounds as a policy writes them."""
        first = self.sources[0]
        return (
            Threshold(
                measure="risk.prosecutor.max", subject=subject, op="<=", value=self.maximum,
                source=first.text, date=first.date, why=_WHY_HIGHEST, remedy=_REMEDY,
            ),
            Threshold(
                measure="risk.marketer", subject=subject, op="<=", value=self.average,
                source=self.average_source.text, date=self.average_source.date,
                why=_WHY_AVERAGE, remedy=_REMEDY,
            ),
        )  # fmt: skip

    def reasons(
        self, measures: tuple[Measure, ...], *, subject: str = "after"
    ) -> tuple[Reason, ...]:
        """Return whether each bound holds; what was not measured does not."""
        return tuple(threshold_reason(each, measures) for each in self.thresholds(subject=subject))


@cache
def risk_profiles() -> dict[str, RiskProfile]:
    """Return the profiles by name, from the loosest to the strictest."""
    content = resources.files("anping.govern").joinpath(_FILE).read_bytes()
    value = read_source(content, name=_FILE).value
    common = {"average_source": value["average_source"]}
    return {name: RiskProfile.model_validate(value["profiles"][name] | common) for name in _ORDER}


def risk_profile(name: str) -> RiskProfile:
    """Return a profile by name. Raises PolicyError ``policy.no-profile``."""
    found = risk_profiles().get(name)
    if found is None:
        raise PolicyError(
            "policy.no-profile",
            Text(f"沒有名為「{name}」的風險級別。", f"There is no risk profile named “{name}”."),
            hint=Text(f"可用的：{'、'.join(_ORDER)}", f"There are: {', '.join(_ORDER)}"),
        )
    return found
