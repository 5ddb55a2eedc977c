"""What is reported of a scorecard: the sections of the judge over the rows that were held out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.cells import trimmed_text
from anping.core.text import Text
from anping.engine.natures import as_day, as_number, distinct_cells, nature_of
from anping.judge.scorecard_choice import Contender, choose
from anping.judge.scorecard_cutoffs import Costs, Cutoffs, cut_offs
from anping.judge.scorecard_groups import Grouping, approvals
from anping.judge.scorecard_rejects import Asked, reject_band
from anping.judge.scorecard_stability import Applicants, stability
from anping.judge.scorecard_table import card_section, reasons_section
from anping.judge.section import Section

if TYPE_CHECKING:
    from anping.learn.model import Model
    from anping.learn.scorecard import Scorecard
    from anping.learn.scorecard_learning import LearnedCard

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
#: So many values of a protected attribute are groups; a number is cut at its quartiles.
_MOST_GROUPS = 8
_TITLES = {
    "scorecard": Text("評分卡（不用受保護屬性）", "Scorecard (without protected attributes)"),
    "with-protected": Text("評分卡（用受保護屬性）", "Scorecard (with protected attributes)"),
    "boosted": Text("提升樹等模型", "Boosted model"),
}
_ALONE = Text("評分卡", "Scorecard")


@dataclass(frozen=True, eq=False)
class Compared:
    """The rows that may be used, the card, the card with what is protected, and a boosted model."""

    rows: pa.Table
    card: LearnedCard
    protected: LearnedCard | None
    boosted: Model | None
    given: Any

    @property
    def held_out(self) -> pa.Table:
        """The rows that no model has seen."""
        return self.rows.take(pa.array(self.card.held_out))

    @property
    def truth(self) -> Flags:
        """Which of the rows held out had the bad outcome."""
        cells = self.held_out.column(self.given.target).to_pylist()
        return np.array([trimmed_text(cell) == self.card.card.event for cell in cells])


def sections_of(compared: Compared) -> tuple[Section, ...]:
    """Return the sections of the report, in order."""
    truth = compared.truth
    if not truth.size or not truth.any() or truth.all():
        return (_card(compared),)
    return tuple(_sections(compared, truth))


def _sections(compared: Compared, truth: Flags) -> Iterator[Section]:
    given, rows, card = compared.given, compared.held_out, compared.card.card
    risks = _risks(compared, rows)
    titles = _TITLES if compared.protected else {**_TITLES, "scorecard": _ALONE}
    contenders = [
        Contender(key, titles[key], risk) for key, risk in risks.items() if key != "with-protected"
    ]
    yield choose(contenders, truth, seed=given.seed).section()
    yield _card(compared)
    scores = card.scores(rows).astype(np.float64)
    table = cut_offs(scores, truth, Costs(given.gain, given.loss))
    yield table.section()
    yield from filter(None, (_reasons(card, rows, scores, table=table, given=given),))
    if given.groups:
        pair = {key: risks[key] for key in ("scorecard", "with-protected") if key in risks}
        both = [Contender(key, titles[key], risk) for key, risk in pair.items()]
        groupings = [_grouping(name, rows.column(name)) for name in given.groups]
        shown = approvals(groupings, risks, titles, rate=given.rate).section()
        pair_name = "judge.credit.protected"
        yield _joined(shown, choose(both, truth, seed=given.seed, name=pair_name).section())
    if given.when is not None:
        yield _stability(compared)
    if given.refused:
        yield from filter(None, (_rejects(compared, truth),))


def _card(compared: Compared) -> Section:
    done = compared.card
    return card_section(
        done.card.table(),
        base=done.card.base,
        scale=done.card.scale.as_json(),
        measures=tuple(m for m in done.measures if m.name.startswith("scorecard.")),
        dropped=done.dropped,
    )


def _risks(compared: Compared, rows: pa.Table) -> dict[str, Floats]:
    """Return the risk (n,) that each model sees, from the simplest to the most complex.

    A card's risk is its score turned round: whole points have exact ties.
    """
    cards = {"scorecard": compared.card, "with-protected": compared.protected}
    found = {
        key: -one.card.scores(rows).astype(np.float64)
        for key, one in cards.items()
        if one is not None
    }
    if compared.boosted is not None:
        found["boosted"] = _risk(compared.boosted, rows, compared.card.card.event)
    return found


def _risk(model: Model, rows: pa.Table, event: str) -> Floats:
    at = model.signature.classes.index(event)
    risk: Floats = model.predict(rows).values[:, at]
    return risk


def _joined(shown: Section, both: Section) -> Section:
    """Return the section on groups with what leaving the attributes out costs."""
    return replace(
        shown,
        measures=(*both.measures, *shown.measures),
        grids=(*both.grids, *shown.grids),
    )


def _reasons(
    card: Scorecard, rows: pa.Table, scores: Floats, *, table: Cutoffs, given: Any
) -> Section | None:
    below = scores < table.best.score
    refused = rows.filter(pa.array(below))
    found = card.reasons(refused, most=1, never=frozenset(given.groups))
    first = [Text(each[0].column, each[0].column) if each else None for each in found]
    return reasons_section(first, cutoff=f"{table.best.score:,.0f}", protected=given.groups)


def _stability(compared: Compared) -> Section:
    """Compare all applicants of each month with all those of the time that was learnt from."""
    card, rows = compared.card.card, compared.rows
    days = _days(rows.column(compared.given.when))
    learnt = days[compared.card.learnt]
    dated = learnt[~np.isnan(learnt)]
    base = np.flatnonzero(days <= dated.max()) if dated.size else compared.card.learnt
    places, months = card.places(rows), _months(days)
    scores = _sums(card, places)
    return stability(
        Applicants(scores[base], places[base], [months[row] for row in base]),
        Applicants(scores, places, months),
        [one.column for one in card.characteristics],
        seed=compared.given.seed,
    ).section()


def _sums(card: Scorecard, places: NDArray[np.int64]) -> Floats:
    found: Floats = (card.base + card.points_at(places).sum(axis=1)).astype(np.float64)
    return found


def _days(cells: pa.ChunkedArray) -> Floats:
    places, distinct = distinct_cells(cells)
    found: Floats = np.array([as_day(cell) for cell in distinct])[places]
    return found


def _months(days: Floats) -> list[str]:
    return ["" if np.isnan(day) else date.fromordinal(int(day)).isoformat()[:7] for day in days]


def _rejects(compared: Compared, truth: Flags) -> Section | None:
    """Return the band for all applicants: those held out stand for the approved."""
    given, card = compared.given, compared.card.card
    cells = compared.rows.column(given.target)
    unknown = np.array([not trimmed_text(cell) for cell in cells.to_pylist()])
    refused = compared.rows.filter(pa.array(unknown))
    if not refused.num_rows:
        return None
    share = compared.card.held_out.size / (compared.card.learnt.size + compared.card.held_out.size)
    # As many refused as belong to the approved that were held out.
    take = np.random.default_rng(given.seed).permutation(refused.num_rows)
    some = refused.take(pa.array(np.sort(take[: max(1, round(share * refused.num_rows))])))
    chance = _risk(card.model, compared.held_out, card.event)
    found = reject_band(Asked(chance, truth, _risk(card.model, some, card.event)), seed=given.seed)
    return None if found is None else found.section()


def _grouping(name: str, cells: pa.ChunkedArray) -> Grouping:
    """Return the groups of a protected attribute: its values, or a number's quartiles."""
    places, distinct = distinct_cells(cells)
    if nature_of(cells) == "number":
        numbers = np.array([as_number(cell) for cell in distinct])[places]
        return _quartiles(name, numbers)
    texts = [trimmed_text(cell) for cell in distinct]
    counts: dict[str, int] = {}
    for place, rows in zip(*np.unique(places, return_counts=True), strict=True):
        if texts[place]:
            counts[texts[place]] = counts.get(texts[place], 0) + int(rows)
    named = sorted(counts, key=lambda value: (-counts[value], value))[:_MOST_GROUPS]
    at = {value: place for place, value in enumerate(named)}
    of = np.array([at.get(text, -1) for text in texts])[places]
    return Grouping(name, tuple(Text(value, value) for value in named), of)


def _quartiles(name: str, numbers: Floats) -> Grouping:
    told = numbers[~np.isnan(numbers)]
    cuts = np.unique(np.quantile(told, (0.25, 0.5, 0.75), method="nearest")) if told.size else []
    of = np.searchsorted(cuts, numbers, side="right")
    of[np.isnan(numbers)] = -1
    ends = [f"{cut:,.6g}" for cut in cuts]
    if not ends:
        return Grouping(name, (Text("全部", "all"),), of)
    names = [Text(f"未滿 {ends[0]}", f"below {ends[0]}")]
    names += [
        Text(f"{low} 至未滿 {high}", f"{low} to below {high}") for low, high in pairwise(ends)
    ]
    names.append(Text(f"{ends[-1]} 以上", f"{ends[-1]} or more"))
    return Grouping(name, tuple(names), of)
