"""The examinations of a model, in the order of the report: a section is added here and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence

from anping.core.errors import ParameterError
from anping.core.text import Text
from anping.judge.accuracy import examine_accuracy
from anping.judge.calibration import examine_calibration
from anping.judge.coverage import bounded_by, examine_coverage
from anping.judge.explanation_sections import (
    adversary_section,
    effects_section,
    importance_section,
    inference_section,
    membership_section,
    recourse_section,
    robustness_section,
    shift_section,
    stability_section,
)
from anping.judge.fairness import examine_fairness
from anping.judge.group_section import examine_groups
from anping.judge.judging import Examination, Examined
from anping.judge.proxies import examine_proxies
from anping.judge.section import Section
from anping.judge.thresholds import examine_thresholds


def accuracy(examined: Examined) -> Section:
    """Examine how accurate the model is."""
    return examine_accuracy(
        examined.outcomes, examined.scoring, examined.resampling, seed=examined.asked.seed
    )


def calibration(examined: Examined) -> Section:
    """Examine whether probabilities mean what they say."""
    return examine_calibration(examined.outcomes, examined.resampling, seed=examined.asked.seed)


def thresholds(examined: Examined) -> Section | None:
    """Examine what thresholds bring and cost, of two classes."""
    if examined.outcomes.task != "binary":
        return None
    return examine_thresholds(
        examined.outcomes,
        examined.resampling,
        threshold=examined.threshold,
        costs=examined.asked.costs,
        seed=examined.asked.seed,
    )


def coverage(examined: Examined) -> Section | None:
    """Examine whether intervals or sets hold the truth, of a model that has them."""
    said = bounded_by(examined.predictor, examined.rows, examined.asked.coverage)
    if said is None:
        return None
    return examine_coverage(examined.outcomes, said, examined.frames, examined.resampling)


def groups(examined: Examined) -> Section | None:
    """Examine the results by group, where groups are asked for."""
    if not examined.frames:
        return None
    return examine_groups(
        examined.outcomes,
        [partition for partition, _ in examined.frames],
        examined.scoring,
        examined.resampling,
        least=examined.asked.least,
        seed=examined.asked.seed,
    ).section


def fairness(examined: Examined) -> Section | None:
    """Examine fairness, where groups and answers are given."""
    if not examined.frames or examined.asked.fairness is None:
        return None
    return examine_fairness(
        examined.outcomes,
        examined.frames,
        examined.resampling,
        asked=examined.asked.fairness,
        threshold=examined.threshold,
        seed=examined.asked.seed,
    )


def proxies(examined: Examined) -> Section | None:
    """Examine what gives the groups away, where groups are asked for."""
    if not examined.frames or not examined.asked.proxies:
        return None
    found = examine_proxies(
        examined.outcomes,
        examined.rows,
        examined.frames,
        signature=examined.signature,
        seed=examined.asked.seed,
    )
    return found if found.measures else None


EXAMINATIONS: tuple[Examination, ...] = (
    accuracy,
    calibration,
    thresholds,
    coverage,
    groups,
    fairness,
    proxies,
    importance_section,
    effects_section,
    recourse_section,
    robustness_section,
    shift_section,
    adversary_section,
    stability_section,
    membership_section,
    inference_section,
)


def examinations(names: Sequence[str]) -> tuple[Examination, ...]:
    """Return the examinations of these names (``accuracy``, ``robustness``), in the order of the report.

    Raises ParameterError (``judge.no-examination``) for a name that is none.
    """
    known = {one.__name__.removesuffix("_section"): one for one in EXAMINATIONS}
    for name in names:
        if name not in known:
            listed = ", ".join(known)
            raise ParameterError(
                "judge.no-examination",
                Text(f"沒有檢驗「{name}」。", f"There is no examination “{name}”."),
                hint=Text(f"可用的有：{listed}", f"There are: {listed}"),
            )
    return tuple(one for name, one in known.items() if not names or name in names)
