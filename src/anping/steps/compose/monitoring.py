"""Monitoring as a step: the rows held out when a model was learnt against the rows of today."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from anping.core.digest import canonical_json
from anping.core.errors import InputError, ParameterError, Where
from anping.core.measure import without_small_counts
from anping.core.text import Text, counted
from anping.steps.compose.models import model_of, need_learning
from anping.steps.compose.serving_stages import paused_stages, stages_of, stages_output
from anping.workspace.step import Context, Inputs, Outcome, Produced

if TYPE_CHECKING:
    from anping.engine.prediction import Signature
    from anping.run.monitoring.monitor import Monitored, Monitoring

_NAMED = 12
_QUIET = Text(
    "{n:,} 列：輸入、分數與表現都在參考期的範圍內。",
    "{rows}: inputs, scores and performance are as in the reference.",
)
_PAUSED = Text(
    "模型已暫停：評分與服務都會拒絕，直到有人以 anping stage 模型 resume 恢復。",
    "The model is paused: scoring and serving refuse until a person resumes it with anping stage MODEL "
    "resume.",
)
_SAMPLED = Text(
    "只比較了 {n:,} 列中隨機的 {most:,} 列。",
    "Of {n:,} rows, {most:,} were compared, drawn at random.",
)


def monitored(context: Context, given: Any, inputs: Inputs) -> Outcome:
    """Compare, and give the page and the numbers; neither holds a row."""
    from anping.run.monitoring.monitor import monitor
    from anping.run.monitoring.page import monitoring_page

    model, learning = model_of(inputs), need_learning(inputs)
    asked = _asked(given, inputs)
    reference = _held_out(inputs, learning)
    current, whole = _current(given, inputs, model.signature, asked)
    found = monitor(model, reference, current, asked, progress=context.progress)
    limits = found.limits
    if whole > current.num_rows:
        limits = (*limits, _SAMPLED.fill(n=whole, most=current.num_rows))
    page, data = context.path("monitoring.html"), context.path("monitoring.json")
    page.write_text(monitoring_page(context.subject, found), "utf-8")
    data.write_bytes(canonical_json({"model": inputs["model"].asset.digest, **found.as_json()}))
    outputs: tuple[Produced, ...] = (
        Produced("monitoring", page, "text/html", confidential=True),
        Produced("data", data, "application/json", confidential=True),
    )
    notes = _notes(found)
    if given.pause and found.pauses:
        outputs = (*outputs, _paused(context, inputs, found))
        notes = (*notes, _PAUSED)
    measures = without_small_counts(found.measures())
    return Outcome(outputs, measures, limits=limits, notes=notes)


def _paused(context: Context, inputs: Inputs, found: Monitored) -> Produced:
    """Write the model's stages, paused for the first alarm of those that pause."""
    version = inputs["model"].asset.version
    why = found.pauses[0].what
    stages = paused_stages(stages_of(inputs), version=version, why=f"{why.zh} / {why.en}")
    return stages_output(context, stages)


def _asked(given: Any, inputs: Inputs) -> Monitoring:
    from anping.run.monitoring.monitor import Monitoring
    from anping.run.monitoring.rules import own_rules, rules_of

    rules = own_rules() if given.rules is None else rules_of(_read(Path(given.rules)))
    return Monitoring(
        target=given.labels,
        groups=tuple(given.groups),
        when=given.when,
        period=given.period,
        every=given.every,
        replaced=_replaced(inputs),
        rules=rules,
        seed=given.seed,
    )


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise ParameterError(
            "run.rules",
            Text("監測規則檔打不開。", "The file of monitoring rules cannot be opened."),
            where=Where(file=str(path)),
            hint=Text("請檢查路徑，檔案要是 UTF-8。", "Check the path; the file must be UTF-8."),
        ) from problem


def _replaced(inputs: Inputs) -> bool:
    """Return whether the monitoring before was of another model."""
    if "earlier" not in inputs:
        return False
    before = json.loads(inputs["earlier"].path.read_bytes())
    return bool(before["model"] != inputs["model"].asset.digest)


def _held_out(inputs: Inputs, learning: dict[str, Any]) -> pa.Table:
    """Return the rows that the model did not learn from.

    Raises InputError where the reference is not the table it was learnt from, or nothing was held out.
    """
    from anping.engine.table import Table

    reference = inputs["reference"].asset.reference
    if learning["table"] != reference:
        raise InputError(
            "monitor.other-table",
            Text(
                f"模型學自 {learning['table']}，不是 {reference}。",
                f"The model was learnt from {learning['table']}, not from {reference}.",
            ),
            hint=Text(
                f"加上 --input reference={learning['table']}；學自保護後的表時再加 --protected。",
                f"Add --input reference={learning['table']}, and --protected if it is a protected table.",
            ),
        )
    if not learning["heldOut"]:
        raise InputError(
            "monitor.nothing-held-out",
            Text(
                "學習時沒有保留任何列，沒有可以比較的參考期。",
                "Nothing was held out when the model was learnt: there is no reference to compare with.",
            ),
            hint=Text("以 --held-out 0.2 重新學習。", "Learn again with --held-out 0.2."),
        )
    rows = Table.open(inputs["reference"].path).arrow()
    return rows.take(pa.array(learning["heldOut"], pa.int64()))


def _current(
    given: Any, inputs: Inputs, signature: Signature, asked: Monitoring
) -> tuple[pa.Table, int]:
    """Return the rows of today, a sample of them if there are many, and how many there are."""
    from anping.engine.table import Table

    table = Table.open(inputs["table"].path)
    target = asked.target or signature.target
    needed = [feature.name for feature in signature.features]
    needed += [*asked.groups, *([asked.when] if asked.when else [])]
    if asked.target is not None:
        needed.append(target)
    table.require(list(dict.fromkeys(needed)))
    names = [name for name in dict.fromkeys([*needed, target]) if name in table.columns]
    rows = table.arrow(names)
    if rows.num_rows <= given.rows:
        return rows, rows.num_rows
    generator = np.random.default_rng(given.seed)
    chosen = np.sort(generator.choice(rows.num_rows, given.rows, replace=False))
    return rows.take(pa.array(chosen)), rows.num_rows


def _notes(found: Monitored) -> tuple[Text, ...]:
    from anping.run.monitoring.words import SEVERITY

    if not found.alerts:
        return (_QUIET.fill(n=found.n, rows=counted(found.n, "row")),)
    told = []
    for alert in found.alerts[:_NAMED]:
        grave = SEVERITY[alert.severity]
        place = f" ({alert.window})" if alert.window else ""
        told.append(
            Text(
                f"{grave.zh}{place}：{alert.what.zh}。原因：{alert.cause.zh}",
                f"{grave.en}{place}: {alert.what.en}. Cause: {alert.cause.en}",
            )
        )
    return tuple(told)
