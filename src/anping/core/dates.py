"""Dates as Taiwan writes them: Gregorian and ROC (民國) years, read and written back in kind.

The ROC year is the Gregorian year less 1911 (Enforcement practice of the 公文程式條例).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_ROC_OFFSET = 1911
_FOLD = {ord("０") + n: ord("0") + n for n in range(10)} | {
    ord("／"): ord("/"),
    ord("－"): ord("-"),
}

# Each form: its name, how it is read, and how a date is written back in it.
_FORMS: tuple[tuple[str, re.Pattern[str], bool, str], ...] = (
    ("iso", re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"), False, "{y:04d}-{m:02d}-{d:02d}"),
    ("slash", re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})"), False, "{y:04d}/{m:02d}/{d:02d}"),
    ("dot", re.compile(r"(\d{4})\.(\d{1,2})\.(\d{1,2})"), False, "{y:04d}.{m:02d}.{d:02d}"),
    ("compact", re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})"), False, "{y:04d}{m:02d}{d:02d}"),
    (
        "han",
        re.compile(r"(?:西元)?(\d{4})年(\d{1,2})月(\d{1,2})日"),
        False,
        "{y}年{m}月{d}日",
    ),
    (
        "roc-han",
        re.compile(r"(?:中華)?民國\s?(\d{1,3})年(\d{1,2})月(\d{1,2})日"),
        True,
        "民國{y}年{m}月{d}日",
    ),
    ("roc-han-short", re.compile(r"(\d{1,3})年(\d{1,2})月(\d{1,2})日"), True, "{y}年{m}月{d}日"),
    ("roc-slash", re.compile(r"(\d{2,3})/(\d{1,2})/(\d{1,2})"), True, "{y}/{m:02d}/{d:02d}"),
    ("roc-dot", re.compile(r"(\d{2,3})\.(\d{1,2})\.(\d{1,2})"), True, "{y}.{m:02d}.{d:02d}"),
    ("roc-dash", re.compile(r"(\d{2,3})-(\d{1,2})-(\d{1,2})"), True, "{y}-{m:02d}-{d:02d}"),
    ("roc-compact", re.compile(r"([01]\d{2})(\d{2})(\d{2})"), True, "{y:03d}{m:02d}{d:02d}"),
)


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A date and the form it was written in, so that it can be written back in the same form."""

    day: date
    form: str

    @property
    def roc(self) -> bool:
        """Whether the year was written in the ROC calendar."""
        return self.form.startswith("roc")

    def write(self, day: date) -> str:
        """Return ``day`` in this date's form."""
        for name, _, roc, pattern in _FORMS:
            if name == self.form:
                year = day.year - _ROC_OFFSET if roc else day.year
                return pattern.format(y=year, m=day.month, d=day.day)
        raise ValueError(self.form)


def parse(text: str) -> WrittenDate | None:
    """Return the date that the whole of ``text`` writes, or None.

    Full-width digits are folded. A two- or three-digit year is an ROC year.
    """
    folded = text.strip().translate(_FOLD)
    for name, pattern, roc, _ in _FORMS:
        match = pattern.fullmatch(folded)
        if match is None:
            continue
        year, month, day = (int(part) for part in match.groups())
        try:
            return WrittenDate(date(year + _ROC_OFFSET if roc else year, month, day), name)
        except ValueError:
            return None
    return None
