"""A regulator's principles seen from the workspace: the statements that are about one model."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anping.core.digest import canonical_json
from anping.core.errors import ParameterError
from anping.core.measure import Measure
from anping.core.text import Text
from anping.core.verdict import Verdict
from anping.judge.section import Grid, GridRow, Section
from anping.steps.compose.shipped import named, own_file
from anping.workspace.step import Context, Inputs, Outcome, Produced, Record, Request

if TYPE_CHECKING:
    from anping.govern.principles_gate import About, Principles

_GREEN, _RED = Text("有", "there"), Text("缺", "missing")
_LIMITS = (
    Text(
        "綠色只表示帳本裡有這項證據，不表示證據夠好，也不是合規認定。",
        "Green says that the evidence is in the ledger: neither that it is good enough, nor that anybody "
        "complies.",
    ),
)


def principles_files(given: Any) -> tuple[Path, ...]:
    """Return the file of the principles, unless those that come with Anping are named."""
    from anping.govern.principles_gate import principle_names

    return tuple(p for p in own_file(given.principles, principle_names()) if p.is_file())


def about_model(history: Iterable[Record], model: str) -> tuple[About, ...]:
    """Return the statements that made ``model`` (``name@version``) or took it."""
    from anping.govern.principles_gate import About

    found = []
    for record in history:
        predicate = record["predicate"]
        made = model in {one["name"] for one in record["subject"]}
        if not made and model not in {one["name"] for one in predicate["materials"]}:
            continue
        decision = predicate.get("decision") or {}
        allowed = str(decision.get("outcome", "")).startswith("allow")
        found.append(
            About(
                predicate["step"]["id"],
                predicate["agent"]["id"],
                made,
                frozenset(Measure.from_json(one).name for one in predicate["measurements"]),
                str(decision.get("gate", "")) if allowed else "",
                limits=bool(predicate.get("limits")),
            )
        )
    return tuple(found)


def principles_gate(request: Request) -> Verdict:
    """Refuse where evidence is missing, if that was asked for."""
    from anping.govern.principles_gate import GATE

    if not request.parameters.strict:
        return Verdict(GATE, "allow", ())
    _, verdict = _decided(request.parameters, request.inputs, request.history)
    return verdict


def compared(context: Context, given: Any, inputs: Inputs) -> Outcome:
    """Write what is there and what is missing, as JSON and as a page in both languages."""
    principles, verdict = _decided(given, inputs, context.history)
    report, page = context.path("principles.json"), context.path("principles.html")
    model = inputs["model"].asset.reference
    stated = _stated(given.stated)
    measures = tuple(_measures(principles, verdict))
    body = {
        "principles": f"{principles.id}-{principles.version}",
        "standing": principles.standing.as_json(),
        "sources": [source.text.as_json() for source in principles.sources],
        "model": model,
        "stated": stated,
        "complete": not verdict.refused,
        "reasons": [reason.as_json() for reason in verdict.reasons],
    }
    report.write_bytes(canonical_json(body))
    page.write_text(_page(model, principles, verdict, measures), "utf-8", newline="\n")
    hidden = inputs["model"].asset.confidential
    return Outcome(
        (
            Produced("principles", report, "application/json", confidential=hidden),
            Produced("page", page, "text/html", confidential=hidden),
        ),
        measures,
        limits=(principles.standing, *_LIMITS),
        notes=tuple(
            Text(f"缺：{one.why.zh} 怎麼辦：{one.next_step.zh}", f"missing: {one.why.en} What to do: {one.next_step.en}")
            for one in verdict.reasons
            if not one.holds and one.next_step is not None
        ),
    )  # fmt: skip


def _decided(given: Any, inputs: Inputs, history: Iterable[Record]) -> tuple[Principles, Verdict]:
    from anping.govern.principles_gate import decide_principles, principle_names, read_principles

    principles = read_principles(named(given.principles, principle_names()))
    about = about_model(history, inputs["model"].asset.reference)
    return principles, decide_principles(principles, about, stated=_stated(given.stated))


def _stated(given: Iterable[str]) -> dict[str, str]:
    found = {}
    for each in given:
        key, equals, sentence = each.partition("=")
        if not equals or not sentence.strip():
            raise ParameterError(
                "principles.stated",
                Text("說明要寫成「鍵=句子」。", "What is stated is written KEY=SENTENCE."),
                hint=Text("例如 --stated 'oversight=兩人覆核'。", "For example --stated 'oversight=two people review'."),
            )  # fmt: skip
        found[key.strip()] = sentence.strip()
    return found


def _measures(principles: Principles, verdict: Verdict) -> Iterable[Measure]:
    held = {reason.code: reason.holds for reason in verdict.reasons}
    title = Text("原則的證據齊備比例", "Evidence that is there for a principle")
    for one in principles.asks:
        mine = [held[code] for code in held if code.startswith(f"principles.{one.key}.")]
        yield Measure("principles.evidence", sum(mine) / len(mine), "share", len(mine), title, one.key, method="count")  # fmt: skip


def _page(
    model: str, principles: Principles, verdict: Verdict, measures: tuple[Measure, ...]
) -> str:
    from anping.judge.model_page import Fact, Page, report_page
    from anping.share.methods import method_title

    at = {reason.code: reason for reason in verdict.reasons}
    sections = []
    for one, measure in zip(principles.asks, measures, strict=True):
        rows = []
        for asked in one.evidence:
            reason = at[f"principles.{one.key}.{asked.key}"]
            todo = Text("", "") if reason.holds or reason.next_step is None else reason.next_step
            rows.append(GridRow(asked.why, (_GREEN if reason.holds else _RED, todo)))
        head = (Text("證據", "Evidence"), Text("帳本", "Ledger"), Text("怎麼辦", "What to do"))
        grid = Grid(Text("證據", "Evidence"), head, tuple(rows))
        sections.append(Section(one.key, one.title, Text("", ""), (measure,), (grid,)))
    facts = tuple(Fact(Text("來源", "Source"), source.text) for source in principles.sources)
    page = Page(
        principles.title, model, facts, notes=(principles.standing,), limits=_LIMITS, examined=False
    )
    return report_page(page, sections, method=method_title)
