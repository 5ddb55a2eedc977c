"""What was done to each column, in ISO/IEC 20889:2018 words, for lineage and for the card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from anping.core.text import Text
from anping.protect.plan_entries import Generalise, Keep, Pseudonym, Redact, Round, Transform


@dataclass(frozen=True, slots=True)
class ColumnOperation:
    """One column's treatment. ``masking``: it passed a transform that hides values (OpenLineage).

    ``technique`` is the ISO/IEC 20889 name, ``none`` for a column released as it is. ``details`` are
    what an analyst needs beside it: the chances of PRAM.
    """

    column: str
    technique: str
    what: Text
    masking: bool
    details: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "column": self.column,
            "technique": self.technique,
            "what": self.what.as_json(),
            "masking": self.masking,
            **({"details": dict(self.details)} if self.details else {}),
        }


def operation(
    column: str, transforms: Sequence[Transform], notes: Sequence[Text] = ()
) -> ColumnOperation:
    """Return the summary of a column's transforms; ``notes`` tell what was found on the way."""
    texts = [_what(transform) for transform in transforms] + list(notes)
    return ColumnOperation(
        column,
        " + ".join(_technique(transform) for transform in transforms),
        Text("；".join(text.zh for text in texts), "; ".join(text.en for text in texts)),
        not all(isinstance(transform, Keep) for transform in transforms),
    )


def partly_shown(done: ColumnOperation) -> ColumnOperation:
    """Return the summary of a column in which some values were safe enough to stay as they were."""
    what = Text(
        f"{done.what.zh}；有些值夠多人共有，維持原樣",
        f"{done.what.en}; values that enough people share stay as they were",
    )
    return replace(done, what=what, masking=False)


_OF_KIND = {
    "keep": ("none", Text("原樣釋出", "released as it is")),
    "drop": ("suppression (attribute)", Text("整欄刪除", "the column is removed")),
    "hmac": (
        "pseudonymization (keyed hash)",
        Text(
            "以金鑰「{key}」換成不可還原的假名（HMAC-SHA-256）",
            "one-way pseudonyms under the key “{key}” (HMAC-SHA-256)",
        ),
    ),
    "aes-siv": (
        "pseudonymization (deterministic encryption)",
        Text(
            "以金鑰「{key}」換成可還原的假名（AES-256-SIV）",
            "pseudonyms that the key “{key}” can turn back (AES-256-SIV)",
        ),
    ),
    "ff1": (
        "pseudonymization (format-preserving encryption)",
        Text(
            "以金鑰「{key}」換成格式不變、可還原的假名（FF1，NIST SP 800-38G）",
            "pseudonyms of the same format that the key “{key}” can turn back (FF1, NIST SP"
            " 800-38G)",
        ),
    ),
    "mask": (
        "masking",
        Text(
            "只留前 {keep_first} 碼與後 {keep_last} 碼",
            "only the first {keep_first} and the last {keep_last} characters stay",
        ),
    ),
    "date_shift": (
        "date shifting (outside ISO/IEC 20889)",
        Text(
            "每人一個秘密位移，最多 ±{max_days} 天，間隔不變",
            "one secret shift per person of up to ±{max_days} days; intervals stay",
        ),
    ),
    "top_bottom": (
        "top and bottom coding",
        Text("超出上下限的數字以界限值代替", "numbers beyond the bounds become the bound"),
    ),
    "round": ("rounding", Text("取整到 {to:g} 的倍數", "rounded to multiples of {to:g}")),
    "random": (
        "rounding (random)",
        Text(
            "隨機進位或捨去到 {to:g} 的倍數", "rounded to multiples of {to:g}, up or down by chance"
        ),
    ),
    "local_suppression": (
        "suppression (local)",
        Text(
            "群組「{group}」的罕見組合清空部分儲存格，直到每種組合至少 {k} 筆",
            "cells of rare combinations of the group “{group}” are emptied until each is held"
            " {k} times",
        ),
    ),
    "microaggregate": (
        "microaggregation (MDAV)",
        Text(
            "群組「{group}」中每 {k} 筆以上相近的列以平均值代替",
            "the mean of at least {k} alike rows by the group “{group}”",
        ),
    ),
    "pram": (
        "randomization (PRAM)",
        Text("依已知的機率換成其他類別", "categories change into others by known chances"),
    ),
    "rank_swap": (
        "randomization (rank swapping)",
        Text(
            "與名次相差不超過 {percent:g} % 的列交換數值",
            "values are swapped between rows whose ranks differ by at most {percent:g} %",
        ),
    ),
    "noise": (
        "randomization (noise addition)",
        Text(
            "每個數字加上由 OpenDP 抽出的雜訊（{distribution}）",
            "noise drawn by OpenDP is added to every number ({distribution})",
        ),
    ),
    "anatomize": (
        "anatomization",
        Text(
            "值放到另一張表，只以群組編號相連，每組至少 {l} 個不同的值",
            "the values stand in a table of their own, linked by groups of at least {l} different"
            " values only",
        ),
    ),
    "generalise": (
        "generalization (k-anonymity)",
        Text(
            "依{kind_zh}的階層概化",
            "generalised along a hierarchy of {kind_en}",
        ),
    ),
    "set_anonymity": (
        "generalization and suppression of set items (k^m-anonymity)",
        Text(
            "集合：任何 {m} 項以內的組合至少 {k} 人有，否則無人有",
            "sets: any combination of up to {m} items is had by {k} people or by nobody",
        ),
    ),
    "redact": (
        "text redaction (outside ISO/IEC 20889)",
        Text("遮蔽文字中的個人資料", "what names a person in the text is replaced"),
    ),
    "redact-mask": (
        "text redaction (outside ISO/IEC 20889)",
        Text(
            "文字中的個人資料逐字以 * 遮住",
            "every character of what names a person in the text becomes *",
        ),
    ),
    "redact-format": (
        "text redaction (outside ISO/IEC 20889)",
        Text(
            "以金鑰「{key}」把文字中的個人資料換成同格式的其他字元",
            "what names a person in the text becomes other characters of the same format under the"
            " key “{key}”",
        ),
    ),
    "redact-surrogate": (
        "text redaction (outside ISO/IEC 20889)",
        Text(
            "以金鑰「{key}」把文字中的個人資料換成擬真的替代值；替代值可能碰巧屬於某人",
            "what names a person in the text becomes a realistic surrogate under the key “{key}”,"
            " which may by chance be somebody's",
        ),
    ),
}


def _entry(transform: Transform) -> tuple[str, Text]:
    if isinstance(transform, Pseudonym):
        return _OF_KIND[transform.method]
    if isinstance(transform, Round) and transform.method == "random":
        return _OF_KIND["random"]
    if isinstance(transform, Redact) and transform.method != "tag":
        return _OF_KIND[f"redact-{transform.method}"]
    return _OF_KIND[transform.do]


def _technique(transform: Transform) -> str:
    return _entry(transform)[0]


_KINDS = {
    "age": Text("年齡", "ages"),
    "number": Text("數值區間", "numeric intervals"),
    "date": Text("日期", "dates"),
    "address": Text("鄉鎮、縣市、區域", "townships, counties and regions"),
    "postal_code": Text("郵遞區號、縣市、區域", "postal codes, counties and regions"),
    "icd10": Text("ICD-10 類目、節、章", "ICD-10 categories, blocks and chapters"),
    "occupation": Text("職業小類、中類、大類", "minor, sub-major and major occupation groups"),
    "category": Text("類別", "categories"),
    "related": Text("與另一欄共同出現而合併的類別", "categories merged by what they occur with"),
    "tree": Text("自訂分類樹", "its own tree"),
    "csv": Text("自訂檔案", "its own file"),
}


def _what(transform: Transform) -> Text:
    text = _entry(transform)[1]
    if isinstance(transform, Generalise):
        kind = _KINDS[transform.hierarchy.kind]
        return text.fill(kind_zh=kind.zh, kind_en=kind.en)
    return text.fill(**transform.model_dump())
