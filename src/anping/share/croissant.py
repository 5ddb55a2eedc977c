"""The release in MLCommons Croissant 1.1 with Responsible AI 1.0 fields (JSON-LD).

What the RAI vocabulary has no word for (protection, tier, policy, evidence) stands under
``anping:`` terms. Sources: Croissant 1.1 and Croissant RAI 1.0 specifications.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from anping.core.clock import rfc3339
from anping.core.measure import Measure
from anping.share.bilingual import both
from anping.share.odrl import odrl_offer
from anping.share.release import Column, ContentFile, Release

_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "anping": "https://anping.dev/terms#",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}

_CONFORMS = ("http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0")


def croissant(release: Release, files: Sequence[ContentFile]) -> dict[str, Any]:
    """Return the release's Croissant metadata.

    ``files`` are the data files; the record set reads the first one. Paths are relative to the
    folder of the dossier, so the metadata stands in ``metadata/`` and points to ``../data``.
    """
    target = f"urn:anping:{release.name}:{release.version}"
    offer = odrl_offer(
        release.licence,
        target=target,
        assigner="urn:anping:owner",
        released=release.released.date(),
    )
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": list(_CONFORMS),
        "name": release.name,
        "description": both(release.description, between="\n") or both(release.title),
        "alternateName": release.title.zh,
        "version": release.version_name,
        "datePublished": rfc3339(release.released),
        "url": target,
        "license": release.licence.url or f"urn:anping:licence:{release.licence.id}",
        "creator": {"@type": "sc:Organization", "name": release.owner.en},
        "publisher": {"@type": "sc:Organization", "name": release.owner.en},
        "citeAs": f"{release.owner.en}: {release.title.en}, version {release.version_name}.",
        "keywords": list(release.keywords) or [release.name],
        "isLiveDataset": False,
        "usageInfo": offer,
        "distribution": [_file_object(file) for file in files],
        "recordSet": [_record_set(release, files[0])],
        **_responsible_ai(release),
        **_anping(release),
    }


def _file_object(file: ContentFile) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": file.path,
        "name": file.path,
        "contentUrl": f"../{file.path}",
        "contentSize": f"{file.size} B",
        "encodingFormat": file.media_type,
        "sha256": file.sha256,
    }


def _record_set(release: Release, source: ContentFile) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": "records",
        "name": "records",
        "description": f"{release.rows} records.",
        "field": [
            _field(column, source, place) for place, column in enumerate(release.columns, start=1)
        ],
    }


def _field(column: Column, source: ContentFile, place: int) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"records/{place}",
        "name": column.name,
        "description": both(column.what),
        "dataType": data_type(column.type),
        "source": {"fileObject": {"@id": source.path}, "extract": {"column": column.name}},
        "anping:role": column.role.value,
        "anping:semanticType": column.semantic_type,
        "anping:technique": column.technique or "none",
        "anping:masking": column.masking,
    }


def data_type(arrow: str) -> str:
    """Return the schema.org data type of an Arrow type in words."""
    name = arrow.split("(", maxsplit=1)[0].split("[", maxsplit=1)[0]
    if name.startswith(("int", "uint")):
        return "sc:Integer"
    if name.startswith(("float", "double", "half", "decimal")):
        return "sc:Float"
    if name == "bool":
        return "sc:Boolean"
    if name.startswith(("date", "timestamp")):
        return "sc:Date" if name.startswith("date") else "sc:DateTime"
    return "sc:Text"


def _responsible_ai(release: Release) -> dict[str, Any]:
    """Return the RAI fields that the evidence can fill; the others stay absent."""
    steps = [f"{c.name}: {c.what.en}" for c in release.columns if c.treated]
    steps += [f"{name}: removed" for name in release.dropped]
    personal = [f"{c.name}: {c.role.value} ({c.semantic_type})" for c in release.columns]
    missing = _sentences(release.measures, "quality.completeness")
    fields: dict[str, Any] = {
        "rai:dataPreprocessingProtocol": steps or ["none"],
        "rai:dataManipulationProtocol": (
            "De-identified by Anping according to the plan in plan.yaml; every step is a signed "
            "statement in evidence/."
        ),
        "rai:personalSensitiveInformation": personal,
        "rai:dataLimitations": [limit.en for limit in release.limits] or ["none stated"],
        "rai:dataUseCases": list(release.purposes) or ["as the licence permits"],
        "rai:dataReleaseMaintenancePlan": ["A change is a new version; see evidence/."],
    }
    if missing:
        fields["rai:dataCollectionMissingData"] = " ".join(missing)
    return fields


def _sentences(measures: Iterable[Measure], name: str) -> list[str]:
    return [f"{m.subject}: {m.value:.4f} (n={m.n})." for m in measures if m.name == name]


def _anping(release: Release) -> dict[str, Any]:
    return {
        "anping:tier": release.tier.value,
        "anping:policy": f"{release.policy.name} sha256:{release.policy.digest}",
        "anping:decision": release.verdict.outcome,
        "anping:conditions": [both(text) for text in release.verdict.conditions],
        "anping:purposes": list(release.purposes),
        "anping:measures": "measures.json",
        "anping:evidence": "evidence/statements.intoto.jsonl",
    }
