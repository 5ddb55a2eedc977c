"""Alerts: what is wrong in words, how grave, and what most likely caused it. Performance comes first.

A drift alone says that the data moved, not that the model got worse; it is a note beside the alerts
on performance, and is named as the cause where the numbers say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from anping.core.text import Text, counted
from anping.run.monitoring.causes import Cause
from anping.run.monitoring.fairness import TITLES as GROUP_TITLES
from anping.run.monitoring.fairness import GroupFigure
from anping.run.monitoring.input_drift import FeatureDrift
from anping.run.monitoring.input_quality import TITLES as FAULT_TITLES
from anping.run.monitoring.input_quality import InputFault
from anping.run.monitoring.performance import TITLES, Figure, Performance
from anping.run.monitoring.rules import Rules, Severity
from anping.stats.mean_discrepancy import MeanDiscrepancy

_ORDER: dict[Severity, int] = {"alarm": 0, "warning": 1, "note": 2}
_NAMED = 3
_FELL = Text(
    "{zh} {now}（參考期 {before}，n = {n:,}）", "{en} {now} (reference {before}, n = {n:,})"
)
_CONCEPT = Text(
    "{zh} {now}，由輸入推估應為 {before}（n = {n:,}）",
    "{en} {now}, expected from the inputs {before} (n = {n:,})",
)
_EACH = Text("表現變差：{named}", "Performance is worse: {named}")
_CHANGED = Text(
    "輸入與目標的關係變了：{named}", "The relation of inputs and target changed: {named}"
)
_EXPECTED = Text(
    "預期表現會變差（尚無標籤）：{named}",
    "Performance is expected to be worse (no labels yet): {named}",
)
_FAULT = Text(
    "「{column}」{zh}從 {before:.1%} 增為 {now:.1%}（n = {n:,}）",
    "“{column}”: {en} rose from {before:.1%} to {now:.1%} (n = {n:,})",
)
_SCORE = Text(
    "模型分數的分布移動了（PSI {psi:.3f}，n = {n:,}）",
    "The distribution of the model's score moved (PSI {psi:.3f}, n = {n:,})",
)
_GROUP = Text(
    "「{column} = {group}」的{zh}從 {before:.1%} 變為 {now:.1%}，與其他組的變動不同（n = {n:,}）",
    "“{column} = {group}”: {en} went from {before:.1%} to {now:.1%}, unlike the other groups (n = {n:,})",
)
_INPUT = Text("{count} 個欄位的分布移動：{named}", "{columns} moved: {named}")
_LABELS = Text(
    "實際結果的分布移動了（PSI {psi:.3f}，n = {n:,}）",
    "The distribution of the true outcomes moved (PSI {psi:.3f}, n = {n:,})",
)
_JOINT = Text(
    "各欄合起來的分布與參考期不同（MMD p = {p:.3g}），但沒有單獨一欄移動",
    "All columns together differ from the reference (MMD p = {p:.3g}), though none moved alone",
)
_REPLACED = Text("模型已換成另一版。", "The model was replaced by another version.")
_CAUSE_FAULT = Text("資料來源的問題：{named}。", "A fault of the data's source: {named}.")
_CAUSE_INPUT = Text("移動的是{named}，不是模型。", "{named} moved, not the model.")
_PART = Text("「{name}」（占位移的 {share:.0%}）", "“{name}” ({share:.0%} of the shift)")
_CAUSE_CONCEPT = Text(
    "欄位的變動不足以解釋：目標與欄位的關係變了，要重新學習或查明原因。",
    "The columns' movement does not explain it: the relation to the target changed; learn again or find out why.",
)
_CAUSE_MODEL = Text("模型換了，欄位沒有移動。", "The model was replaced; the columns did not move.")
_CAUSE_TOGETHER = Text(
    "沒有單獨一欄移動：欄位之間的關係變了。",
    "No column moved alone: what changed is how they go together.",
)
_CAUSE_NONE = Text("這些數字看不出原因。", "These numbers do not tell the cause.")
_COMMA = Text("、", ", ")
_SEMICOLON = Text("；", "; ")


@dataclass(frozen=True, slots=True)
class Alert:
    """One finding: its ``kind`` (a key of the rules), gravity, what was found and what caused it."""

    kind: str
    severity: Severity
    what: Text
    cause: Text
    columns: tuple[str, ...] = ()
    window: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "kind": self.kind,
            "severity": self.severity,
            "what": self.what.as_json(),
            "cause": self.cause.as_json(),
            "columns": list(self.columns),
            "window": self.window,
        }


@dataclass(frozen=True)
class Found:
    """Everything that was measured of some rows, from which alerts are told."""

    drift: tuple[FeatureDrift, ...]
    labels: tuple[FeatureDrift, ...]
    score: tuple[FeatureDrift, ...]
    faults: tuple[InputFault, ...]
    performance: tuple[Performance, ...]
    groups: tuple[GroupFigure, ...] = ()
    causes: tuple[Cause, ...] = ()
    joint: MeanDiscrepancy | None = None
    replaced: bool = False

    @property
    def all_drift(self) -> tuple[FeatureDrift, ...]:
        """The score, the true outcomes and every column."""
        return (*self.score, *self.labels, *self.drift)

    @property
    def drifted(self) -> tuple[FeatureDrift, ...]:
        """The columns that moved, those that moved most first."""
        moved = [each for each in self.drift if each.status in {"watch", "drifted"}]
        return tuple(sorted(moved, key=lambda each: -each.distances.stability))

    @property
    def moved(self) -> tuple[FeatureDrift, ...]:
        """The columns whose difference is more than chance, whether large or not; by size."""
        found = [each for each in self.drift if each.significant]
        return tuple(sorted(found, key=lambda each: -each.distances.stability))

    @property
    def broken(self) -> tuple[InputFault, ...]:
        """The faults that grew."""
        return tuple(each for each in self.faults if each.grown)


def alerts_of(found: Found, rules: Rules, *, window: str = "") -> tuple[Alert, ...]:
    """Return the alerts, the gravest first; none for what is usual."""
    told = [*_performance(found, rules), *_inputs(found, rules)]
    made = [
        Alert(kind, rules.severity[kind], what, cause, columns, window)
        for kind, what, cause, columns in told
    ]
    return gravest_first(made)


def gravest_first(alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    """Return alarms, then warnings, then notes, each in the order given."""
    return tuple(sorted(alerts, key=lambda each: _ORDER[each.severity]))


Told = tuple[str, Text, Text, tuple[str, ...]]


def _performance(found: Found, rules: Rules) -> list[Told]:
    why, columns = _moved(found)
    worse = [each for each in found.performance if _holds(each.actual, each.p, rules)]
    # A fault of the source breaks the relation too: what changed cannot be told apart then.
    other = [
        each
        for each in found.performance
        if _holds(each.actual, each.concept_p, rules) and not found.broken
    ]
    expected = [
        each
        for each in found.performance
        if each.actual is None and _holds(each.expected, each.expected_p, rules)
    ]
    told: list[Told] = []
    if worse:
        what = [_figures(_FELL, each, each.actual, each.reference) for each in worse]
        cause = (_CAUSE_CONCEPT, ()) if other else (why, columns)
        told.append(("performance", _joined(_EACH, what, _SEMICOLON), *cause))
    if other:
        what = [_figures(_CONCEPT, each, each.actual, each.expected) for each in other]
        told.append(("concept", _joined(_CHANGED, what, _SEMICOLON), _CAUSE_CONCEPT, ()))
    if expected:
        what = [_figures(_FELL, each, each.expected, each.reference) for each in expected]
        told.append(("expected-performance", _joined(_EXPECTED, what, _SEMICOLON), why, columns))
    return told


def _holds(figure: Figure | None, p: float | None, rules: Rules) -> bool:
    return figure is not None and p is not None and p <= rules.alpha


def _figures(text: Text, found: Performance, now: Figure | None, before: Figure | None) -> Text:
    title = TITLES[found.name]
    told = ["" if each is None else f"{each.value:.4g}" for each in (now, before)]
    n = 0 if now is None else now.n
    return text.fill(zh=title.zh, en=title.en, now=told[0], before=told[1], n=n)


def _inputs(found: Found, rules: Rules) -> list[Told]:
    told: list[Told] = [
        (
            "quality",
            _FAULT.fill(
                column=each.name, zh=FAULT_TITLES[each.fault].zh, en=FAULT_TITLES[each.fault].en,
                before=each.before / each.before_n, now=each.now / each.n, n=each.n,
            ),
            _CAUSE_FAULT.fill(named=each.name),
            (each.name,),
        )
        for each in found.broken
    ]  # fmt: skip
    why, columns = _moved(found)
    told += [
        ("score", _SCORE.fill(psi=each.distances.stability, n=each.n), why, columns)
        for each in found.score
        if each.status in {"watch", "drifted"}
    ]
    told += [
        ("labels", _LABELS.fill(psi=each.distances.stability, n=each.n), why, columns)
        for each in found.labels
        if each.status in {"watch", "drifted"}
    ]
    told += [
        (
            "fairness",
            _GROUP.fill(
                column=each.column, group=each.group, zh=GROUP_TITLES[each.name].zh,
                en=GROUP_TITLES[each.name].en, before=each.before / each.before_n,
                now=each.value, n=each.n,
            ),
            why,
            columns,
        )
        for each in found.groups
        if each.moved
    ]  # fmt: skip
    if found.drifted:
        names = tuple(each.name for each in found.drifted)
        what = _INPUT.fill(
            count=len(names), columns=counted(len(names), "column"), named=", ".join(names[:8])
        )
        told.append(("input", what, why, names))
    elif (
        found.joint is not None
        and found.joint.p <= rules.alpha
        and not (found.moved or found.broken)
    ):
        told.append(("joint", _JOINT.fill(p=found.joint.p), _CAUSE_TOGETHER, ()))
    if found.replaced:
        told.append(("model", _REPLACED, _CAUSE_MODEL if not found.moved else why, ()))
    return told


def _moved(found: Found) -> tuple[Text, tuple[str, ...]]:
    """Return what moved the answers in words: a fault of the source first, then columns that drifted."""
    if found.broken:
        names = tuple(dict.fromkeys(each.name for each in found.broken))
        return _CAUSE_FAULT.fill(named=", ".join(names[:_NAMED])), names
    moved = {each.name for each in found.moved}
    parts = sorted((each for each in found.causes if each.name in moved), key=lambda c: -c.value)
    parts = [each for each in parts if each.value > 2 * each.error][:_NAMED]
    if parts:
        told = [_PART.fill(name=each.name, share=min(each.share, 1.0)) for each in parts]
        return _joined(_CAUSE_INPUT, told), tuple(each.name for each in parts)
    if found.moved:
        names = tuple(each.name for each in found.moved[:_NAMED])
        quoted = [Text(f"「{name}」", f"“{name}”") for name in names]
        return _joined(_CAUSE_INPUT, quoted), names
    if found.replaced:
        return _CAUSE_MODEL, ()
    if found.joint is not None and found.joint.p < 0.05:
        return _CAUSE_TOGETHER, ()
    return _CAUSE_NONE, ()


def _joined(text: Text, parts: Sequence[Text], mark: Text = _COMMA) -> Text:
    zh, en = (mark.to(lang).join(part.to(lang) for part in parts) for lang in ("zh", "en"))
    return Text(text.zh.format(named=zh), text.en.format(named=en))
