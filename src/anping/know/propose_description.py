"""A title, a description and tags are proposed from the evidence that a scan gave.

::

    from anping.know.propose_description import propose_description
    told = propose_description("customers", scan.findings, rows=scan.profile.rows)

They are written of types, counts and months, never of values, and are proposals until a person
confirms them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import pyarrow as pa
import yaml

from anping.core.columns import ColumnFinding, Role
from anping.core.description import Description
from anping.core.measure import Measure, find
from anping.core.text import Text, counted
from anping.engine.stream import mapped
from anping.engine.table import Table
from anping.know.discover.headers import normalise
from anping.know.discover.tally import TALLY, tallied, tally
from anping.know.discover.taxonomy import SemanticType, taxonomy, type_of
from anping.know.discover.written import written
from anping.know.summary_passes import day_of

#: What a type weighs beside a word in a header, and what a theme needs to be proposed.
_TYPE, _WORD, _LEAST = 2.0, 1.0, 2.0
#: Types that say nothing of what a table is about.
_PLAIN = frozenset(
    {"NUMBER", "CATEGORY", "CODE", "TEXT", "EMPTY", "DATE", "RECORD_ID", "LONG_NUMBER"}
)
_PEOPLE = frozenset(
    {
        "PERSON_NAME",
        "TW_NATIONAL_ID",
        "TW_RESIDENT_ID",
        "TW_PASSPORT",
        "MEDICAL_RECORD_NO",
        "US_SSN",
    }
)
_KEYS = frozenset({"TW_NATIONAL_ID", "TW_RESIDENT_ID", "MEDICAL_RECORD_NO", "RECORD_ID"})
_NAMED, _THEMES = 8, 2
_IDENTIFYING = (Role.DIRECT_IDENTIFIER, Role.QUASI_IDENTIFIER)
_SENSITIVE = (Role.SENSITIVE, Role.SPECIAL_CATEGORY)


@dataclass(frozen=True, slots=True)
class Theme:
    """A DCAT theme and what speaks for it."""

    code: str
    title: Text
    types: frozenset[str]
    words: tuple[str, ...]


@cache
def themes() -> tuple[Theme, ...]:
    """Return the themes that can be proposed."""
    text = resources.files("anping.know").joinpath("data", "themes.yaml").read_text("utf-8")
    body: Mapping[str, Any] = yaml.safe_load(text)
    return tuple(
        Theme(
            code, Text(one["zh"], one["en"]), frozenset(one["types"]), tuple(map(str, one["words"]))
        )
        for code, one in body.items()
    )


def propose_description(
    name: str,
    findings: Sequence[ColumnFinding],
    *,
    rows: int,
    measures: Sequence[Measure] = (),
    span: tuple[date, date] | None = None,
    types: Mapping[str, SemanticType] | None = None,
) -> Description:
    """Return what the table ``name`` could be called, and what that rests on.

    ``span`` are the first and last month that its dates cover (:func:`span_of`). ``types`` are the
    known semantic types, a user's own ones among them.
    """
    known = types or taxonomy()
    scores, evidence = _scored(findings)
    about = [theme for theme in themes() if scores[theme.code] >= _LEAST]
    about = sorted(about, key=lambda theme: -scores[theme.code])[:_THEMES]
    held = [kind for kind, _ in Counter(f.semantic_type for f in findings).most_common()]
    telling = [type_of(kind, known).title for kind in held if kind not in _PLAIN][:_NAMED]
    complete = find(tuple(measures), "quality.completeness", "")
    return Description(
        title=_title(name, about, findings, span),
        description=_description(findings, rows, telling, complete=complete, span=span),
        tags=_tags(about, telling, findings),
        evidence=(
            *evidence,
            f"rows:{rows}",
            f"columns:{len(findings)}",
            *(() if complete is None else (f"completeness:{complete.value:.4f}",)),
            *(() if span is None else (f"months:{span[0]:%Y-%m}/{span[1]:%Y-%m}",)),
        ),
    )


def _scored(findings: Sequence[ColumnFinding]) -> tuple[Mapping[str, float], list[str]]:
    """Return how much speaks for each theme, and what does."""
    scores: defaultdict[str, float] = defaultdict(float)
    evidence: list[str] = []
    for theme in themes():
        for finding in findings:
            header = normalise(finding.column)
            if finding.semantic_type in theme.types:
                scores[theme.code] += _TYPE
                evidence.append(f"{theme.code}:type:{finding.semantic_type}")
                continue
            word = next((word for word in theme.words if _says(header, word)), None)
            if word is not None:
                scores[theme.code] += _WORD
                evidence.append(f"{theme.code}:header:{word}")
    return scores, list(dict.fromkeys(evidence))


def _says(header: str, word: str) -> bool:
    if word.isascii():
        return re.search(rf"(?:^| ){re.escape(word)}(?: |$)", header) is not None
    return word in header


def _title(
    name: str,
    about: Sequence[Theme],
    findings: Sequence[ColumnFinding],
    span: tuple[date, date] | None,
) -> Text:
    people = any(finding.semantic_type in _PEOPLE for finding in findings)
    what = Text("個人資料", "personal records") if people else Text("資料", "records")
    if about:
        topic = about[0].title
        what = Text(f"{topic.zh}{what.zh}", f"{topic.en}: {what.en}")
    else:
        what = Text(what.zh, what.en.capitalize())
    months = _months(span)
    return Text(f"{what.zh}（{name}{months.zh}）", f"{what.en} ({name}{months.en})")


def _months(span: tuple[date, date] | None) -> Text:
    if span is None:
        return Text("", "")
    first, last = f"{span[0]:%Y-%m}", f"{span[1]:%Y-%m}"
    if first == last:
        return Text(f"，{first}", f", {first}")
    return Text(f"，{first} 至 {last}", f", {first} to {last}")


def _description(
    findings: Sequence[ColumnFinding],
    rows: int,
    telling: Sequence[Text],
    *,
    complete: Measure | None,
    span: tuple[date, date] | None,
) -> Text:
    zh, en = [], []
    key = next((f for f in findings if f.semantic_type in _KEYS and f.distinct == rows), None)
    if key is not None:
        zh.append(f"每列是不同的「{key.column}」。")
        en.append(f"Each row is another “{key.column}”.")
    if telling:
        zh.append(f"內容有{'、'.join(each.zh for each in telling)}。")
        en.append(f"It holds {', '.join(each.en for each in telling)}.")
    if span is not None:
        zh.append(f"日期涵蓋 {span[0]:%Y-%m} 至 {span[1]:%Y-%m}。")
        en.append(f"Dates run from {span[0]:%Y-%m} to {span[1]:%Y-%m}.")
    source = _source(findings, rows, complete)
    return Text("".join([*zh, source.zh]), " ".join([*en, source.en]))


def _source(findings: Sequence[ColumnFinding], rows: int, complete: Measure | None) -> Text:
    """Return the size and the quality of the table that was looked at: a release may have others."""
    zh = [f"{rows:,} 列、{len(findings)} 欄"]
    en = [f"{counted(rows, 'row')} of {counted(len(findings), 'column')}"]
    if complete is not None:
        zh.append(f"{100 * complete.value:.1f}% 的儲存格有值")
        en.append(f"{100 * complete.value:.1f}% of the cells hold a value")
    direct, quasi = (sum(f.role is role for f in findings) for role in _IDENTIFYING)
    sensitive = sum(f.role in _SENSITIVE for f in findings)
    if direct or quasi or sensitive:
        zh.append(f"直接識別 {direct} 欄、準識別 {quasi} 欄、敏感 {sensitive} 欄")
        en.append(
            f"{counted(direct, 'direct identifier')}, {counted(quasi, 'quasi-identifier')}, "
            f"{counted(sensitive, 'sensitive column')}"
        )
    return Text(f"來源表：{'；'.join(zh)}。", f"The source table: {'; '.join(en)}.")


def _tags(
    about: Sequence[Theme], telling: Sequence[Text], findings: Sequence[ColumnFinding]
) -> tuple[str, ...]:
    personal = any(f.role is not Role.NONE for f in findings)
    found = [theme.code for theme in about]
    found += [word for theme in about for word in (theme.title.zh, theme.title.en)]
    found += [word for each in telling for word in (each.zh, each.en)]
    found += ["個人資料", "personal data"] if personal else []
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class _WrittenDays:
    """Tallies how many cells of each column write each day since 1970."""

    columns: tuple[str, ...]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        found: dict[int, Counter[str]] = {}
        for place, name in enumerate(self.columns):
            texts = written(batch.column(name)).drop_null().value_counts()
            counts: Counter[str] = Counter()
            for text, n in zip(
                texts.field("values").to_pylist(), texts.field("counts").to_pylist(), strict=True
            ):
                day = day_of(text)
                if day is not None:
                    counts[str(int(day))] += n
            found[place] = counts
        return tally(found)


def span_of(
    table: Table, findings: Sequence[ColumnFinding], *, small_count: int = 5
) -> tuple[date, date] | None:
    """Return the first days of the first and last month that ``small_count`` cells reach.

    Looks at the columns of dates, but not of birth; None where there are none.
    """
    columns = tuple(
        f.column for f in findings if f.semantic_type == "DATE" and f.column in table.columns
    )
    if not columns:
        return None
    ends: list[tuple[date, date]] = []
    for counts in tallied(
        mapped(table, _WrittenDays(columns), columns=columns, schema=TALLY)
    ).values():
        days = np.array(sorted(int(day) for day in counts), np.int64)
        behind = np.cumsum([counts[str(day)] for day in days])
        if not behind.size or behind[-1] < 2 * small_count:
            continue
        first = days[np.searchsorted(behind, small_count)]
        last = days[np.searchsorted(behind, behind[-1] - small_count + 1)]
        ends.append((_month(int(first)), _month(int(last))))
    if not ends:
        return None
    return min(first for first, _ in ends), max(last for _, last in ends)


def _month(day: int) -> date:
    return (date(1970, 1, 1) + timedelta(days=day)).replace(day=1)
