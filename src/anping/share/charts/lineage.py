"""Column lineage drawn as SVG: datasets from left to right, a line for each flow between columns.

Whether a flow hides values is told by the line's form as well as its colour. No font, script or image
comes from outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from anping.core.lineage import Flow, Place
from anping.core.text import LANGUAGE_TAGS, Language, Text
from anping.share.charts.scale import text_width

#: Columns of one dataset that are drawn; the table beside the drawing has them all.
SHOWN = 40
_BOX, _GAP, _ROW, _HEAD, _MARGIN = 192, 108, 22, 34, 14
_WIDEST = _BOX - 24
_FONT = "system-ui,-apple-system,'Segoe UI','Noto Sans TC','Noto Sans CJK TC','PingFang TC','Microsoft JhengHei',sans-serif"
_LIGHT = "--ink:#1d2733;--soft:#55616f;--rule:#dfe3e8;--main:#0b6e75;--mark:#a3243b;--paper:#ffffff;--head:#eef2f3"
_DARK = "--ink:#e8ecf1;--soft:#a9b4c0;--rule:#36414d;--main:#4fc1c7;--mark:#ff8fa1;--paper:#171d23;--head:#222b33"
_STYLE = (
    f".lineage{{{_LIGHT};font:13px {_FONT}}}"
    f"@media screen and (prefers-color-scheme:dark){{.lineage{{{_DARK}}}}}"
    ".lineage text{fill:var(--ink)}.lineage .soft{fill:var(--soft);font-size:12px}"
    ".lineage .name{font-weight:650}.lineage .box{fill:var(--paper);stroke:var(--rule)}"
    ".lineage .head{fill:var(--head)}.lineage .asked{stroke:var(--main);stroke-width:2}"
    ".lineage path{fill:none;stroke-width:1.6}.lineage .kept{stroke:var(--main)}"
    ".lineage .masked{stroke:var(--mark);stroke-dasharray:7 4}"
    ".lineage .influence{stroke:var(--soft);stroke-dasharray:2 4}"
)
_LEGEND = (
    ("kept", Text("這一步保留值", "this step keeps the values")),
    ("masked", Text("這一步隱藏值", "this step hides them")),
    ("influence", Text("只有影響，沒有值", "influence only, no values")),
)
_TITLE = Text("{place} 的血緣", "Lineage of {place}")
_SAID = Text(
    "{datasets} 個資料集之間的 {flows} 條欄位血緣；逐條列在旁邊的表裡。",
    "{flows} flows between columns of {datasets} datasets; the table beside lists each.",
)
_MORE = Text("另 {n} 欄", "{n} more columns")


@dataclass(frozen=True, slots=True)
class _Box:
    """A dataset as drawn: its corner, and the height of each of its columns."""

    name: str
    x: float
    y: float
    columns: tuple[str, ...]
    hidden: int

    @property
    def height(self) -> float:
        return _HEAD + _ROW * (len(self.columns) + (self.hidden > 0)) + 6

    def row(self, column: str | None) -> float:
        """Return the height at which a flow of a column ends; of the whole dataset at its head."""
        if column is None:
            return self.y + _HEAD / 2
        place = self.columns.index(column) if column in self.columns else len(self.columns)
        return self.y + _HEAD + _ROW * place + _ROW / 2


def kind_of(flow: Flow) -> str:
    """Return how a flow is drawn: ``kept``, ``masked`` or ``influence``."""
    if flow.kind == "INDIRECT":
        return "influence"
    return "masked" if flow.masking else "kept"


def title_of(target: Place, language: Language) -> str:
    """Return the drawing's title."""
    return _TITLE.fill(place=target).to(language)


def draw_lineage(target: Place, flows: Sequence[Flow], language: Language) -> str:
    """Return one SVG element, well-formed XML, the same for the same flows."""
    boxes = _laid_out(target, flows)
    parts = [_line(flow, boxes) for flow in dict.fromkeys(flows)]
    for box in boxes.values():
        parts += _drawn(box, language, asked=box.name == target.dataset)
    width = max((box.x + _BOX for box in boxes.values()), default=_BOX) + _MARGIN
    bottom = max((box.y + box.height for box in boxes.values()), default=0.0) + 34
    parts += _legend(bottom - 12, language)
    width = max(width, 560)
    said = _SAID.fill(datasets=len(boxes), flows=len(set(flows))).to(language)
    key = f"lineage-{language}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="lineage" role="img" '
        f'lang="{LANGUAGE_TAGS[language]}" viewBox="0 0 {width:.0f} {bottom:.0f}" '
        f'width="{width:.0f}" height="{bottom:.0f}" aria-labelledby="{key}-title {key}-text">'
        f'<title id="{key}-title">{_safe(title_of(target, language))}</title>'
        f'<desc id="{key}-text">{_safe(said)}</desc><style>{_STYLE}</style>{"".join(parts)}</svg>'
    )


def _laid_out(target: Place, flows: Sequence[Flow]) -> dict[str, _Box]:
    """Return a box for each dataset: what came first on the left, what belongs together below."""
    columns: dict[str, dict[str, None]] = {target.dataset: {}}
    if target.column is not None:
        columns[target.dataset][target.column] = None
    for flow in flows:
        for place in (flow.source, flow.into):
            held = columns.setdefault(place.dataset, {})
            if place.column is not None:
                held[place.column] = None
    depth = _depths(columns, flows)
    below: dict[int, float] = {}
    boxes = {}
    for name in sorted(columns, key=lambda name: (depth[name], name)):
        layer = depth[name]
        drawn = tuple(columns[name])
        y = below.get(layer, float(_MARGIN))
        x = _MARGIN + layer * (_BOX + _GAP)
        box = _Box(name, x, y, drawn[:SHOWN], max(0, len(drawn) - SHOWN))
        boxes[name] = box
        below[layer] = y + box.height + _MARGIN
    return boxes


def _depths(names: dict[str, dict[str, None]], flows: Sequence[Flow]) -> dict[str, int]:
    """Return the longest way to each dataset. Lineage has no circles: a version is made once."""
    pairs = {(flow.source.dataset, flow.into.dataset) for flow in flows}
    depth = dict.fromkeys(names, 0)
    for _ in range(len(names)):
        deeper = {into: depth[source] + 1 for source, into in pairs if depth[into] <= depth[source]}
        if not deeper:
            break
        for name, value in deeper.items():
            depth[name] = max(depth[name], value)
    return depth


def _line(flow: Flow, boxes: dict[str, _Box]) -> str:
    source, into = boxes[flow.source.dataset], boxes[flow.into.dataset]
    x1, y1 = source.x + _BOX, source.row(flow.source.column)
    x2, y2 = into.x, into.row(flow.into.column)
    bend = max(40.0, (x2 - x1) / 2)
    return (
        f'<path class="{kind_of(flow)}" d="M{x1:.0f} {y1:.1f}C{x1 + bend:.0f} {y1:.1f} '
        f'{x2 - bend:.0f} {y2:.1f} {x2:.0f} {y2:.1f}"/>'
    )


def _drawn(box: _Box, language: Language, *, asked: bool) -> list[str]:
    kind = "box asked" if asked else "box"
    size = f'width="{_BOX}" height="{box.height:.0f}"'
    inner = f'width="{_BOX - 2}" height="{_HEAD - 6}"'
    parts = [
        f'<rect class="{kind}" x="{box.x:.0f}" y="{box.y:.0f}" {size} rx="6"/>',
        f'<rect class="head" x="{box.x + 1:.0f}" y="{box.y + 1:.0f}" {inner} rx="5"/>',
        _text(box.x + 12, box.y + 20, box.name, "name"),
    ]
    parts += [_text(box.x + 12, box.row(name) + 4, name, "") for name in box.columns]
    if box.hidden:
        y = box.y + _HEAD + _ROW * len(box.columns) + _ROW / 2 + 4
        parts.append(_text(box.x + 12, y, _MORE.fill(n=box.hidden).to(language), "soft"))
    return parts


def _legend(y: float, language: Language) -> list[str]:
    parts, x = [], float(_MARGIN)
    for kind, words in _LEGEND:
        said = words.to(language)
        parts.append(f'<path class="{kind}" d="M{x:.0f} {y - 4:.0f}h28"/>')
        parts.append(_text(x + 34, y, said, "soft"))
        x += 34 + text_width(said, 12.0) + 22
    return parts


def _text(x: float, y: float, words: str, style: str) -> str:
    kind = f' class="{style}"' if style else ""
    return f'<text x="{x:.0f}" y="{y:.1f}"{kind}>{_safe(_cut(words))}</text>'


def _cut(words: str) -> str:
    """Return words that fit into a box."""
    if text_width(words, 13.0) <= _WIDEST:
        return words
    kept = words
    while kept and text_width(kept + "…", 13.0) > _WIDEST:
        kept = kept[:-1]
    return kept + "…"


def _safe(words: str) -> str:
    kept = "".join(c for c in words if c >= " " and c not in "\ufffe\uffff")
    return escape(kept, quote=True)
