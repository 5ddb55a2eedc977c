"""The measures of one protection: what it cost, what it removed, and what is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from anping.core.cells import cell_text
from anping.core.measure import Measure, Replay
from anping.core.text import Text
from anping.protect.deid.anonymize import Anonymized
from anping.protect.text.dictionary import IdentifierDictionary
from anping.protect.text.placeholders import type_name
from anping.protect.text.redact import Redacted
from anping.protect.transform.distinct import encoded

_LOSS_METHOD = "ARX Loss, arithmetic mean, gs-factor 0.5; suppressed rows count as lost entirely"


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


def anonymity_measures(result: Anonymized) -> Iterator[Measure]:
    """Yield the information loss, of all columns and of each, and the rows recoded."""
    released = result.table.num_rows
    before = released + result.suppressed_rows
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


def full_domain_measures(result: Anonymized) -> Iterator[Measure]:
    """Yield what the full-domain search found: its loss, whether it is proven best, its levels."""
    released = result.table.num_rows
    before = released + result.suppressed_rows
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
        height = len(next(iter(result.paths[column].values()))) - 1
        yield Measure(
            "deid.level",
            float(level),
            "level",
            released,
            Text(f"概化層級（0 到 {height}）", f"Generalisation level (0 to {height})"),
            subject=column,
        )


def _column_loss(column: str, result: Anonymized) -> Measure:
    values, codes = encoded(result.table.column(column))
    covered = np.asarray([result.coverage[column][value] for value in values], dtype=np.float64)
    mean = float(covered[codes].mean()) if len(codes) else 0.0
    return Measure(
        "deid.column_loss",
        mean,
        "share",
        len(codes),
        Text("該欄釋出值平均遮住的值域", "Mean share of the domain that a released value covers"),
        subject=column,
        method="normalised certainty penalty (Xu et al. 2006) over released rows",
    )


def redaction_measures(columns: Iterable[Redacted]) -> Iterator[Measure]:
    """Yield the mentions replaced in all texts, by type."""
    counts: Counter[str] = Counter()
    read = 0
    for redacted in columns:
        counts.update(redacted.counts)
        read += redacted.read
    for kind, count in sorted(counts.items()):
        name = type_name(kind)
        title = Text(f"遮蔽的{name.zh}", f"Mentions redacted: {name.en.lower()}")
        yield Measure("deid.redacted", float(count), "mentions", read, title, subject=kind)


def left_measures(
    protected: pa.Table, columns: Iterable[str], known: IdentifierDictionary
) -> Iterator[Measure]:
    """Yield, per released text column, the cells in which a known identifier still stands.

    ``columns`` are those to look at: pseudonyms and masked values are left out by the caller.
    """
    for name in columns:
        if not (
            pa.types.is_string(protected.schema.field(name).type)
            or pa.types.is_large_string(protected.schema.field(name).type)
        ):
            continue
        values, codes = encoded(protected.column(name))
        hits = np.asarray([bool(known.find(cell_text(value))) for value in values], dtype=bool)
        present = codes >= 0
        left = int(hits[codes[present]].sum()) if len(values) else 0
        yield _count(
            "deid.identifiers_left",
            left,
            Text(
                "仍含本表已知直接識別項的儲存格數",
                "Cells that still hold a known direct identifier",
            ),
            n=int(present.sum()),
            unit="cells",
            subject=name,
        )


def _count(name: str, value: int, title: Text, *, n: int, unit: str, subject: str = "") -> Measure:
    return Measure(name, float(value), unit, n, title, subject=subject, method="count")
