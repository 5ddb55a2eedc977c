"""The hierarchies of a plan that follow a published classification, a given tree, or the table."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from anping.core.errors import PlanError
from anping.core.text import Language, Text
from anping.protect.entry import Entry


class PostalCodeHierarchy(Entry):
    """Three-digit postal code of Taiwan, county, region; ``full`` starts at five or six digits."""

    kind: Literal["postal_code"] = "postal_code"
    start: Literal["full", "code", "county"] = "code"


class Icd10Hierarchy(Entry):
    """Diagnosis codes: code, category, block, chapter; ``cm`` is what Taiwan's hospitals write."""

    kind: Literal["icd10"] = "icd10"
    edition: Literal["cm", "who"] = "cm"
    start: Literal["code", "category", "block"] = "code"
    language: Language = "zh"


class OccupationHierarchy(Entry):
    """Occupation codes (ISCO-08, 中華民國職業標準分類): unit, minor, sub-major and major group."""

    kind: Literal["occupation"] = "occupation"
    start: Literal["unit", "minor", "sub_major", "major"] = "unit"
    language: Language = "zh"


class RelatedHierarchy(Entry):
    """Categories that occur with the same values of the column ``by`` are merged, step by step.

    At most ``levels`` levels lie between a value and ``*``.
    """

    kind: Literal["related"] = "related"
    by: str = Field(min_length=1)
    levels: int = Field(default=4, ge=1, le=8)


class TreeHierarchy(Entry):
    """A given tree: ``tree`` in the plan, or a ``file`` beside it.

    ``tree`` is groups within groups, with a list of values in the innermost. A ``.yaml`` or
    ``.json`` file is the same; a ``.csv`` file gives on each line a value and its parent.
    """

    kind: Literal["tree"] = "tree"
    tree: dict[str, Any] | None = Field(default=None, min_length=1)
    file: str | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _is_one_tree(self) -> TreeHierarchy:
        if (self.tree is None) == (self.file is None) or not _is_tree(self.tree or {}):
            raise PlanError(
                "plan.tree",
                Text("這棵分類樹不能用。", "This tree cannot be used."),
                hint=Text(
                    "tree 與 file 擇一；tree 寫成群組，最內層是值的清單，例如 "
                    "tree: {辦公: [文書, 會計], 現場: {操作: [司機]}}。",
                    "Give tree or file; a tree is groups, the innermost with a list of values, "
                    "such as tree: {office: [clerk], works: {drivers: [driver]}}.",
                ),
            )
        return self


def _is_tree(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(name, str) and _is_tree(below) for name, below in value.items())
    return isinstance(value, list | tuple) and all(isinstance(leaf, str) for leaf in value)
