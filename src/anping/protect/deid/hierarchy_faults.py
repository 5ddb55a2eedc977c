"""The faults of a hierarchy: one error each, with its place and without any value."""

from __future__ import annotations

from anping.core.errors import PlanError, Where
from anping.core.text import Text


def empty(where: Where) -> PlanError:
    """Return the error for a hierarchy that holds no value."""
    return PlanError(
        "deid.hierarchy-empty",
        Text(
            f"欄位「{where.column}」的概化階層是空的。",
            f"The hierarchy of “{where.column}” is empty.",
        ),
        where=where,
        hint=Text(
            "至少要有一個值。",
            "Give at least one value.",
        ),
    )


def ragged(where: Where) -> PlanError:
    """Return the error for a hierarchy whose rows differ in length."""
    return PlanError(
        "deid.hierarchy-ragged",
        Text(
            f"欄位「{where.column}」的概化階層各行層數不同。",
            f"The hierarchy of “{where.column}” has rows with different numbers of levels.",
        ),
        where=where,
        hint=Text(
            "讓每一行有一樣多的層；層數少的值可以在上一層重複自己。",
            "Give every row the same number of levels; a value may repeat itself on the next one.",
        ),
    )


def gap(where: Where) -> PlanError:
    """Return the error for a hierarchy with a blank cell between two levels."""
    return PlanError(
        "deid.hierarchy-gap",
        Text(
            f"欄位「{where.column}」的概化階層中間缺了一層（空白格）。",
            f"The hierarchy of “{where.column}” lacks a level in the middle (a blank cell).",
        ),
        where=where,
        hint=Text(
            "填上這一層的值，或重複下一層的值。",
            "Fill the cell in, or repeat the value of the level below.",
        ),
    )


def blank(where: Where) -> PlanError:
    """Return the error for a hierarchy with a blank cell at an end of a row."""
    return PlanError(
        "deid.hierarchy-blank",
        Text(
            f"欄位「{where.column}」的概化階層有空白格。",
            f"The hierarchy of “{where.column}” has a blank cell at a leaf or at the top.",
        ),
        where=where,
        hint=Text(
            "把這一行從值本身填到最高層，例如 *。",
            "Fill the row from the value itself up to the top level, such as *.",
        ),
    )


def doubled(where: Where) -> PlanError:
    """Return the error for a hierarchy that gives a value twice."""
    return PlanError(
        "deid.hierarchy-doubled",
        Text(
            f"欄位「{where.column}」的概化階層同一個值寫了兩次。",
            f"The hierarchy of “{where.column}” gives a value twice.",
        ),
        where=where,
        hint=Text(
            "每個值只留一行。",
            "Keep one row per value.",
        ),
    )


def cyclic(where: Where) -> PlanError:
    """Return the error for a hierarchy in which a value is its own ancestor."""
    return PlanError(
        "deid.hierarchy-cycle",
        Text(
            f"欄位「{where.column}」的概化階層有一個值是它自己的上層（循環）。",
            f"The hierarchy of “{where.column}” makes a value its own ancestor (a cycle).",
        ),
        where=where,
        hint=Text(
            "讓每個值的上層都比它更粗。",
            "Make every value's parent coarser than itself.",
        ),
    )


def ambiguous(where: Where) -> PlanError:
    """Return the error for a hierarchy with one name for two sets of leaves."""
    return PlanError(
        "deid.hierarchy-ambiguous",
        Text(
            f"欄位「{where.column}」的概化階層有一個名稱在不同層代表不同的範圍。",
            f"The hierarchy of “{where.column}” uses one name for different sets of values on different levels.",
        ),
        where=where,
        hint=Text(
            "替其中一層改名。",
            "Rename it on one of the levels.",
        ),
    )


def two_roots(where: Where) -> PlanError:
    """Return the error for a hierarchy without a common root."""
    return PlanError(
        "deid.hierarchy-two-roots",
        Text(
            f"欄位「{where.column}」的概化階層最高層不只一個值，沒有共同的頂端。",
            f"The hierarchy of “{where.column}” has several values on its top level: no common root.",
        ),
        where=where,
        hint=Text(
            "在每一行最後加一層 *；若第一行是標題，請刪除它。",
            "End every row with one more level, *; if the first row is a header, remove it.",
        ),
    )


def misplaced_leaf(where: Where) -> PlanError:
    """Return the error for a hierarchy whose level 0 is not the leaf."""
    return PlanError(
        "deid.hierarchy-level-zero",
        Text(
            f"欄位「{where.column}」的概化階層第 0 層不是值本身。",
            f"The hierarchy of “{where.column}” does not start each path with the value itself.",
        ),
        where=where,
        hint=Text(
            "每行第一格放原值。",
            "Put the value itself first on its row.",
        ),
    )


def two_parents(where: Where, *, level: int) -> PlanError:
    """Return the error for a value of ``level`` that the next, coarser level splits."""
    return PlanError(
        "deid.hierarchy-two-parents",
        Text(
            f"欄位「{where.column}」的概化階層在第 {level} 層有一個值對應到第 {level + 1} 層的兩個值，"
            "較粗的一層反而把它分開了。",
            f"The hierarchy of “{where.column}” maps a value of level {level} to two values of "
            f"level {level + 1}: a coarser level splits it.",
        ),
        where=where,
        hint=Text("讓每個值只有一個上層值。", "Give every value exactly one parent."),
    )
