"""The service described as OpenAPI 3.1, from the model's signature; nothing is written twice."""

from __future__ import annotations

from typing import Any

from anping.engine.prediction import Feature, Signature
from anping.run.serving.deployment import Deployment
from anping.run.serving.limits import Limits

_JSON = "application/json"
_REFUSED = ("400", "401", "404", "413", "415", "422", "503")
#: More categories than these are told in words only.
_LISTED = 50


def openapi(deployment: Deployment, limits: Limits, *, tokens: bool) -> dict[str, Any]:
    """Return the document for what is served now."""
    name, signature = deployment.name, deployment.champion.signature
    predict = _operation(
        f"What model “{name}” says · 模型「{name}」的預測", deployment.champion.levels
    )
    version = {
        "name": "version",
        "in": "path",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    }
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": f"Anping: {name}", "version": str(deployment.champion.version)},
        "paths": {
            f"/v1/models/{name}:predict": {"post": predict},
            f"/v1/models/{name}/versions/{{version}}:predict": {
                "parameters": [version],
                "post": {**predict, "operationId": "predictVersion"},
            },
            "/v1/models": {"get": _plain("What is served · 提供的模型", "models")},
            "/healthz": {"get": _plain("Whether it lives · 是否運作", "health")},
        },
        "components": {
            "schemas": {
                "Row": _row(signature, limits),
                "Request": _request(limits),
                "Answer": _answer(signature),
                "Reply": _reply(),
                "Error": _error(),
            }
        },
    }
    if tokens:
        schemes = {"bearer": {"type": "http", "scheme": "bearer"}}
        document["components"]["securitySchemes"] = schemes
        document["security"] = [{"bearer": []}]
    return document


def _operation(summary: str, levels: tuple[float, ...]) -> dict[str, Any]:
    known = ", ".join(f"{level:g}" for level in levels) or "-"
    refused = {"description": "Error · 錯誤", "content": {_JSON: {"schema": _ref("Error")}}}
    return {
        "summary": summary,
        "description": f"coverage: {known}",
        "operationId": "predict",
        "requestBody": {"required": True, "content": {_JSON: {"schema": _ref("Request")}}},
        "responses": {
            "200": {"description": "Answers · 預測", "content": {_JSON: {"schema": _ref("Reply")}}},
            **dict.fromkeys(_REFUSED, refused),
        },
    }


def _plain(summary: str, identity: str) -> dict[str, Any]:
    return {
        "summary": summary,
        "operationId": identity,
        "responses": {"200": {"description": summary, "content": {_JSON: {}}}},
    }


def _row(signature: Signature, limits: Limits) -> dict[str, Any]:
    names = [feature.name for feature in signature.features]
    return {
        "type": "object",
        "required": names,
        "additionalProperties": False,
        "properties": {each.name: _field(each, limits) for each in signature.features},
    }


def _field(feature: Feature, limits: Limits) -> dict[str, Any]:
    if feature.nature == "category":
        told: dict[str, Any] = {
            "type": ["string", "integer", "boolean", "null"],
            "maxLength": limits.text,
        }
        if len(feature.categories) <= _LISTED:
            told["examples"] = list(feature.categories[:5])
        return told
    if feature.nature == "date":
        return {"type": ["string", "null"], "description": "2026-01-31"}
    seen = "" if feature.low is None else f"{feature.low:g} … {feature.high:g}"
    return {"type": ["number", "null"], **({"description": seen} if seen else {})}


def _request(limits: Limits) -> dict[str, Any]:
    rows = {"type": "array", "items": _ref("Row"), "minItems": 1, "maxItems": limits.rows}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "instances": rows,
            "instance": _ref("Row"),
            "coverage": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
            "reasons": {"type": "boolean", "default": False},
            "alternatives": {"type": "boolean", "default": False},
            "key": {"type": "string", "maxLength": 200},
        },
        "oneOf": [{"required": ["instances"]}, {"required": ["instance"]}],
    }


def _answer(signature: Signature) -> dict[str, Any]:
    told: dict[str, Any] = {"decision": {"type": "string"}}
    if signature.task == "number":
        told["value"] = {"type": "number"}
        told["interval"] = {"type": "array", "items": {"type": "number"}}
    else:
        told["class"] = {"type": "string", "enum": list(signature.classes)}
        told["probabilities"] = {
            "type": "object",
            "properties": {name: {"type": "number"} for name in signature.classes},
        }
        told["set"] = {"type": "array", "items": {"type": "string"}}
    told["coverage"] = {"type": "number"}
    told["unlike"] = {"type": "array", "items": {"type": "string"}}
    told["reasons"] = {"type": "array", "items": {"type": "object"}}
    told["alternatives"] = {"type": "array", "items": {"type": "object"}}
    return {"type": "object", "required": ["decision"], "properties": told}


def _reply() -> dict[str, Any]:
    model = {"reference": "string", "version": "integer", "digest": "string"}
    return {
        "type": "object",
        "required": ["model", "predictions"],
        "properties": {
            "model": {
                "type": "object",
                "properties": {name: {"type": kind} for name, kind in model.items()},
            },
            "predictions": {"type": "array", "items": _ref("Answer")},
        },
    }


def _error() -> dict[str, Any]:
    text = {"type": "object", "properties": {"zh": {"type": "string"}, "en": {"type": "string"}}}
    field = {"code": {"type": "string"}, "row": {"type": "integer"},
             "column": {"type": ["string", "null"]}, "what": text}  # fmt: skip
    return {
        "type": "object",
        "properties": {
            "error": {
                "type": "object",
                "required": ["code", "what", "hint"],
                "properties": {
                    "code": {"type": "string"},
                    "what": text,
                    "hint": text,
                    "fields": {"type": "array", "items": {"type": "object", "properties": field}},
                },
            }
        },
    }


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
