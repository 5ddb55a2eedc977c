"""The entries of a protection plan: what is done to one column, and by which hierarchy.

Technique names follow ISO/IEC 20889:2018; date shifting and text redaction are outside that
standard and are named in its style.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from anping.core.errors import PlanError, Where
from anping.core.text import Text
from anping.protect.deid.hierarchies.dates import Grain
from anping.protect.deid.model import AggregateName, GoalName, MissingName
from anping.protect.entries_criteria import (
    CriterionSpec,
    check_criteria,
    columns_of,
)
from anping.protect.entries_hierarchies import (
    Icd10Hierarchy,
    OccupationHierarchy,
    PostalCodeHierarchy,
    RelatedHierarchy,
    TreeHierarchy,
)
from anping.protect.entries_perturbing import (
    Anatomize,
    LocalSuppression,
    Microaggregate,
    Noise,
    Pram,
    RankSwap,
)
from anping.protect.entry import Entry, KeyName, TransformEntry


class AgeHierarchy(Entry):
    """Whole years, then nested bands of ``widths`` years; ``top`` and above are one value."""

    kind: Literal["age"] = "age"
    widths: tuple[int, ...] = Field(default=(5, 10, 20), min_length=1)
    top: int = Field(default=90, ge=20, le=120)


class NumberHierarchy(Entry):
    """Nested intervals, at most ``bins`` of equal counts, or about ``bins`` with round borders.

    ``start: interval`` never releases a number itself.
    """

    kind: Literal["number"] = "number"
    method: Literal["quantile", "round"] = "quantile"
    bins: int = Field(default=32, ge=2, le=1024)
    start: Literal["value", "interval"] = "interval"


class DateHierarchy(Entry):
    """Day, month, quarter, year, five years, decade; nothing finer than ``start`` is released."""

    kind: Literal["date"] = "date"
    start: Grain = "month"
    skip: tuple[Grain, ...] = ()


class AddressHierarchy(Entry):
    """Township, county, region of Taiwan; the street never leaves."""

    kind: Literal["address"] = "address"
    start: Literal["township", "county"] = "township"


class CategoryHierarchy(Entry):
    """Categories: given ``groups``, or values rarer than each share of ``rare`` taken together."""

    kind: Literal["category"] = "category"
    groups: dict[str, tuple[str, ...]] | None = Field(default=None, min_length=1)
    rare: tuple[float, ...] = (0.05,)


class CsvHierarchy(Entry):
    """A hierarchy file in ARX's form: one line for each leaf, from the value itself to the top.

    Nothing finer than level ``start`` is released: what stands before it only finds the line.
    """

    kind: Literal["csv"] = "csv"
    file: str = Field(min_length=1)
    start: int = Field(default=0, ge=0, le=32)


HierarchySpec = Annotated[
    AgeHierarchy
    | NumberHierarchy
    | DateHierarchy
    | AddressHierarchy
    | PostalCodeHierarchy
    | Icd10Hierarchy
    | OccupationHierarchy
    | CategoryHierarchy
    | RelatedHierarchy
    | TreeHierarchy
    | CsvHierarchy,
    Field(discriminator="kind"),
]


class Keep(TransformEntry):
    """Release the values as they are."""

    do: Literal["keep"] = "keep"


class Drop(TransformEntry):
    """Release nothing of the column (attribute suppression).

    ``identifies`` says that its values name people, so they are also removed from free text.
    """

    do: Literal["drop"] = "drop"
    identifies: bool = True


class Pseudonym(TransformEntry):
    """Replace each value by a keyed pseudonym; columns that share ``key`` stay linkable.

    ``hmac`` cannot be turned back, ``aes-siv`` and ``ff1`` can with the key. ``ff1`` keeps the
    format: digits stay digits and letters letters, or all characters are of ``alphabet``.
    ``normalise: identifier`` ignores case, width, blanks and separators; ``exact`` only width and
    outer blanks.
    """

    do: Literal["pseudonym"] = "pseudonym"
    method: Literal["hmac", "aes-siv", "ff1"] = "hmac"
    key: KeyName = "person"
    normalise: Literal["identifier", "exact"] = "identifier"
    alphabet: str | None = Field(default=None, min_length=2, max_length=65_536)

    @model_validator(mode="after")
    def _has_alphabet_for_ff1_only(self) -> Pseudonym:
        if self.alphabet is not None and (
            self.method != "ff1" or len(set(self.alphabet)) < len(self.alphabet)
        ):
            raise PlanError(
                "plan.alphabet",
                Text(
                    "alphabet 只能與 method: ff1 一起用，且字元不可重複。",
                    "An alphabet goes with method: ff1 only, and has each character once.",
                ),
                hint=Text('例如 alphabet: "0123456789"。', 'For example alphabet: "0123456789".'),
            )
        return self


class Mask(TransformEntry):
    """Replace all characters but the first and last few by ``*``."""

    do: Literal["mask"] = "mask"
    keep_first: int = Field(default=0, ge=0, le=32)
    keep_last: int = Field(default=0, ge=0, le=32)


class DateShift(TransformEntry):
    """Move all dates of one person by one secret number of days, so that intervals stay."""

    do: Literal["date_shift"] = "date_shift"
    max_days: int = Field(default=60, ge=1, le=3650)
    key: KeyName = "date-shift"


def crossed_bounds(column: str | None = None) -> PlanError:
    """Return the error for bounds that are missing, doubled or crossed."""
    return PlanError(
        "plan.bounds",
        Text("上下限編碼的界限不成立。", "The bounds of a top_bottom entry do not hold."),
        where=Where(column=column),
        hint=Text(
            "每一端給 low/high 或 low_quantile/high_quantile 其中之一，且 low < high。",
            "Give low or low_quantile, and high or high_quantile, with low < high.",
        ),
    )


class TopBottom(TransformEntry):
    """Top and bottom coding: numbers beyond a bound become the bound.

    A quantile bound is read from the table and rounded to two significant digits, so that the
    bound is not one person's value.
    """

    do: Literal["top_bottom"] = "top_bottom"
    low: float | None = None
    high: float | None = None
    low_quantile: float | None = Field(default=None, ge=0, le=0.5)
    high_quantile: float | None = Field(default=None, ge=0.5, le=1)

    @model_validator(mode="after")
    def _has_sane_bounds(self) -> TopBottom:
        given = [self.low, self.high, self.low_quantile, self.high_quantile]
        doubled = (self.low is not None and self.low_quantile is not None) or (
            self.high is not None and self.high_quantile is not None
        )
        crossed = self.low is not None and self.high is not None and self.low >= self.high
        if all(value is None for value in given) or doubled or crossed:
            raise crossed_bounds()
        return self


class Round(TransformEntry):
    """Round numbers to the nearest multiple of ``to``; ``random`` goes up or down by chance.

    The chance of going up is the part of the way that the number stands above the multiple below,
    so that sums stay in expectation (unbiased random rounding).
    """

    do: Literal["round"] = "round"
    to: float = Field(gt=0)
    method: Literal["nearest", "random"] = "nearest"


class Generalise(TransformEntry):
    """Make the column a quasi-identifier of the k-anonymity model, coarsened by a hierarchy."""

    do: Literal["generalise"] = "generalise"
    hierarchy: HierarchySpec


class SetAnonymity(TransformEntry):
    """Make the sets of a column k^m-anonymous: diagnoses, baskets, places.

    Every combination of up to ``m`` items of a person is had by ``k`` people or by nobody. Items
    are generalised along ``hierarchy``, where there is one and it keeps more, and else left out of
    single sets. ``separator`` stands between the items of a text; a list needs none.
    """

    do: Literal["set_anonymity"] = "set_anonymity"
    k: int = Field(default=5, ge=2)
    m: int = Field(default=2, ge=1, le=5)
    separator: str = Field(default=";", min_length=1, max_length=8)
    hierarchy: HierarchySpec | None = None


class Redact(TransformEntry):
    """Replace what names a person in free text, and look through the result again.

    ``tag`` puts a placeholder of its type (``[姓名]``), ``mask`` one mark for each character,
    ``format`` other digits and letters, ``surrogate`` a realistic fake that is the same for the same
    value wherever ``key`` is. ``max_days`` bounds how far surrogates move dates.
    """

    do: Literal["redact"] = "redact"
    method: Literal["tag", "mask", "format", "surrogate"] = "tag"
    key: KeyName = "redaction"
    max_days: int = Field(default=182, ge=1, le=3660)


Transform = Annotated[
    Keep
    | Drop
    | Pseudonym
    | Mask
    | DateShift
    | TopBottom
    | Round
    | Generalise
    | Redact
    | SetAnonymity
    | LocalSuppression
    | Microaggregate
    | Pram
    | RankSwap
    | Noise
    | Anatomize,
    Field(discriminator="do"),
]

TRANSFORMS = (
    "keep",
    "drop",
    "pseudonym",
    "mask",
    "date_shift",
    "top_bottom",
    "round",
    "generalise",
    "redact",
    "set_anonymity",
    "local_suppression",
    "microaggregate",
    "pram",
    "rank_swap",
    "noise",
    "anatomize",
)
HIERARCHY_KINDS = (
    "age",
    "number",
    "date",
    "address",
    "postal_code",
    "icd10",
    "occupation",
    "category",
    "related",
    "tree",
    "csv",
)


class ModelSpec(Entry):
    """The privacy model: k-anonymity over the generalised columns, and l-diversity if ``l``.

    Every row is recoded locally: least is lost, and one column may mix fine and coarse values.
    ``recoding: numeric`` cuts ages, numbers and dates anywhere, ``hierarchical`` only where their
    hierarchies do. ``full_domain: true`` searches one level for each column instead, for people who
    need one code book; ``local_recoding`` then recodes what the search would remove.
    ``suppression_limit`` is the share of rows that may be removed in the end. ``c`` belongs to
    ``l_kind: recursive``; ``criteria`` must hold as well. ``missing: wildcard`` lets a missing value
    stand for any other when a search counts k, else it is a value of its own; groups of local
    recoding have k people by themselves either way. ``goal`` and ``aggregate`` say what a search
    makes least; ``weights`` give columns unequal parts in the loss.
    """

    k: int = Field(ge=2)
    l: int | None = Field(default=None, ge=2)  # noqa: E741 - the field's own name for it
    l_kind: Literal["distinct", "entropy", "recursive"] = "distinct"
    c: float | None = Field(default=None, gt=0)
    sensitive: tuple[str, ...] = ()
    criteria: tuple[CriterionSpec, ...] = ()
    missing: MissingName = "own-value"
    goal: GoalName = "loss"
    aggregate: AggregateName = "mean"
    weights: dict[str, float] = Field(default_factory=dict)
    suppression_limit: float = Field(default=0.05, ge=0, le=1)
    local_recoding: bool = True
    full_domain: bool = False
    recoding: Literal["hierarchical", "numeric"] = "hierarchical"

    @model_validator(mode="before")
    @classmethod
    def _searches_if_it_may_not_recode(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("local_recoding") is False:
            return {"full_domain": True, **value}
        return value

    @property
    def protected(self) -> tuple[str, ...]:
        """The sensitive columns that l and the criteria look at, each once."""
        return tuple(dict.fromkeys((*self.sensitive, *columns_of(self.criteria))))

    @model_validator(mode="after")
    def _fits_together(self) -> ModelSpec:
        if (self.l_kind == "recursive") != (self.c is not None):
            raise PlanError(
                "plan.recursive-needs-c",
                Text(
                    "l_kind: recursive 需要 c，其他種類則不能寫 c。",
                    "l_kind: recursive needs c, and the other kinds have none.",
                ),
                hint=Text(
                    "例如 l: 3, l_kind: recursive, c: 2。",
                    "For example l: 3, l_kind: recursive, c: 2.",
                ),
            )
        check_criteria(self.criteria)
        other_goal = (self.goal, self.aggregate) != ("loss", "mean")
        if other_goal and not self.full_domain:
            raise PlanError(
                "plan.needs-search",
                Text(
                    "loss 以外的目標只適用於全域概化。",
                    "Goals other than loss belong to a full-domain search.",
                ),
                hint=Text("設定 full_domain: true。", "Set full_domain: true."),
            )
        return self

    @model_validator(mode="after")
    def _has_a_way(self) -> ModelSpec:
        if not (self.full_domain or self.local_recoding):
            raise PlanError(
                "plan.no-transformation",
                Text(
                    "full_domain 與 local_recoding 至少要有一個為 true。",
                    "At least one of full_domain and local_recoding must be true.",
                ),
                hint=Text("把其中一個改為 true。", "Set one of them to true."),
            )
        return self
