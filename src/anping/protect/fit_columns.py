"""Fit the transforms of a plan column by column: bounds, keys and what they will do to the cells."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.core.measure import Measure
from anping.core.text import Text
from anping.engine.aggregate import frequencies
from anping.engine.stream import through
from anping.engine.table import Table
from anping.protect.entries_perturbing import Noise, Pram, RankSwap
from anping.protect.fit_perturbing import Looking, Made, noised, randomised, swapped
from anping.protect.fit_sample import chosen_rows
from anping.protect.known import OwnForms, dictionary_of
from anping.protect.plan import Plan
from anping.protect.plan_entries import (
    AddressHierarchy,
    DateShift,
    Drop,
    Generalise,
    Mask,
    Pseudonym,
    Redact,
    Round,
    TopBottom,
    Transform,
    crossed_bounds,
)
from anping.protect.pseudonym import formatted, reversible
from anping.protect.pseudonym.formatted import FormatCipher
from anping.protect.pseudonym.keys import Keys, subkey
from anping.protect.redaction import Redaction, no_detector
from anping.protect.text.operators import operator_of
from anping.protect.text.redact import FindSpans
from anping.protect.transform.columns import Columns
from anping.protect.transform.date_shift import unreadable
from anping.protect.transform.draws import Draws, run_key
from anping.protect.transform.format_pseudonyms import FormatPseudonyms, check_format
from anping.protect.transform.numbers import Bounds, beyond, counted_bound
from anping.protect.transform.perturbing import RandomRounding
from anping.protect.transform.rows import RAW_ROW, Person, Transformer, is_ordinary
from anping.protect.transform.sampling import Chosen
from anping.protect.transform.transformers import (
    Bounding,
    DateShifting,
    KeyedPseudonyms,
    Masking,
    ReversiblePseudonyms,
    Rounding,
    Shortening,
)


@dataclass(frozen=True)
class Census:
    """A column's distinct values, the missing one among them, and the rows of each."""

    values: pa.Array
    counts: npt.NDArray[np.int64]

    @property
    def present(self) -> int:
        """The number of cells that are not missing."""
        missing = int(self.counts[self.values.is_null().to_numpy(zero_copy_only=False)].sum())
        return int(self.counts.sum()) - missing


@dataclass(frozen=True)
class FittedColumns:
    """All columns that are not dropped, what was measured, and what was decided on the way.

    ``notes`` are told with the column's operation, and ``details`` prove it; ``tables`` are released
    beside the table, by the column that they stand for. ``chosen`` are the rows of the sample, and
    ``key`` is what all chance of this run comes from.
    """

    columns: Columns
    measures: Mapping[str, tuple[Measure, ...]]
    notes: Mapping[str, tuple[Text, ...]]
    details: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    tables: Mapping[str, pa.Table] = field(default_factory=dict, repr=False)
    chosen: Chosen | None = None
    key: bytes = field(default=b"", repr=False)

    def then(self, name: str, made: Made) -> FittedColumns:
        """Return the same with one more transform of a column, its last."""
        steps = {**self.columns.steps, name: (*self.columns.steps[name], made.step)}
        notes = () if made.note is None else (made.note,)
        return replace(
            self,
            columns=replace(self.columns, steps=steps),
            measures={**self.measures, name: (*self.measures[name], *made.measures)},
            notes={**self.notes, name: (*self.notes.get(name, ()), *notes)},
            details={**self.details, name: {**self.details.get(name, {}), **made.details}},
        )


@dataclass(frozen=True)
class _Drawn:
    """Transforms the columns of the rows that a sample drew."""

    columns: Columns
    chosen: Chosen

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        places = batch.column(self.columns.numbers).to_numpy()
        return self.columns(batch.filter(pa.array(self.chosen.holds(places))))


def census_of(table: Table, columns: Columns, name: str, *, chosen: Chosen | None = None) -> Census:
    """Return the census of a column after its transforms: of all rows, or of those ``chosen``."""
    steps = columns.steps[name]
    kind = table.schema.field(name).type
    ordinary = is_ordinary(kind) and not pa.types.is_nested(kind)
    if steps or not ordinary or chosen is not None:
        alone = columns.only([name])
        schema = alone.schema(table.schema)
        function = alone if chosen is None else _Drawn(alone, chosen)
        table = through(
            table,
            function,
            columns=alone.needed,
            schema=schema,
            numbered=columns.numbers,
            coded=True,
        )
        if pa.types.is_nested(schema.field(0).type):
            table = Table.of(_comparable(table.arrow()))
    found = frequencies(table, [name])
    return Census(found.column(0).combine_chunks(), found.column(1).to_numpy())


def _comparable(table: pa.Table) -> pa.Table:
    """Return a table of one column with lists, structs and maps as text."""
    if not pa.types.is_nested(table.schema.field(0).type):
        return table
    cells = [None if cell is None else str(cell) for cell in table.column(0).to_pylist()]
    return pa.table({table.column_names[0]: pa.array(cells, pa.string())})


def person_of(plan: Plan) -> Person | None:
    """Return the column that stands for people, in the normal form of its pseudonyms."""
    if plan.privacy_unit is None:
        return None
    exact = any(
        isinstance(each, Pseudonym) and each.normalise == "exact"
        for each in plan.columns[plan.privacy_unit]
    )
    return Person(plan.privacy_unit, "exact" if exact else "identifier")


def fit_columns(
    table: Table,
    plan: Plan,
    *,
    keys: Keys,
    find_spans: FindSpans | None,
    seed: int | None = None,
) -> FittedColumns:
    """Return the transforms of every column that is not dropped, in the table's order.

    Those that look at several columns, or at the rows that leave, are fitted later. Chance comes
    from the operating system, or from ``seed``.

    Reads a column only where its distribution matters. Raises KeyStoreError for a lost key,
    PlanError for crossed bounds, ParameterError where a detector is needed and missing.
    """
    person, key = person_of(plan), run_key(seed)
    numbers = _numbers_of(table)
    chosen = chosen_rows(table, plan, Columns({}, person, numbers), key=key)
    run = _Run(key, chosen, numbers)
    fit = _Fit(table, plan, keys, find_spans, person, run)
    names = [
        name
        for name in table.columns
        if not any(isinstance(each, Drop) for each in plan.columns[name])
    ]
    fitted = {name: fit.column(name) for name in names}
    steps = {name: one.steps for name, one in fitted.items()}
    return FittedColumns(
        Columns(steps, fit.person, numbers),
        {name: one.measures for name, one in fitted.items()},
        {name: one.notes for name, one in fitted.items()},
        {name: one.details for name, one in fitted.items() if one.details},
        chosen=chosen,
        key=key,
    )


def _numbers_of(table: Table) -> str:
    """Return the name of the column of row numbers: one that no column has."""
    name = RAW_ROW
    while name in table.columns:
        name += "_"
    return name


@dataclass(frozen=True)
class _One:
    """One column on its way."""

    name: str
    steps: tuple[Transformer, ...] = ()
    measures: tuple[Measure, ...] = ()
    notes: tuple[Text, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    def then(self, step: Transformer, *, measure: Measure | None = None, note: Text | None = None
             ) -> _One:  # fmt: skip
        return _One(
            self.name,
            (*self.steps, step),
            self.measures if measure is None else (*self.measures, measure),
            self.notes if note is None else (*self.notes, note),
            self.details,
        )

    def with_made(self, made: Made) -> _One:
        return _One(
            self.name,
            (*self.steps, made.step),
            (*self.measures, *made.measures),
            self.notes if made.note is None else (*self.notes, made.note),
            {**self.details, **made.details},
        )


@dataclass(frozen=True)
class _Run:
    """What one run draws: the key of its chance, the rows of its sample."""

    key: bytes = field(repr=False)
    chosen: Chosen | None
    numbers: str


@dataclass(frozen=True)
class _Fit:
    """What the fit of every column looks at."""

    table: Table
    plan: Plan
    keys: Keys
    find_spans: FindSpans | None
    person: Person | None
    run: _Run
    own: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    _redaction: list[Redaction] = field(default_factory=list, repr=False)

    def column(self, name: str) -> _One:
        """Return one column's transforms."""
        one = _One(name)
        for transform in self.plan.columns[name]:
            one = self._with(one, transform)
        return one

    def _with(self, one: _One, transform: Transform) -> _One:
        match transform:
            case TopBottom():
                one = self._coded(one, transform)
            case DateShift():
                one = self._shifted(one, transform)
            case Pseudonym():
                one = one.then(self._pseudonyms(one, transform))
            case Mask():
                one = one.then(Masking(transform.keep_first, transform.keep_last))
            case Pram() | RankSwap() | Noise() | Round():
                one = self._perturbed(one, transform)
            case Redact():
                one = one.then(self._redacted(one.name, transform))
            case Generalise(hierarchy=AddressHierarchy()):
                one = one.then(Shortening())
        return one

    def _pseudonyms(self, one: _One, transform: Pseudonym) -> Transformer:
        if transform.method == "hmac":
            secret = subkey(self.keys, transform.key, use="hmac")
            return KeyedPseudonyms(secret, transform.normalise)
        if transform.method == "ff1":
            cipher = FormatCipher(formatted.derived(self.keys, transform.key), transform.alphabet)
            step = FormatPseudonyms(cipher, transform.normalise)
            check_format(self.table, self._looking(one).columns, one.name, step)
            return step
        secret = reversible.derived(self.keys, transform.key)
        return ReversiblePseudonyms(secret, transform.key, transform.normalise)

    def _looking(self, one: _One) -> Looking:
        columns = Columns({one.name: one.steps}, self.person, self.run.numbers)
        return Looking(self.table, columns, self.run.key, self.run.chosen)

    def _census(self, one: _One) -> Census:
        return census_of(self.table, self._looking(one).columns, one.name)

    def _perturbed(self, one: _One, transform: Pram | RankSwap | Noise | Round) -> _One:
        if pa.types.is_null(self.table.schema.field(one.name).type):
            # A column in which nothing stands has nothing to swap, round or randomise.
            return one
        if isinstance(transform, Round):
            if transform.method == "random":
                return self._rounded(one, transform)
            return one.then(Rounding(transform.to))
        if isinstance(transform, RankSwap):
            return one.with_made(swapped(transform, one.name, self._looking(one)))
        census = self._census(one)
        if isinstance(transform, Noise):
            return one.with_made(noised(transform, one.name, census.values, census.counts))
        made = randomised(transform, one.name, census.values, census.counts, key=self.run.key)
        changed = self._looking(one).changed(one.name, made.step, key="deid.pram.changed")
        return one.with_made(made.and_measured(changed))

    def _rounded(self, one: _One, transform: Round) -> _One:
        step = RandomRounding(transform.to, Draws.of(self.run.key, "round", one.name))
        changed = self._looking(one).changed(one.name, step, key="deid.rounded")
        return one.then(step, measure=changed)

    def _coded(self, one: _One, transform: TopBottom) -> _One:
        if pa.types.is_null(self.table.schema.field(one.name).type):
            # A column in which nothing stands has nothing beyond a bound.
            return one
        census = self._census(one)
        low, high = transform.low, transform.high
        if transform.low_quantile is not None:
            low = counted_bound(census.values, census.counts, transform.low_quantile)
        if transform.high_quantile is not None:
            high = counted_bound(census.values, census.counts, transform.high_quantile)
        if low is not None and high is not None and low >= high:
            raise crossed_bounds(one.name)
        bounds = Bounds(low, high)
        moved = beyond(census.values, census.counts, bounds)
        title = Text("以上下限代替的儲存格數", "Cells moved to a bound")
        measure = counted("deid.coded", one.name, moved, title=title, n=census.present)
        zh, en = (
            " ".join(
                f"{name} {bound:,.10g}"
                for name, bound in zip(names, (low, high), strict=True)
                if bound is not None
            )
            for names in (("下限", "上限"), ("low", "high"))
        )
        return one.then(Bounding(bounds), measure=measure, note=Text(zh, en) if zh else None)

    def _shifted(self, one: _One, transform: DateShift) -> _One:
        assert self.person is not None
        secret = subkey(self.keys, transform.key, use="date-shift")
        step = DateShifting(secret, self.own, self.person.column, transform.max_days)
        kind = self.table.schema.field(one.name).type
        census = self._census(one)
        lost: int | None = 0
        if not (pa.types.is_temporal(kind) or pa.types.is_null(kind)):
            lost = unreadable(
                census.values.to_pylist(), census.counts.tolist(), max_days=transform.max_days
            )
        if lost is None:
            lost = census.present - self._census(one.then(step)).present
        title = Text("讀不出日期而清空的儲存格數", "Cells emptied because no date could be read")
        measure = counted("deid.dates.unreadable", one.name, lost, title=title, n=census.present)
        return one.then(step, measure=measure)

    def _redacted(self, name: str, transform: Redact) -> Redaction:
        if self.find_spans is None:
            raise no_detector(name)
        if not self._redaction:
            known = dictionary_of(self.table, self.plan)
            self._redaction.append(
                Redaction(self.find_spans, known, OwnForms.of(self.table, self.plan))
            )
        first = self._redaction[0]
        operator = operator_of(
            transform.method,
            self.keys,
            key=transform.key,
            max_days=transform.max_days,
            taken=first.known.forms,
        )
        return replace(first, operator=operator)


def counted(name: str, column: str, count: int, *, title: Text, n: int) -> Measure:
    """Return a count of cells, ``n`` of which were there."""
    return Measure(name, float(count), "cells", n, title, subject=column, method="count")
