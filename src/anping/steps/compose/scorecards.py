"""A scorecard as a step: the card, its report beside a boosted model, and evidence."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from anping.core.digest import canonical_json, sha256_file
from anping.core.labels import Labels
from anping.core.measure import Measure, without_small_counts
from anping.core.text import Text
from anping.judge.section import Section
from anping.steps.compose.learning import usable_rows
from anping.steps.compose.models import learning_of, model_of
from anping.steps.compose.scorecard_ports import GIVES
from anping.steps.compose.scorecard_scores import scores_table
from anping.steps.compose.scorecard_sections import Compared, sections_of
from anping.workspace.step import Context, Inputs, Outcome, Produced, joined_labels

if TYPE_CHECKING:
    from anping.learn.scorecard_learning import Card, LearnedCard


@dataclass(frozen=True, eq=False)
class _Rows:
    """The rows that may be used, and which of the table's rows they are."""

    rows: pa.Table
    numbers: np.ndarray[Any, np.dtype[np.int64]]
    measures: tuple[Measure, ...] = ()
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True, eq=False)
class _Found:
    """What was learnt and judged, of which rows, and whether beside a boosted model."""

    done: LearnedCard
    sections: tuple[Section, ...]
    usable: _Rows
    boosted: bool


def scored(context: Context, given: Any, inputs: Inputs) -> Outcome:
    """Learn the card with and without what is protected; report both beside the boosted model."""
    from anping.learn.scorecard_learning import learn_scorecard

    usable = _usable(context, inputs)
    boosting = _boosting(given, inputs)
    kept = None if boosting is None else _numbered(boosting["heldOut"], usable)
    asked = _asked(given, kept)
    done = learn_scorecard(usable.rows, given.target, asked)
    beside = None
    if given.groups:
        beside = learn_scorecard(usable.rows, given.target, replace(asked, exclude=tuple(given.exclude)))  # fmt: skip
    compared = Compared(
        rows=usable.rows,
        card=done,
        protected=beside,
        boosted=None if boosting is None else model_of(inputs, "boosted"),
        given=given,
    )
    found = _Found(done, sections_of(compared), usable, boosted=boosting is not None)
    return _recorded(context, given, inputs, found=found)


def _usable(context: Context, inputs: Inputs) -> _Rows:
    from anping.engine.table import Table

    rows = Table.open(inputs["table"].path).arrow()
    found = usable_rows(context, inputs)
    if found is None:
        return _Rows(rows, np.arange(rows.num_rows))
    numbers = np.flatnonzero(found.rows)
    return _Rows(rows.filter(pa.array(found.rows)), numbers, found.measures, found.notes)


def _boosting(given: Any, inputs: Inputs) -> dict[str, Any] | None:
    """Return the learning report of a boosted model of this table and target, with rows held out."""
    if "boosted" not in inputs or "boosting" not in inputs:
        return None
    ports = {"model": inputs["boosted"], "learning": inputs["boosting"]}
    found = learning_of(ports)
    if found is None or found["table"] != inputs["table"].asset.reference:
        return None
    same = found["asked"]["target"] == given.target and found["signature"]["task"] == "binary"
    return found if same and found["heldOut"] else None


def _numbered(held_out: list[int], usable: _Rows) -> tuple[int, ...]:
    """Return where rows of the table stand among those that may be used."""
    return tuple(np.flatnonzero(np.isin(usable.numbers, held_out)).tolist())


def _asked(given: Any, kept: tuple[int, ...] | None) -> Card:
    from anping.learn.scorecard_learning import Card
    from anping.learn.scorecard_points import Scale

    return Card(
        event=given.event,
        trend=given.trend,
        fit=given.fit,
        specials=tuple(given.specials),
        scale=Scale(given.double, given.score, given.odds),
        exclude=tuple(dict.fromkeys((*given.exclude, *given.groups))),
        keep=tuple(given.keep),
        person=given.person,
        when=given.when,
        held_out=given.held_out,
        kept=kept,
        seed=given.seed,
    )


def _recorded(context: Context, given: Any, inputs: Inputs, *, found: _Found) -> Outcome:
    """Write the card, its learning report, and the report on it in both forms."""
    from anping.learn.model_file import MEDIA_TYPE, write_model

    done, sections, usable = found.done, found.sections, found.usable
    table = inputs["table"].asset
    paths = {port.name: context.path(port.name) for port in GIVES}
    write_model(done.card.model, paths["model"])
    measures = without_small_counts(done.measures)
    learning = _learning(done, given, table=table.reference, numbers=usable.numbers)
    digest = sha256_file(paths["model"])
    shown = [measure.as_json() for measure in measures]
    paths["learning"].write_bytes(canonical_json({**learning, "model": digest, "measures": shown}))
    body = {
        "model": digest,
        "table": table.reference,
        "card": {"base": done.card.base, "scale": done.card.scale.as_json(), "points": done.card.table()},
        "sections": [section.as_json() for section in sections],
    }  # fmt: skip
    paths["report"].write_bytes(canonical_json(body))
    paths["page"].write_text(_page(context, given, done, sections), "utf-8", newline="\n")
    labels = joined_labels(inputs).lowered(categories=table.labels.categories)
    kinds = {"model": MEDIA_TYPE, "page": "text/html"}
    outputs = tuple(
        Produced(name, path, kinds.get(name, "application/json"), labels, confidential=table.confidential)
        for name, path in paths.items()
        if name != "scores"
    )  # fmt: skip
    outputs = (*outputs, _scores(paths["scores"], given, found, labels))
    told = {m.key: m for section in sections for m in section.measures if section.key != "card"}
    return Outcome(
        outputs,
        (*usable.measures, *measures, *without_small_counts(told.values())),
        limits=done.limits,
        notes=(*usable.notes, *_notes(done, sections)),
        unused=frozenset() if found.boosted else frozenset({"boosted", "boosting"} & inputs.keys()),
    )


def _scores(path: Path, given: Any, found: _Found, labels: Labels) -> Produced:
    """Write every applicant's score and reasons: the owner's, as the rows themselves are."""
    from anping.engine.table import Table

    usable, card = found.usable, found.done.card
    pq.write_table(scores_table(card, usable.rows, usable.numbers, never=given.groups), path)
    written = Table.open(path)
    return Produced(
        "scores", path, "application/vnd.apache.parquet", labels,
        schema=written.fields, rows=written.rows, confidential=True,
    )  # fmt: skip


def _learning(
    done: LearnedCard, given: Any, *, table: str, numbers: np.ndarray[Any, np.dtype[np.int64]]
) -> dict[str, Any]:
    """Return what other learning reports hold, too; no value of any row."""
    seen = done.examination
    columns = [one.column for one in done.card.characteristics]
    left = [
        {"column": one.column, "reason": one.reason, "why": asdict(one.why)}
        for one in seen.left_out
    ]
    left += [
        {"column": name, "reason": "uninformative", "why": asdict(why)}
        for name, why in done.dropped
    ]
    return {
        "table": table,
        "asked": given.model_dump(mode="json"),
        "signature": done.card.signature.as_json(),
        "columns": columns,
        "leftOut": left,
        "warnings": [asdict(warning) for warning in seen.warnings],
        "limits": [asdict(limit) for limit in done.limits],
        "heldOut": [int(row) for row in numbers[done.held_out]],
    }


def _page(context: Context, given: Any, done: LearnedCard, sections: tuple[Section, ...]) -> str:
    from anping.judge.model_page import Fact, Page, report_page
    from anping.share.methods import method_title

    facts = (
        (Text("目標", "Target"), given.target),
        (Text("壞的結果", "Bad outcome"), done.card.event),
        (Text("學習的列", "Rows learnt from"), f"{done.learnt.size:,}"),
        (Text("檢驗的列", "Rows held out"), f"{done.held_out.size:,}"),
    )
    told = [m for one in sections if one.key == "choice" for m in one.measures]
    page = Page(
        Text("信用評分卡報告", "Report on a credit scorecard"),
        context.subject,
        tuple(Fact(label, Text(value, value)) for label, value in facts),
        tuple(m for m in told if m.subject == "scorecard" and m.name.endswith((".gini", ".ks"))),
        tuple(note for one in sections if one.key == "choice" for note in one.notes),
        limits=done.limits,
        examined=False,
    )
    return report_page(page, sections, method=method_title)


def _notes(done: LearnedCard, sections: tuple[Section, ...]) -> tuple[Text, ...]:
    dropped = tuple(
        Text(f"不用「{name}」：{why.zh}", f"left out {name}: {why.en}")
        for name, why in done.dropped
    )
    left = tuple(
        Text(f"不用「{one.column}」：{one.why.zh}", f"left out {one.column}: {one.why.en}")
        for one in done.examination.left_out
        if one.reason != "asked"
    )
    choice = tuple(note for one in sections if one.key == "choice" for note in one.notes)
    return (*left, *dropped, *done.examination.warnings, *choice)
