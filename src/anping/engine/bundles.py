"""Every resource type of a FHIR file becomes a table of its own, with one id for each person.

::

    from anping.engine.bundles import flatten_fhir
    tables = flatten_fhir(Path("bundle.json"), Path("tables"))
    tables["Observation"].table.columns
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from anping.core.errors import InputError, Where
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.engine.archives import content_of
from anping.engine.encodings import survey
from anping.engine.fhir import census_of
from anping.engine.read import read
from anping.engine.reading import Reading, ReadOptions

_DEFAULTS = ReadOptions()


def flatten_fhir(
    path: Path,
    folder: Path,
    *,
    options: ReadOptions = _DEFAULTS,
    quarantine: Path | None = None,
    progress: Progress = silent,
) -> Mapping[str, Reading]:
    """Write each resource type of a Bundle or NDJSON file to ``folder`` as ``<Type>.parquet``.

    The tables share ``patient_id``. ``quarantine`` is a folder: refused resources go to
    ``<Type>.jsonl`` there. Every type is one pass over the file. Raises InputError as ``read``.
    """
    content = content_of(path, options)
    types = census_of(content, survey(content), options).types
    if not types:
        raise InputError(
            "input.not-a-table",
            Text("檔案裡沒有 FHIR 資源。", "The file holds no FHIR resource."),
            where=Where(file=path.name),
            hint=Text(
                "可讀取 FHIR R4 的 Bundle（JSON）與 NDJSON。",
                "FHIR R4 Bundles (JSON) and NDJSON are read.",
            ),
        )
    return {
        kind: read(
            path,
            into=folder / f"{kind}.parquet",
            options=replace(options, resource=kind, format="fhir"),
            quarantine=None if quarantine is None else quarantine / f"{kind}.jsonl",
            progress=progress,
        )
        for kind in sorted(types)
    }
