"""All distribution distances of a release at once, on the same people's rows before and after."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import fsum

import pyarrow as pa

from anping.core.measure import Measure, Replay
from anping.core.text import Text
from anping.engine.stream import rows_at
from anping.engine.table import Table
from anping.judge.distribution import measure_distribution
from anping.judge.pairwise import measure_pairs
from anping.judge.sample import Draw, Sample, sampled
from anping.judge.utility import UtilityOptions


def measure_distances(
    raw: Table | pa.Table,
    protected: Table | pa.Table,
    *,
    links: Table | pa.Table,
    columns: Iterable[str],
    options: UtilityOptions | None = None,
) -> tuple[Measure, ...]:
    """Return ``utility.distribution`` of each column (and ``.mean``), ``utility.pairwise`` of pairs.

    Of ``options`` are looked at: ``rows`` (people drawn at random beyond so many, the same before
    and after), ``person``, ``seed``, ``reading``, and ``leaf_table``, whose columns stand for the
    raw ones of their name. Raises SchemaError for a missing column, ParameterError for links or
    person keys that do not fit.
    """
    settings = options or UtilityOptions()
    source = Table.of(raw) if isinstance(raw, pa.Table) else raw
    released = Table.of(protected) if isinstance(protected, pa.Table) else protected
    names = tuple(dict.fromkeys(columns))
    source.require(names)
    released.require(names)
    if not names or not source.rows or not released.rows:
        return ()
    draw = Draw(settings.rows, settings.seed, names)
    drawn = sampled(source, released, links=links, person=settings.person, draw=draw)
    before = _read(drawn, names, settings.leaf_table)
    single = measure_distribution(before, drawn.protected, columns=names, reading=settings.reading)
    found = (
        *_mean(single),
        *single,
        *measure_pairs(before, drawn.protected, columns=names, reading=settings.reading),
    )
    if drawn.whole:
        return found
    of = f"; {drawn.raw.rows:,} of {drawn.of:,} rows, people drawn at random"
    return tuple(replace(one, method=one.method + of, seed=settings.seed) for one in found)


def _mean(columns: tuple[Measure, ...]) -> tuple[Measure, ...]:
    if not columns:
        return ()
    mean = fsum(one.value for one in columns) / len(columns)
    title = Text("各欄分布的平均差距", "Mean distance between the distributions of a column")
    return (
        Measure(
            "utility.distribution.mean", mean, "distance", max(one.n for one in columns), title,
            method=f"mean over {len(columns)} columns",
            replay=Replay("utility.distribution", ("raw",), 1e-9),
        ),
    )  # fmt: skip


def _read(drawn: Sample, names: tuple[str, ...], leaves: Table | None) -> Table:
    """Return the raw rows, generalised columns as their leaves."""
    if leaves is None:
        return drawn.raw
    known = [name for name in names if name in leaves.columns]
    if drawn.whole and len(known) == len(names):
        return leaves
    found = drawn.raw.arrow(names)
    own = rows_at(leaves, drawn.rows, columns=known)
    for name in known:
        found = found.set_column(found.schema.get_field_index(name), name, own.column(name))
    return Table.of(found)
