"""How an attack went, as measures: what succeeded, what its control and a guess give, the excess."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from anping.core.measure import Interval, Measure, Replay
from anping.core.text import Text
from anping.stats.intervals import newcombe, wilson

#: Only whoever holds the raw table can attack again; equal seeds give equal numbers.
REPLAY = Replay("risk.attacks", ("raw",), 1e-9)
ONE_ATTACK = Text(
    "這是一種攻擊的結果；其他攻擊或其他背景知識可能做得更好。",
    "This is the result of one attack; another attack or other knowledge may do better.",
)
LEFT_OUT = Text("對照組：釋出表不含本人的列", "control: the target's own rows left out")
GUESS = Text("猜測", "a guess")
OUTSIDERS = Text("對照組：不在原始表中的人", "control: people who are not in the raw table")


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` of ``n``; an expectation need not be whole."""

    hits: float
    n: int

    @property
    def value(self) -> float:
        """The share, 0 of nothing."""
        return self.hits / self.n if self.n else 0.0


@dataclass(frozen=True, slots=True)
class Attack:
    """What was tried, in words: ``name`` begins the measures' names, ``title`` says the success.

    ``control`` and ``baseline`` say what each of the two is.
    """

    name: str
    title: Text
    method: str
    control: Text
    seed: int
    assumptions: tuple[Text, ...] = (ONE_ATTACK,)
    subject: str = ""
    baseline: Text = GUESS


def outcome(
    attack: Attack, success: Share, *, control: Share, baseline: Share | None = None
) -> tuple[Measure, ...]:
    """Return ``.success``, ``.control``, ``.baseline`` and ``.excess`` over the better of the two.

    Shares have Wilson's interval, the excess Newcombe's. Nothing attacked: no measure.
    """
    if not success.n or not control.n:
        return ()
    other = control
    if baseline is not None and baseline.value > control.value:
        other = baseline
    return tuple(
        Measure(
            name=f"{attack.name}.{end}",
            value=value,
            unit="share",
            n=n,
            title=title,
            subject=attack.subject,
            interval=interval,
            method=attack.method,
            seed=attack.seed,
            assumptions=attack.assumptions,
            replay=REPLAY,
        )
        for end, value, n, interval, title in _rows(
            attack, success, control=control, baseline=baseline, other=other
        )
    )


def _rows(
    attack: Attack, success: Share, *, control: Share, baseline: Share | None, other: Share
) -> Iterator[tuple[str, float, int, Interval, Text]]:
    for end, share, what in (
        ("success", success, None),
        ("control", control, attack.control),
        ("baseline", baseline, attack.baseline),
    ):
        if share is not None:
            yield end, share.value, share.n, wilson(share.hits, share.n), _title(attack, what)
    between = newcombe(round(success.hits), success.n, round(other.hits), other.n)
    excess = success.value - other.value
    interval = Interval(
        min(between.low, excess), max(between.high, excess), between.level, between.method
    )
    better = Text("超出對照組與猜測的部分", "above the better of control and guess")
    yield "excess", excess, success.n, interval, _title(attack, better)


def _title(attack: Attack, what: Text | None) -> Text:
    if what is None:
        return attack.title
    return Text(f"{attack.title.zh}（{what.zh}）", f"{attack.title.en} ({what.en})")
