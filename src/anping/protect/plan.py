"""A plan says, column by column, how a table is protected; every column must be named.

A column that the plan does not name is refused, never silently kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any, Literal

import pyarrow as pa
from pydantic import Field, field_serializer, field_validator, model_validator

from anping.core.errors import PlanError, Where
from anping.core.text import Text
from anping.engine.table import Table
from anping.protect.entries_perturbing import (
    JOINT,
    Anatomize,
    LocalSuppression,
    Microaggregate,
    Noise,
    Pram,
    RankSwap,
    Sampling,
    unequal_group,
)
from anping.protect.entry import Entry
from anping.protect.plan_entries import (
    DateShift,
    Drop,
    Generalise,
    Keep,
    ModelSpec,
    Pseudonym,
    Redact,
    Round,
    SetAnonymity,
    TopBottom,
    Transform,
)
from anping.protect.transform.rows import is_grouped, plain_type

_ALONE = (Keep, Drop, Redact)
_LAST = (Pseudonym, Generalise, SetAnonymity, Noise, *JOINT)


class Plan(Entry):
    """How one table is protected. Build one with ``read_plan``, ``parse_plan`` or ``propose``.

    ``privacy_unit`` is the column whose values name people; k then counts people, not rows.
    ``columns`` gives each column its transforms in order; ``sample`` releases a share of the rows.
    Raises PlanError where the plan
    contradicts itself.
    """

    plan: Literal[1] = 1
    table: str = ""
    profile: str | None = None
    privacy_unit: str | None = None
    model: ModelSpec | None = None
    sample: Sampling | None = None
    columns: dict[str, tuple[Transform, ...]] = Field(min_length=1)

    @field_validator("columns", mode="before")
    @classmethod
    def _one_entry_is_a_list_of_one(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {
            name: (entry,) if isinstance(entry, (dict, Entry)) else entry
            for name, entry in value.items()
        }

    @field_serializer("columns", mode="plain")
    def _plain_columns(self, columns: dict[str, tuple[Transform, ...]]) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for name, transforms in columns.items():
            entries = [_plain_entry(transform) for transform in transforms]
            shown[name] = entries[0] if len(entries) == 1 else entries
        return shown

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Plan:
        for name, transforms in self.columns.items():
            _check_order(name, transforms)
        _check_references(self)
        _check_perturbing(self)
        _check_model(self)
        return self

    @property
    def quasi_identifiers(self) -> tuple[str, ...]:
        """The generalised columns, in order."""
        return self.named(Generalise)

    @property
    def sensitive(self) -> tuple[str, ...]:
        """The columns that l-diversity and the other criteria of the model protect."""
        return () if self.model is None else self.model.protected

    @property
    def key_names(self) -> tuple[str, ...]:
        """The names of the keys that the plan needs, in order, each once."""
        keys = (
            transform.key
            for transforms in self.columns.values()
            for transform in transforms
            if isinstance(transform, (Pseudonym, DateShift))
        )
        return tuple(dict.fromkeys(keys))

    def named(self, *kinds: type[Entry]) -> tuple[str, ...]:
        """Return the columns that have a transform of one of ``kinds``, in order."""
        return tuple(
            name
            for name, transforms in self.columns.items()
            if any(isinstance(transform, kinds) for transform in transforms)
        )

    def check(self, table: Table) -> None:
        """Raise PlanError unless the plan fits ``table``: every column named once, of a fit type."""
        for name in self.columns:
            if name not in table.columns:
                raise _unknown_column(name, table.columns)
        missing = [name for name in table.columns if name not in self.columns]
        if missing:
            raise _unnamed_columns(missing)
        for name, transforms in self.columns.items():
            for transform in transforms:
                _check_type(name, transform, table.schema.field(name).type)
        for name in self.sensitive:
            if pa.types.is_nested(table.schema.field(name).type):
                raise _nested(name)


def _plain_entry(transform: Transform) -> dict[str, Any]:
    """Return the entry without settings left at their defaults, ``do`` first and ``why`` last."""
    body = transform.model_dump(mode="json", exclude_defaults=True, exclude={"why", "do"})
    if isinstance(transform, Generalise | SetAnonymity) and transform.hierarchy is not None:
        body["hierarchy"] = {"kind": transform.hierarchy.kind, **body.get("hierarchy", {})}
    why = {} if transform.why is None else {"why": transform.why.as_json()}
    return {"do": transform.do, **body, **why}


def _check_order(name: str, transforms: Sequence[Transform]) -> None:
    where = Where(column=name)
    if not transforms:
        raise PlanError(
            "plan.empty-entry",
            Text("這一欄沒有寫任何處理。", "This column's entry names no transform."),
            where=where,
            hint=Text("要原樣釋出請寫 {do: keep}。", "To release it as it is, write {do: keep}."),
        )
    alone = len(transforms) > 1 and any(isinstance(each, _ALONE) for each in transforms)
    early = any(isinstance(each, _LAST) for each in transforms[:-1])
    if alone or early:
        raise PlanError(
            "plan.order",
            Text(
                "這一欄的處理不能這樣排。", "The transforms of this column cannot be combined so."
            ),
            where=where,
            hint=Text(
                "keep、drop、redact 必須單獨使用；pseudonym、generalise、noise、local_suppression、"
                "microaggregate、anatomize 必須放在最後。",
                "keep, drop and redact stand alone; pseudonym, generalise, noise, local_suppression,"
                " microaggregate and anatomize come last.",
            ),
        )


def _check_references(plan: Plan) -> None:
    named = list(plan.sensitive) + ([] if plan.privacy_unit is None else [plan.privacy_unit])
    if plan.sample is not None and plan.sample.by is not None:
        named.append(plan.sample.by)
    for name in named:
        if name not in plan.columns:
            raise _unknown_column(name, tuple(plan.columns))
    if plan.privacy_unit in plan.quasi_identifiers:
        raise PlanError(
            "plan.person-generalised",
            Text(
                "代表「人」的欄位不能同時被概化。",
                "The column that stands for a person cannot be generalised.",
            ),
            where=Where(column=plan.privacy_unit),
            hint=Text(
                "改用 pseudonym 或 drop，或拿掉 privacy_unit。",
                "Make it a pseudonym or drop it, or leave out privacy_unit.",
            ),
        )
    if plan.privacy_unit is None:
        for name in plan.named(DateShift):
            raise PlanError(
                "plan.date-shift-needs-person",
                Text(
                    "日期平移以人為單位，但計畫沒有寫 privacy_unit。",
                    "Dates are shifted per person, but the plan has no privacy_unit.",
                ),
                where=Where(column=name),
                hint=Text(
                    "用 privacy_unit 指出代表「人」的欄位，或改用 generalise（kind: date）。",
                    "Name the column that stands for a person, or generalise with kind: date.",
                ),
            )


def _check_perturbing(plan: Plan) -> None:
    """Check what the entries of several columns must agree in."""
    wanted: dict[tuple[str, str], int] = {}
    for name, transforms in plan.columns.items():
        for each in transforms:
            if isinstance(each, (LocalSuppression, Microaggregate)):
                k = wanted.setdefault((each.do, each.group), each.k)
                if k != each.k:
                    raise unequal_group(name, each.group)
    anatomized, noisy = plan.named(Anatomize), plan.named(Noise)
    if len(anatomized) > 1:
        raise PlanError(
            "plan.anatomize",
            Text(
                "anatomize 只能用在一欄。",
                "anatomize is for one column of a table.",
            ),
            where=Where(column=anatomized[-1]),
            hint=Text(
                "其他敏感欄位改用 model 的 l 與 sensitive 保護。",
                "Protect the other sensitive columns by the model's l and sensitive.",
            ),
        )
    if plan.sample is not None and plan.named(SetAnonymity):
        raise PlanError(
            "plan.sample-with-sets",
            Text(
                "sample 不能與 set_anonymity 並用：抽樣後的組合可能少於 k 人。",
                "A sample cannot go with set_anonymity: after it a combination may have fewer than"
                " k people.",
            ),
            hint=Text(
                "先抽樣，把樣本當成新的表再處理。",
                "Sample first, and protect the sample as a table.",
            ),
        )
    for name in plan.sensitive:
        if name in noisy:
            raise PlanError(
                "plan.sensitive-noise",
                Text(
                    "l-多樣性無法數加了雜訊的值。",
                    "l-diversity cannot count values that noise was added to.",
                ),
                where=Where(column=name),
                hint=Text("從 model.sensitive 移除它。", "Take it out of model.sensitive."),
            )


def _check_model(plan: Plan) -> None:
    for name in plan.quasi_identifiers:
        if plan.model is None:
            raise PlanError(
                "plan.no-model",
                Text(
                    "有概化的欄位，但計畫沒有 model。", "A column is generalised without a model."
                ),
                where=Where(column=name),
                hint=Text("加上例如 model: {k: 5}。", "Add one, for example model: {k: 5}."),
            )
    if plan.model is None:
        return
    if not plan.quasi_identifiers:
        raise PlanError(
            "plan.model-without-quasi-identifiers",
            Text(
                "計畫有 model，卻沒有概化任何欄位。",
                "The plan has a model but generalises no column.",
            ),
            hint=Text(
                "為準識別項寫 generalise，或拿掉 model。",
                "Generalise the quasi-identifiers, or leave out the model.",
            ),
        )
    if (plan.model.l is None) != (not plan.model.sensitive):
        raise PlanError(
            "plan.l-without-sensitive",
            Text(
                "l 與 sensitive 必須一起寫或一起不寫。",
                "The model must give both l and sensitive, or neither.",
            ),
            hint=Text(
                "例如 model: {k: 5, l: 2, sensitive: [欄位]}。",
                "For example model: {k: 5, l: 2, sensitive: [column]}.",
            ),
        )
    for name in plan.model.protected:
        hidden = (Drop, Generalise, SetAnonymity, *JOINT)
        if any(isinstance(each, hidden) for each in plan.columns[name]):
            raise PlanError(
                "plan.sensitive-not-released",
                Text(
                    "敏感欄位不能同時被刪除或概化。",
                    "A sensitive column of the model cannot be dropped or generalised as well.",
                ),
                where=Where(column=name),
                hint=Text(
                    "從 model.sensitive 移除它，或保留（keep）它。",
                    "Take it out of model.sensitive, or keep it.",
                ),
            )


def _check_type(name: str, transform: Transform, kind: pa.DataType) -> None:
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    textual = (
        pa.types.is_string(plain_type(kind))
        or pa.types.is_large_string(kind)
        or pa.types.is_null(kind)
    )
    dated = textual or pa.types.is_date(kind) or pa.types.is_timestamp(kind) or numeric
    fits = True
    if isinstance(transform, (TopBottom, Round, Microaggregate)):
        fits = numeric or pa.types.is_null(kind)
    elif isinstance(transform, Noise):
        whole = pa.types.is_integer(kind)
        fits = whole if transform.distribution == "geometric" else numeric
        fits = fits or pa.types.is_null(kind)
    elif isinstance(transform, RankSwap):
        fits = numeric or pa.types.is_temporal(kind) or pa.types.is_null(kind)
    elif isinstance(transform, (LocalSuppression, Anatomize)):
        fits = is_grouped(kind)
    elif isinstance(transform, (Pram, Generalise)):
        fits = not pa.types.is_nested(kind)
    elif isinstance(transform, Redact):
        fits = textual
    elif isinstance(transform, SetAnonymity):
        listed = pa.types.is_list(kind) and pa.types.is_string(kind.value_type)
        fits = textual or listed
    elif isinstance(transform, DateShift):
        fits = dated
    if not fits:
        raise unfit(name, transform.do, kind)


def unfit(name: str, technique: str, kind: pa.DataType) -> PlanError:
    """Return the error for a technique that a column's type does not take."""
    return PlanError(
        "plan.type",
        Text(
            f"「{technique}」不能用在型別為 {kind} 的欄位。",
            f"“{technique}” cannot be used on a column of type {kind}.",
        ),
        where=Where(column=name),
        hint=Text(
            "top_bottom、round、microaggregate、noise 要數字欄位（geometric 要整數）；rank_swap 要數字"
            "或日期；redact 要文字欄位；date_shift 要日期欄位；set_anonymity 要文字或文字清單；"
            "generalise、pram、local_suppression、anatomize 不要清單或結構，後兩者也不要時間長度。",
            "top_bottom, round, microaggregate and noise need numbers (geometric whole ones),"
            " rank_swap numbers or dates, redact text, date_shift dates, set_anonymity text or lists"
            " of text; generalise, pram, local_suppression and anatomize take no lists or"
            " structures, and the last two no durations.",
        ),
    )


def _nested(name: str) -> PlanError:
    return PlanError(
        "plan.type",
        Text(
            "敏感欄位不能是清單或結構：準則要數它的值。",
            "A sensitive column cannot hold lists or structures: criteria count its values.",
        ),
        where=Where(column=name),
        hint=Text(
            "從 model 移除它，或先展開成一般欄位。",
            "Take it out of the model, or expand it into plain columns first.",
        ),
    )


def _unknown_column(name: str, available: Iterable[str]) -> PlanError:
    names = list(available)
    listed = ", ".join(get_close_matches(name, names, n=3, cutoff=0.5) or names[:10])
    return PlanError(
        "plan.unknown-column",
        Text(f"計畫寫了不存在的欄位「{name}」。", f"The plan names an unknown column “{name}”."),
        where=Where(column=name),
        hint=Text(f"是不是：{listed}", f"Did you mean: {listed}"),
    )


def _unnamed_columns(missing: Sequence[str]) -> PlanError:
    listed = ", ".join(missing[:10]) + (" …" if len(missing) > 10 else "")
    return PlanError(
        "plan.unnamed-column",
        Text(
            f"計畫沒有提到 {len(missing)} 個欄位：{listed}。沒有提到的欄位不會被釋出，也不會被默默保留。",
            f"The plan does not name {len(missing)} column(s): {listed}. Nothing is kept silently.",
        ),
        where=Where(column=missing[0]),
        hint=Text(
            "為每一欄寫一項處理；不需要的欄位寫 {do: drop}。",
            "Give every column an entry; write {do: drop} for what is not needed.",
        ),
    )
