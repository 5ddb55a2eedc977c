"""What is asked of a learning of series."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from anping.core.errors import ParameterError, Where
from anping.core.text import Text

Calendar = Literal["taiwan", "plain", "none"]
Every = Literal["hour", "day", "week", "month", "quarter", "year"]
Repeated = Literal["mean", "sum"]
Statistical = Literal["auto", "always", "never"]


@dataclass(frozen=True)
class SeriesAsked:
    """Which columns tell the time, the value and whose series it is, and how far to look ahead.

    ``identity`` names the column that tells series apart; ``known`` columns that are known before
    their time (prices, promotions), ``groups`` columns that say what a series belongs to, the
    coarsest first. With ``hierarchy`` sums over the groups and of everything are forecast too, and
    the sums hold. ``season`` is the number of steps of a season (None: what such steps usually have).
    ``origins`` are how many times the past is forecast to compare models; the last is kept for the
    examination. ``statistical`` says whether ETS, ARIMA and Theta are tried: ``auto`` where the
    nominal ``seconds`` allow it. ``points`` are how many of the last steps are learnt from. ``every``
    gathers rows into steps of that length (None: the step that the times have); ``repeated`` says what
    becomes of several rows in one step: with ``sum`` a step without rows is 0.
    """

    time: str
    value: str
    identity: str | None = None
    horizon: int = 12
    known: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    hierarchy: bool = False
    season: int | None = None
    calendar: Calendar = "taiwan"
    every: Every | None = None
    repeated: Repeated = "mean"
    origins: int = 3
    statistical: Statistical = "auto"
    seconds: float = 60.0
    points: int = 1000
    seed: int = 20260101

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read."""
        own = () if self.identity is None else (self.identity,)
        return (*own, self.time, self.value, *self.known, *self.groups)

    def check(self) -> None:
        """Raise ParameterError (``series.asked``, ``series.columns``) for what cannot be meant."""
        bounds = {
            "horizon": (1, 10_000), "origins": (1, 50), "points": (2, 1_000_000),
            "season": (1, 100_000),
        }  # fmt: skip
        for name, (low, high) in bounds.items():
            number = getattr(self, name)
            if number is not None and not low <= number <= high:
                raise ParameterError(
                    "series.asked",
                    Text(
                        f"{name} 要在 {low} 到 {high} 之間。",
                        f"{name} lies between {low} and {high}.",
                    ),
                    hint=Text("請更正後再試。", "Correct it and try again."),
                )
        if len(set(self.columns)) < len(self.columns):
            twice = next(each for each in self.columns if self.columns.count(each) > 1)
            raise ParameterError(
                "series.columns",
                Text("同一欄被用作兩種角色。", "A column is named in two roles."),
                where=Where(column=twice),
                hint=Text("每一欄只給一種角色。", "Name each column once."),
            )
        if self.hierarchy and (self.identity is None):
            raise ParameterError(
                "series.hierarchy",
                Text(
                    "加總需要多條序列：請給識別欄。",
                    "Sums are of several series: name the column that tells them apart.",
                ),
                hint=Text("加上 identity，或不要 hierarchy。", "Give identity, or no hierarchy."),
            )
