"""The pictures of a release, built from its measures; a picture without measures is left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from anping.core.measure import Measure, find
from anping.core.text import Text
from anping.share.charts.chart import Axis, Chart, ReferenceLine, Series, same
from anping.share.charts.class_sizes import Band, class_size_figure
from anping.share.charts.scale import form_of, written
from anping.share.units import subject_title

_BEFORE, _AFTER = subject_title("before"), subject_title("after")
_RAW, _PROTECTED = subject_title("raw"), subject_title("protected")
_MOST = 12
_SCORES = {
    "utility.auc": Text("AUC", "AUC"),
    "utility.macro_auc": Text("各類別平均 AUC", "Mean one-against-rest AUC"),
    "utility.r2": Text("R²", "R²"),
}
_COLUMN = Text("欄位", "Column")

_RISKS = (
    ("risk.prosecutor.max", Text("最高（檢察官）", "highest (prosecutor)")),
    ("risk.journalist.max", Text("最高（記者）", "highest (journalist)")),
    ("risk.marketer", Text("平均（行銷者）", "average (marketer)")),
    ("risk.sample_uniqueness", Text("獨一無二者", "unique records")),
)


def release_figures(
    measures: tuple[Measure, ...],
    *,
    limits: Sequence[ReferenceLine] = (),
    before: Sequence[Band] = (),
    after: Sequence[Band] = (),
) -> tuple[Chart, ...]:
    """Return every picture the measures allow, in reading order.

    ``limits`` are the policy's thresholds for the highest risk. ``before`` and ``after`` are the
    bands of class sizes, small counts suppressed.
    """
    found = (
        risk_figure(measures, limits=limits),
        class_size_figure(before, after),
        attack_figure(measures, name="risk.linkage"),
        loss_figure(measures),
        model_figure(measures),
        completeness_figure(measures),
        detection_figure(measures),
    )
    return tuple(chart for chart in found if chart is not None)


def risk_figure(
    measures: tuple[Measure, ...], *, limits: Sequence[ReferenceLine] = ()
) -> Chart | None:
    """Return re-identification risk before and after, with the thresholds."""
    rows = [
        (name, find(measures, key, "before"), find(measures, key, "after")) for key, name in _RISKS
    ]
    kept = [row for row in rows if row[1] or row[2]]
    if not kept:
        return None
    return Chart(
        id="risk",
        kind="bar",
        title=Text("重新識別風險：保護前與保護後", "Re-identification risk before and after"),
        description=_spoken(
            Text("重新識別風險", "Re-identification risk"),
            [(name, (before, after)) for name, before, after in kept],
        ),
        category=Axis(Text("風險", "Risk")),
        value=Axis(Text("機率", "Probability"), "percent"),
        categories=tuple(name for name, _, _ in kept),
        series=(
            _series(_BEFORE, [before for _, before, _ in kept]),
            _series(_AFTER, [after for _, _, after in kept]),
        ),
        references=tuple(limits),
        domain=(0.0, 1.0),
        note=_counted(measure for _, *sides in kept for measure in sides),
    )


def attack_figure(measures: tuple[Measure, ...], *, name: str) -> Chart | None:
    """Return the success of an attack that was run against its control, with intervals."""
    parts = (
        (Text("攻擊", "attack"), find(measures, f"{name}.success")),
        (Text("對照", "control"), find(measures, f"{name}.control")),
        (Text("超額", "excess"), find(measures, f"{name}.excess")),
    )
    rows = [(label, measure) for label, measure in parts if measure is not None]
    if not rows:
        return None
    return _one_series(
        "linkage",
        Text("連結攻擊的實測成功率", "Measured success of the linkage attack"),
        Axis(Text("成功率（線段為 95% 區間）", "Success rate (lines: 95% interval)"), "percent"),
        rows,
        category=Text("試驗", "Trial"),
    )


def loss_figure(measures: tuple[Measure, ...]) -> Chart | None:
    """Return the information lost in each column."""
    rows = _by_subject(measures, "deid.column_loss")[::-1]
    if not rows:
        return None
    title, rows = _worst(rows, Text("各欄位失去的精細度", "Detail lost in each column"))
    return _one_series(
        "information-loss",
        title,
        Axis(Text("平均遮住的值域（0% 完整）", "Share of the domain hidden (0%: none)"), "percent"),
        rows,
        domain=(0.0, 1.0),
    )


def model_figure(measures: tuple[Measure, ...]) -> Chart | None:
    """Return the quality of models trained on raw and on protected data, with intervals."""
    for name, label in _SCORES.items():
        raw, protected = find(measures, name, "raw"), find(measures, name, "protected")
        if raw is not None and protected is not None:
            return _one_series(
                "model-quality",
                Text("以保護後資料訓練的模型還剩多少品質", "What a model keeps"),
                Axis(
                    Text(
                        f"{label.zh}，在原始保留資料上測試（線段為 95% 區間）",
                        f"{label.en} on raw held-out rows (lines: 95% interval)",
                    )
                ),
                [(_RAW, raw), (_PROTECTED, protected)],
                category=Text("訓練資料", "Trained on"),
            )
    return None


def completeness_figure(measures: tuple[Measure, ...]) -> Chart | None:
    """Return the completeness of each column (ISO/IEC 25012)."""
    rows = _by_subject(measures, "quality.completeness")
    if not rows:
        return None
    title, rows = _worst(rows, Text("欄位完整性", "Column completeness"))
    return _one_series(
        "completeness",
        title,
        Axis(Text("非空值比例", "Share of values present"), "percent"),
        rows,
        domain=(0.0, 1.0),
    )


def detection_figure(measures: tuple[Measure, ...]) -> Chart | None:
    """Return how much of what was planted the detection found, type by type."""
    rows = _by_subject(measures, "detection.recall")
    if not rows:
        return None
    title, rows = _worst(rows, Text("個資偵測的召回率", "Recall of the detection"))
    return _one_series(
        "detection-recall",
        title,
        Axis(Text("召回率（線段為 95% 區間）", "Recall (lines: 95% interval)"), "percent"),
        rows,
        category=Text("類型", "Type"),
        domain=(0.0, 1.0),
    )


def _by_subject(measures: tuple[Measure, ...], name: str) -> list[tuple[Text, Measure]]:
    """Return the measures of one name by column or type, the lowest first."""
    last = {m.subject: m for m in measures if m.name == name and m.subject not in {"", "all"}}
    ordered = sorted(last.items(), key=lambda item: item[1].value)
    return [(same(subject), measure) for subject, measure in ordered]


def _worst(
    rows: list[tuple[Text, Measure]], title: Text
) -> tuple[Text, list[tuple[Text, Measure]]]:
    """Return at most a dozen rows, and a title that says so: a wide table has thousands."""
    if len(rows) <= _MOST:
        return title, rows
    return (
        Text(
            f"{title.zh}（{len(rows)} 項中最差的 {_MOST} 項）",
            f"{title.en} (worst {_MOST} of {len(rows)})",
        ),
        rows[:_MOST],
    )


def _series(name: Text, measures: Iterable[Measure | None]) -> Series:
    known = tuple(measures)
    return Series(
        name,
        tuple(None if measure is None else measure.value for measure in known),
        tuple(None if measure is None else measure.interval for measure in known),
    )


def _one_series(
    key: str,
    title: Text,
    value: Axis,
    rows: Sequence[tuple[Text, Measure]],
    *,
    category: Text = _COLUMN,
    domain: tuple[float, float] | None = None,
) -> Chart:
    return Chart(
        id=key,
        kind="bar",
        title=title,
        description=_spoken(title, [(label, (measure,)) for label, measure in rows]),
        category=Axis(category),
        value=value,
        categories=tuple(label for label, _ in rows),
        series=(_series(title, [measure for _, measure in rows]),),
        domain=domain,
        note=_counted(measure for _, measure in rows),
    )


def _spoken(title: Text, rows: Sequence[tuple[Text, Sequence[Measure | None]]]) -> Text:
    """Return the picture in words, for a reader who cannot see it."""
    many = _counted(measure for _, row in rows for measure in row).zh
    zh = "；".join(f"{label.zh} {_said(row)}" for label, row in rows)
    en = "; ".join(f"{label.en} {_said(row)}" for label, row in rows)
    return Text(f"{title.zh}（{many}）：{zh}。", f"{title.en} ({many}): {en}.")


def _counted(measures: Iterable[Measure | None]) -> Text:
    """Return how many units the measures rest on: ``n = 600`` or ``n = 14–1,169``."""
    sizes = sorted({measure.n for measure in measures if measure is not None})
    return same(
        "n\u00a0=\u00a0" + "–".join(f"{size:,}" for size in dict.fromkeys((sizes[0], sizes[-1])))
    )


def _said(row: Sequence[Measure | None]) -> str:
    known = [measure for measure in row if measure is not None]
    return " → ".join(written(measure.value, form_of(measure.unit)) for measure in known)
