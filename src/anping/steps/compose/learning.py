"""Learning as a step: what is asked of the library, and what it found as assets and evidence."""

from __future__ import annotations

import shutil
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from anping.core.digest import canonical_json, sha256_file
from anping.core.errors import ParameterError
from anping.core.measure import Measure, Replay, without_small_counts
from anping.core.text import Text
from anping.steps.compose.learning_ports import learning_ports, learnt_columns, training_gate
from anping.steps.compose.withdrawing import Allowed, allowed
from anping.workspace.step import Context, Inputs, Outcome, Produced, joined_labels

if TYPE_CHECKING:
    from anping.learn.tabular import Learned, Learning

__all__ = ["asked_of", "learning_ports", "learnt", "learnt_columns", "training_gate", "usable_rows"]

#: Who has the table can learn again: the same seed gives the same model.
_REPLAY = Replay("learn.tabular", needs=("raw",), tolerance=1e-6)


def learnt(context: Context, given: Any, inputs: Inputs) -> Outcome:
    """Learn a model of the rows that may be used; finished work outlives an interruption."""
    from anping.engine.table import Table
    from anping.learn.tabular import learn_tabular

    table = inputs["table"]
    usable = usable_rows(context, inputs)
    rows = Table.open(table.path).arrow()
    unfinished = context.lasting(f"learn-{context.subject}")
    done = learn_tabular(
        rows if usable is None else rows.filter(pa.array(usable.rows)),
        given.target,
        asked_of(given),
        keep=unfinished,
        progress=context.progress,
        ray=given.ray,
    )
    if usable is not None:
        done = replace(done, held_out=np.flatnonzero(usable.rows)[done.held_out])
    outcome = recorded(context, given, inputs, done=done)
    shutil.rmtree(unfinished, ignore_errors=True)
    if usable is None:
        return replace(outcome, unused=frozenset({"raw", "links"} & inputs.keys()))
    measures = (*usable.measures, *outcome.measures)
    return replace(outcome, measures=measures, notes=(*usable.notes, *outcome.notes))


def usable_rows(context: Context, inputs: Inputs) -> Allowed | None:
    """Return which rows people have not withdrawn from learning, or None without a register."""
    from anping.govern.training import TRAIN, rests_on_consent

    consented = rests_on_consent(joined_labels(inputs))
    return allowed(context, inputs, purpose=TRAIN, given_only=consented)


def recorded(context: Context, given: Any, inputs: Inputs, *, done: Learned) -> Outcome:
    """Write the model and its report, and return them with what was measured."""
    from anping.learn.model_file import MEDIA_TYPE, write_model

    table = inputs["table"].asset
    model, report = context.path("model.anping"), context.path("learning.json")
    write_model(done.model, model)
    measures = tuple(
        replace(measure, replay=_REPLAY) for measure in without_small_counts(done.measures)
    )
    found = report_of(done, given, table=table.reference, measures=measures)
    report.write_bytes(canonical_json({"model": sha256_file(model), **found}))
    # What tells whose row is whose bears on which rows there are; no value of it is learnt.
    labels = joined_labels(inputs).lowered(categories=table.labels.categories)
    # A model knows the categories of its columns: of a table that is kept secret, it is a secret too.
    hidden = table.confidential
    outputs = (
        Produced("model", model, MEDIA_TYPE, labels, confidential=hidden),
        Produced("learning", report, "application/json", labels, confidential=hidden),
    )
    return Outcome(outputs, measures, limits=done.limits, notes=notes_of(done))


def asked_of(given: Any) -> Learning:
    """Return what the parameters ask of the library. Raises ParameterError for a wrong bound."""
    from anping.learn.search import Effort
    from anping.learn.tabular import Learning

    return Learning(
        task=given.task,
        person=given.person,
        when=given.when,
        monotone=dict(_bound(text) for text in given.monotone),
        exclude=tuple(given.exclude),
        keep=tuple(given.keep),
        held_out=given.held_out,
        effort=Effort(seconds=given.seconds, only=given.only),
        seed=given.seed,
    )


def _bound(text: str) -> tuple[str, int]:
    column, _, way = text.rpartition(":")
    if not column or way not in {"1", "+1", "-1"}:
        raise ParameterError(
            "learn.bound",
            Text(
                "單調限制要寫成「欄位:+1」或「欄位:-1」。",
                "A bound is written COLUMN:+1 or COLUMN:-1.",
            ),
            hint=Text("例如 --monotone 年收入:-1。", "For example --monotone income:-1."),
        )
    return column, int(way)


def report_of(
    done: Learned, given: Any, *, table: str, measures: tuple[Measure, ...]
) -> dict[str, Any]:
    """Return the learning report: what was asked and found, and the rows that were held out.

    ``heldOut`` numbers rows of ``table`` from 0; it holds no value of any row.
    """
    seen = done.examination
    return {
        "table": table,
        "asked": given.model_dump(mode="json"),
        "signature": done.model.signature.as_json(),
        "columns": list(seen.columns),
        "leftOut": [
            {"column": left.column, "reason": left.reason, "why": asdict(left.why)}
            for left in seen.left_out
        ],
        "warnings": [asdict(warning) for warning in seen.warnings],
        "measures": [measure.as_json() for measure in measures],
        "limits": [asdict(limit) for limit in done.limits],
        "heldOut": [int(row) for row in done.held_out],
    }


def notes_of(done: Learned) -> tuple[Text, ...]:
    """Return what a person should read: columns left out, each with the reason, and warnings."""
    left = tuple(
        Text(f"不用「{each.column}」：{each.why.zh}", f"left out {each.column}: {each.why.en}")
        for each in done.examination.left_out
    )
    return (*left, *done.examination.warnings)
