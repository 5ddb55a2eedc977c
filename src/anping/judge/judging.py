"""What is asked of a judgement, and what every examination of a model is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa

from anping.engine.prediction import Predictor, Signature
from anping.judge.fairness import Fairness
from anping.judge.groups import Partition, partition_by
from anping.judge.metrics import Scoring, scoring_of
from anping.judge.outcomes import Flags, Outcomes
from anping.judge.policy import judging_policy
from anping.judge.resampling import Resampling
from anping.judge.section import Section
from anping.judge.subgroups import Least, hidden_of
from anping.judge.thresholds import Costs, chosen_threshold

#: Learns a model from rows (with the target) by a seed.
Trainer = Callable[[pa.Table, int], Predictor]
#: Columns by whose groups, and their intersections, results are told, at most.
MOST_GROUPS = 4


def _least() -> Least:
    shipped = judging_policy().least
    return Least(shipped.rows, shipped.of_a_class)


@dataclass(frozen=True)
class Judging:
    """What is asked for.

    ``groups`` are columns, in the model or not, by which results are told (``age:25,40`` with cuts);
    ``fairness`` the answers about the decision, None where it was not asked; ``person`` the column
    that says whose row it is. ``threshold`` None follows from the ``costs``, or is one half.
    ``coverage`` is that of the intervals or sets that are checked. ``rows`` are looked at, at most.
    """

    groups: tuple[str, ...] = ()
    person: str | None = None
    threshold: float | None = None
    costs: Costs | None = None
    coverage: float = 0.9
    fairness: Fairness | None = None
    proxies: bool = True
    least: Least = field(default_factory=_least)
    rows: int = 50_000
    draws: int = 1000
    seed: int = 20260101


@dataclass(frozen=True, eq=False)
class Examined:
    """What every examination is given: the model, the rows, what it said of them, and what is asked.

    ``training`` are the rows that it was learnt from, ``trainer`` learns another from rows by a seed as
    this one was learnt; None where they are not at hand.
    """

    predictor: Predictor
    rows: pa.Table
    outcomes: Outcomes
    asked: Judging
    training: pa.Table | None = None
    trainer: Trainer | None = None

    @property
    def signature(self) -> Signature:
        """What the model reads and answers."""
        return self.predictor.signature

    @cached_property
    def resampling(self) -> Resampling:
        """The resamples that all intervals rest on."""
        outcomes, asked = self.outcomes, self.asked
        return Resampling(outcomes.n, outcomes.people, draws=asked.draws, seed=asked.seed)

    @cached_property
    def threshold(self) -> float:
        """From which probability on the second of two classes is decided for."""
        return chosen_threshold(self.asked.threshold, self.asked.costs)

    @cached_property
    def scoring(self) -> Scoring:
        """The metrics of the model's task."""
        return scoring_of(self.outcomes, threshold=self.threshold)

    @cached_property
    def frames(self) -> tuple[tuple[Partition, Flags], ...]:
        """The groups by each column asked for, and which of them are not shown."""
        partitions = [partition_by(self.rows, name) for name in self.asked.groups]
        return tuple((one, hidden_of(self.outcomes, one, self.asked.least)) for one in partitions)


#: One examination: its section, or None where it does not apply.
Examination = Callable[[Examined], Section | None]
