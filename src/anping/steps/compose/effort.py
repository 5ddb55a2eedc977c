"""How much of the risk step is done; apart from the attacks, so that a shell knows it without them."""

from __future__ import annotations

from typing import Literal

from anping.core.text import Text

#: ``linkage``: linkage and attribute inference only. ``standard``: also SUDA, singling out,
#: linkability, linkage of people and downcoding, all on the quasi-identifiers. ``all``: also what an
#: attacker who knows every released column can do. ``auto``: ``standard``, on fewer targets above
#: :data:`SAMPLED_ROWS` and without SUDA above :data:`MANY_ROWS`; above :data:`MOST_ROWS` ``linkage``.
Effort = Literal["auto", "linkage", "standard", "all"]

#: ``left-out``: a target's own rows are left out of the release. ``held-out``: also people who were
#: held out of a second protection by the same plan. ``auto``: that for a table where it is cheap.
Control = Literal["auto", "held-out", "left-out"]

#: Above so many rows ``auto`` attacks a smaller sample of targets, above the second it leaves SUDA out,
#: above the third all but linkage and inference, so that ten million rows take minutes.
SAMPLED_ROWS, MANY_ROWS, MOST_ROWS = 1_000_000, 3_000_000, 5_000_000
FEW_TARGETS = 500
SAMPLED = Text(
    f"表超過 {SAMPLED_ROWS:,} 列：連結與屬性推論以外的攻擊，只對隨機抽出的至多 {FEW_TARGETS} 個目標執行（各量測的 n 是"
    "實際數目）；要攻擊更多請加 --attacks standard。",
    f"The table has over {SAMPLED_ROWS:,} rows: attacks other than linkage and attribute inference were run "
    f"on a random sample of at most {FEW_TARGETS} targets (the n of each measure says how many); "
    "--attacks standard attacks more.",
)
WITHOUT_UNIQUES = Text(
    f"表超過 {MANY_ROWS:,} 列：沒有計算 SUDA（少數幾欄就獨特的列）；要算請加 --attacks standard。",
    f"The table has over {MANY_ROWS:,} rows: SUDA (rows that stand out on few columns) was not computed; "
    "ask for it with --attacks standard.",
)
LEFT_OUT = Text(
    f"表超過 {MOST_ROWS:,} 列：只做了連結與屬性推論攻擊。其他攻擊與 SUDA 要把每一欄放進記憶體，"
    "並多花一些時間；要做請加 --attacks standard（可用 --targets 抽樣）。",
    f"The table has over {MOST_ROWS:,} rows: only linkage and attribute inference were tried. The other "
    "attacks and SUDA hold every column in memory and take longer; ask for them with --attacks standard "
    "(--targets draws a sample).",
)


def for_rows(effort: str, rows: int) -> str:
    """Return what ``effort`` means for a table of ``rows`` rows: anything but ``auto``."""
    if effort != "auto":
        return effort
    return "standard" if rows <= MOST_ROWS else "linkage"


def with_uniques(effort: str, rows: int) -> bool:
    """Return whether SUDA is computed for a table of ``rows`` rows."""
    return effort != "linkage" and (effort != "auto" or rows <= MANY_ROWS)


def targets_for(effort: str, rows: int, targets: int) -> int:
    """Return how many are attacked beside linkage and inference where ``targets`` are asked for."""
    sampled = effort == "auto" and rows > SAMPLED_ROWS
    return min(targets, FEW_TARGETS) if sampled else targets


def told_of(effort: str, rows: int) -> tuple[Text, ...]:
    """Return what is said of attacks that ``auto`` runs on fewer targets, or not at all."""
    if effort != "auto" or rows <= SAMPLED_ROWS:
        return ()
    if rows > MOST_ROWS:
        return (LEFT_OUT,)
    return (SAMPLED,) if rows <= MANY_ROWS else (SAMPLED, WITHOUT_UNIQUES)
