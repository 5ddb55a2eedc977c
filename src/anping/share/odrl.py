"""A licence written as a W3C ODRL 2.2 offer with GA4GH Data Use Ontology terms (JSON-LD)."""

from __future__ import annotations

from datetime import date
from typing import Any

from anping.core.text import Text
from anping.share.licence import Licence

# Written out in full: naming http://www.w3.org/ns/odrl.jsonld would make every reader fetch it.
_CONTEXT: dict[str, Any] = {
    "@vocab": "http://www.w3.org/ns/odrl/2/",
    "anping": "https://anping.dev/terms#",
    "dct": "http://purl.org/dc/terms/",
    "obo": "http://purl.obolibrary.org/obo/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "uid": "@id",
    "profile": {"@type": "@id"},
    "target": {"@type": "@id"},
    "assigner": {"@type": "@id"},
    "action": {"@type": "@vocab"},
    "leftOperand": {"@type": "@vocab"},
    "operator": {"@type": "@vocab"},
    "dct:license": {"@type": "@id"},
    "dct:conformsTo": {"@type": "@id"},
}


def odrl_offer(licence: Licence, *, target: str, assigner: str, released: date) -> dict[str, Any]:
    """Return the licence as an ODRL 2.2 offer in JSON-LD.

    ``target`` and ``assigner`` are IRIs or URNs of the data and of its owner.
    """
    return {
        "@context": _CONTEXT,
        "@type": "Offer",
        "uid": f"urn:anping:offer:{licence.id}:{target.rpartition(':')[2]}",
        "profile": "https://anping.dev/terms#odrl-profile-1",
        "dct:title": _both(licence.title),
        "dct:license": licence.url or f"urn:anping:licence:{licence.id}",
        "dct:conformsTo": [_purpose_iri(term) for term in licence.duo],
        "permission": [_permission(licence, target, assigner, released)],
        "prohibition": [
            {"target": target, "assigner": assigner, "action": action}
            for action in _prohibited(licence)
        ],
    }


def _purpose_iri(purpose: str) -> str:
    if purpose.startswith("DUO:"):
        return f"obo:DUO_{purpose.removeprefix('DUO:')}"
    return f"anping:{purpose}"


def _permission(licence: Licence, target: str, assigner: str, released: date) -> dict[str, Any]:
    actions = ["use", "reproduce"]
    actions += ["distribute"] if licence.redistribution else []
    actions += ["derive"] if licence.derivatives else []
    constraints: list[dict[str, Any]] = []
    if licence.purposes is not None:
        listed = [{"@id": _purpose_iri(purpose)} for purpose in licence.purposes]
        constraints.append(
            {"leftOperand": "purpose", "operator": "isAnyOf", "rightOperand": listed}
        )
    expires = licence.expires(released)
    if expires is not None:
        day = {"@value": expires.isoformat(), "@type": "xsd:date"}
        constraints.append({"leftOperand": "dateTime", "operator": "lteq", "rightOperand": day})
    duties: list[dict[str, Any]] = [{"action": "attribute"}] if licence.attribution else []
    duties += [
        {"action": "reviewPolicy", "dct:description": _both(duty)} for duty in licence.duties
    ]
    rule: dict[str, Any] = {"target": target, "assigner": assigner, "action": actions}
    if constraints:
        rule["constraint"] = constraints
    if duties:
        rule["duty"] = duties
    return rule


def _both(text: Text) -> list[dict[str, str]]:
    return [
        {"@value": text.zh, "@language": "zh-Hant-TW"},
        {"@value": text.en, "@language": "en"},
    ]


def _prohibited(licence: Licence) -> list[str]:
    actions = ["anping:reidentify"] if licence.forbids_reidentification else []
    actions += [] if licence.redistribution else ["distribute"]
    actions += [] if licence.derivatives else ["derive"]
    return actions + ([] if licence.commercial else ["commercialize"])
