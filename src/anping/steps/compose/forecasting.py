"""Forecasting as a step: what is asked of the library, and what it found as assets and evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from anping.core.digest import canonical_json, sha256_file
from anping.core.lineage import Flow, Place, Told
from anping.core.measure import Measure, Replay, without_small_counts
from anping.core.text import Text
from anping.steps.compose.learning_ports import CONSENT, LINKS, RAW
from anping.workspace.step import Context, Inputs, Outcome, Port, Produced, joined_labels

if TYPE_CHECKING:
    from anping.learn.series.asked import SeriesAsked
    from anping.learn.series.learning import LearnedSeries

_PARQUET = "application/vnd.apache.parquet"
#: Who has the table can forecast again: the same seed gives the same model.
_REPLAY = Replay("learn.series", needs=("raw",), tolerance=1e-6)
_SAYS = Text("由過去的值預測", "forecast from its past")
_NAMES = Text("序列的名稱", "the name of the series")
_GIVES = (
    Port("model", "model", "{subject}.series"),
    Port("learning", "report", "{subject}.series-learning"),
    Port("forecast", "table", "{subject}.forecast"),
)


def forecasting_ports(given: Any) -> tuple[tuple[Port, ...], tuple[Port, ...]]:
    """Return what is taken and given; of a protected table also what tells whose row is whose."""
    if given is None or not given.protected:
        return (Port("table", "table", "{subject}"), CONSENT), _GIVES
    return (Port("table", "table", "{subject}.protected"), CONSENT, RAW, LINKS), _GIVES


def forecast(context: Context, given: Any, inputs: Inputs) -> Outcome:
    """Learn from the rows that may be used, and forecast what comes after them."""
    import pyarrow as pa

    from anping.engine.table import Table
    from anping.engine.write import write_parquet
    from anping.learn.series.learning import learn_series
    from anping.learn.series.model_file import MEDIA_TYPE, write_series_model
    from anping.steps.compose.learning import usable_rows

    asked, table = series_asked(given), inputs["table"]
    rows = Table.open(table.path).arrow(list(asked.columns))
    usable = usable_rows(context, inputs)
    kept = rows if usable is None else rows.filter(pa.array(usable.rows))
    done = learn_series(kept, asked, progress=context.progress)
    model, report = context.path("model.anping"), context.path("learning.json")
    ahead = context.path("forecast.parquet")
    write_series_model(done.model, model)
    said = done.model.forecast()
    write_parquet(said.table().to_batches(), ahead)
    measures = tuple(
        replace(measure, replay=_REPLAY) for measure in without_small_counts(done.measures)
    )
    found = report_of(done, given, table=table.asset.reference, measures=measures)
    report.write_bytes(canonical_json({"model": sha256_file(model), **found}))
    labels = joined_labels(inputs).lowered(categories=table.asset.labels.categories)
    hidden, written = table.asset.confidential, Table.open(ahead)
    outputs = (
        Produced("model", model, MEDIA_TYPE, labels, confidential=hidden),
        Produced("learning", report, "application/json", labels, confidential=hidden),
        Produced("forecast", ahead, _PARQUET, labels, schema=written.fields, rows=written.rows,
                 confidential=hidden),
    )  # fmt: skip
    notes = (*done.warnings, *said.notes)
    if usable is None:
        unused = frozenset({"raw", "links"} & inputs.keys())
        return Outcome(outputs, measures, limits=done.limits, notes=notes, unused=unused)
    return Outcome(
        outputs, (*usable.measures, *measures), limits=done.limits, notes=(*usable.notes, *notes)
    )


def series_asked(given: Any) -> SeriesAsked:
    """Return what the parameters ask of the library."""
    from anping.learn.series.asked import SeriesAsked

    return SeriesAsked(
        time=given.time, value=given.value, identity=given.id, horizon=given.horizon,
        known=tuple(given.known), groups=tuple(given.groups), hierarchy=given.hierarchy,
        season=given.season, calendar=given.calendar, every=given.every, repeated=given.repeated,
        origins=given.origins, statistical=given.statistical, seconds=given.seconds,
        seed=given.seed,
    )  # fmt: skip


def report_of(
    done: LearnedSeries, given: Any, *, table: str, measures: tuple[Measure, ...]
) -> dict[str, Any]:
    """Return the learning report: what was asked, tried, found and measured; no value of any row."""
    return {
        "table": table,
        "asked": given.model_dump(mode="json"),
        "columns": list(done.model.asked.columns),
        "clock": done.model.layout.clock.as_json(),
        "season": done.model.layout.season,
        "account": dict(done.model.account),
        "warnings": [asdict(warning) for warning in done.warnings],
        "measures": [measure.as_json() for measure in measures],
        "limits": [asdict(limit) for limit in done.limits],
    }


def forecast_columns(told: Told) -> tuple[Flow, ...]:
    """Return which columns the model and each column of the forecast come from."""
    given = told.parameters
    named = (given["time"], given["value"], *given["known"], *given["groups"])
    own = (given["id"],) if given["id"] else ()
    flows: list[Flow] = []
    for table in told.taken("table"):
        for model in (each for each in told.outputs if each.port == "model"):
            flows += [
                Flow(Place(model.name), Place(table.name, one), "DIRECT", "AGGREGATION", what=_SAYS)
                for one in (*named, *own)
            ]
        for made in (each for each in told.outputs if each.port == "forecast"):
            for column in made.columns:
                flows += _of_column(Place(made.name, column), table.name, given, named)
    return tuple(flows)


def _of_column(
    into: Place, table: str, given: Mapping[str, Any], named: Sequence[str]
) -> list[Flow]:
    """Return what a column of the forecast comes from."""
    if into.column == given["id"]:
        return [Flow(into, Place(table, into.column), what=_NAMES)]
    sources = (given["time"],) if into.column in {given["time"], "step"} else named
    return [
        Flow(into, Place(table, one), "DIRECT", "TRANSFORMATION", what=_SAYS) for one in sources
    ]
