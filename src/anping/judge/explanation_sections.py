"""The examinations of what a model leans on and how it breaks, as the report lists them."""

from __future__ import annotations

from dataclasses import replace
from weakref import WeakKeyDictionary

from anping.core.text import Text
from anping.judge.adversary import adversary
from anping.judge.counterfactual import Goal
from anping.judge.importance import Importance, importance
from anping.judge.inference import inference
from anping.judge.judging import Examined
from anping.judge.membership import membership
from anping.judge.outcomes import truth_of
from anping.judge.partial_dependence import effects
from anping.judge.recourse import recourse
from anping.judge.robustness import robustness
from anping.judge.section import Section
from anping.judge.shift import shift
from anping.judge.stability import stability

#: Columns whose curves are drawn, and whose mistakes are tried.
_CURVES, _TRIED = 6, 8
#: What matters is found once for all sections of a model that ask for it.
_FOUND: WeakKeyDictionary[Examined, Importance] = WeakKeyDictionary()


def importance_section(examined: Examined) -> Section:
    """Examine which columns the model leans on."""
    return _told(_importance(examined).section(), examined)


def effects_section(examined: Examined) -> Section:
    """Examine how the answer goes with each of the columns that matter most."""
    columns = _leading(examined, _CURVES)
    found = effects(examined.predictor, examined.rows, columns, seed=examined.asked.seed)
    return _told(found.section(), examined)


def recourse_section(examined: Examined) -> Section | None:
    """Examine what people could do about a decision, of two classes."""
    signature = examined.signature
    if signature.task != "binary":
        return None
    wanted = _favourable(examined)
    first = wanted == signature.classes[0]
    threshold = 1 - examined.threshold if first else examined.threshold
    found = recourse(
        examined.predictor, examined.rows, Goal(wanted, threshold), seed=examined.asked.seed
    )
    return None if found is None else _told(found.section(), examined)


def robustness_section(examined: Examined) -> Section | None:
    """Examine what gaps, noise and mistakes cost."""
    found = robustness(
        examined.predictor,
        examined.rows,
        examined.outcomes.truth,
        seed=examined.asked.seed,
        columns=_leading(examined, _TRIED),
        threshold=examined.threshold,
    )
    return None if found is None else _told(found.section(), examined)


def shift_section(examined: Examined) -> Section | None:
    """Examine the model on other mixes of people."""
    found = shift(
        examined.predictor,
        examined.rows,
        examined.outcomes.truth,
        seed=examined.asked.seed,
        columns=_leading(examined, _TRIED),
    )
    return None if found is None else _told(found.section(), examined)


def adversary_section(examined: Examined) -> Section | None:
    """Examine how small a change turns a decision."""
    found = adversary(
        examined.predictor,
        examined.rows,
        seed=examined.asked.seed,
        threshold=examined.threshold,
    )
    return None if found is None else _told(found.section(), examined)


def stability_section(examined: Examined) -> Section | None:
    """Examine models learnt again, where it is known how this one was learnt."""
    if examined.trainer is None or examined.training is None:
        return None
    found = stability(
        examined.trainer,
        examined.training,
        examined.rows,
        examined.outcomes.truth,
        seed=examined.asked.seed,
    )
    return _told(found.section(), examined)


def membership_section(examined: Examined) -> Section | None:
    """Examine whether the model tells whose rows it learnt from, where those are at hand."""
    training = examined.training
    if training is None or not training.num_rows:
        return None
    truth = truth_of(examined.signature, training)
    found = membership(
        examined.predictor,
        (training, truth),
        (examined.rows, examined.outcomes.truth),
        seed=examined.asked.seed,
        trainer=examined.trainer,
    )
    return None if found is None else _told(found.section(), examined)


def inference_section(examined: Examined) -> Section | None:
    """Examine whether people's columns can be guessed, where the rows learnt from are at hand."""
    training = examined.training
    if training is None or not training.num_rows:
        return None
    found = inference(
        examined.predictor,
        (training, truth_of(examined.signature, training)),
        (examined.rows, examined.outcomes.truth),
        seed=examined.asked.seed,
    )
    return None if found is None else _told(found.section(), examined)


_PEOPLE = Text(
    "有些人有好幾列：這一節的區間把列當成彼此無關，略為太窄。",
    "Some people have several rows: intervals here take rows as unrelated and are somewhat too narrow.",
)


def _told(section: Section, examined: Examined) -> Section:
    """Return the section, with what its intervals pass over where rows do not stand for people."""
    if examined.outcomes.people is None:
        return section
    return replace(section, limits=(*section.limits, _PEOPLE))


def _favourable(examined: Examined) -> str:
    """Return the class that is good for people: as told for fairness, else the first."""
    told = examined.asked.fairness
    named = None if told is None else told.favourable
    return named or examined.signature.classes[0]


def _importance(examined: Examined) -> Importance:
    if examined not in _FOUND:
        _FOUND[examined] = importance(
            examined.predictor, examined.rows, examined.outcomes.truth, seed=examined.asked.seed
        )
    return _FOUND[examined]


def _leading(examined: Examined, most: int) -> tuple[str, ...]:
    return _importance(examined).order[:most]
