"""What can be searched for: assets by name and title, columns and findings by what they are.

Words come from names, titles and findings. A cell of a table, a document's name and a masked example
are never among them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from anping.core.asset import Asset
from anping.core.columns import ROLE_TITLES, Role
from anping.core.description import FORMAT as DESCRIPTION_FORMAT
from anping.core.description import Description
from anping.core.errors import AnpingError
from anping.core.text import Text
from anping.know.discover.taxonomy import SemanticType, own_types, taxonomy, type_of
from anping.know.expectation_words import TITLES
from anping.know.quality_report import FORMAT as QUALITY_FORMAT
from anping.workspace.search.entry import Entry
from anping.workspace.search.index import Describer, refresh
from anping.workspace.search.search import Found, search
from anping.workspace.step import Record
from anping.workspace.workspace import Workspace

KINDS = {
    "table": Text("資料表", "table"),
    "corpus": Text("文件集", "corpus"),
    "images": Text("影像集", "images"),
    "model": Text("模型", "model"),
    "benchmark": Text("評測集", "benchmark"),
    "report": Text("報告", "report"),
    "plan": Text("計畫", "plan"),
    "policy": Text("政策", "policy"),
    "release": Text("釋出", "release"),
    "column": Text("欄位", "column"),
    "finding": Text("發現", "finding"),
    "description": Text("說明", "description"),
}
#: The reports that say something of columns, and the scope of what they say.
_TOLD = {
    "scan": "columns",
    "findings": "columns",
    "description": "described",
    "quality-data": "quality",
}
_BROKEN = Text("品質期望不符", "Quality expectations are not met")
_DRIFTED = Text("欄位的分布漂移", "The column's distribution drifted")
_STANDS_OUT = frozenset({"broken", "watch", "drifted"})
_SET = Text("這些欄位合起來可指認單獨的列", "Columns that together single rows out")
_IN_TEXTS = Text("文件中找到", "found in documents")
#: Types inside a column that are named; all of them are searched.
_NAMED = 4
#: Measures whose titles are searched, of one statement.
_MEASURES = 200


def find(workspace: Workspace, words: str, *, limit: int = 20) -> Found:
    """Return what the workspace holds under ``words`` of either language, the best first.

    Raises ParameterError for a query without words.
    """
    return search(workspace, words, describe=describer(workspace), limit=limit)


def index(workspace: Workspace, *, anew: bool = False) -> int:
    """Bring the search index up to date, or make it anew; return how many statements it knows."""
    return refresh(workspace, describer(workspace), anew=anew)


def describer(workspace: Workspace) -> Describer:
    """Return the function that tells the entries of an asset of this workspace."""

    def entries(asset: Asset, record: Record) -> dict[str, list[Entry]]:
        found = {f"asset:{asset.name}": [_asset(asset, record)]}
        table, _, end = asset.name.rpartition(".")
        if asset.kind != "report" or end not in _TOLD:
            return found
        try:
            body = json.loads(workspace.path(asset).read_bytes())
            told = list(_said_by(table, body))
        except (AnpingError, OSError, ValueError, LookupError):
            # What cannot be read is found by its name; the doctor says what is wrong with it.
            return found
        # What was said before and is not said again is no longer so.
        found[f"{_TOLD[end]}:{table}"] = told
        return found

    return entries


def _asset(asset: Asset, record: Record) -> Entry:
    predicate = record["predicate"]
    step, given = Text(**predicate["step"]["title"]), predicate["invocation"]["parameters"]
    kind = KINDS[asset.kind]
    title = _said(given, "title") or Text(f"{kind.zh} {asset.name}", f"{kind.en} {asset.name}")
    description = _said(given, "description")
    titles = _measures(predicate) if record["subject"][0]["name"] == asset.reference else ()
    return Entry(
        scope=f"asset:{asset.name}",
        kind=asset.kind,
        asset=asset.name,
        title=title,
        about=step if description is None else description,
        words={
            "title": (kind.zh, kind.en),
            "about": (step.zh, step.en, *titles, *sorted(asset.labels.purposes or ())),
            "column": tuple(field.name for field in asset.schema),
        },
        filters={
            "kind": (asset.kind,),
            "tier": (asset.labels.tier.value,),
            "category": tuple(sorted(asset.labels.categories)),
            "table": (asset.name.partition(".")[0],),
        },
    )


def _description(table: str, body: Mapping[str, Any]) -> Entry:
    """Return what a table is called; what no person has confirmed says that it is proposed."""
    told = Description.from_json(body)
    title = told.title
    if not told.confirmed("title"):
        title = Text(f"{title.zh}（提案）", f"{title.en} (proposed)")
    return Entry(
        scope=f"described:{table}",
        kind="description",
        asset=table,
        title=title,
        about=told.description,
        words={"about": told.tags},
        filters={"kind": ("description",), "table": (table,), "tag": told.tags},
    )


def _said_by(table: str, body: Mapping[str, Any]) -> Iterator[Entry]:
    """Yield what a report says, by its format."""
    form = body.get("format")
    if form == DESCRIPTION_FORMAT:
        yield _description(table, body)
    elif form == QUALITY_FORMAT:
        yield from _quality(table, body)
    else:
        yield from _scanned(table, body)


def _quality(table: str, body: Mapping[str, Any]) -> Iterator[Entry]:
    """Yield a finding for each column (or the table) that breaks expectations or drifted."""
    told: dict[tuple[Text, str], list[Text]] = {}
    for one in body["expectations"]:
        if one["status"] in _STANDS_OUT:
            words = TITLES.get(one["kind"], _BROKEN)
            told.setdefault((_BROKEN, str(one["subject"])), []).append(words)
    for one in body["drift"]:
        if one["status"] in _STANDS_OUT:
            told.setdefault((_DRIFTED, str(one["column"])), []).append(_DRIFTED)
    for (title, column), kinds in told.items():
        yield Entry(
            scope=f"quality:{table}",
            kind="finding",
            asset=table,
            title=title,
            about=Text("；".join(one.zh for one in kinds), "; ".join(one.en for one in kinds)),
            column=column or None,
            filters={"kind": ("finding",), "table": (table,)},
        )


def _said(given: Mapping[str, Any], what: str) -> Text | None:
    """Return a text that a person gave to the step in either language."""
    zh, en = (str(given.get(f"{what}_{language}") or "") for language in ("zh", "en"))
    return Text(zh or en, en or zh) if zh or en else None


def _measures(predicate: Mapping[str, Any]) -> tuple[str, ...]:
    titles = [measure["title"] for measure in predicate["measurements"][:_MEASURES]]
    return tuple(dict.fromkeys(text for title in titles for text in (title["zh"], title["en"])))


def _scanned(table: str, body: Mapping[str, Any]) -> Iterator[Entry]:
    if "findings" not in body:
        yield from _documents(table, body)
        return
    types = taxonomy() | own_types(body.get("entities", ()))

    def known(kind: str) -> SemanticType:
        return type_of(kind, types)

    inside: dict[str, list[str]] = {}
    for one in body.get("inside", ()):
        inside.setdefault(one["column"], []).append(one["type"])
    for finding in body["findings"]:
        yield _column(table, finding, inside.get(finding["column"], ()), known)
    for one in body.get("singlingOut", ()):
        yield Entry(
            scope=f"columns:{table}",
            kind="finding",
            asset=table,
            title=_SET,
            about=Text(*[" × ".join(one["columns"])] * 2),
            words={"column": tuple(one["columns"])},
            filters={"kind": ("finding",), "table": (table,)},
        )


def _column(
    table: str,
    finding: Mapping[str, Any],
    inside: Sequence[str],
    known: Callable[[str], SemanticType],
) -> Entry:
    kind, role = known(finding["semanticType"]), Role(finding["role"])
    within = tuple(dict.fromkeys(inside))
    held = [known(name).title for name in within[:_NAMED]]
    more = "…" if len(within) > _NAMED else ""
    about = ROLE_TITLES[role]
    if held:
        about = Text(
            f"{about.zh}；內含{'、'.join(title.zh for title in held)}{more}",
            f"{about.en}; inside: {', '.join(title.en for title in held)}{more}",
        )
    return Entry(
        scope=f"columns:{table}",
        kind="column",
        asset=table,
        column=finding["column"],
        title=kind.title,
        about=about,
        words={
            "type": (
                kind.id,
                *within,
                *(text for name in within for text in (known(name).title.zh, known(name).title.en)),
            )
        },
        filters={
            "kind": ("column",),
            "type": (kind.id, *within),
            "role": (role.value,),
            "table": (table,),
            "category": tuple(finding["categories"]),
        },
    )


def _documents(corpus: str, body: Mapping[str, Any]) -> Iterator[Entry]:
    """Yield a finding for each type of a corpus; its documents' names may be those of people."""
    for kind, title in body["titles"].items():
        yield Entry(
            scope=f"columns:{corpus}",
            kind="finding",
            asset=corpus,
            title=Text(**title),
            about=_IN_TEXTS,
            words={"type": (kind,)},
            filters={"kind": ("finding",), "type": (kind,), "table": (corpus,)},
        )
