"""How much of the risk step is done; apart from the attacks, so that a shell knows it without them."""

from __future__ import annotations

from typing import Literal

from anping.core.text import Text

#: ``linkage``: linkage and attribute inference only. ``standard``: also SUDA, singling out,
#: linkability, linkage of people and downcoding, all on the quasi-identifiers. ``all``: also what an
#: attacker who knows every released column can do. ``auto``: ``standard`` for a table of at most
#: :data:`MANY_ROWS`, ``linkage`` for a larger one.
Effort = Literal["auto", "linkage", "standard", "all"]

MANY_ROWS = 1_000_000
LEFT_OUT = Text(
    f"表超過 {MANY_ROWS:,} 列：只做了連結與屬性推論攻擊。其他攻擊與 SUDA 要花好幾倍時間，"
    "要做請加 --attacks standard。",
    f"The table has over {MANY_ROWS:,} rows: only linkage and attribute inference were tried. The other "
    "attacks and SUDA take several times as long; ask for them with --attacks standard.",
)


def for_rows(effort: str, rows: int) -> str:
    """Return what ``effort`` means for a table of ``rows`` rows: anything but ``auto``."""
    if effort != "auto":
        return effort
    return "standard" if rows <= MANY_ROWS else "linkage"
