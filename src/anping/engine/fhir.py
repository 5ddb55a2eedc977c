"""FHIR R4 files: a Bundle, or one resource per line as bulk export writes them (NDJSON).

One resource type is read as one table; :mod:`anping.engine.resources` says how a resource becomes
a row. Which types there are is found by a first pass over the file.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from anping.core.errors import InputError, Where
from anping.core.text import Text
from anping.engine import refusals as refusal
from anping.engine.content import Content
from anping.engine.encodings import Decoded, Survey, chosen
from anping.engine.intake import Intake, Taken
from anping.engine.jsonfiles import Listing, objects_of, outline
from anping.engine.jsonlines import ObjectRows, Objects, UnfitError, json_lines
from anping.engine.reading import ReadOptions
from anping.engine.refusals import Refusals
from anping.engine.resources import REPEATS, Flattener

_BUNDLE = re.compile(rb'\s*\{[^{}\[\]]{0,2000}?"resourceType"\s*:\s*"Bundle"')
_TYPE = re.compile(r"[A-Z][A-Za-z]{1,63}")


@dataclass(frozen=True, slots=True)
class Census:
    """Which resources a file holds, and its Patients by URL where that does not end with the id."""

    types: Counter[str] = field(default_factory=Counter)
    patients: dict[str, str] = field(default_factory=dict)

    def count(self, resource: Any, url: str) -> None:
        """Count one resource."""
        if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
            return
        kind = resource["resourceType"]
        if _TYPE.fullmatch(kind):
            self.types[kind] += 1
        named = resource.get("id")
        if kind == "Patient" and isinstance(named, str) and url and not url.endswith(named):
            self.patients[url] = named


def read_resources(intake: Intake) -> Taken:
    """Read the resources of one type; raise InputError if several are there and none is named."""
    file = _Resources(intake.content, intake.seen, intake.options)
    census = file.census()
    kind = _chosen(census, intake.options, intake.content.name)
    flattener = Flattener(census.patients)
    decoded = intake.decoded()
    reader = ObjectRows(intake, decoded.encoding, lambda value: _shaped(value, kind, flattener))
    rows = reader.take(file.objects(intake.told(decoded, decoded), intake.refusals))
    return Taken(
        rows,
        reader.columns,
        decoded.sha256,
        decoded.encoding,
        newline=decoded.newline,
        notes=_told(census, kind, flattener),
        sparse=True,
    )


def census_of(content: Content, seen: Survey, options: ReadOptions) -> Census:
    """Return what resources a file holds; raise InputError if its JSON is torn."""
    return _Resources(content, seen, options).census()


class _Resources:
    """The resources of one file, however it holds them."""

    def __init__(self, content: Content, seen: Survey, options: ReadOptions) -> None:
        self._content = content
        self._seen = seen
        self._encoding = chosen(content, seen, options.encoding)
        self._listing = self._find()

    def census(self) -> Census:
        census = Census()
        for block in self.objects(self._decoded(), Refusals()):
            for _, raw in block:
                try:
                    value = json.loads(raw)
                except (ValueError, RecursionError):
                    continue
                if isinstance(value, dict):
                    census.count(*_resource_in(value))
        return census

    def objects(self, chunks: Iterable[bytes], refusals: Refusals) -> Iterator[Objects]:
        if self._listing is None:
            return json_lines(chunks, refusals)
        return objects_of(chunks, self._listing, refusals=refusals, file=self._content.name)

    def _decoded(self) -> Decoded:
        return Decoded(self._content, self._encoding, strict_utf8=False)

    def _find(self) -> Listing | None:
        """Return the list that holds the resources, or None where there is one on each line."""
        start = self._seen.head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if _BUNDLE.match(start):
            lists = outline(self._decoded(), file=self._content.name).lists
            entry = next((one for one in lists if one.key == "entry"), None)
            return Listing(2, -2 if entry is None else entry.ordinal)
        if start.startswith(b"["):
            return Listing(1)
        try:
            json.loads(start.split(b"\n", 1)[0])
        except (ValueError, RecursionError):
            return Listing(0)
        return None


def _resource_in(value: dict[str, Any]) -> tuple[Any, str]:
    """Return the resource that an entry of a Bundle holds, and its URL; or the resource itself."""
    if "resourceType" in value:
        return value, ""
    url = value.get("fullUrl", "")
    return value.get("resource"), url if isinstance(url, str) else ""


def _shaped(value: dict[str, Any], kind: str, flattener: Flattener) -> dict[str, Any] | None:
    resource, url = _resource_in(value)
    if resource is None and ("response" in value or "request" in value):
        return None
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        raise UnfitError(refusal.not_a_resource)
    return flattener.flat(resource, url) if resource["resourceType"] == kind else None


def _chosen(census: Census, options: ReadOptions, file: str) -> str:
    asked = options.resource
    if asked is not None and asked in census.types:
        return asked
    if asked is None and len(census.types) == 1:
        return next(iter(census.types))
    listed = [f"{kind} ({count:,})" for kind, count in census.types.most_common()]
    if not listed:
        raise InputError(
            "input.not-a-table",
            Text("檔案裡沒有 FHIR 資源。", "The file holds no FHIR resource."),
            where=Where(file=file),
            hint=Text(
                "可讀取 FHIR R4 的 Bundle（JSON）與 NDJSON。",
                "FHIR R4 Bundles (JSON) and NDJSON are read.",
            ),
        )
    raise InputError(
        "input.which-resource",
        Text("要讀哪一種 FHIR 資源？", "Which FHIR resource type is to be read?"),
        where=Where(file=file),
        hint=Text(
            f"請以 resource 指定其中一種：{'、'.join(listed)}",
            f"Name one as the resource: {', '.join(listed)}",
        ),
    )


def _told(census: Census, kind: str, flattener: Flattener) -> tuple[Text, ...]:
    notes = []
    others = ", ".join(f"{name} ({n:,})" for name, n in census.types.items() if name != kind)
    if others:
        notes.append(
            Text(f"檔案裡的其他資源未讀：{others}。", f"Other resources were not read: {others}.")
        )
    if flattener.more:
        listed = ", ".join(f"{path} ({n:,})" for path, n in flattener.more.most_common(10))
        notes.append(
            Text(
                f"重複超過 {REPEATS} 次的元素，其餘以 JSON 文字放在 _more 欄：{listed}。",
                f"What is repeated more than {REPEATS} times stands as JSON text in a column "
                f"_more: {listed}.",
            )
        )
    if flattener.narratives:
        notes.append(
            Text(
                f"{flattener.narratives:,} 筆的敘述（text.div）只是其餘內容的呈現，未讀。",
                f"Narratives (text.div), which render the rest, were passed over: "
                f"{flattener.narratives:,}.",
            )
        )
    if flattener.without_patient:
        notes.append(
            Text(
                f"{flattener.without_patient:,} 筆沒有指明病人，patient_id 是缺值。",
                f"Resources that name no Patient, so that patient_id is missing: "
                f"{flattener.without_patient:,}.",
            )
        )
    return tuple(notes)
