"""Whether a model tells whose rows it learnt from: attacks, each beside a control that must fail.

The attacker knows rows and their truth and asks which were learnt from. Sources: Yeom et al. 2018
(loss); Salem et al. 2019 (confidence); Carlini et al. 2022 (likelihood ratio with shadow models).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.measure import Interval, Measure
from anping.core.text import Text
from anping.engine.prediction import Predictor, Task
from anping.judge.asking import said, sampled_rows
from anping.judge.section import Decision, Outcome, Section
from anping.judge.stability import Trainer
from anping.stats.auc import auc, auc_interval
from anping.stats.intervals import wilson

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
#: An attack that does no better than this tells little about anyone.
_AUC_LIMIT = 0.6
_FALSE_ALARMS = 0.01
_FLOOR = 1e-9
_FEWEST = 50
_TITLES = {
    "loss": Text("損失攻擊", "attack by loss"),
    "confidence": Text("信心攻擊", "attack by confidence"),
    "likelihood": Text("概似比攻擊（影子模型）", "likelihood-ratio attack with shadow models"),
}
_METHODS = {
    "loss": "membership by loss (Yeom et al. 2018)",
    "confidence": "membership by confidence (Salem et al. 2019)",
    "likelihood": "membership by likelihood ratio of shadow models (Carlini et al. 2022)",
}


@dataclass(frozen=True, eq=False)
class Attack:
    """One attack: its AUC, the share of members found at 1 % false alarms, and its control's AUC.

    The control tells two sets apart that both were not learnt from; it must be near one half.
    """

    name: str
    auc: Measure
    found: Measure
    control: Measure


@dataclass(frozen=True, eq=False)
class Membership:
    """All attacks and what the decision rule says of the strongest."""

    attacks: tuple[Attack, ...]
    decision: Decision
    limits: tuple[Text, ...]

    @property
    def measures(self) -> tuple[Measure, ...]:
        """All numbers."""
        return tuple(
            one for attack in self.attacks for one in (attack.auc, attack.found, attack.control)
        )

    def section(self) -> Section:
        """Return the part of the report."""
        return Section(
            "membership",
            Text("看得出誰的資料被用來訓練嗎", "Does it tell whose rows it learnt from"),
            Text(
                "攻擊者知道一列資料與真正的結果，想知道模型是否學過這一列。AUC 0.5 等於亂猜；對照組比較兩批都沒學過的列，必須接近 0.5。",
                "An attacker who knows a row and its outcome asks whether the model learnt from it. An AUC "
                "of 0.5 is guessing; the control compares two sets that were both not learnt from, and must "
                "be near 0.5.",
            ),
            self.measures,
            decisions=(self.decision,),
            limits=self.limits,
        )


def membership(
    predictor: Predictor,
    members: tuple[pa.Table, Floats],
    others: tuple[pa.Table, Floats],
    *,
    seed: int,
    trainer: Trainer | None = None,
    shadows: int = 4,
) -> Membership | None:
    """Return how well attacks tell rows that were learnt from (``members``) from ``others``.

    Both are rows and their truth (n,), class codes or numbers, NaN where unknown; at most 4,000 of
    each are used. With a ``trainer`` there is an attack with ``shadows`` models learnt from halves of
    all rows. None for fewer than 50 rows of either.
    """
    inside = sampled_rows(*members, most=4000, seed=seed)
    outside = sampled_rows(*others, most=4000, seed=seed + 1)
    if min(inside[1].size, outside[1].size) < _FEWEST:
        return None
    task = predictor.signature.task
    said_ = [said(predictor, rows) for rows, _ in (inside, outside)]
    scores = {
        "loss": [_likely(task, each, truth) for each, (_, truth) in zip(said_, (inside, outside), strict=True)]
    }  # fmt: skip
    if task != "number":
        scores["confidence"] = [_confidence(task, each) for each in said_]
    if trainer is not None:
        shadow = _Shadows(task, trainer, inside, outside, seed)
        scores["likelihood"] = shadow.scores([scores["loss"][0], scores["loss"][1]], shadows)
    attacks = tuple(_attack(name, one, other, seed=seed) for name, (one, other) in scores.items())
    return Membership(attacks, _decided(attacks), _limits(trainer))


def _likely(task: Task, values: Floats, truth: Floats) -> Floats:
    """Return (n,): the log-odds of the true class, or minus the squared error; higher is more like a member."""
    if task == "number":
        return -((values - truth) ** 2)
    codes = truth.astype(np.int64)
    if task == "binary":
        chance = np.where(codes == 1, values, 1 - values)
    else:
        chance = values[np.arange(codes.size), codes]
    safe = np.clip(chance, _FLOOR, 1 - _FLOOR)
    odds: Floats = np.log(safe) - np.log1p(-safe)
    return odds


def _confidence(task: Task, values: Floats) -> Floats:
    found: Floats = np.abs(values - 0.5) if task == "binary" else values.max(axis=1)
    return found


def _attack(name: str, inside: Floats, outside: Floats, *, seed: int) -> Attack:
    title, method = _TITLES[name], _METHODS[name]
    n = inside.size + outside.size
    flags, scores = _stacked(inside, outside)
    reached = Measure(
        "judge.membership.auc", auc(flags, scores), "probability", n,
        Text(f"{title.zh}：AUC", f"AUC, {title.en}"), name, auc_interval(flags, scores), method, seed,
    )  # fmt: skip
    # The threshold is set on one half of the outsiders and its false alarms are those of all of them.
    limit = float(np.quantile(outside, 1 - _FALSE_ALARMS, method="higher"))
    hits = int((inside > limit).sum())
    found = Measure(
        "judge.membership.found", hits / inside.size, "share", inside.size,
        Text(f"{title.zh}：誤報 1% 時找出的訓練列", f"Members found at 1 % false alarms, {title.en}"),
        name, wilson(hits, inside.size), method, seed,
    )  # fmt: skip
    order = np.random.default_rng(seed).permutation(outside.size)
    half = outside.size // 2
    flags, scores = _stacked(outside[order[:half]], outside[order[half:]])
    control = Measure(
        "judge.membership.control", auc(flags, scores), "probability", outside.size,
        Text(f"{title.zh}：對照組 AUC", f"AUC of the control, {title.en}"), name,
        auc_interval(flags, scores), "two sets of unseen rows", seed,
    )  # fmt: skip
    return Attack(name, reached, found, control)


def _stacked(one: Floats, other: Floats) -> tuple[Flags, Floats]:
    flags = np.r_[np.ones(one.size, dtype=np.bool_), np.zeros(other.size, dtype=np.bool_)]
    return flags, np.concatenate([one, other])


@dataclass(frozen=True, eq=False)
class _Shadows:
    """Models learnt from halves of members and others together, so that each row is in about half of them."""

    task: Task
    trainer: Trainer
    inside: tuple[pa.Table, Floats]
    outside: tuple[pa.Table, Floats]
    seed: int

    def scores(self, seen: list[Floats], shadows: int) -> list[Floats]:
        """Return the log likelihood ratio of ``seen`` for having been learnt from, (n,) and (m,)."""
        rows = pa.concat_tables([self.inside[0], self.outside[0]], promote_options="permissive")
        truth = np.concatenate([self.inside[1], self.outside[1]])
        draw = np.random.default_rng(self.seed)
        told, learnt = [], []
        for at in range(max(1, shadows // 2)):
            chosen = draw.random(truth.size) < 0.5
            # A half and its complement: every row is inside as often as outside.
            for half in (chosen, ~chosen):
                model = self.trainer(rows.filter(pa.array(half)), self.seed + at)
                told.append(_likely(self.task, said(model, rows), truth))
                learnt.append(half)
        values, flags = np.stack(told), np.stack(learnt)
        inside = (values * flags).sum(axis=0) / flags.sum(axis=0)
        outside = (values * ~flags).sum(axis=0) / (~flags).sum(axis=0)
        # One spread for all rows: few models cannot tell each row's own.
        spreads = [
            float(np.sqrt(np.mean((values - mean)[which] ** 2))) or 1.0
            for mean, which in ((inside, flags), (outside, ~flags))
        ]
        asked = np.concatenate(seen)
        ratio = _log_normal(asked, inside, spreads[0]) - _log_normal(asked, outside, spreads[1])
        size = self.inside[1].size
        return [ratio[:size], ratio[size:]]


def _log_normal(values: Floats, mean: Floats, spread: float) -> Floats:
    found: Floats = -0.5 * ((values - mean) / spread) ** 2 - np.log(spread)
    return found


def _decided(attacks: tuple[Attack, ...]) -> Decision:
    """Return what the rule says: the strongest attack's AUC against the limit, with its interval."""
    worst = max(attacks, key=lambda attack: attack.auc.value)
    bounds = worst.auc.interval or Interval(0.0, 1.0, 0.95, "none")
    control = worst.control.interval or Interval(0.0, 1.0, 0.95, "none")
    fair = control.low <= 0.5 <= control.high
    outcome: Outcome = "undecided"
    why = Text(
        "對照組的區間不含 0.5：兩批沒學過的列本來就不同，無法判定。",
        "The control's interval leaves out 0.5: the unseen rows differ by themselves, so nothing is decided.",
    )
    if fair:
        outcome = "pass" if bounds.high <= _AUC_LIMIT else "fail" if bounds.low > _AUC_LIMIT else "undecided"  # fmt: skip
        why = Text(
            f"最強的攻擊 AUC 為 {worst.auc.value:.3f}（95% 區間 {bounds.low:.3f} 至 {bounds.high:.3f}），界限 {_AUC_LIMIT:g}。",
            f"The strongest attack has an AUC of {worst.auc.value:.3f} (95 % interval {bounds.low:.3f} to "
            f"{bounds.high:.3f}); the limit is {_AUC_LIMIT:g}.",
        )
    rule = Text(
        f"最強攻擊 AUC 的 95% 區間上界不超過 {_AUC_LIMIT:g} 為通過，下界超過為不通過，其餘未定；對照組須含 0.5。這是本工具的慣例，不是法定標準。",
        f"Pass where the upper end of the strongest attack's interval is at most {_AUC_LIMIT:g}, fail where "
        "the lower end is above, else undecided; the control must hold 0.5. A convention of this tool, not "
        "a legal limit.",
    )
    return Decision("membership", outcome, worst.auc, _AUC_LIMIT, rule, why)


def _limits(trainer: Trainer | None) -> tuple[Text, ...]:
    found = [
        Text(
            "攻擊失敗不證明安全：更強的攻擊可能成功。平均的 AUC 也會掩蓋少數特別容易被認出的人。",
            "An attack that fails proves no safety: a stronger one may do better, and a mean hides few "
            "people who are easy to tell.",
        ),
        Text(
            "保留的列若與訓練的列分布不同，攻擊會顯得比實際強。",
            "Where held-out rows are drawn differently from those learnt from, attacks look stronger than "
            "they are.",
        ),
    ]
    if trainer is None:
        found.append(
            Text(
                "沒有影子模型：最強的已知攻擊沒有試。",
                "Without shadow models, the strongest known attack was not tried.",
            )
        )
    return tuple(found)
