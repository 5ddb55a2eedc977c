"""The fairness tree: from answers about a decision to the measure of fairness that fits its harm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from anping.core.errors import ParameterError
from anping.core.text import Text
from anping.engine.prediction import Task

Truth = Literal["trusted", "doubtful"]
Priority = Literal["benefit", "harm"]
Impact = Literal["normal", "significant", "selective"]
Concern = Literal["eligible", "inclusive", "both"]


@dataclass(frozen=True, slots=True)
class Answers:
    """What is asked about a decision; see :func:`fairness_tree` for the questions in words."""

    priority: Priority = "harm"
    impact: Impact = "normal"
    concern: Concern = "eligible"
    truth: Truth = "trusted"


class Leaf(BaseModel):
    """One end of the tree: the answers that lead to it, the measure, and why it fits.

    ``added`` marks what Anping added to the tree it follows.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    measure: str
    zh: str
    en: str
    truth: Truth | None = None
    priority: Priority | None = None
    impact: Impact | None = None
    concern: Concern | None = None
    added: bool = False

    @property
    def why(self) -> Text:
        """Why the measure fits."""
        return Text(self.zh, self.en)

    def fits(self, answers: Answers) -> bool:
        """Return whether the answers lead here; what the leaf does not ask does not matter."""
        impact: Impact = "selective" if answers.impact == "significant" else answers.impact
        asked = (
            (self.truth, answers.truth),
            (self.priority, answers.priority),
            (self.impact, impact),
            (self.concern, answers.concern),
        )
        return all(wanted is None or wanted == given for wanted, given in asked)


class FairnessTree(BaseModel):
    """The questions and the leaves, for classes and for numbers, with the source."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["anping-fairness-tree-1"]
    source: Text
    date: date
    questions: dict[str, Text]
    classes: tuple[Leaf, ...]
    number: tuple[Leaf, ...]

    def leaf(self, answers: Answers, task: Task) -> Leaf:
        """Return the leaf that the answers lead to, the first that fits.

        Raises ParameterError (``judge.no-leaf``) where the tree has none: a scarce benefit cannot be
        fair to the eligible and to all others at once.
        """
        leaves = self.number if task == "number" else self.classes
        found = next((leaf for leaf in leaves if leaf.fits(answers)), None)
        if found is None:
            raise ParameterError(
                "judge.no-leaf",
                Text(
                    "公平樹沒有這組答案：名額有限的利益不能同時對應得與不應得的人都均等。",
                    "The fairness tree has no such answers: a scarce benefit cannot be even for those who "
                    "are eligible and for all others at once.",
                ),
                hint=Text(
                    "請把 concern 改為 eligible 或 inclusive。",
                    "Choose eligible or inclusive as the concern.",
                ),
            )
        return found


@cache
def fairness_tree() -> FairnessTree:
    """Return the tree that is shipped."""
    content = resources.files("anping.judge").joinpath("data", "fairness_tree.yaml").read_bytes()
    return FairnessTree.model_validate(yaml.safe_load(content))
