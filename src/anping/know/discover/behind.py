"""What stands directly behind a value, or around it: the word of a birth, a copula, brackets.

The same questions for one text and for a buffer of many, where a zero byte ends each text.
"""

from __future__ import annotations

import re

#: Words that only begin with the sign of a birth: 生效, 生產.
_OTHERWISE = "效產活前態意病物鮮涯還財存育理長變成根火氣命機動"
#: The sign of a birth behind a date, at most an hour of the day or a place between.
_BORN = re.compile(
    rf"生(?![{_OTHERWISE}])|出生(?![率證通登])"
    r"| ?(?:(?:凌晨|清晨|早上|上午|中午|下午|傍晚|晚上|晚間|深夜|半夜|當天|那天|這天|[子丑寅卯辰巳午未申酉戌亥]時)?"
    r"(?:[在於][\u3400-\u9fff]{1,6}?)? ?(?:出生(?![率證通登])|誕生|出世|降生)(?!前))"
)
#: A value goes before its label: 6620918 為其病歷號.
_BEFORE_LABEL = re.compile(
    r" ?(?:(?:就|正|便)?[是為即係乃] ?(?:[其他她我你妳]|我們|本人|客戶|病人|病患|患者|該員|家屬|當事人)?(?:的|之)?"
    r"|這本|這份|這支|這組|這個|此一|[之的號])"
    r"| (?:is|was) (?:(?:his|her|my|their|our|the|your) )?(?:(?:patient|customer)'s )?"
)
#: Values behind which :data:`_BEFORE_LABEL` may stand begin with one of these.
OPENING = frozenset("就正便是為即係乃這此之的號 ")
#: The first characters of :data:`_BORN`.
BORN_OPENING = frozenset("生出誕降凌清早上中下傍晚深半當那這子丑寅卯辰巳午未申酉戌亥在於 ")
_DIGIT = re.compile("[0-9]")


def born_behind(folded: str, end: int) -> bool:
    """Return whether a word behind a date that ends at ``end`` says that somebody was born."""
    return _BORN.match(folded, end) is not None


def label_place(folded: str, end: int) -> int | None:
    """Return where a label must begin that names the value before it; None where none can stand."""
    match = _BEFORE_LABEL.match(folded, end)
    return None if match is None else match.end()


def in_brackets(folded: str, start: int, end: int) -> bool:
    """Return whether brackets stand directly before and behind."""
    return start > 0 and folded[start - 1] == "(" and folded[end : end + 1] == ")"


def has_digit(folded: str, start: int, end: int) -> bool:
    """Return whether another number stands between: the label before it is that number's."""
    return _DIGIT.search(folded, start, end) is not None
