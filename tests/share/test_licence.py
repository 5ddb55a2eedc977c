from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from anping.core.errors import ParameterError
from anping.share.licence import (
    DUO_TERMS,
    Licence,
    licence_names,
    purpose_title,
    read_licence,
)
from anping.share.odrl import odrl_offer

RELEASED = date(2026, 11, 21)


def offer(licence: Licence) -> dict[str, object]:
    return odrl_offer(
        licence, target="urn:anping:t:1", assigner="urn:anping:owner", released=RELEASED
    )


def test_the_shipped_licences_are_there() -> None:
    assert set(licence_names()) == {
        "internal-only",
        "controlled-research",
        "OGDL-Taiwan-1.0",
        "CC-BY-4.0",
    }


@pytest.mark.parametrize("name", licence_names())
def test_a_shipped_licence_is_whole_and_written_as_odrl(name: str) -> None:
    licence = read_licence(name)
    assert licence.id == name
    assert set(licence.duo) <= set(DUO_TERMS)
    written = offer(licence)
    assert written["@type"] == "Offer"
    assert json.loads(json.dumps(written)) == written
    permission = written["permission"]
    assert isinstance(permission, list)
    assert permission[0]["target"] == "urn:anping:t:1"


def test_no_context_has_to_be_fetched() -> None:
    assert isinstance(offer(read_licence("CC-BY-4.0"))["@context"], dict)


def test_the_controlled_licence_binds_purpose_and_time() -> None:
    licence = read_licence("controlled-research")
    written = json.dumps(offer(licence))
    assert "anping:TRAIN" in written
    assert "obo:DUO_0000042" in written
    assert "2027-11-21" in written
    assert "anping:reidentify" in written
    assert "commercialize" in written
    assert licence.expires(RELEASED) == date(2027, 11, 21)


def test_an_open_licence_prohibits_nothing_of_its_own() -> None:
    assert offer(read_licence("CC-BY-4.0"))["prohibition"] == []


def test_a_licence_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(
        "id: own\ntitle: {zh: 自訂, en: Own}\nsummary: {zh: 無, en: None}\npurposes: [RETRIEVE]\n",
        "utf-8",
    )
    assert read_licence(path).purposes == ("RETRIEVE",)


@pytest.mark.parametrize(
    "content",
    ["id: [", "id: own", "- x", "id: own\ntitle: {zh: 自, en: O}\nsummary: {zh: 無, en: N}\nx: 1"],
)
def test_a_malformed_licence_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(content, "utf-8")
    with pytest.raises(ParameterError) as error:
        read_licence(path)
    assert error.value.code == "licence.malformed"


def test_an_unknown_purpose_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(
        "id: own\ntitle: {zh: 自訂, en: Own}\nsummary: {zh: 無, en: None}\npurposes: [SELL]\n",
        "utf-8",
    )
    with pytest.raises(ParameterError) as error:
        read_licence(path)
    assert "SELL" in error.value.what.en


def test_an_unknown_licence_names_the_nearest() -> None:
    with pytest.raises(ParameterError) as error:
        read_licence("CC-BY-4")
    assert error.value.code == "licence.unknown"
    assert "CC-BY-4.0" in error.value.hint.en


def test_purposes_are_said_in_words() -> None:
    assert purpose_title("TRAIN").zh == "訓練模型"
    assert purpose_title("DUO:0000042").en == "general research use"
    assert purpose_title("OTHER").en == "OTHER"


def test_an_rdf_library_reads_the_offer_as_odrl_without_a_network() -> None:
    rdflib: Any = pytest.importorskip("rdflib")
    graph = rdflib.Graph()
    graph.parse(data=json.dumps(offer(read_licence("controlled-research"))), format="json-ld")
    odrl = rdflib.Namespace("http://www.w3.org/ns/odrl/2/")
    (found,) = graph.subjects(rdflib.RDF.type, odrl.Offer)
    (permission,) = graph.objects(found, odrl.permission)
    assert set(graph.objects(permission, odrl.action)) == {odrl.use, odrl.reproduce, odrl.derive}
    assert set(graph.objects(permission, odrl.target)) == {rdflib.URIRef("urn:anping:t:1")}
    operands = {
        o
        for c in graph.objects(permission, odrl.constraint)
        for o in graph.objects(c, odrl.leftOperand)
    }
    assert operands == {odrl.purpose, odrl.dateTime}
    purposes = set(graph.objects(None, odrl.rightOperand))
    assert rdflib.URIRef("http://purl.obolibrary.org/obo/DUO_0000042") in purposes
    assert rdflib.URIRef("https://anping.dev/terms#TRAIN") in purposes
    prohibited = {
        a for p in graph.objects(found, odrl.prohibition) for a in graph.objects(p, odrl.action)
    }
    assert rdflib.URIRef("https://anping.dev/terms#reidentify") in prohibited
