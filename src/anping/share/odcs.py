"""The release as a data contract: Open Data Contract Standard 3.1.0 (Bitol), in YAML."""

from __future__ import annotations

import uuid
from typing import Any

import yaml

from anping.core.clock import rfc3339
from anping.core.labels import Tier
from anping.share.bilingual import both
from anping.share.release import Column, ContentFile, Release

_LOGICAL = (
    (("int", "uint"), "integer"),
    (("float", "double", "half", "decimal"), "number"),
    (("bool",), "boolean"),
    (("timestamp",), "timestamp"),
    (("date",), "date"),
)

#: ODCS classification words for tiers, from anybody to nobody outside.
_CLASSIFICATION = {
    Tier.OPEN: "public",
    Tier.REGISTERED: "restricted",
    Tier.CONTROLLED: "confidential",
    Tier.INTERNAL: "internal",
}


def contract(release: Release, files: tuple[ContentFile, ...]) -> dict[str, Any]:
    """Return the contract as plain values; ``files`` are the data files it is about."""
    urn = f"urn:anping:{release.name}:{release.version}"
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, urn)),
        "name": release.name,
        "version": release.version_name,
        "status": "active",
        "contractCreatedTs": rfc3339(release.released),
        "description": {
            **({"purpose": both(release.description)} if both(release.description) else {}),
            "limitations": "\n".join(both(limit) for limit in release.limits) or "none stated",
            "usage": both(release.licence.summary),
        },
        "tags": [release.tier.value, *release.keywords],
        "schema": [_object(release, files)],
        "team": {"name": release.owner.en, "description": release.owner.zh},
        "roles": _roles(release),
        "slaProperties": _service_levels(release),
        "authoritativeDefinitions": [
            {"type": "evidence", "url": "evidence/statements.intoto.jsonl"},
            {"type": "policy", "url": "policy.yaml"},
            {"type": "licence", "url": "metadata/licence.odrl.json"},
        ],
        "customProperties": _properties(
            {
                "tier": release.tier.value,
                "policy": f"{release.policy.name} sha256:{release.policy.digest}",
                "licence": release.licence.id,
                "purposes": list(release.purposes),
                "conditions": [both(text) for text in release.verdict.conditions],
                "files": [f"{file.path} sha256:{file.sha256}" for file in files],
            }
        ),
    }


def contract_yaml(release: Release, files: tuple[ContentFile, ...]) -> bytes:
    """Return the contract as YAML, equal for equal releases."""
    text = yaml.safe_dump(contract(release, files), allow_unicode=True, sort_keys=False, width=100)
    return text.encode()


def _properties(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"property": name, "value": value} for name, value in values.items()]


def _object(release: Release, files: tuple[ContentFile, ...]) -> dict[str, Any]:
    return {
        "name": release.name,
        "physicalName": files[0].path,
        "physicalType": "file",
        "logicalType": "object",
        "description": both(release.title),
        "properties": [_property(column, release) for column in release.columns],
        "quality": [_row_count(release)],
    }


def _row_count(release: Release) -> dict[str, Any]:
    return {
        "type": "library",
        "metric": "rowCount",
        "mustBe": release.rows,
        "unit": "rows",
        "dimension": "completeness",
        "description": "The number of records released.",
    }


def _property(column: Column, release: Release) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": column.name,
        "physicalType": column.type,
        "logicalType": _logical(column.type),
        "required": False,
        "classification": _CLASSIFICATION[release.tier],
        "description": both(column.what),
    }
    if column.sources:
        found["transformSourceObjects"] = list(column.sources)
    if column.treated:
        found["transformLogic"] = column.technique
        found["transformDescription"] = both(column.what)
    if column.examples:
        found["examples"] = list(column.examples)
    if column.missing is not None and release.rows:
        found["quality"] = [_missing(column.missing, release.rows)]
    found["customProperties"] = _properties(
        {
            "role": column.role.value,
            "semanticType": column.semantic_type,
            "masking": column.masking,
        }
    )
    return found


def _missing(missing: int, rows: int) -> dict[str, Any]:
    return {
        "type": "library",
        "metric": "nullValues",
        "mustBe": missing,
        "unit": "rows",
        "dimension": "completeness",
        "description": f"Empty cells among {rows} records.",
    }


def _logical(arrow: str) -> str:
    for starts, name in _LOGICAL:
        if arrow.startswith(starts):
            return name
    return "string"


def _roles(release: Release) -> list[dict[str, Any]]:
    return [
        {
            "role": f"{release.tier.value}-recipient",
            "access": "read",
            "description": " ".join(both(text) for text in release.verdict.conditions) or "open",
            "firstLevelApprovers": release.owner.en,
        }
    ]


def _service_levels(release: Release) -> list[dict[str, Any]]:
    expires = release.licence.expires(release.released.date())
    found: list[dict[str, Any]] = [
        {
            "property": "generalAvailability",
            "value": rfc3339(release.released),
            "description": "Released on this day; it does not change.",
        }
    ]
    if expires is not None:
        found.append(
            {
                "property": "endOfSupport",
                "value": expires.isoformat(),
                "description": "The licence ends; delete the data then.",
            }
        )
    return found
