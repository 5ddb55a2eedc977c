"""Step statements: the in-toto reference library accepts them, and reading them is strict."""

from __future__ import annotations

import copy
import json
from types import ModuleType
from typing import Any

import in_toto_attestation.v1.statement_pb2 as statement_message
import pytest
from google.protobuf import json_format
from in_toto_attestation.v1.statement import Statement

from anping.core.digest import canonical_json, keyed, sha256
from anping.core.errors import EvidenceError
from anping.evidence.resource import Digest, asset_resource
from anping.evidence.statement import StepRecord, read_payload


def test_the_reference_library_accepts_every_statement(tools: ModuleType) -> None:
    for record in tools.chain():
        message = statement_message.Statement()
        json_format.ParseDict(record.as_json(), message)
        Statement.copy_from_pb(message).validate()
        assert message.predicate_type == "https://anping.dev/evidence/step/v1"


def test_a_statement_comes_back(tools: ModuleType) -> None:
    for record in tools.chain():
        assert read_payload(record.payload()) == record
        assert StepRecord.from_json(json.loads(record.payload())) == record


def test_confidential_content_is_named_by_a_keyed_digest(tools: ModuleType) -> None:
    raw = asset_resource(tools.RAW_TABLE, port="raw", digest_key=tools.DIGEST_KEY)
    assert raw.digest == Digest("hmac-sha256", keyed(tools.DIGEST_KEY, sha256(b"raw")))
    assert sha256(b"raw") not in canonical_json(raw.as_json()).decode()
    with pytest.raises(ValueError, match="digest key"):
        asset_resource(tools.RAW_TABLE, port="raw")
    assert asset_resource(tools.SAFE_TABLE, port="protected").digest.algorithm == "sha256"


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    if isinstance(value, dict):
        for key, inner in value.items():
            found += places(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            found += places(inner, (*path, number))
    return found


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for part in path:
        value = value[part]
    return value


FREE = {"parameters", "environment", "privacy"}


def test_every_field_is_needed_and_none_may_be_added(tools: ModuleType) -> None:
    whole = tools.chain()[5].as_json()
    for path in places(whole):
        if path and isinstance(path[-1], str) and not FREE & set(path[:-1]):
            poorer = copy.deepcopy(whole)
            del at(poorer, path[:-1])[path[-1]]
            with pytest.raises(EvidenceError, match=r"statement\.malformed"):
                StepRecord.from_json(poorer)
        if isinstance(at(whole, path), dict):
            richer = copy.deepcopy(whole)
            at(richer, path)["extra"] = 1
            with pytest.raises(EvidenceError, match=r"statement\.malformed"):
                StepRecord.from_json(richer)


@pytest.mark.parametrize("wrong", [True, {}, [{}], object])
def test_wrong_types_are_refused(tools: ModuleType, wrong: Any) -> None:
    whole = tools.chain()[5].as_json()
    for path in places(whole):
        if not path or FREE & set(path) or at(whole, path) in ([], {}, wrong):
            continue
        other = copy.deepcopy(whole)
        at(other, path[:-1])[path[-1]] = copy.deepcopy(wrong)
        with pytest.raises(EvidenceError, match=r"statement\.malformed"):
            StepRecord.from_json(other)


@pytest.mark.parametrize(
    "payload",
    [b"", b"{}", b"null", b"\xff", b'{"a":NaN}', b"[" * 50_000, b'"\\ud800"', b"1" * 10_000],
)
def test_no_payload_breaks_the_reader(payload: bytes) -> None:
    with pytest.raises(EvidenceError, match=r"statement\.malformed"):
        read_payload(payload)


@pytest.mark.parametrize("number", [-1, -1.0, 0, -0.0, 1e300, 10**30])
def test_a_number_is_read_as_it_is_spelt(tools: ModuleType, number: float) -> None:
    whole = tools.chain()[5].as_json()
    for path in places(whole):
        if path and type(at(whole, path)) in {int, float}:
            other = copy.deepcopy(whole)
            at(other, path[:-1])[path[-1]] = number
            payload = canonical_json(other)
            try:
                read = read_payload(payload).payload()
            except EvidenceError:
                continue
            assert read == payload, path


def test_an_error_never_repeats_a_value(tools: ModuleType) -> None:
    whole = tools.chain()[5].as_json()
    whole["predicate"]["startedOn"] = "王小明 A123456789"
    with pytest.raises(EvidenceError) as caught:
        StepRecord.from_json(whole)
    assert "王小明" not in str(caught.value)
    whole["predicate"]["materials"][0]["annotations"]["labels"]["tier"] = "A123456789"
    with pytest.raises(EvidenceError) as caught:
        StepRecord.from_json(whole)
    assert "A123456789" not in str(caught.value)
