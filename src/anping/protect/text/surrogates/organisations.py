"""Surrogates of organisations: another name before the same legal form or kind of place."""

from __future__ import annotations

import re

from anping.core import taiwan
from anping.protect.text.folding import fold
from anping.protect.text.surrogates.draw import Draw
from anping.protect.text.surrogates.layout import reformed

_FORM = re.compile(
    r"(?:(?:科技|實業|企業|工業|建設|貿易|國際|電子|生技|精密|食品|營造|保險|證券|投信)*"
    r"(?:股份有限公司|有限公司|公司|企業社|工作室|商行|事務所)"
    r"|(?:商業|合作)?(?:銀行|金庫)(?:股份有限公司)?|(?:綜合|紀念|聯合|總)?醫院|診所|藥局"
    r"|(?:國民)?[國高]?[中小]學|國[中小]|高[中職工商]|大學|幼兒園|基金會|協會|農會|中心|分行|分局|派出所)$"
)
_FIRST = "宏盛昌永富嘉聯鴻泰瑞新東立信長華榮美康安"
_SECOND = "達成興隆昇業佳邦盈泰群源豐慶碩宇川昕岳和"


def organisation(text: str, draw: Draw) -> str:
    """Return another organisation of the same legal form; the county before its name stays."""
    bare = text.rstrip()
    form = _FORM.search(bare)
    if form is None or form.start() == 0:
        return reformed(text, draw)
    folded = fold(bare)
    county = next((name for name in taiwan.counties() if folded.startswith(name)), "")
    return f"{bare[: len(county)]}{draw.one_of(_FIRST)}{draw.one_of(_SECOND)}{form[0]}"
