"""The three questions of WP216, answered from measures: singling out, linkability, inference.

Source: Article 29 Working Party 2014, Opinion 05/2014 on anonymisation techniques (WP216), section
2.2. An answer says what was tried and how it went. That nothing was found is never said to mean
that nothing can be; what was not tried is said not to have been tried.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from anping.core.measure import Measure, find
from anping.core.text import Text
from anping.share.measure_table import shown_interval, shown_value
from anping.share.units import is_before, subject_title

Finding = Literal["possible", "not-shown", "not-tested"]

FINDINGS: dict[Finding, Text] = {
    "possible": Text("仍有可能", "still possible"),
    "not-shown": Text("所做的測試未顯示可能", "not shown possible by what was tried"),
    "not-tested": Text("未測試", "not tested"),
}

_EXCESS = ".excess"
#: A difference to the control that an attack on too few people cannot rule out.
_NOTABLE = 0.1
_UNIQUE = "risk.sample_uniqueness"
_ALL_COLUMNS = "risk.uniqueness.all_columns"
_LOWEST, _HIGHEST = "risk.population_uniqueness.low", "risk.population_uniqueness.high"


@dataclass(frozen=True, slots=True)
class Question:
    """One of the three: what it asks, and which measures speak to it (their names' beginnings)."""

    id: str
    title: Text
    asks: Text
    about: tuple[str, ...]
    attacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found, in words, with the measures it rests on."""

    question: Question
    finding: Finding
    words: tuple[Text, ...]
    measures: tuple[Measure, ...]

    @property
    def verdict(self) -> Text:
        """The finding in words."""
        return FINDINGS[self.finding]


QUESTIONS = (
    Question(
        "singling-out",
        Text("指認", "Singling out"),
        Text(
            "能不能從資料中單獨挑出某一個人？",
            "Can some record, or all, that belong to one person be picked out?",
        ),
        ("risk.class_size.min", _UNIQUE, _ALL_COLUMNS, "risk.population_uniqueness", "risk.suda.few",
         "risk.prosecutor.max", "risk.singling_out"),
        ("risk.singling_out",),
    ),
    Question(
        "linkability",
        Text("連結", "Linkability"),
        Text(
            "能不能把關於同一個人的紀錄連起來，例如拿另一份資料來認？",
            "Can records about one person be linked, with another data set for example?",
        ),
        ("risk.marketer", "risk.journalist.max", "risk.linkage", "risk.linkability"),
        ("risk.linkage", "risk.linkability"),
    ),
    Question(
        "inference",
        Text("推論", "Inference"),
        Text(
            "能不能以相當把握推論出某個人的某項屬性，或他在不在資料中？",
            "Can a value about a person, or that the person is in the data, be told with confidence?",
        ),
        ("risk.l_diversity.min", "risk.t_closeness", "risk.inference", "risk.membership",
         "risk.downcoding"),
        ("risk.inference", "risk.membership", "risk.downcoding"),
    ),
)  # fmt: skip


def three_answers(measures: tuple[Measure, ...]) -> tuple[Answer, ...]:
    """Return the answers to the three questions from a release's measures."""
    after = tuple(measure for measure in measures if not is_before(measure.subject))
    return tuple(_answer(question, after) for question in QUESTIONS)


def _answer(question: Question, measures: tuple[Measure, ...]) -> Answer:
    about = tuple(m for m in measures if _is_of(m, question.about))
    excesses = tuple(m for m in about if _is_of(m, question.attacks) and m.name.endswith(_EXCESS))
    words = [*_counted(question, measures), *_attacked(excesses)]
    return Answer(question, _finding(question, excesses, measures), tuple(words), about)


def _is_of(measure: Measure, names: tuple[str, ...]) -> bool:
    return any(measure.name == name or measure.name.startswith(f"{name}.") for name in names)


def _finding(
    question: Question, excesses: tuple[Measure, ...], measures: tuple[Measure, ...]
) -> Finding:
    counted = () if question.id != "singling-out" else (_UNIQUE, _ALL_COLUMNS)
    known = [found for name in counted if (found := find(measures, name)) is not None]
    if any(found.value > 0 for found in known) or any(_beats(excess) for excess in excesses):
        return "possible"
    return "not-shown" if known or excesses else "not-tested"


def _beats(excess: Measure) -> bool:
    """Return whether an attack did better than its control, beyond what chance explains."""
    return (excess.value if excess.interval is None else excess.interval.low) > 0


def _attacked(excesses: tuple[Measure, ...]) -> tuple[Text, ...]:
    if not excesses:
        return (Text("沒有執行這一類的攻擊。", "No attack of this kind was run."),)
    better = [excess for excess in excesses if _beats(excess)]
    worst = max(better or excesses, key=lambda excess: excess.value)
    value, ends = shown_value(worst), shown_interval(worst)
    zh, en = (f"（{ends}）", f" ({ends})") if ends else ("", "")
    said = worst.subject in {"", "after"} or worst.subject in worst.title.en
    of = Text("", "") if said else subject_title(worst.subject)
    of = of if said else Text(f"（{of.zh}）", f" ({of.en})")
    clear = Text("其中最大的差距", "The largest of these differences")
    within = Text(
        "最大的差距（在機率能解釋的範圍內）", "The largest difference, which chance can explain"
    )
    largest = clear if better else within
    return (
        Text(
            f"實際執行了 {len(excesses)} 項攻擊，其中 {len(better)} 項的成功率明確高於對照組；{largest.zh}是"
            f"「{worst.title.zh}」{of.zh} {value.zh}{zh}，n\u00a0=\u00a0{worst.n:,}。",
            f"{len(excesses)} attacks were run; {len(better)} did clearly better than their control. "
            f"{largest.en}: {worst.title.en}{of.en} {value.en}{en}, n\u00a0=\u00a0{worst.n:,}.",
        ),
        *_too_few(excesses),
    )


def _too_few(excesses: tuple[Measure, ...]) -> tuple[Text, ...]:
    """Return how many attacks met too few people to rule a notable difference out."""
    open_ones = [
        excess
        for excess in excesses
        if not _beats(excess) and excess.interval is not None and excess.interval.high > _NOTABLE
    ]
    if not open_ones:
        return ()
    limit = f"{_NOTABLE:.0%}"
    return (
        Text(
            f"其中 {len(open_ones)} 項攻擊的人太少，不能排除 {limit} 以上的差距。",
            f"{len(open_ones)} of them met too few people to rule out a difference of over {limit}.",
        ),
    )


def _counted(question: Question, measures: tuple[Measure, ...]) -> tuple[Text, ...]:
    if question.id == "singling-out":
        return (*_alone(measures), *_in_population(measures))
    if question.id == "linkability":
        return _averaged(measures)
    return _diverse(measures)


def _alone(measures: tuple[Measure, ...]) -> tuple[Text, ...]:
    said = []
    unique, smallest = find(measures, _UNIQUE), find(measures, "risk.class_size.min")
    if unique is not None and smallest is not None:
        share, size = shown_value(unique), shown_value(smallest)
        said.append(
            Text(
                f"只看準識別欄位：{share.zh} 獨一無二，最小的等價類有 {size.zh} 員"
                f"（n\u00a0=\u00a0{unique.n:,}）。",
                f"On the quasi-identifiers {share.en} stand alone; the smallest class has {size.en} "
                f"(n\u00a0=\u00a0{unique.n:,}).",
            )
        )
    everything = find(measures, _ALL_COLUMNS)
    if everything is not None:
        share = shown_value(everything)
        said.append(
            Text(
                f"把所有釋出的欄位合起來看：{share.zh} 獨一無二（n\u00a0=\u00a0{everything.n:,}）。",
                f"On all released columns together {share.en} are unique "
                f"(n\u00a0=\u00a0{everything.n:,}).",
            )
        )
    return tuple(said)


def _in_population(measures: tuple[Measure, ...]) -> tuple[Text, ...]:
    low, high = find(measures, _LOWEST), find(measures, _HIGHEST)
    if low is None or high is None:
        return (
            Text(
                "未提供母體大小，因此沒有估計母體中有多少人獨一無二。",
                "The population's size was not given, so it was not estimated how many are unique "
                "in it.",
            ),
        )
    if high.value == 0:
        return (
            Text(
                "表中沒有人獨一無二，因此表中也沒有人在母體中獨一無二。",
                "Nobody is unique in the table, so nobody in it is unique in the population.",
            ),
        )
    ends = shown_value(low), shown_value(high)
    return (
        Text(
            f"各母體模型估計，母體中 {ends[0].zh} 至 {ends[1].zh} 在準識別欄位上獨一無二。",
            f"The population models put the people who are unique in it on the quasi-identifiers at "
            f"{ends[0].en} to {ends[1].en}.",
        ),
    )


def _averaged(measures: tuple[Measure, ...]) -> tuple[Text, ...]:
    average = find(measures, "risk.marketer")
    if average is None:
        return ()
    value = shown_value(average)
    return (
        Text(
            f"拿名冊逐筆去認，平均認對的上限是 {value.zh}（n\u00a0=\u00a0{average.n:,}）。",
            f"Whoever links every record with a register is right for at most {value.en} on average "
            f"(n\u00a0=\u00a0{average.n:,}).",
        ),
    )


def _diverse(measures: tuple[Measure, ...]) -> tuple[Text, ...]:
    fewest = [measure for measure in measures if measure.name == "risk.l_diversity.min"]
    if not fewest:
        return ()
    uniform = sorted(measure.subject for measure in fewest if measure.value <= 1)
    if uniform:
        return (
            Text(
                f"這些敏感欄位有等價類只含一種值，知道某人在其中就知道他的值：{'、'.join(uniform)}。",
                "Of these sensitive columns some class holds one value only, so whoever knows that "
                f"a person is in it knows the value: {', '.join(uniform)}.",
            ),
        )
    least = shown_value(min(fewest, key=lambda measure: measure.value))
    return (
        Text(
            f"每個等價類的每個敏感欄位至少有 {least.zh} 種值。",
            f"In every class every sensitive column has at least {least.en} values.",
        ),
    )
