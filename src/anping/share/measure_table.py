"""The measures of a card arranged for a reader: by family, what matters first, long lists folded."""

from __future__ import annotations

from dataclasses import dataclass

from anping.core.measure import Measure
from anping.core.text import Text
from anping.share.charts.scale import form_of, written
from anping.share.units import is_before
from anping.share.words import BEFORE_FOLD, FAMILIES, MORE_FOLD, SERIES

#: Subjects that stand for the whole release; others are a column, a type or the raw data.
_WHOLE = frozenset({"", "after", "raw", "protected", "all"})
#: What a reader must not have to look for; the other measures are one click away.
_LEADING = frozenset(
    {
        "risk.prosecutor.max",
        "risk.marketer",
        "risk.class_size.min",
        "risk.sample_uniqueness",
        "risk.uniqueness.all_columns",
        "risk.population_uniqueness.low",
        "risk.population_uniqueness.high",
        "risk.suda.few",
        "risk.wildcard.prosecutor.max",
        "risk.linkage.success",
        "risk.linkage.control",
        "risk.linkage.excess",
        "risk.l_diversity.min",
        "risk.singling_out.multivariate.success",
        "risk.singling_out.multivariate.excess",
        "risk.linkage.person.success",
        "risk.linkage.person.excess",
        "risk.linkage.profile.success",
        "risk.linkage.profile.excess",
        "risk.linkability.success",
        "risk.linkability.excess",
        "risk.downcoding.success",
        "risk.downcoding.excess",
        "risk.membership.auc",
        "risk.inference.success",
        "risk.inference.excess",
        "deid.rows.released",
        "deid.rows.suppressed",
        "deid.information_loss",
        "deid.population.smallest",
        "deid.presence.high",
        "utility.auc",
        "utility.macro_auc",
        "utility.r2",
        "utility.auc.kept",
        "utility.macro_auc.kept",
        "utility.r2.kept",
        "utility.distribution.mean",
        "utility.pairwise.mean",
        "quality.completeness",
        "quality.uniqueness",
        "detection.columns.accuracy",
        "detection.recall",
        "detection.precision",
        "redaction.recall",
        "intake.rows.accepted",
        "intake.rows.refused",
    }
)
#: So many measures of one name make a list of their own.
_MANY = 4


@dataclass(frozen=True, slots=True)
class Series:
    """A folded list of measures.

    ``name`` is their common name, empty where several kinds stand together; ``shared`` is whether
    all have one title, so that a row need not repeat it; ``method`` is their common method.
    """

    title: Text
    name: str
    shared: bool
    method: str
    rows: tuple[Measure, ...]

    @property
    def range(self) -> Text | None:
        """From the lowest to the highest value, in words; None where several kinds stand together."""
        if not self.name:
            return None
        ordered = sorted(self.rows, key=lambda measure: measure.value)
        low, high = shown_value(ordered[0]), shown_value(ordered[-1])
        return low if low == high else Text(f"{low.zh} – {high.zh}", f"{low.en} – {high.en}")


@dataclass(frozen=True, slots=True)
class Family:
    """The measures of one family: those of the whole release, and the folded lists."""

    title: Text
    singles: tuple[Measure, ...]
    series: tuple[Series, ...]


def families_of(measures: tuple[Measure, ...]) -> tuple[Family, ...]:
    """Return the measures by family, in the order a reader needs them; none is left out."""
    grouped: dict[str, list[Measure]] = {name: [] for name in (*FAMILIES, "")}
    for measure in measures:
        name = measure.name.partition(".")[0]
        grouped[name if name in FAMILIES else ""].append(measure)
    titles = {**FAMILIES, "": Text("其他", "Other")}
    return tuple(_family(titles[name], rows) for name, rows in grouped.items() if rows)


def _family(title: Text, rows: list[Measure]) -> Family:
    """Show what leads; fold the rest, the lists of columns or types, and the raw data's side."""
    names: dict[str, list[Measure]] = {}
    for measure in rows:
        if not _whole(measure) and not is_before(measure.subject):
            names.setdefault(measure.name, []).append(measure)
    lists = [_series(name, many) for name, many in names.items() if len(many) >= _MANY]
    before = [measure for measure in rows if is_before(measure.subject)]
    placed = {id(measure) for measure in before} | {id(row) for one in lists for row in one.rows}
    free = [measure for measure in rows if id(measure) not in placed]
    # A family without a leading measure shows what it has, so that it is not a heading alone.
    leads = any(_leads(measure) for measure in free)
    shown = [m for m in free if _leads(m) or (not leads and _whole(m))]
    more = [measure for measure in free if measure not in shown]
    folds = (
        Series(each, "", shared=False, method="", rows=tuple(folded))
        for each, folded in ((MORE_FOLD, more), (BEFORE_FOLD, before))
        if folded
    )
    return Family(title, tuple(shown), (*lists, *folds))


def _leads(measure: Measure) -> bool:
    """Return whether a measure stands in the open; of single columns only their risk does."""
    return measure.name in _LEADING and (_whole(measure) or measure.name.startswith("risk."))


def _whole(measure: Measure) -> bool:
    return measure.subject in _WHOLE


def _series(name: str, rows: list[Measure]) -> Series:
    titles = {measure.title for measure in rows}
    methods = {measure.method for measure in rows}
    return Series(
        titles.pop() if len(titles) == 1 else SERIES.get(name) or _without_subjects(name, rows),
        name,
        shared=len({measure.title for measure in rows}) == 1,
        method=methods.pop() if len(methods) == 1 else "",
        rows=tuple(rows),
    )


def _without_subjects(name: str, rows: list[Measure]) -> Text:
    """Return what the titles have in common once each one's subject is taken out, or the name."""
    bare = {
        Text(
            row.title.zh.replace(f"「{row.subject}」", ""),
            row.title.en.replace(f"“{row.subject}”", "").strip(" :"),
        )
        for row in rows
    }
    return bare.pop() if len(bare) == 1 else Text(name, name)


def shown_value(measure: Measure) -> Text:
    """Return a measure's value as the card writes it: a share in percent, a truth as a word."""
    if measure.unit == "boolean":
        return Text("是", "yes") if measure.value else Text("否", "no")
    value = written(measure.value, form_of(measure.unit))
    return Text(value, value)


def shown_interval(measure: Measure) -> str:
    """Return ``low – high`` of a measure's interval, or an empty string."""
    interval = measure.interval
    if interval is None:
        return ""
    form = form_of(measure.unit)
    return f"{written(interval.low, form)} – {written(interval.high, form)}"
