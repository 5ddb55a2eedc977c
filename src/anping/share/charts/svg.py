"""A chart drawn as SVG: accessible, in one language, right on paper and in light or dark.

No outside font, script or image; colours are custom properties that follow the reader's scheme.
"""

from __future__ import annotations

from typing import Any

from anping.core.text import Language
from anping.share.charts.bars import draw_bars
from anping.share.charts.canvas import Canvas
from anping.share.charts.chart import Chart
from anping.share.charts.columns import draw_columns
from anping.share.charts.scatter import Scatter, draw_scatter

FONT = (
    "system-ui,-apple-system,'Segoe UI','Noto Sans TC','Noto Sans CJK TC',"
    "'PingFang TC','Microsoft JhengHei',sans-serif"
)

_LIGHT = "--ink:#1d2733;--soft:#55616f;--rule:#dfe3e8;--a:#8b97a6;--b:#0b6e75;--c:#b3541e;--mark:#a3243b;--paper:#ffffff"
_DARK = "--ink:#e8ecf1;--soft:#a9b4c0;--rule:#36414d;--a:#7b8896;--b:#4fc1c7;--c:#f0a070;--mark:#ff8fa1;--paper:#171d23"

_STYLE = f"""
.anping-chart{{{_LIGHT};font:13px {FONT}}}
@media screen and (prefers-color-scheme:dark){{.anping-chart{{{_DARK}}}}}
.anping-chart text{{fill:var(--ink)}}
.anping-chart .heading{{font-size:15px;font-weight:650}}
.anping-chart .soft,.anping-chart .marked{{font-size:12px;paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}}
.anping-chart .soft{{fill:var(--soft)}}
.anping-chart .rule{{stroke:var(--rule);stroke-width:1}}
.anping-chart .axis{{stroke:var(--soft);stroke-width:1}}
.anping-chart .s0{{fill:var(--a)}}.anping-chart .s1{{fill:var(--b)}}.anping-chart .s2{{fill:var(--c)}}
.anping-chart .only{{fill:var(--b)}}
.anping-chart .l0{{stroke:var(--a)}}.anping-chart .l1{{stroke:var(--b)}}.anping-chart .l2{{stroke:var(--c)}}
.anping-chart .lonly{{stroke:var(--b)}}
.anping-chart .path{{stroke-width:2.5}}
.anping-chart .whisker{{stroke:var(--ink);stroke-width:1.5}}
.anping-chart .mark{{stroke:var(--mark);stroke-width:1.5;stroke-dasharray:5 4}}
.anping-chart .marked{{fill:var(--mark)}}
.anping-chart .s3{{fill:var(--ink)}}
.anping-chart .off{{fill-opacity:0;stroke-width:1.3;stroke-opacity:.75}}
.anping-chart .off.s0{{stroke:var(--a)}}.anping-chart .off.s1{{stroke:var(--b)}}.anping-chart .off.s2{{stroke:var(--c)}}.anping-chart .off.s3{{stroke:var(--ink)}}
.anping-chart .front{{fill:none;stroke:var(--ink);stroke-width:1.2;stroke-opacity:.55}}
"""


def draw_svg(chart: Chart | Scatter, language: Language) -> str:
    """Return the chart as one SVG element, well-formed XML, the same for the same chart."""
    if isinstance(chart, Scatter):
        cloud = Canvas(chart, language)
        return _framed(cloud, chart, draw_scatter(cloud))
    canvas = Canvas(chart, language)
    canvas.heading()
    canvas.legend()
    height = draw_bars(canvas) if chart.kind == "bar" else draw_columns(canvas)
    return _framed(canvas, chart, height)


def _framed(canvas: Canvas[Any], chart: Chart | Scatter, height: float) -> str:
    language = canvas.language
    key = f"{chart.id}-{language}"
    label = "zh-Hant-TW" if language == "zh" else "en"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="anping-chart" role="img" lang="{label}" '
        f'viewBox="0 0 {canvas.width} {height:.0f}" width="{canvas.width}" height="{height:.0f}" '
        f'aria-labelledby="{key}-title {key}-text">'
    )
    words = (
        f'<title id="{key}-title">{canvas.escape(chart.title.to(language))}</title>'
        f'<desc id="{key}-text">{canvas.escape(chart.description.to(language))}</desc>'
    )
    style = "<style>" + _STYLE.replace("\n", "") + "</style>"
    return head + words + style + "".join(canvas.parts + canvas.words) + "</svg>"
