"""Names of companies and institutions in running text, by their legal endings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from anping.core.span import Span

ENDINGS = ("有限公司", "企業社", "商行", "工程行", "企業行", "事務所", "醫院", "診所", "基金會")
_ENDING = re.compile(f"股份有限公司|{'|'.join(ENDINGS)}")
#: What an ending belongs to has two to ten Chinese characters before it.
_LEAST, _MOST = 2, 10
_FIRST_HAN, _LAST_HAN = "\u4e00", "\u9fff"
#: Words that lead into a name without being part of it.
_LEAD = re.compile(
    ".*(?:任職|名稱|服務於|公司為|位於|隸屬|來自|轉至|轉診|客戶|廠商|[於在為是至由向與和及到往從])"
)
_SHORTEST = 2
#: Endings that only a firm's registered name has.
_FIRM = ("有限公司", "企業社", "商行", "工程行", "企業行")


def find_organisations(folded: str) -> list[Span]:
    """Return organisations: firms with score .55, others (hospitals, offices) with .3.

    They do not name a person, but may single one out.
    """
    spans: list[Span] = []
    for start, end in _ended(folded):
        lead = _LEAD.match(folded[start:end])
        leads = lead is not None and end - start - lead.end() > _SHORTEST + 2
        begin = start + lead.end() if leads and lead else start
        score = 0.55 if folded.endswith(_FIRM, begin, end) else 0.3
        spans.append(Span(begin, end, "ORGANISATION", score, ("ending",)))
    return spans


def _ended(folded: str) -> Iterator[tuple[int, int]]:
    """Yield where Chinese characters with an ending begin and end, from the left, none in another."""
    place = 0
    ending = _ENDING.search(folded)
    while ending is not None:
        at = start = ending.start()
        least = max(place, at - _MOST)
        while start > least and _FIRST_HAN <= folded[start - 1] <= _LAST_HAN:
            start -= 1
        if at - start >= _LEAST:
            place = ending.end()
            yield start, place
        ending = _ENDING.search(folded, max(place, at + 1))
