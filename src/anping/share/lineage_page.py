"""A page on the lineage of a table or a column: the drawing, what is left of values, and every flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from anping.core.lineage import Flow, Place
from anping.core.text import LANGUAGE_TAGS, Language, Text
from anping.share.charts.lineage import draw_lineage, kind_of, title_of
from anping.share.pages import environment, resource

_WORDS = {
    "lead": Text(
        "每個欄位從哪裡來、途中做了什麼、原來的值是否還讀得到。內容取自帳本裡簽章的敘述；此頁不含任何資料的值。",
        "Where each column came from, what was done on the way, and whether the original values can still"
        " be read. It is told by the signed statements of the ledger; no value of the data is here.",
    ),
    "picture": Text("圖", "Picture"),
    "ends": Text("原來的值還剩下什麼", "What is left of the values"),
    "flows": Text("逐條列出", "Every flow"),
    "from": Text("來自", "from"),
    "into": Text("成為", "into"),
    "step": Text("步驟", "step"),
    "how": Text("做了什麼", "what was done"),
    "kind": Text("方式", "kind"),
    "hidden": Text("隱藏值", "hides values"),
    "left": Text("剩下", "left"),
    "column": Text("欄位", "column"),
    "none": Text("帳本裡沒有欄位的血緣。", "The ledger tells of no columns."),
    "limits": Text("這一頁沒有說的", "What this page does not say"),
    "limit": Text(
        "「值已隱藏」指經過會隱藏值的處理，不等於無法推回；剩下的風險見風險報告。工作區以外發生的事不在其中。",
        "“Hidden” means that values passed a treatment that hides them, not that nobody can infer them:"
        " see the report on risk. What happened outside the workspace is not in it.",
    ),
}
LEFT = {
    "readable": Text("仍可讀", "can be read"),
    "masked": Text("已隱藏", "hidden"),
    "influence": Text("只有影響", "influence only"),
}
YES_NO = {True: Text("是", "yes"), False: Text("否", "no")}
_SUBTYPES = {
    "IDENTITY": Text("原樣", "as it is"),
    "TRANSFORMATION": Text("轉換", "transformation"),
    "AGGREGATION": Text("彙總", "aggregation"),
    "JOIN": Text("連結", "join"),
    "GROUP_BY": Text("分組", "grouping"),
    "FILTER": Text("篩選", "filter"),
    "SORT": Text("排序", "sorting"),
    "WINDOW": Text("視窗", "window"),
    "CONDITIONAL": Text("條件", "condition"),
}


@dataclass(frozen=True, slots=True)
class DrawnFlow:
    """A flow, and the step (its number in the ledger and its title) that it belongs to."""

    index: int
    title: Text
    flow: Flow


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a table's columns came from, and what is left of the values at the far ends."""

    target: Place
    flows: tuple[DrawnFlow, ...]
    ends: tuple[tuple[Place, str], ...]


def lineage_svg(target: Place, drawn: Sequence[DrawnFlow], language: Language) -> str:
    """Return the drawing alone."""
    return draw_lineage(target, [one.flow for one in drawn], language)


def lineage_page(
    target: Place, drawn: Sequence[DrawnFlow], ends: Sequence[tuple[Place, str]], language: Language
) -> str:
    """Return the page in one language; ``ends`` are the far columns and what is left of their values."""
    template = environment(language).get_template("lineage.html")
    return template.render(
        tag=LANGUAGE_TAGS[language],
        title=title_of(target, language),
        w={name: text.to(language) for name, text in _WORDS.items()},
        drawing=lineage_svg(target, drawn, language),
        ends=[(str(place), left, LEFT[left].to(language)) for place, left in ends],
        flows=[_row(one, language) for one in drawn],
        style=resource("style.css"),
    )


def words_of(flow: Flow, language: Language) -> str:
    """Return what was done, in words."""
    said = flow.what.to(language)
    if flow.technique:
        said = f"{said} ({flow.technique})" if said else flow.technique
    return said or _SUBTYPES[flow.subtype].to(language)


def _row(one: DrawnFlow, language: Language) -> dict[str, Any]:
    flow = one.flow
    return {
        "from": str(flow.source),
        "into": str(flow.into),
        "step": f"#{one.index} {one.title.to(language)}",
        "how": words_of(flow, language),
        "kind": f"{flow.kind} · {_SUBTYPES[flow.subtype].to(language)}",
        "hidden": YES_NO[flow.masking].to(language),
        "style": kind_of(flow),
    }
