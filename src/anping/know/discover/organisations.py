"""Names of companies and institutions in running text, by their legal endings."""

from __future__ import annotations

import re

from anping.core.span import Span

ENDINGS = ("有限公司", "企業社", "商行", "工程行", "企業行", "事務所", "醫院", "診所", "基金會")
_NAME = re.compile(f"[\u4e00-\u9fff]{{2,10}}?(?:股份有限公司|{'|'.join(ENDINGS)})")
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
    if not any(ending in folded for ending in ENDINGS):
        return spans
    for match in _NAME.finditer(folded):
        start, end = match.span()
        lead = _LEAD.match(match.group())
        if lead is not None and end - start - lead.end() > _SHORTEST + 2:
            start += lead.end()
        score = 0.55 if folded.endswith(_FIRM, start, end) else 0.3
        spans.append(Span(start, end, "ORGANISATION", score, ("ending",)))
    return spans
