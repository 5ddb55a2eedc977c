"""Watching a table over its versions: what is kept of each, and how the newest one stands."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from anping.core.digest import canonical_json
from anping.core.measure import Measure
from anping.core.text import Text, counted
from anping.core.verdict import Reason, Verdict
from anping.steps.compose.assets import findings_of
from anping.workspace.step import Context, Input, Inputs, Outcome, Produced

if TYPE_CHECKING:
    from anping.know.expectations import Judged
    from anping.know.quality_report import QualityReport
    from anping.know.summary import History, Summary

_KEY = "quality-labels"
_JSON = "application/json"
_NAMED = 12
_FIRST = Text(
    "第 {v} 版是第一個看到的版本：沒有歷史，期望從下一版開始。",
    "Version {v} is the first that was looked at: there is no history; expectations begin with the next.",
)
_LEARNED = Text(
    "期望學自 {n} 個版本（{listed}）：{j} 條，違反 {b}，留意 {w}；分布偏移 {d} 欄",
    "Learned from {versions} ({listed}): {expected}, {b} broken, {w} to look at; {columns} drifted",
)


def watched(context: Context, given: Any, inputs: Inputs) -> Outcome:
    """Summarise the version, judge it by the versions before, and keep its summary."""
    from anping.know.quality_page import quality_page

    history, used = _history(context, inputs)
    version = inputs["table"].asset.version
    earlier = history.before(version, without=given.without)
    summary, measures = _looked(context, inputs["table"], inputs, earlier)
    report = _report(summary, measures, earlier, given.level)
    kept = history.hiding(summary).having(summary)
    files = {
        "quality": ("quality.html", quality_page(context.subject, report).encode(), "text/html"),
        "data": ("quality.json", canonical_json(report.as_json()), _JSON),
        "history": ("history.json", canonical_json(kept.as_json()), _JSON),
    }
    produced = []
    for port, (name, content, kind) in files.items():
        context.path(name).write_bytes(content)
        produced.append(Produced(port, context.path(name), kind, confidential=True))
    return Outcome(
        tuple(produced),
        report.told(),
        decision=_verdict(report) if given.strict else None,
        limits=report.limits,
        notes=_notes(report),
        unused=frozenset(name for name in inputs if "@" in name and name not in used),
    )


def _report(
    summary: Summary, measures: Sequence[Measure], earlier: Sequence[Summary], level: float
) -> QualityReport:
    from anping.know.currentness import measure_currentness
    from anping.know.quality_report import report_on

    told = (*measures, *measure_currentness(summary))
    return report_on(summary, measures=told, earlier=earlier, level=level)


def _history(context: Context, inputs: Inputs) -> tuple[History, frozenset[str]]:
    """Return what is kept of the versions before, and which of their tables had to be read for it."""
    from anping.know.summary import History

    history = History()
    if "earlier" in inputs:
        history = History.from_json(json.loads(inputs["earlier"].path.read_bytes()))
    known = max((each.version for each in history.versions), default=0)
    newest = inputs["table"].asset.version
    past = {name: one for name, one in inputs.items() if name.startswith("past@")}
    read = {n: one for n, one in past.items() if known < one.asset.version < newest}
    for one in read.values():
        version = one.asset.version
        summary, _ = _looked(context, one, inputs, history.before(version))
        history = history.having(summary)
    return history, frozenset(read)


def _looked(
    context: Context, table: Input, inputs: Inputs, earlier: Sequence[Summary]
) -> tuple[Summary, tuple[Measure, ...]]:
    """Return a version's summary and the measures of its quality."""
    from anping.engine.table import Table
    from anping.know.discover.columns import find_column
    from anping.know.discover.table_values import table_values
    from anping.know.quality import measure_quality
    from anping.know.summarising import Keeping, summarise

    opened = Table.open(table.path)
    values = table_values(opened, progress=context.progress)
    known = {finding.column: finding for finding in findings_of(inputs)}
    # A column that the scan has not seen is examined here.
    findings = tuple(known.get(each.name) or find_column(each) for each in values)
    measures = measure_quality(opened, findings, values=values)
    keeping = Keeping(
        version=table.asset.version,
        arrived=_arrived(context, table.asset.reference),
        key=context.keys.secret(_KEY),
    )
    summary = summarise(
        opened, findings, keeping=keeping, earlier=earlier, measures=measures, values=values
    )
    return summary, measures


def _arrived(context: Context, reference: str) -> str:
    """Return when a version was taken in, as the ledger has it."""
    for record in context.history:
        if reference in {subject["name"] for subject in record["subject"]}:
            return str(record["predicate"]["finishedOn"])
    return ""


def _notes(report: QualityReport) -> tuple[Text, ...]:
    summary = report.summary
    if not report.versions:
        return (_FIRST.fill(v=summary.version),)
    listed = ", ".join(map(str, report.versions))
    whole = _LEARNED.fill(
        n=len(report.versions), listed=listed, j=len(report.judged), b=len(report.broken),
        w=len(report.watched), d=len(report.drifted),
        versions=counted(len(report.versions), "version"),
        expected=counted(len(report.judged), "expectation"),
        columns=counted(len(report.drifted), "column"),
    )  # fmt: skip
    return (whole, *(_said(each) for each in (*report.broken, *report.watched)[:_NAMED]))


def _said(judged: Judged) -> Text:
    from anping.know.quality_page import limits_of, value_of
    from anping.know.quality_words import STATUS

    state, subject = STATUS[judged.status], f" · {judged.subject}" if judged.subject else ""
    zh, en = (
        f"{state.to(language)}: {judged.title.to(language)}{subject}: {value_of(judged, language)} "
        f"({limits_of(judged, language)})"
        for language in ("zh", "en")
    )
    return Text(zh, en)


def _verdict(report: QualityReport) -> Verdict:
    """Return a refusal that names every broken expectation, or leave to go on."""
    next_step = Text(
        "修正來源再收進；若這一版才是對的，以 --no-strict 記下它，之後便會學進去。",
        "Correct the source and add it again; if this version is right, record it with --no-strict "
        "and it will be learned from.",
    )
    reasons = tuple(
        Reason(f"quality.{each.kind}", holds=False, why=_said(each), next_step=next_step)
        for each in report.broken
    )
    held = Reason(
        "quality.expectations",
        holds=True,
        why=Text("沒有違反任何期望。", "No expectation is broken."),
    )
    return Verdict("know.quality", "refuse" if reasons else "allow", reasons or (held,))


def contract_proposed(context: Context, given: Any, inputs: Inputs) -> Outcome:
    """Propose a contract from the kept history, tried on the newest version.

    Raises ParameterError if the newest version's summary was not kept.
    """
    from anping.engine.table import Table
    from anping.know.contract_propose import no_history, propose_contract
    from anping.know.summary import History

    history = History.from_json(json.loads(inputs["history"].path.read_bytes()))
    version = inputs["table"].asset.version
    versions = history.before(version + 1, without=given.without)
    if version not in {each.version for each in versions}:
        raise no_history(context.subject)
    proposed = propose_contract(
        context.subject,
        versions,
        table=Table.open(inputs["table"].path),
        findings=findings_of(inputs),
    )
    path = context.path("contract.odcs.yaml")
    path.write_bytes(proposed.yaml())
    note = Text(
        f"由 {len(versions)} 個版本提出 {proposed.rules} 條規則；是提案，待人確認。",
        f"{counted(proposed.rules, 'rule')} proposed from {counted(len(versions), 'version')}; a "
        "proposal, until a person confirms it.",
    )
    left = tuple(
        Text(f"未列入（這一版不符）：{name}", f"Left out (this version breaks it): {name}")
        for name in proposed.left_out
    )
    title = Text("提出的契約規則數", "Rules of the contract proposed")
    rules = Measure(
        "contract.proposed.rules", float(proposed.rules), "rules", len(versions), title,
        method="count",
    )  # fmt: skip
    produced = Produced("contract", path, "application/yaml", confidential=True)
    return Outcome((produced,), (rules,), limits=(_PROPOSAL,), notes=(note, *left))


_PROPOSAL = Text(
    "契約是由先前版本學得的提案：先前沒有發生的事，它不知道。",
    "The contract is a proposal learned from earlier versions: what has not happened yet it does not know.",
)
