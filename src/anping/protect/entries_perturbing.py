"""Plan entries that suppress, swap, average, randomise or sample: values that are no longer true.

Technique names follow ISO/IEC 20889:2018, clauses 8 (suppression), 9 to 11 and 7 (sampling).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from anping.core.errors import PlanError, Where
from anping.core.text import Text
from anping.protect.entry import Entry, KeyName, TransformEntry


class LocalSuppression(TransformEntry):
    """Empty cells of rare combinations until each combination of the group is held ``k`` times.

    The columns with the same ``group`` are looked at together; a cell of a column with a greater
    ``weight`` is emptied more reluctantly.
    """

    do: Literal["local_suppression"] = "local_suppression"
    k: int = Field(ge=2)
    group: KeyName = "all"
    weight: float = Field(default=1, gt=0, le=1_000)


class Microaggregate(TransformEntry):
    """Replace numbers by the mean of at least ``k`` alike rows (MDAV over the ``group``)."""

    do: Literal["microaggregate"] = "microaggregate"
    k: int = Field(default=3, ge=2)
    group: KeyName = "all"


class Pram(TransformEntry):
    """Post-randomisation: a category becomes another one by known chances.

    ``invariant`` keeps the value by ``keep``, else draws from the column's own distribution, so
    that expected counts stay. ``uniform`` keeps it by ``keep``, else draws any other value alike.
    ``matrix`` gives every value its row of chances instead.
    """

    do: Literal["pram"] = "pram"
    method: Literal["invariant", "uniform"] = "invariant"
    keep: float = Field(default=0.8, ge=0, le=1)
    matrix: dict[str, dict[str, float]] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _has_rows_of_chances(self) -> Pram:
        for row in (self.matrix or {}).values():
            if any(chance < 0 for chance in row.values()) or abs(sum(row.values()) - 1) > 1e-9:
                raise PlanError(
                    "plan.chances",
                    Text(
                        "pram 的 matrix 每一列都要是不小於 0、合計為 1 的機率。",
                        "Every row of a pram matrix must be chances from 0 that add up to 1.",
                    ),
                    hint=Text("檢查每一列的合計。", "Check what each row adds up to."),
                )
        return self


class RankSwap(TransformEntry):
    """Swap values between rows whose ranks differ by at most ``percent`` of the rows."""

    do: Literal["rank_swap"] = "rank_swap"
    percent: float = Field(default=5, gt=0, le=100)


class Noise(TransformEntry):
    """Add noise to every number, drawn by OpenDP.

    Give ``scale``, or ``epsilon`` (with ``delta`` for ``gaussian``). Numbers are first moved into
    ``low`` to ``high``; with these bounds each released value has a known local epsilon.
    """

    do: Literal["noise"] = "noise"
    distribution: Literal["laplace", "gaussian", "geometric"] = "laplace"
    scale: float | None = Field(default=None, gt=0)
    epsilon: float | None = Field(default=None, gt=0, le=100)
    delta: float | None = Field(default=None, gt=0, lt=1)
    low: float | None = None
    high: float | None = None

    @model_validator(mode="after")
    def _has_one_size(self) -> Noise:
        bounds = (self.low, self.high)
        half = (self.low is None) != (self.high is None)
        crossed = self.low is not None and self.high is not None and self.low >= self.high
        needs_delta = self.distribution == "gaussian" and self.epsilon is not None
        if (
            (self.scale is None) == (self.epsilon is None)
            or half
            or crossed
            or (self.epsilon is not None and None in bounds)
            or needs_delta != (self.delta is not None)
        ):
            raise PlanError(
                "plan.noise",
                Text("noise 的大小寫得不對。", "The size of the noise does not hold."),
                hint=Text(
                    "給 scale，或給 epsilon 與 low、high（low < high）；gaussian 用 epsilon 時還要 delta。",
                    "Give scale, or epsilon with low < high; gaussian with epsilon also needs delta.",
                ),
            )
        return self


class Anatomize(TransformEntry):
    """Release the column in a table of its own, linked by groups of at least ``l`` different values."""

    do: Literal["anatomize"] = "anatomize"
    l: int = Field(default=3, ge=2)  # noqa: E741 - the field's own name for it


class Sampling(Entry):
    """Release a random ``share`` of the rows (of the people, where the plan has a privacy unit).

    With ``by`` the share holds within each value of that column (stratified).
    """

    share: float = Field(gt=0, lt=1)
    by: str | None = None


#: Transforms that look at all columns of their group together, once every column is fitted.
JOINT = (LocalSuppression, Microaggregate, Anatomize)


def unequal_group(column: str, group: str) -> PlanError:
    """Return the error for a group whose columns ask for different k."""
    return PlanError(
        "plan.unequal-group",
        Text(
            f"群組「{group}」的欄位寫了不同的 k。",
            f"The columns of the group “{group}” ask for different k.",
        ),
        where=Where(column=column),
        hint=Text(
            "同一群組用同一個 k，或以 group 分成不同群組。",
            "Give one group one k, or name different groups.",
        ),
    )
