"""Population models against populations whose truth is known, and SUDA2: values and CPU seconds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

from anping.engine.table import Table
from anping.protect.risk.classes import EquivalenceClasses, equivalence_classes
from anping.protect.risk.population.estimate import Range, estimate_population
from anping.protect.risk.population.pitman import pitman
from anping.protect.risk.population.sizes import class_sizes
from anping.protect.risk.population.slide import slide_negative_binomial
from anping.protect.risk.population.zayatz import zayatz
from anping.protect.risk.special_uniques import special_uniques
from benchmarks import report

SEED = 20260101
PEOPLE = 400_000
SAMPLES = 5
FRACTIONS = (0.01, 0.05, 0.1, 0.3)
_MODELS = ("zayatz", "pitman", "slide_negative_binomial", "dankar", "copula")
_COUNTRY = 200_000_000


class Case(NamedTuple):
    """A population, its name, and the sampling fractions to try."""

    name: str
    table: pa.Table
    fractions: tuple[float, ...]


def register(people: int) -> pa.Table:
    """Return a made population register: towns of very unlike sizes, jobs that follow schooling."""
    draw = np.random.default_rng(SEED)
    towns = 1 / np.arange(1, 301) ** 1.1
    town = draw.choice(300, people, p=towns / towns.sum())
    age = np.minimum(draw.gamma(6, 8, people).astype(int), 100)
    school = np.clip(((90 - age) / 15 + draw.normal(0, 1.2, people)).astype(int), 0, 6)
    job = (school * 12 + draw.zipf(1.6, people) % 40) % 84
    married = np.where(age < 18, 0, draw.integers(0, 4, people))
    return pa.table(
        {
            "town": town,
            "age": age,
            "sex": draw.integers(0, 2, people),
            "school": school,
            "job": job,
            "married": married,
        }
    )


def adult() -> pa.Table | None:
    """Return Adult as the peers use it, or None where it is absent."""
    path = report.shared("data", "adult_arx", "adult.csv")
    if path is None:
        return None
    return pc.read_csv(path, parse_options=pc.ParseOptions(delimiter=";"))


def truth(population: pa.Table) -> float:
    """Return the share of a population that is unique."""
    classes = equivalence_classes(population, population.column_names)
    return float((classes.people == 1).sum() / population.num_rows)


def sampled(case: Case, fraction: float, seed: int) -> tuple[Table, EquivalenceClasses]:
    """Return a random sample of a population and its classes."""
    rows = case.table.num_rows
    chosen = np.random.default_rng(seed).choice(rows, int(rows * fraction), replace=False)
    sample = case.table.take(chosen)
    return Table.of(sample), equivalence_classes(sample, sample.column_names)


def estimated(case: Case, fraction: float) -> tuple[list[Range], float]:
    """Return what the models say of several samples, and the CPU seconds of one."""
    found, cpu = [], 0.0
    for seed in range(SAMPLES):
        table, classes = sampled(case, fraction, SEED + seed)
        value, took = report.timed(
            lambda table=table, classes=classes: estimate_population(
                table, case.table.column_names, classes, population=case.table.num_rows
            )
        )
        found.append(value)
        cpu += took.cpu / SAMPLES
    return found, cpu


def rows_of(case: Case) -> Iterator[tuple[object, ...]]:
    """Yield a row per sampling fraction: the mean of every model, and how often the range held."""
    known = truth(case.table)
    for fraction in case.fractions:
        found, cpu = estimated(case, fraction)
        means = []
        for model in _MODELS:
            shares = [e.share for each in found for e in each.estimates if e.model == model]
            means.append(report.number(float(np.mean(shares)), 3) if shares else "–")
        held = sum(each.low <= known <= each.high for each in found)
        wide = sum(each.widest.low <= known <= each.widest.high for each in found)
        above = sum(known <= each.high for each in found)
        yield (
            case.name, f"{fraction:.0%}", f"{found[0].members:,}", report.number(known, 3), *means,
            f"{held} / {wide} / {above} of {len(found)}", f"{cpu:.2f}",
        )  # fmt: skip


def golden(table: pa.Table) -> str:
    """Return the estimates for Adult as a sample of 200 million people, beside ARX's."""
    sizes = class_sizes(equivalence_classes(table, table.column_names).people)
    slide = slide_negative_binomial(sizes, _COUNTRY)
    rows = (
        ("Zayatz", ".2646", report.number(zayatz(sizes, _COUNTRY) or 0.0)),
        ("Pitman", ".0443", report.number(pitman(sizes, _COUNTRY) or 0.0, 3)),
        ("slide negative binomial", "0 (its solver fails)", report.number(slide or 0.0, 3)),
    )
    head = f"Adult, 9 columns, n = {sizes.members:,} of {_COUNTRY:,}"
    return report.table((head, "ARX 3.9.2", "Anping"), rows)


def suda(table: pa.Table) -> str:
    """Return what SUDA2 finds on Adult, and how long it takes."""
    rows = []
    for columns, largest in ((8, 3), (8, 4), (9, 4)):
        names = table.column_names[:columns]
        found, took = report.timed(
            lambda names=names, largest=largest: special_uniques(table, names, largest=largest)
        )
        share = float((found.scores > 0).mean())
        rows.append(
            (
                f"{columns} columns, sets of at most {largest}",
                report.number(share),
                f"{took.cpu:.2f}",
            )
        )
    head = f"SUDA2 on Adult, n = {table.num_rows:,}"
    return report.table((head, "rows with a minimal sample unique", "CPU s"), rows)


def main() -> None:
    """Measure and publish."""
    made = Case(f"register of {PEOPLE:,}", register(PEOPLE), FRACTIONS)
    cases, blocks = [made], []
    real = adult()
    if real is not None:
        few = real.select(["sex", "age", "race", "marital-status", "education"])
        cases += [
            Case("Adult, 9 columns", real, FRACTIONS[1:]),
            Case("Adult, 5 columns", few, FRACTIONS[1:]),
        ]
        blocks += [golden(real), suda(real)]
    header = ("population", "sample", "n", "truth", *_MODELS, "truth held", "CPU s")
    rows = [row for case in cases for row in rows_of(case)]
    report.publish(
        "deid-population",
        "Uniqueness in the population",
        report.machine(),
        f"Random samples of populations that are known whole; each estimate is the mean over "
        f"{SAMPLES} samples. “Truth held” counts the samples whose truth lies between the lowest and the "
        f"highest estimate / within the widest of their intervals / at most at the highest estimate. "
        f"CPU seconds are of all models with their intervals.",
        report.table(header, rows),
        *blocks,
    )


if __name__ == "__main__":
    main()
