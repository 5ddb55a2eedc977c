"""What attacks get out of releases of Adult: each success beside its control."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

from anping.core.measure import Measure, find
from anping.engine.table import Table
from anping.protect.deid.anonymize import anonymize
from anping.protect.deid.hierarchy import Hierarchy
from anping.protect.deid.model import Options, PrivacyModel
from anping.protect.risk.attacks.distance_linkage import link_by_distance
from anping.protect.risk.attacks.downcoding import downcode
from anping.protect.risk.attacks.linkability import join_sources
from anping.protect.risk.attacks.membership import infer_membership
from anping.protect.risk.attacks.scene import Attacked
from anping.protect.risk.attacks.singling_out import single_out
from anping.protect.risk.attacks.strangers import link_strangers
from anping.protect.risk.compatible import Compatible
from anping.protect.risk.linkage import LinkageOptions, link
from anping.protect.transform.draws import Draws, run_key
from anping.protect.transform.microaggregation import microaggregate
from anping.protect.transform.rank_swap import rank_swap
from benchmarks import report
from benchmarks.deid.adult import COLUMNS
from benchmarks.deid.adult import adult as read_adult

_K, _LIMIT, _SEED = 5, 0.05, 1
_HELD_OUT = 5_000
_STOPS = (0.0, 0.1, 0.3, 0.5)


class Made(NamedTuple):
    """A release: its name, its loss, its rows, and the raw row of each."""

    name: str
    loss: float | None
    rows: pa.Table
    raw_row: np.ndarray[tuple[int], np.dtype[np.int64]]


class Split(NamedTuple):
    """The people who are released, those who are not, and the hierarchies."""

    raw: pa.Table
    outside: pa.Table
    hierarchies: dict[str, Hierarchy]

    @property
    def compatible(self) -> Compatible:
        return Compatible({name: each.paths for name, each in self.hierarchies.items()})


def split() -> Split | None:
    """Read the table and hold people out; None where it is not there."""
    folder = report.shared("data", "adult_arx")
    if folder is None:
        return None
    whole = read_adult(folder)
    order = np.random.default_rng(_SEED).permutation(whole.table.rows)
    parts = (np.sort(order[_HELD_OUT:]), np.sort(order[:_HELD_OUT]))
    return Split(*(whole.table.arrow().take(pa.array(part)) for part in parts), whole.hierarchies)


def releases(data: Split) -> Iterator[Made]:
    """Yield the releases that are attacked."""
    yield Made("raw, as it is", None, data.raw, np.arange(data.raw.num_rows))
    full = Options(_LIMIT, local_recoding=False, seed=_SEED)
    yield _recoded(data, f"full-domain, k = {_K}", full, _K)
    for stop in _STOPS[:2]:
        yield recoded_locally(data, stop, _K)


def recoded_locally(data: Split, stop: float, k: int) -> Made:
    """Return a local recoding that stops with this probability."""
    kind = "minimal" if stop == 0 else f"stopping at random, {stop:g}"
    options = Options(_LIMIT, full_domain=False, seed=_SEED, stop_probability=stop)
    return _recoded(data, f"local recoding, k = {k}, {kind}", options, k)


def _recoded(data: Split, name: str, options: Options, k: int) -> Made:
    done = anonymize(Table.of(data.raw), data.hierarchies, model=PrivacyModel(k), options=options)
    return Made(name, done.loss, done.table, done.kept)


def scene(data: Split, made: Made, *, held_out: bool = True) -> Attacked:
    """Return the release, shuffled, with people outside it for a control."""
    order = np.random.default_rng(_SEED).permutation(made.rows.num_rows)
    links = pa.table({"protected_row": np.arange(order.size), "raw_row": made.raw_row[order]})
    return Attacked.of(
        data.raw, made.rows.take(pa.array(order)), links=links, compatible=data.compatible,
        control=data.outside if held_out else None,
    )  # fmt: skip


def attacked(data: Split, made: Made) -> tuple[Measure, ...]:
    """Return all attacks on one release, with people outside it as the control."""
    played = scene(data, made)
    links = pa.table({"protected_row": np.arange(played.released.rows), "raw_row": played.raw_row})
    known = COLUMNS[:-1]
    return (
        *single_out(played, COLUMNS),
        *link(
            data.raw, played.released, links=links, quasi_identifiers=known,
            compatible=data.compatible,
            options=LinkageOptions(sensitive=COLUMNS[-1:]),
        ),
        *link_strangers(played, known, sensitive=COLUMNS[-1:]),
        *join_sources(played, COLUMNS),
        *link_by_distance(played, COLUMNS),
        *infer_membership(played, COLUMNS),
        *downcode(played, COLUMNS),
    )  # fmt: skip


_ENDS = ("success", "control", "baseline", "excess")
_KINDS = (
    ("singling out, one column", "risk.singling_out.univariate"),
    ("singling out, several columns", "risk.singling_out.multivariate"),
    ("linkage, 8 columns known", "risk.linkage"),
    ("linkage, people held out as control", "risk.linkage.held_out"),
    ("linkage by distance", "risk.linkage.distance"),
    ("linkability of two halves", "risk.linkability"),
    ("inference of salary-class", "risk.inference"),
    ("inference, people held out as control", "risk.inference.held_out"),
    ("membership at 1 % false alarms", "risk.membership"),
    ("downcoding", "risk.downcoding"),
)


def blocks(data: Split) -> tuple[str, ...]:
    """Return the table of attacks."""
    rows, cpu = [], []
    for made in releases(data):
        measures, took = report.timed(lambda made=made: attacked(data, made))  # type: ignore[misc]
        loss = "–" if made.loss is None else f"{made.loss:.4f}"
        for title, name in _KINDS:
            found = {end: find(measures, f"{name}.{end}") for end in _ENDS}
            if found["success"] is None:
                continue
            shown = [report.measured(found[end]) for end in found]
            rows.append((made.name, loss, title, *shown, report.number(found["success"].n)))
        area = find(measures, "risk.membership.auc")
        rows.append(
            (
                made.name,
                loss,
                "membership, AUC",
                report.measured(area),
                "–",
                "–",
                "–",
                report.number(area.n if area else 0),
            )
        )
        cpu.append(f"{made.name}: {took.cpu:.1f}")
    header = ("release", "loss", "attack", "success", "control", "a guess", "excess", "n")
    return (
        f"### Every attack on Adult, n = {data.raw.num_rows:,} released, {_HELD_OUT:,} held out",
        (
            "How to read it: the attacker knows all named columns of the target exactly. The control "
            "of singling out, linkability, membership, downcoding and the two lines that say so is the "
            "people held out, who are in no release: linked, they are linked to a double, somebody "
            "exactly like them; in downcoding classes are thinned to as many cells as there are such "
            "people, which takes from what a composition tells (the table below is of whole classes, "
            "against the marginals). The control of the other line of linkage is another target's "
            "candidates, of inference the release without the target's own row. The excess is over the "
            "better of control and guess."
        ),
        report.table(header, rows),
        f"CPU seconds for all attacks on a release: {'; '.join(cpu)}.",
    )


def downcoding_blocks(data: Split) -> tuple[str, ...]:
    """Return how much stopping at random takes from downcoding, and what it costs."""
    rows = []
    for k in (2, _K):
        for stop in _STOPS:
            made = recoded_locally(data, stop, k)
            measures = downcode(scene(data, made, held_out=False), COLUMNS, smallest=k)
            shown = [
                report.measured(find(measures, f"risk.downcoding.{end}"))
                for end in ("success", "control", "excess")
            ]
            rows.append((f"k = {k}", f"{stop:g}", f"{made.loss:.4f}", *shown, measures[0].n))
    header = ("recoding", "stop probability", "loss", "cells right", "control", "excess", "n")
    return (
        "### Downcoding: what a minimal recoding tells, and what stopping at random takes from it",
        (
            "How to read it: one trial is one class in one generalised column where the rule of a "
            "minimal recoding changes the guess; a stop probability of 0 is the minimal recoding."
        ),
        report.table(header, rows),
    )


def perturbed_blocks() -> tuple[str, ...]:
    """Return attacks on numbers that were perturbed: all six numeric columns of UCI Adult."""
    path = report.shared("data", "adult", "adult.data")
    if path is None:
        return ()
    whole = pc.read_csv(path, read_options=pc.ReadOptions(autogenerate_column_names=True))
    values = np.stack(
        [whole[f"f{at}"].to_numpy().astype(float) for at in _NUMBERS.values()], axis=1
    )
    order = np.random.default_rng(_SEED).permutation(len(values))
    held, kept = values[order[:_HELD_OUT]], values[order[_HELD_OUT:]]
    rows = []
    for name, shown in _perturbed(kept):
        links = pa.table({"protected_row": np.arange(len(kept)), "raw_row": np.arange(len(kept))})
        played = Attacked.of(_table(kept), _table(shown), links=links, control=_table(held))
        measures = (
            *link_by_distance(played, tuple(_NUMBERS)),
            *single_out(played, tuple(_NUMBERS)),
            *infer_membership(played, tuple(_NUMBERS)),
        )
        asked = ("linkage.distance.success", "singling_out.multivariate.success",
                 "singling_out.multivariate.control", "membership.success", "membership.control",
                 "membership.auc")  # fmt: skip
        rows.append((name, *(report.measured(find(measures, f"risk.{each}")) for each in asked)))
    header = ("release", "linked by distance", "singled out", "control", "members at 1 %",
              "control", "membership AUC")  # fmt: skip
    return (
        (
            f"### Perturbed numbers: six columns of UCI Adult, n = {len(kept):,} released, "
            f"{len(held):,} held out"
        ),
        (
            "How to read it: the attacker knows all six numbers of the target exactly; 2,000 targets; "
            "the controls are people who are in no release."
        ),
        report.table(header, rows),
    )


_NUMBERS = {"age": 0, "weight": 2, "education": 4, "gain": 10, "loss": 11, "hours": 12}


def _perturbed(values: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> Iterator[Any]:
    yield "raw, as it is", values
    for k in (5, 25):
        yield f"microaggregated (MDAV), k = {k}", microaggregate(values, k).values
    swapped = values.copy()
    for at, (name, percent) in enumerate((name, 5) for name in _NUMBERS):
        draws = Draws.of(run_key(_SEED), name)
        keys = np.unique(values[:, at], return_inverse=True)[1]
        swapped[:, at] = values[rank_swap(keys, percent, draws), at]
    yield "every column rank swapped, 5 %", swapped
    noise = np.random.default_rng(_SEED).laplace(size=values.shape)
    yield "Laplace noise of a fifth of the spread", values + 0.2 * values.std(axis=0) * noise


def _table(values: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> pa.Table:
    return pa.table(dict(zip(_NUMBERS, values.T, strict=True)))


def main() -> None:
    data = split()
    told: tuple[str, ...] = ("ARX's Adult was not there: left out.",)
    if data is not None:
        told = (*blocks(data), *downcoding_blocks(data))
    told += perturbed_blocks()
    report.publish("deid-attacks", "Attacks that run", report.machine(), *told)


if __name__ == "__main__":
    main()
