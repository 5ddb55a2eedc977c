"""The content of a dossier: every file of a release but its evidence, written at once or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from anping.core.digest import canonical_json, sha256_file
from anping.core.errors import ParameterError
from anping.core.files import folder_aside
from anping.core.text import LANGUAGES, Text
from anping.engine.cores import beside, in_order
from anping.engine.digesting import Digest
from anping.engine.table import Table
from anping.share.assessment import Assessment, assessment_html
from anping.share.card import Card, card_html, index_html
from anping.share.charts.svg import draw_svg
from anping.share.charts.vega_lite import vega_lite
from anping.share.croissant import croissant
from anping.share.lineage_page import Lineage, lineage_page
from anping.share.odcs import contract_yaml
from anping.share.odrl import odrl_offer
from anping.share.openlineage import StepRun, json_lines
from anping.share.release import ContentFile, Release

PARQUET = "application/vnd.apache.parquet"


@dataclass(frozen=True, slots=True)
class ReleaseContent:
    """What a dossier is written from.

    ``table`` is the protected Parquet file; its bytes are copied, so its digest stays. ``plan``,
    ``policy`` and ``policy_signature`` are files' bytes. ``coverage`` maps column to generalised
    value to leaf to share. ``beside`` are Parquet files that go with the table, by the ends of their
    names. ``scan`` is a summary of findings without any value of a person.
    """

    card: Card
    table: Path
    runs: tuple[StepRun, ...]
    plan: bytes
    policy: bytes
    policy_signature: bytes
    coverage: Mapping[str, Any]
    scan: Mapping[str, Any]
    assessment: Assessment
    #: Where the columns came from, for a page of its own.
    lineage: Lineage | None = None
    beside: Mapping[str, Path] = field(default_factory=dict)


def write_content(folder: Path, content: ReleaseContent) -> tuple[str, ...]:
    """Write every content file of the dossier into a new ``folder``.

    Returns the files' paths relative to it, in POSIX form, sorted. Raises FileExistsError if the
    folder exists, and ParameterError ``release.columns`` if the table is not the one described.
    """
    _check(content)
    with folder_aside(folder) as aside:
        files = _write_data(aside, content)
        _write_metadata(aside, content, files)
        card = replace(content.card, files=files)
        _write_card(aside, card, lineage=content.lineage is not None)
        _write_assessment(aside, card, content.assessment)
        if content.lineage is not None:
            _write_lineage(aside, content.lineage)
        _write_inputs(aside, content)
        paths = [path for path in aside.rglob("*") if path.is_file()]
        return tuple(sorted(path.relative_to(aside).as_posix() for path in paths))


def _check(content: ReleaseContent) -> None:
    release = content.card.release
    footer = pq.read_metadata(content.table)
    names = tuple(footer.schema.to_arrow_schema().names)
    if (
        names == tuple(column.name for column in release.columns)
        and footer.num_rows == release.rows
    ):
        return
    raise ParameterError(
        "release.columns",
        Text(
            "保護後的表與釋出描述的欄位或筆數不同。",
            "The protected table has other columns or another number of rows than described.",
        ),
        hint=Text(
            "請由同一個保護步驟的結果建立描述。",
            "Describe the release from the same protection step's result.",
        ),
    )


def _write_data(folder: Path, content: ReleaseContent) -> tuple[ContentFile, ...]:
    name = content.card.release.name
    (folder / "data").mkdir()
    described = [*_both_forms(folder, content.table, folder / "data" / f"{name}.parquet")]
    for end, table in content.beside.items():
        described += _both_forms(folder, table, folder / "data" / f"{name}.{end}.parquet")
    return tuple(described)


def _both_forms(folder: Path, table: Path, parquet: Path) -> tuple[ContentFile, ContentFile]:
    """Write a table as CSV and, beside that, copy it as the Parquet file that it is."""

    def copied() -> ContentFile:
        shutil.copyfile(table, parquet)
        return _described(folder, parquet, PARQUET, sha256_file(parquet))

    comma = parquet.with_suffix(".csv")
    with beside(copied) as copy:
        digest = _write_csv(table, comma)
        return _described(folder, comma, "text/csv", digest), copy()


def _write_csv(parquet: Path, target: Path) -> str:
    """Write the table as RFC 4180 text in UTF-8, batch by batch; return the text's SHA-256."""
    table = Table.open(parquet)
    flat = pa.schema([(field.name, _plain(field.type)) for field in table.schema])

    def lines(batch: pa.RecordBatch) -> pa.Buffer:
        text = pa.BufferOutputStream()
        rows = pa.Table.from_batches([batch]).cast(flat)
        pc.write_csv(rows, text, pc.WriteOptions(include_header=False))
        return text.getvalue()

    header = pa.BufferOutputStream()
    pc.write_csv(flat.empty_table(), header)
    with target.open("xb") as stream, closing(Digest()) as digest:
        for content in chain([header.getvalue()], in_order(lines, table.batches(coded=True))):
            digest.update(memoryview(content))
            stream.write(content)
        return digest.hexdigest()


def _plain(type_: pa.DataType) -> pa.DataType:
    return type_.value_type if pa.types.is_dictionary(type_) else type_


def _described(folder: Path, path: Path, media_type: str, digest: str) -> ContentFile:
    return ContentFile(path.relative_to(folder).as_posix(), digest, path.stat().st_size, media_type)


def _write_metadata(folder: Path, content: ReleaseContent, files: tuple[ContentFile, ...]) -> None:
    release = content.card.release
    place = folder / "metadata"
    place.mkdir()
    (place / "croissant.json").write_bytes(_json(croissant(release, files)))
    events = json_lines(content.runs, tool=release.tool)
    (place / "openlineage.jsonl").write_bytes(events)
    (place / "contract.odcs.yaml").write_bytes(contract_yaml(release, files))
    (place / "licence.odrl.json").write_bytes(_json(_offer(release)))


def _offer(release: Release) -> dict[str, Any]:
    return odrl_offer(
        release.licence,
        target=f"urn:anping:{release.name}:{release.version}",
        assigner="urn:anping:owner",
        released=release.released.date(),
    )


def _write_card(folder: Path, card: Card, *, lineage: bool) -> None:
    (folder / "charts").mkdir()
    for language in LANGUAGES:
        page = card_html(card, language)
        (folder / f"card.{language}.html").write_text(page, encoding="utf-8", newline="\n")
        for chart in card.charts:
            name = f"{chart.id}.{language}"
            drawing = draw_svg(chart, language) + "\n"
            (folder / "charts" / f"{name}.svg").write_text(drawing, "utf-8", newline="\n")
            (folder / "charts" / f"{name}.vl.json").write_bytes(_json(vega_lite(chart, language)))
    (folder / "index.html").write_text(
        index_html(card, lineage=lineage), encoding="utf-8", newline="\n"
    )


def _write_assessment(folder: Path, card: Card, assessment: Assessment) -> None:
    for language in LANGUAGES:
        page = assessment_html(card, assessment, language)
        path = folder / f"assessment.{language}.html"
        path.write_text(page, encoding="utf-8", newline="\n")


def _write_lineage(folder: Path, lineage: Lineage) -> None:
    for language in LANGUAGES:
        page = lineage_page(lineage.target, lineage.flows, lineage.ends, language)
        path = folder / f"lineage.{language}.html"
        path.write_text(page, encoding="utf-8", newline="\n")


def _write_inputs(folder: Path, content: ReleaseContent) -> None:
    """Write what the release was decided by: plan, policy, measures, coverage and scan."""
    (folder / "protection").mkdir()
    (folder / "plan.yaml").write_bytes(content.plan)
    (folder / "policy.yaml").write_bytes(content.policy)
    (folder / "policy.dsse.json").write_bytes(content.policy_signature)
    measures = [measure.as_json() for measure in content.card.release.measures]
    (folder / "measures.json").write_bytes(_json(measures))
    (folder / "scan.json").write_bytes(_json(content.scan))
    # The replay reads coverage; its bytes are canonical so that they compare.
    (folder / "protection" / "coverage.json").write_bytes(canonical_json(content.coverage))


def _json(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, indent=2, sort_keys=False, allow_nan=False)
    return text.encode() + b"\n"
