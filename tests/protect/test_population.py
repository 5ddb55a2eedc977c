"""Population models: the golden values, simulated populations whose truth is known, and bounds."""

import pickle
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import ParameterError
from anping.engine.table import Table
from anping.protect.risk.classes import equivalence_classes
from anping.protect.risk.population.box import Rectangles, box_probabilities
from anping.protect.risk.population.dankar import dankar
from anping.protect.risk.population.estimate import (
    MODELS,
    estimate_population,
    population_uniqueness,
)
from anping.protect.risk.population.estimator import Estimator
from anping.protect.risk.population.measures import HIGHEST, LOWEST, population_measures
from anping.protect.risk.population.pitman import PitmanFit, fit_pitman, pitman, pitman_uniques
from anping.protect.risk.population.sizes import ClassSizes, class_sizes, population_of
from anping.protect.risk.population.slide import fit_slide, slide_negative_binomial
from anping.protect.risk.population.zayatz import zayatz

COUNTS = st.dictionaries(st.integers(1, 30), st.integers(1, 60), min_size=1, max_size=8)


def sizes_of(counts: dict[int, int]) -> ClassSizes:
    sizes = sorted(counts)
    return ClassSizes(np.array(sizes), np.array([counts[size] for size in sizes]))


def sampled(classes: np.ndarray, fraction: float, seed: int) -> ClassSizes:  # type: ignore[type-arg]
    """Return the class sizes of a sample of a population with classes of these sizes."""
    people = np.repeat(np.arange(classes.size), classes)
    chosen = np.random.default_rng(seed).choice(people, int(people.size * fraction), replace=False)
    return class_sizes(np.bincount(chosen))


def grown(people: int, fit: PitmanFit, seed: int) -> np.ndarray:  # type: ignore[type-arg]
    """Return class sizes drawn by Pitman's formula: the Chinese restaurant with a discount."""
    generator = np.random.default_rng(seed)
    sizes: list[int] = []
    of_person: list[int] = []
    for person, chance in enumerate(generator.random(people).tolist()):
        new = (fit.concentration + fit.discount * len(sizes)) / (person + fit.concentration)
        if person == 0 or chance < new:
            of_person.append(len(sizes))
            sizes.append(1)
            continue
        while True:
            joined = of_person[int(generator.integers(person))]
            if generator.random() < 1 - fit.discount / sizes[joined]:
                break
        of_person.append(joined)
        sizes[joined] += 1
    return np.array(sizes)


def test_the_peers_answers_on_adult(shared: Path) -> None:
    adult = pc.read_csv(
        shared / "data" / "adult_arx" / "adult.csv", parse_options=pc.ParseOptions(delimiter=";")
    )
    sizes = class_sizes(equivalence_classes(adult, adult.column_names).people)
    assert zayatz(sizes, 200_000_000) == pytest.approx(0.2646, abs=5e-5)
    assert pitman(sizes, 200_000_000) == pytest.approx(0.0443, abs=5e-5)
    assert dankar(sizes, 200_000_000) == pitman(sizes, 200_000_000)
    slide = slide_negative_binomial(sizes, 200_000_000)
    assert slide is not None
    assert 0 < slide < 0.5


@pytest.mark.parametrize("fraction", [0.05, 0.1, 0.3, 0.8])
@pytest.mark.parametrize(("shape", "p"), [(0.3, 0.1), (1.0, 0.3)])
def test_the_slide_model_finds_its_own_parameters(shape: float, p: float, fraction: float) -> None:
    generator = np.random.default_rng(3)
    classes = 1 + generator.negative_binomial(shape, p, 60_000)
    truth = float((classes == 1).sum() / classes.sum())
    found = slide_negative_binomial(sampled(classes, fraction, 4), int(classes.sum()))
    assert found == pytest.approx(truth, rel=0.35)
    if fraction > 0.2:
        fit = fit_slide(sampled(classes, fraction, 4), fraction)
        assert fit is not None
        assert fit.shape == pytest.approx(shape, rel=0.15)
        assert fit.odds == pytest.approx((1 - p) / p, rel=0.15)


def test_pitmans_formula_finds_its_own_parameters() -> None:
    truth = PitmanFit(0.5, 300.0)
    classes = grown(60_000, truth, seed=5)
    fit = fit_pitman(class_sizes(classes))
    assert fit is not None
    assert fit.discount == pytest.approx(0.5, abs=0.03)
    assert fit.concentration == pytest.approx(300, rel=0.25)
    share = float((classes == 1).sum() / classes.sum())
    for fraction in (0.05, 0.2):
        assert pitman(sampled(classes, fraction, 6), 60_000) == pytest.approx(share, rel=0.2)


def test_the_expected_uniques_of_pitmans_formula() -> None:
    fit = PitmanFit(0.4, 2.5)
    product = 1.0
    for i in range(1, 50):
        product *= (fit.concentration + fit.discount + i - 1) / (fit.concentration + i)
    assert pitman_uniques(fit, 50) == pytest.approx(product, rel=1e-12)


def test_zayatz_of_a_census_counts() -> None:
    sizes = sizes_of({1: 3, 2: 4, 9: 1})
    assert zayatz(sizes, sizes.members) == pytest.approx(3 / 20)


@settings(deadline=None, max_examples=40)
@given(COUNTS, st.integers(1, 50))
def test_every_model_gives_a_share(counts: dict[int, int], times: int) -> None:
    sizes = sizes_of(counts)
    found = population_uniqueness(sizes, sizes.members * times, seed=1)
    assert found.members == sizes.members
    for estimate in found.estimates:
        assert 0 <= estimate.share <= 1
        if estimate.interval is not None:
            assert estimate.interval.low <= estimate.share <= estimate.interval.high
    assert found.widest.low <= found.low <= found.high <= found.widest.high
    if 1 not in counts:
        assert found.high == 0


@pytest.fixture(scope="module")
def latent() -> pa.Table:
    """A population of 120,000 whose columns are one normal vector, cut: the copula's own."""
    spread = 0.4 * np.ones((5, 5)) + 0.6 * np.eye(5)
    drawn = np.random.default_rng(8).multivariate_normal(np.zeros(5), spread, 120_000)
    cuts = (20, 12, 8, 5, 30)
    return pa.table(
        {f"c{i}": np.digitize(drawn[:, i], np.linspace(-2, 2, k)) for i, k in enumerate(cuts)}
    )


@pytest.mark.parametrize("fraction", [0.02, 0.1, 0.5])
def test_the_copula_finds_the_truth_of_its_own_population(
    latent: pa.Table, fraction: float
) -> None:
    everybody = equivalence_classes(latent, latent.column_names)
    truth = float((everybody.people == 1).sum() / latent.num_rows)
    chosen = np.random.default_rng(9).choice(
        latent.num_rows, int(latent.num_rows * fraction), replace=False
    )
    sample = latent.take(chosen)
    classes = equivalence_classes(sample, sample.column_names)
    found = estimate_population(
        Table.of(sample), sample.column_names, classes, population=latent.num_rows
    )
    assert found.fraction == pytest.approx(fraction, rel=1e-3)
    copula = next(each for each in found.estimates if each.model == "copula")
    assert copula.share == pytest.approx(truth, rel=0.15)
    # Whoever was asked was drawn: the truth lies between the ends, not between the points.
    assert found.widest.low <= truth <= found.widest.high


def test_boxes_against_scipy() -> None:
    stats = pytest.importorskip("scipy.stats", reason="scipy comes with lightgbm")
    spread = np.array([[1, 0.5, 0.2], [0.5, 1, -0.3], [0.2, -0.3, 1]])
    low = np.array([[-1, -0.5, 0.0], [1, 1, -3], [-np.inf, -np.inf, -np.inf]])
    high = np.array([[0, 0.5, 1], [2, np.inf, -1.5], [np.inf, np.inf, np.inf]])
    ours = box_probabilities(Rectangles(low, high), np.linalg.cholesky(spread), seed=1)
    joint = stats.multivariate_normal(cov=spread)
    for box, found in enumerate(ours.tolist()):
        expected = joint.cdf(np.clip(high[box], -30, 30), lower_limit=np.clip(low[box], -30, 30))
        assert found == pytest.approx(expected, rel=0.01)


def test_the_measures_are_a_range(latent: pa.Table) -> None:
    sample = latent.slice(0, 6000)
    classes = equivalence_classes(sample, sample.column_names)
    found = estimate_population(Table.of(sample), sample.column_names, classes, population=120_000)
    measures = {m.name: m for m in population_measures(found, seed=1, subject="after", told=True)}
    low, high = measures[LOWEST], measures[HIGHEST]
    assert low.value < high.value
    assert high.interval is not None
    assert high.interval == low.interval
    assert high.interval.low <= low.value < high.value <= high.interval.high
    assert {m.n for m in measures.values()} == {6000}
    assert measures["risk.sampling_fraction"].value == pytest.approx(0.05)
    assert all(m.replay is not None and m.replay.needs == ("protected",) for m in measures.values())
    again = estimate_population(Table.of(sample), sample.column_names, classes, population=120_000)
    assert again == found


def test_where_models_do_not_fit() -> None:
    alone = sizes_of({1: 40})
    assert pitman(alone, 400) is None
    assert slide_negative_binomial(alone, 400) is None
    assert dankar(alone, 4000) == zayatz(alone, 4000)
    assert population_uniqueness(alone, 400, seed=1).high <= 1


def test_the_size_of_the_population() -> None:
    assert population_of(10) is None
    assert population_of(10, population=200) == 200
    assert population_of(10, sampling_fraction=0.05) == 200
    for wrong, code in (
        ({"population": 9}, "risk.population-small"),
        ({"sampling_fraction": 0.0}, "risk.sampling-fraction"),
        ({"sampling_fraction": float("nan")}, "risk.sampling-fraction"),
        ({"population": 20, "sampling_fraction": 0.5}, "risk.population-twice"),
    ):
        with pytest.raises(ParameterError) as caught:
            population_of(10, **wrong)
        assert caught.value.code == code


def test_an_estimator_for_a_search() -> None:
    sizes, classes = np.array([1, 2, 3, 7]), np.array([40, 12, 0, 5])
    one = {name: Estimator(name)(sizes, classes, 3000) for name in MODELS}  # type: ignore[arg-type]
    assert one["zayatz"] == zayatz(sizes_of({1: 40, 2: 12, 7: 5}), 3000)
    known = [share for share in one.values() if share is not None]
    assert Estimator()(sizes, classes, 3000) == max(known)
    assert Estimator("pitman")(np.array([1]), np.array([9]), 100) is None
    assert Estimator()(sizes, np.zeros(4, int), 3000) == 0
    assert Estimator()(sizes, classes, 1) == pytest.approx(40 / 99)
    assert pickle.loads(pickle.dumps(Estimator("dankar"))) == Estimator("dankar")
