"""What a policy asks of the measures: each rule gives a reason, and silence never counts as safe."""

from __future__ import annotations

from anping.core.measure import Measure
from anping.core.text import Text
from anping.core.verdict import Reason
from anping.govern.policy import Required, Threshold, TierRules

#: Units of shares, which are written in percent.
_SHARES = frozenset({"probability", "share", "ratio"})
#: Decimals of a percentage, at most.
_FINEST = 6
_SIGNS = {"<=": "≤", ">=": "≥", "==": "="}


def threshold_code(threshold: Threshold) -> str:
    """Return the stable code of a threshold's reason."""
    return f"release.threshold:{threshold.key}:{threshold.bound}"


def required_code(required: Required) -> str:
    """Return the stable code of a required measure's reason."""
    return f"release.measured:{required.key}"


def measure_reasons(rules: TierRules, measures: tuple[Measure, ...]) -> tuple[Reason, ...]:
    """Return one reason for each threshold and each required measure of a tier.

    Every measure of the name (and subject, where given) must hold, so that a second, better
    measurement cannot hide a worse one. A measure that was not taken does not hold.
    """
    bounds = tuple(threshold_reason(each, measures) for each in rules.thresholds)
    return bounds + tuple(_required_reason(each, measures) for each in rules.requires)


def _inapplicable(threshold: Threshold) -> Text:
    return Text(
        f"「{threshold.key}」對這張表不適用。{threshold.why.zh}",
        f"“{threshold.key}” does not apply to this table. {threshold.why.en}",
    )


def _matching(name: str, subject: str, measures: tuple[Measure, ...]) -> tuple[Measure, ...]:
    return tuple(m for m in measures if m.name == name and subject in {"", m.subject})


def threshold_reason(threshold: Threshold, measures: tuple[Measure, ...]) -> Reason:
    """Return whether the threshold holds for every measure of its name, and why."""
    code = threshold_code(threshold)
    found = _matching(threshold.measure, threshold.subject, measures)
    if not found and threshold.where_measured:
        return Reason(code, holds=True, why=_inapplicable(threshold))
    if not found:
        return _unmeasured(code, threshold.key, threshold.remedy)
    compared = [(measure, _compared(threshold, measure)) for measure in found]
    without = [measure for measure, value in compared if value is None]
    if without:
        why = Text(
            f"{without[0].title.zh}：沒有信賴區間，無法與門檻比較。",
            f"{without[0].title.en}: it has no interval, so it cannot be held to the threshold.",
        )
        return Reason(code, holds=False, why=why, next_step=threshold.remedy)
    values = [(measure, value) for measure, value in compared if value is not None]
    failed = [pair for pair in values if not _holds(threshold, pair[1])]
    measure, value = failed[0] if failed else _nearest(threshold, values)
    return Reason(
        code,
        holds=not failed,
        why=_worded(threshold, measure, value),
        next_step=threshold.remedy if failed else None,
    )


def _required_reason(required: Required, measures: tuple[Measure, ...]) -> Reason:
    code = required_code(required)
    found = _matching(required.measure, required.subject, measures)
    if not found:
        return _unmeasured(code, required.key, required.remedy)
    last = found[-1]
    value = _written(last.value, last.unit)
    why = Text(
        f"{last.title.zh}：已量測（{value}，n={last.n:,}）。{required.why.zh}",
        f"{last.title.en}: measured ({value}, n={last.n:,}). {required.why.en}",
    )
    return Reason(code, holds=True, why=why)


def _unmeasured(code: str, key: str, remedy: Text) -> Reason:
    why = Text(
        f"「{key}」沒有量測；沒有量測就不能當作通過。",
        f"“{key}” was not measured; what was not measured does not pass.",
    )
    return Reason(code, holds=False, why=why, next_step=remedy)


def _compared(threshold: Threshold, measure: Measure) -> float | None:
    if threshold.bound == "value":
        return measure.value
    if measure.interval is None:
        return None
    return measure.interval.high if threshold.bound == "upper" else measure.interval.low


def _holds(threshold: Threshold, value: float) -> bool:
    if threshold.op == "<=":
        return value <= threshold.value
    if threshold.op == ">=":
        return value >= threshold.value
    return value == threshold.value


def _nearest(threshold: Threshold, values: list[tuple[Measure, float]]) -> tuple[Measure, float]:
    """Return the measure that comes nearest to not holding."""
    return (min if threshold.op == ">=" else max)(values, key=lambda pair: pair[1])


def _worded(threshold: Threshold, measure: Measure, value: float) -> Text:
    ends = {
        "value": ("", ""),
        "upper": ("的區間上界", ", upper end of its interval"),
        "lower": ("的區間下界", ", lower end of its interval"),
    }
    zh, en = ends[threshold.bound]
    of = measure.subject if not threshold.subject else ""
    of_zh, of_en = (f"（{of}）", f" ({of})") if of else ("", "")
    shown, limit = _apart(value, threshold.value, measure.unit)
    wanted = f"{_SIGNS[threshold.op]} {limit}"
    return Text(
        f"{measure.title.zh}{of_zh}{zh}為 {shown}（n={measure.n:,}），門檻 {wanted}。{threshold.why.zh}",
        f"{measure.title.en}{of_en}{en}: {shown} (n={measure.n:,}), threshold {wanted}. "
        f"{threshold.why.en}",
    )


def _written(value: float, unit: str, *, digits: int = 1) -> str:
    """Return a value as people read it: a share in percent with ``digits`` decimals at most."""
    if unit not in _SHARES:
        return f"{int(value):,}" if float(value).is_integer() else f"{value:.4g}"
    finest = 10.0**-digits
    if value and abs(value * 100) < finest:
        return f"<{finest:.{digits}f}%" if value > 0 else f">-{finest:.{digits}f}%"
    shown = f"{value * 100:.{digits}f}"
    if value < 1 and float(shown) == 100:
        return f">{100 - finest:.{digits}f}%"
    return (shown.rstrip("0").rstrip(".") if "." in shown else shown) + "%"


def _apart(value: float, limit: float, unit: str) -> tuple[str, str]:
    """Return value and limit written finely enough that two that differ do not look the same."""
    for digits in range(1, _FINEST + 1):
        both = _written(value, unit, digits=digits), _written(limit, unit, digits=digits)
        if both[0] != both[1] or value == limit:
            return both
    return (
        (f"{value * 100!r}%", f"{limit * 100!r}%")
        if unit in _SHARES
        else (f"{value!r}", f"{limit!r}")
    )
