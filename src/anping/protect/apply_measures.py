"""The measures of one protection: what it cost, what it removed, and what is left."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import fsum

import pyarrow as pa

from anping.core.measure import Measure, Replay
from anping.core.text import Text
from anping.engine.table import Table
from anping.protect.deid.fit import Fitted
from anping.protect.fit_columns import counted
from anping.protect.fit_plan import Fit
from anping.protect.fit_sample import sample_measures
from anping.protect.left import Suspects, left_measures
from anping.protect.plan_entries import Mask, Pseudonym, Redact
from anping.protect.text.placeholders import type_name
from anping.protect.text.redact import NO_TALLY, Tally

_LOSS_METHOD = "ARX Loss, arithmetic mean, gs-factor 0.5; suppressed rows count as lost entirely"


def all_measures(
    table: Table,
    fit: Fit,
    released: Table,
    *,
    tallies: Mapping[str, Tally],
    early: Callable[[], Suspects] | None = None,
) -> Iterator[Measure]:
    """Yield what protecting ``table`` came to; ``tallies`` is what redaction replaced, by column.

    ``early``: see :func:`anping.protect.left.left_measures`.
    """
    chosen = fit.columns.chosen
    before = fit.rows if chosen is None else chosen.rows
    yield from rows_measures(before=before, after=released.rows, people=fit.people)
    if chosen is not None:
        yield from sample_measures(chosen, fit.rows)
    if fit.plan.model is not None and fit.fitted is not None:
        yield from anonymity_measures(fit.fitted)
        if fit.plan.model.local_recoding:
            yield from recoding_measures(fit.fitted)
        if fit.plan.model.full_domain:
            yield from full_domain_measures(fit.fitted)
    for name, measures in fit.columns.measures.items():
        yield from measures
        if any(isinstance(each, Redact) for each in fit.plan.columns[name]):
            tally = tallies.get(name, NO_TALLY)
            title = Text("有內容被遮蔽的文字數", "Texts in which something was replaced")
            yield counted("deid.redacted.texts", name, tally.changed, title=title, n=tally.read)
    yield from redaction_measures(tallies.values())
    yield from left_measures(table, fit, released, shown_texts(fit), early=early)
    for name, values in fit.columns.tables.items():
        # The column itself holds groups: what could name somebody stands in the table beside.
        alone = values.select([1]).rename_columns([name])
        if pa.types.is_string(alone.schema.field(0).type):
            yield from left_measures(table, fit, Table.of(alone), [name])


def shown_texts(fit: Fit) -> list[str]:
    """Return the columns of texts that are released as they can be read."""
    hidden = fit.plan.named(Pseudonym, Mask)
    return [
        field.name
        for field in fit.protection.schema
        if field.name not in hidden
        and field.name not in fit.columns.tables
        and (pa.types.is_string(field.type) or pa.types.is_large_string(field.type))
    ]


def rows_measures(*, before: int, after: int, people: int | None) -> Iterator[Measure]:
    """Yield the row counts; ``people`` is None where the plan names no person column."""
    yield _count("deid.rows.raw", before, Text("原始列數", "Rows before"), n=before, unit="rows")
    yield _count(
        "deid.rows.released", after, Text("釋出列數", "Rows released"), n=before, unit="rows"
    )
    suppressed = before - after
    title = Text("抑制列數", "Rows suppressed")
    yield _count("deid.rows.suppressed", suppressed, title, n=before, unit="rows")
    if people is not None:
        yield _count(
            "deid.people.raw", people, Text("原始人數", "People before"), n=before, unit="people"
        )


def anonymity_measures(result: Fitted) -> Iterator[Measure]:
    """Yield the information loss, of all columns and of each, and the rows recoded."""
    before = result.rows
    yield Measure(
        "deid.information_loss",
        result.loss,
        "share",
        before,
        Text("資訊損失", "Information loss"),
        method=_LOSS_METHOD,
        replay=Replay("deid.information_loss", ("protected",), 1e-9),
    )
    yield _count(
        "deid.rows.recoded",
        result.recoded_rows,
        Text("以區域重編碼保住的列數", "Rows kept by local recoding"),
        n=before,
        unit="rows",
    )
    for column in result.levels:
        yield _column_loss(column, result)


def recoding_measures(result: Fitted) -> Iterator[Measure]:
    """Yield how many rows a draw left coarser than they could be, and the loss without draws."""
    before = result.rows
    yield _count(
        "deid.rows.left_coarser",
        result.coarser_rows,
        Text("隨機提早停止、留得較粗的列數", "Rows left coarser by a random early stop"),
        n=before,
        unit="rows",
    )
    yield Measure(
        "deid.information_loss.minimal",
        result.loss_minimal,
        "share",
        before,
        Text(
            "若不提早停止的資訊損失（較易被降碼）",
            "Information loss without early stops (easier to downcode)",
        ),
        method=_LOSS_METHOD + "; the groups that were left are recoded to the end",
    )


def full_domain_measures(result: Fitted) -> Iterator[Measure]:
    """Yield what the full-domain search found: its loss, whether it is proven best, its levels."""
    before, released = result.rows, result.rows - result.suppressed_rows
    yield Measure(
        "deid.information_loss.full_domain",
        result.loss_full_domain,
        "share",
        before,
        Text("全域概化最佳解的資訊損失", "Information loss of the best full-domain solution"),
        method=_LOSS_METHOD,
    )
    yield Measure(
        "deid.optimal",
        float(result.optimal),
        "boolean",
        result.nodes_evaluated,
        Text("全域概化已證明為最佳", "Full-domain solution proven optimal"),
        method="exact lattice search; n counts the nodes evaluated",
    )
    for column, level in result.levels.items():
        height = result.generaliser.maps[column].hierarchy.height
        yield Measure(
            "deid.level",
            float(level),
            "level",
            released,
            Text(f"概化層級（0 到 {height}）", f"Generalisation level (0 to {height})"),
            subject=column,
        )


def _column_loss(column: str, result: Fitted) -> Measure:
    rows, coverage = result.released[column], result.coverage[column]
    n = sum(rows.values())
    mean = fsum(count * coverage[text] for text, count in rows.items()) / n if n else 0.0
    return Measure(
        "deid.column_loss",
        mean,
        "share",
        n,
        Text("該欄釋出值平均遮住的值域", "Mean share of the domain that a released value covers"),
        subject=column,
        method="normalised certainty penalty (Xu et al. 2006) over released rows",
    )


_AGAIN = Text(
    "再掃描遮蔽後文字時才找到、已一併遮蔽的處數",
    "Mentions found only when the redacted texts were scanned again, and redacted then",
)
_REMAINING = Text(
    "遮蔽後的文字裡仍被偵測到的處數", "Mentions that are still detected in the redacted texts"
)


def redaction_measures(columns: Iterable[Tally]) -> Iterator[Measure]:
    """Yield the mentions replaced in all texts, by type."""
    every = sum(columns, start=NO_TALLY)
    for kind, count in sorted(every.counts.items()):
        name = type_name(kind)
        title = Text(f"遮蔽的{name.zh}", f"Mentions redacted: {name.en.lower()}")
        yield Measure("deid.redacted", float(count), "mentions", every.read, title, subject=kind)
    if every.read:
        yield from rescan_measures(every)


def rescan_measures(every: Tally) -> Iterator[Measure]:
    """Yield what looking through the redacted texts again found: redacted then, and still there."""
    for name, count, title in (
        ("deid.redacted.again", every.again, _AGAIN),
        ("deid.redacted.remaining", every.remaining, _REMAINING),
    ):
        yield Measure(name, float(count), "mentions", every.read, title, method="count")


def _count(name: str, value: int, title: Text, *, n: int, unit: str, subject: str = "") -> Measure:
    return Measure(name, float(value), unit, n, title, subject=subject, method="count")
