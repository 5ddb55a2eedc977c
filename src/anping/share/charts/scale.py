"""Numbers to positions: round ticks, written numbers, and how wide a text is."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from math import ceil, floor, log10

from anping.share.charts.chart import Form


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear scale from values to pixels, with the ticks to draw."""

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[float, ...]

    def __call__(self, value: float) -> float:
        """Return the position of a value, held inside the drawing."""
        share = (value - self.low) / (self.high - self.low)
        return self.start + min(1.0, max(0.0, share)) * (self.end - self.start)


def linear(extent: tuple[float, float], start: float, end: float, *, wanted: int = 5) -> Scale:
    """Return a scale whose ends are round numbers with about ``wanted`` ticks."""
    low, high = extent
    # Ticks are rounded to twelve digits: what differs by less is drawn as equal.
    if high - low < 1e-9:
        high = low + 1.0
    step = _round_step((high - low) / wanted)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    ticks = tuple(round(step * index, 12) for index in range(first, last + 1))
    return Scale(ticks[0], ticks[-1], start, end, ticks)


@dataclass(frozen=True, slots=True)
class LogScale:
    """A logarithmic scale from values above 0 to pixels, with the ticks to draw."""

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[float, ...]

    def __call__(self, value: float) -> float:
        """Return the position of a value, held inside the drawing."""
        share = log10(max(value, self.low) / self.low) / log10(self.high / self.low)
        return self.start + min(1.0, share) * (self.end - self.start)


def logarithmic(extent: tuple[float, float], start: float, end: float) -> LogScale:
    """Return a scale over values above 0 whose ends and ticks are 1, 2 or 5 times a power of ten."""
    low, high = extent
    first, last = floor(log10(low)), ceil(log10(max(high, low * 1.001)))
    steps = [
        round(factor * 10.0**power, 15) for power in range(first, last + 1) for factor in (1, 2, 5)
    ]
    below = max(step for step in steps if step <= low * 1.000001)
    above = min((step for step in steps if step >= high * 0.999999), default=steps[-1])
    above = above if above > below else below * 10
    ticks = tuple(step for step in steps if below <= step <= above)
    return LogScale(below, above, start, end, ticks)


def _round_step(raw: float) -> float:
    power = 10.0 ** floor(log10(raw))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw * 0.999)


def form_of(unit: str) -> Form:
    """Return how numbers of a measure's unit are written: shares in percent."""
    return "percent" if unit in {"probability", "share", "ratio"} else "number"


def written(value: float, form: Form, *, digits: int = 1) -> str:
    """Return a number as a chart writes it: ``12.5%``, ``1,204``, ``0.873``, ``−0.03%``.

    ``digits`` are the decimals of a percentage. What is not nothing and not all is never rounded to
    0% or 100%: it is written ``<0.1%`` or ``>99.9%``, and below nothing with as many digits as it
    takes, after a true minus sign.
    """
    value += 0.0  # Nothing has no sign.
    if form == "percent":
        return _percent(value * 100, digits)
    if value < 0:
        return _negative(_plain(-value))
    return _plain(value)


def _plain(value: float) -> str:
    if float(value).is_integer():
        return f"{int(value):,}"
    if value < 0.0005:
        return _digits_enough(value, 3)
    return f"{value:,.3f}".rstrip("0").rstrip(".") if value < 100 else f"{value:,.0f}"


def _percent(share: float, digits: int) -> str:
    if share < 0:
        return _negative(f"{_digits_enough(-share, digits)}%")
    finest = 10.0**-digits
    if share and share < (finest if digits else finest / 2):
        return f"<{finest:.{digits}f}%"
    shown = f"{share:.{digits}f}"
    if share < 100 and float(shown) == 100:
        return f">{100 - finest:.{digits}f}%"
    return (shown.rstrip("0").rstrip(".") if digits else shown) + "%"


def _negative(magnitude: str) -> str:
    """Return a number with a minus sign, which is longer than the dash of a range is read for."""
    return magnitude if magnitude.startswith("≈") else f"−{magnitude}"


def _digits_enough(magnitude: float, digits: int) -> str:
    """Return a number above 0 with as few decimals, at least ``digits``, as keep it from 0 and 100."""
    for decimals in range(digits, _MOST_DECIMALS + 1):
        shown = f"{magnitude:,.{decimals}f}"
        rounded = float(shown.replace(",", ""))
        if rounded > 0 and (rounded != _WHOLE or magnitude >= _WHOLE):
            return shown.rstrip("0").rstrip(".") if "." in shown else shown
    return "≈0"


#: A number that needs more decimals than this is nothing to a reader.
_MOST_DECIMALS = 6
_WHOLE = 100

_NARROW, _ROOMY = frozenset(" ,.:;|!'il()[]"), frozenset("%@mwMW")


def _em(character: str) -> float:
    """Return the width of a character in em, for a roomy sans-serif face."""
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if character in _NARROW:
        return 0.38
    if character in _ROOMY:
        return 0.96
    return 0.72 if character.isupper() or character == "_" else 0.63


def text_width(text: str, size: float) -> float:
    """Return about how wide a text is at a font size; rather too wide than too narrow."""
    return size * sum(_em(character) for character in text)


def shortened(text: str, size: float, room: float) -> str:
    """Return the text, cut with an ellipsis if it does not fit into ``room``."""
    if text_width(text, size) <= room:
        return text
    kept = text
    while kept and text_width(kept + "…", size) > room:
        kept = kept[:-1]
    return kept + "…"
