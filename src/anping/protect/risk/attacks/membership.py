"""Membership inference: does the release tell whether a person's record was used to make it.

The attacker knows some columns of a target and calls the target a member when a released record is
near enough. Members are people of the raw table; non-members are people outside it or, without such,
the same members with their own released rows left out. Success is the share of members recognised
when at most 1 % of non-members are taken for one (Carlini et al. 2022, IEEE S&P, "Membership Inference
Attacks From First Principles": the rate that matters at few false alarms).

That this attack fails proves nothing: distances to the closest record pass sets that leak (Yao et al.
2025, arXiv 2505.01524). It is told so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from anping.core.measure import Interval, Measure
from anping.core.text import Text
from anping.protect.risk.attacks.names import MEMBERSHIP
from anping.protect.risk.attacks.nearness import (
    Axis,
    Crowd,
    Nearest,
    axes_of,
    crowd_of,
    most_own,
    nearest,
)
from anping.protect.risk.attacks.outcome import (
    LEFT_OUT,
    ONE_ATTACK,
    OUTSIDERS,
    REPLAY,
    Attack,
    Share,
    outcome,
)
from anping.protect.risk.attacks.scene import Attacked, AttackOptions, sample_targets
from anping.stats.auc import auc, auc_interval
from anping.stats.intervals import newcombe

Scores = NDArray[np.float64]

#: So many records are looked at, to see how many are as near as the nearest.
_LOOKED_AT = 20
#: What counts first outweighs what counts next.
_MISSED, _CROWDED = 10_000.0, 100.0
#: Scores nearer than this are equal.
_TOLD_APART = 0.001

#: At most this share of non-members may be taken for members.
FALSE_ALARMS = 0.01
_TITLE = Text("最多誤認 1% 非成員時認出的成員", "Members recognised at 1 % of false alarms at most")
_AUC = Text("分辨成員與非成員的 AUC", "AUC of telling members from non-members")
_ADVANTAGE = Text(
    "成員攻擊的優勢（真陽性率減偽陽性率）", "Membership advantage: true less false positives"
)
_KNOWS = Text(
    "攻擊者完全正確地知道目標的這些欄位，要猜目標是否在資料集中。",
    "The attacker knows these columns of the target exactly and guesses whether the target is in the "
    "data set.",
)
_NO_PROOF = Text(
    "攻擊失敗不能證明安全：以最近距離為準的檢查會放過會洩漏的資料。",
    "That it fails proves nothing: checks by the closest distance pass data that leak.",
)


@dataclass(frozen=True)
class _Told:
    """How near the release comes to members (t,) and to others (u,): higher is nearer."""

    members: Scores
    others: Scores

    @property
    def flags(self) -> NDArray[np.bool_]:
        return np.arange(self.members.size + self.others.size) < self.members.size

    @property
    def scores(self) -> Scores:
        return np.concatenate([self.members, self.others])


def infer_membership(
    scene: Attacked,
    columns: Sequence[str],
    *,
    options: AttackOptions | None = None,
    subject: str = "",
) -> tuple[Measure, ...]:
    """Attack by the distance to the nearest released record on ``columns``.

    Gives ``risk.membership.success`` (true positives at 1 % false positives at most), ``.control`` (the
    false positives), ``.excess``, ``.auc`` with DeLong's interval, and ``.advantage`` (its threshold is
    chosen on one half of the people and tried on the other). No columns or no released row: no
    measure. Raises SchemaError for a column the release lacks.
    """
    settings = options or AttackOptions()
    known = scene.shared(columns)
    if not known or not scene.released.rows:
        return ()
    told = _told(scene, known, settings)
    if told.members.size < 2 or told.others.size < 2:
        return ()
    hits, false = _recognised(told, np.random.default_rng([settings.seed, 7]))
    attack = Attack(
        MEMBERSHIP,
        _TITLE,
        f"distance to the nearest released row by {len(known)} columns",
        OUTSIDERS if scene.control is not None else LEFT_OUT,
        settings.seed,
        (_KNOWS, _NO_PROOF, ONE_ATTACK),
        subject,
    )
    shares = (Share(hits, told.members.size), Share(false, told.others.size))
    value, interval, tried = _advantage(told)
    area = auc(told.flags, told.scores)
    band = auc_interval(told.flags, told.scores)
    return (
        *outcome(attack, shares[0], control=shares[1]),
        _measure(attack, "auc", area, n=told.scores.size, title=_AUC, interval=band),
        _measure(attack, "advantage", value, n=tried, title=_ADVANTAGE, interval=interval),
    )


def _told(scene: Attacked, known: Sequence[str], settings: AttackOptions) -> _Told:
    generator = np.random.default_rng([settings.seed, 4])
    crowd = crowd_of(scene, known, generator)
    limit = settings.within(crowd.count * len(known))
    targets = sample_targets(scene.people, limit, generator)
    own = scene.own_rows(targets)
    # Who was suppressed is in no way in the release: members are those who are.
    there = np.array([mine.size > 0 for mine in own])
    targets, own = targets[there], [mine for mine in own if mine.size]
    away = scene.outside()
    look = partial(_near, crowd=crowd, generator=generator)
    count = _LOOKED_AT + most_own(own)
    found, floor = look(axes_of(scene, known, targets), targets=targets.size, count=count)
    members = _scores(found.first(_LOOKED_AT), floor)
    if away is None:
        return _Told(members, _scores(found.without(own, _LOOKED_AT), floor))
    strangers = sample_targets(away.people, limit, generator)
    theirs = axes_of(away, known, strangers)
    near = look(theirs, targets=strangers.size, count=_LOOKED_AT)
    return _Told(members, _scores(*near))


def _near(
    axes: Sequence[Axis],
    *,
    crowd: Crowd,
    targets: int,
    count: int,
    generator: np.random.Generator,
) -> tuple[Nearest, Scores]:
    """Return the nearest released rows, and how near one could be to each target at all."""
    found = nearest(axes, crowd, targets=targets, count=count, generator=generator)
    return found, np.sum([axis.floor() for axis in axes], axis=0, dtype=np.float64)


def _scores(found: Nearest, floor: Scores) -> Scores:
    """Return how likely the nearest is the target's own, rounded so that float noise parts nobody.

    What counts first is how much nearer a record could have been, ``floor``. Of those met as near as
    can be, few records as near are better than many; and a lone one, the rarer its values are.
    """
    distance = np.round(found.distances.astype(np.float64), 4)
    alike = (distance == distance[:, :1]).sum(axis=1)
    rarity = np.where(alike == 1, floor, 0.0)
    score = _MISSED * (distance[:, 0] - floor) + _CROWDED * (alike - 1) + rarity
    return np.asarray(-np.round(score / _TOLD_APART) * _TOLD_APART, np.float64)


def _recognised(told: _Told, generator: np.random.Generator) -> tuple[int, int]:
    """Return the members, and the others, above a score that few of the others pass.

    Equal scores are parted at random, as the attacker would guess among them.
    """
    members, others = (
        each + generator.uniform(0, _TOLD_APART / 2, each.size)
        for each in (told.members, told.others)
    )
    cut = np.sort(others)[others.size - 1 - int(FALSE_ALARMS * others.size)]
    return int((members > cut).sum()), int((others > cut).sum())


def _advantage(told: _Told) -> tuple[float, Interval, int]:
    """Return true less false positives on every second person, by the others' best threshold."""
    members, others = told.members[1::2], told.others[1::2]
    cuts = np.unique(np.r_[told.members[::2], told.others[::2]])
    gains = _above(told.members[::2], cuts) - _above(told.others[::2], cuts)
    cut = cuts[gains.argmax()]
    hits, false = int((members >= cut).sum()), int((others >= cut).sum())
    value = hits / members.size - false / others.size
    return value, newcombe(hits, members.size, false, others.size), members.size + others.size


def _above(scores: Scores, cuts: Scores) -> Scores:
    ordered = np.sort(scores)
    below: Scores = np.searchsorted(ordered, cuts, side="left") / ordered.size
    return 1 - below


def _measure(
    attack: Attack, end: str, value: float, *, n: int, title: Text, interval: Interval
) -> Measure:
    return Measure(
        name=f"{attack.name}.{end}",
        value=value,
        unit="score" if end == "auc" else "share",
        n=n,
        title=title,
        subject=attack.subject,
        interval=interval,
        method=attack.method,
        seed=attack.seed,
        assumptions=attack.assumptions,
        replay=REPLAY,
    )
