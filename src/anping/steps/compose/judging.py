"""Judging a model as a step: which rows, what is asked, and the report in two forms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.digest import canonical_json, keyed, sha256
from anping.core.errors import InputError, ParameterError, Where
from anping.core.measure import Measure, Replay, without_small_counts
from anping.core.text import Text
from anping.steps.compose.judging_again import ONE_TRIAL, learnt_from
from anping.steps.compose.judging_groups import with_raw_columns
from anping.steps.compose.judging_report import page_of, record_of
from anping.steps.compose.learning import usable_rows
from anping.steps.compose.models import model_of, need_learning
from anping.workspace.recording import DIGEST_KEY
from anping.workspace.step import Context, Inputs, Outcome, Produced, joined_labels

if TYPE_CHECKING:
    from anping.judge.judgement import Judgement, Learnt
    from anping.judge.judging import Judging
    from anping.learn.model import Model

Rows = NDArray[np.int64]

#: The rows held out are rows of the raw table, or of one that only the owner surely has.
_REPLAY = Replay("judge.model", needs=("raw",), tolerance=1e-6)
_WITHDRAWN = Text(
    "學習後撤回同意者的列未用於檢驗。", "Rows of people who have withdrawn since were not used."
)
_OWN_TABLE = Text(
    "檢驗的列由使用者給定；模型是否真的沒有看過，未經查核。",
    "The rows were given by the user; that the model has not seen them was not checked.",
)


def judged(context: Context, given: Any, inputs: Inputs) -> Outcome:
    """Examine the model on rows that it has not seen; write the report as JSON and as a page."""
    from anping.engine.table import Table
    from anping.judge.judgement import judge_model
    from anping.judge.model_sections import examinations

    learning = need_learning(inputs)
    model = model_of(inputs)
    table = Table.open(inputs["table"].path)
    chosen = _chosen(context, given, inputs, learning)
    whole, joined = with_raw_columns(context, inputs, table.arrow(), asked=given.group)
    learnt = _learnt(given, model, learning, table.arrow(), chosen=chosen)
    found = judge_model(
        model,
        whole.take(pa.array(chosen.rows)),
        asked_of(given, learning, task=model.signature.task),
        examinations=examinations(given.only),
        learnt=learnt,
        progress=context.progress,
    )
    found = replace(found, deviations=(*chosen.deviations, *joined, *found.deviations))
    digest = _digest(context, inputs, chosen.rows[found.used])
    record = record_of(context, inputs, found, rows=digest)
    measures = tuple(
        replace(measure, replay=_REPLAY) for measure in without_small_counts(found.told)
    )
    produced = _written(context, inputs, found, record)
    proven = bool(chosen.measures or joined)
    again = (ONE_TRIAL,) if learnt is not None and learnt.trainer is not None else ()
    return Outcome(
        produced,
        (*chosen.measures, *measures),
        limits=(*chosen.deviations, *found.limits, *again),
        notes=(*chosen.notes, *_notes(found)),
        unused=frozenset() if proven else frozenset({"raw", "links"} & inputs.keys()),
    )


def asked_of(given: Any, learning: dict[str, Any], *, task: str) -> Judging:
    """Return what the parameters ask of the library. Raises ParameterError for half of the costs."""
    from anping.judge.fairness import Fairness
    from anping.judge.fairness_tree import Answers
    from anping.judge.judging import Judging

    fairness = None
    if given.priority is None and not (given.favourable is None and given.limit is None):
        raise _unnamed("judge.fairness", "priority")
    if given.priority is not None:
        if given.favourable is None and task != "number":
            raise _unnamed("judge.favourable", "favourable")
        answers = Answers(given.priority, given.impact, given.concern, given.truth)
        fairness = Fairness(answers, given.favourable, given.limit)
    return Judging(
        groups=tuple(given.group),
        person=given.person or learning["asked"].get("person"),
        threshold=given.threshold,
        costs=_costs(given),
        coverage=given.coverage,
        fairness=fairness,
        proxies=given.proxies,
        rows=given.rows,
        seed=given.seed,
    )


def _costs(given: Any) -> Any:
    from anping.judge.thresholds import Costs

    positive, negative = given.cost_false_positive, given.cost_false_negative
    if positive is None and negative is None:
        return None
    if positive is None or negative is None:
        raise _unnamed("judge.costs", "cost_false_positive, cost_false_negative")
    return Costs(positive, negative)


def _unnamed(code: str, names: str) -> ParameterError:
    return ParameterError(
        code,
        Text(f"還需要給：{names}。", f"This needs to be given as well: {names}."),
        hint=Text("補上後再執行。", "Give it and run it again."),
    )


@dataclass(frozen=True, eq=False)
class _Chosen:
    """Which rows are judged on, which of the same table were learnt from, and what is told of it."""

    rows: Rows
    training: Rows
    measures: tuple[Measure, ...] = ()
    deviations: tuple[Text, ...] = ()
    notes: tuple[Text, ...] = ()


def _chosen(context: Context, given: Any, inputs: Inputs, learning: dict[str, Any]) -> _Chosen:
    """Return the rows held out of learning, but for people who have withdrawn, or all of another table."""
    table = inputs["table"].asset
    everybody = np.arange(table.rows or 0, dtype=np.int64)
    if given.table is not None:
        return _Chosen(everybody, everybody[:0], deviations=(_OWN_TABLE,))
    if learning["table"] != table.reference:
        raise _other_table(learning["table"], table.reference)
    held = np.array(learning["heldOut"], dtype=np.int64)
    if not held.size:
        raise _nothing_held_out()
    usable = usable_rows(context, inputs)
    if usable is None:
        return _Chosen(held, np.setdiff1d(everybody, held))
    allowed = everybody[usable.rows]
    kept = np.intersect1d(held, allowed)
    told = (_WITHDRAWN,) if kept.size < held.size else ()
    return _Chosen(kept, np.setdiff1d(allowed, held), usable.measures, told, usable.notes)


def _learnt(
    given: Any, model: Model, learning: dict[str, Any], table: pa.Table, *, chosen: _Chosen
) -> Learnt | None:
    """Return what the model came from, where its rows are at hand and it may be learnt again."""
    from anping.judge.judgement import Learnt

    if not chosen.training.size:
        return None
    found = learnt_from(model, learning, table, rows=chosen.training)
    return found if given.again else Learnt(found.rows, None)


def _other_table(learnt: str, given: str) -> InputError:
    return InputError(
        "judge.other-table",
        Text(
            f"模型由 {learnt} 學習，保留的列是那張表的列，不是 {given} 的。",
            f"The model was learnt from {learnt}, and the rows held out are rows of it, not of {given}.",
        ),
        where=Where(file=given),
        hint=Text(
            f"以 --input table={learnt} 指定那一版；由保護後的表學習時加 --protected；或以 --table 給別的表。",
            f"Name that version with --input table={learnt}; add --protected for a model of a protected "
            "table; or give other rows with --table.",
        ),
    )


def _nothing_held_out() -> InputError:
    return InputError(
        "judge.no-held-out",
        Text("學習時沒有保留檢驗用的列。", "Learning held no rows out."),
        hint=Text(
            "以 --table 給模型沒有看過的列，或保留一部分再學一次。",
            "Give rows that the model has not seen with --table, or learn again with some held out.",
        ),
    )


def _digest(context: Context, inputs: Inputs, rows: np.ndarray[Any, np.dtype[np.int64]]) -> str:
    """Return the keyed digest of which rows of which content were examined."""
    content = {"table": inputs["table"].asset.digest, "rows": rows.tolist()}
    return keyed(context.keys.secret(DIGEST_KEY), sha256(canonical_json(content)))


def _written(
    context: Context, inputs: Inputs, found: Judgement, record: dict[str, Any]
) -> tuple[Produced, ...]:
    """Write the report; a model of a secret table has a secret report."""
    table = inputs["table"].asset
    hidden = table.confidential or inputs["model"].asset.confidential
    labels = joined_labels(inputs).lowered(categories=table.labels.categories)
    files = {
        "judgement": ("judgement.json", canonical_json({"record": record, **found.as_json()}), "application/json"),
        "page": ("judgement.html", page_of(found, record).encode(), "text/html"),
    }  # fmt: skip
    made = []
    for port, (name, content, kind) in files.items():
        context.path(name).write_bytes(content)
        made.append(Produced(port, context.path(name), kind, labels, confidential=hidden))
    return tuple(made)


def _notes(found: Judgement) -> tuple[Text, ...]:
    from anping.judge.model_words import OUTCOMES

    return tuple(
        Text(
            f"{OUTCOMES[one.outcome].zh}：{one.measure.title.zh} {one.about}".rstrip(),
            f"{OUTCOMES[one.outcome].en}: {one.measure.title.en} {one.about}".rstrip(),
        )
        for one in found.decisions
    )
