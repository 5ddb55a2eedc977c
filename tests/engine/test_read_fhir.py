from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from anping.core.errors import InputError
from anping.engine.bundles import flatten_fhir
from anping.engine.read import read
from anping.engine.reading import Reading, ReadOptions
from anping.engine.resources import patient_of

Read = Callable[..., Reading]

V2 = "http://terminology.hl7.org/CodeSystem/v2-0203"


def identifier(code: str, system: str, value: str) -> dict[str, Any]:
    return {"type": {"coding": [{"system": V2, "code": code}]}, "system": system, "value": value}


PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p1",
    "text": {"status": "generated", "div": "<div>陳加玲</div>"},
    "identifier": [
        identifier("NNxxx", "http://www.moi.gov.tw", "A123456789"),
        identifier("MR", "https://www.tph.mohw.gov.tw", "8862168"),
        {"system": "http://hospital.example/staff-number", "value": "9"},
    ],
    "name": [
        {"use": "usual", "text": "陳加玲"},
        {"use": "official", "family": "Chen", "given": ["Chia", "Lin"]},
    ],
    "birthDate": "1990-01-01",
    "_birthDate": {
        "extension": [{"url": "http://hl7.org/x/patient-birthPlace", "valueString": "臺北"}]
    },
    "extension": [
        {"url": "https://twcore.mohw.gov.tw/ig/twcore/StructureDefinition/person-age",
         "valueAge": {"value": 33, "unit": "years"}},
        {"url": "http://hl7.org/x/us-core-race", "extension": [
            {"url": "text", "valueString": "Asian"}]},
    ],
    "telecom": [{"system": "phone", "value": f"02-{n}"} for n in range(5)],
    "active": True,
}  # fmt: skip
OBSERVATION: dict[str, Any] = {
    "resourceType": "Observation",
    "id": "o1",
    "code": {"coding": [{"system": "http://loinc.org", "code": "8302-2"}, {"code": "H"}], "text": "身高"},
    "subject": {"reference": "Patient/p1", "display": "陳加玲"},
    "valueQuantity": {"value": 171.5, "unit": "cm"},
    "effectivePeriod": {"start": "2024-01-02", "end": "2024-01-03"},
    "performer": [{"reference": "Practitioner/1"}],
}  # fmt: skip


def observed(number: int, reference: str) -> dict[str, Any]:
    return OBSERVATION | {"id": f"o{number}", "subject": {"reference": reference}}


BUNDLE: dict[str, Any] = {
    "resourceType": "Bundle",
    "type": "collection",
    "link": [{"relation": "self", "url": "http://x"}],
    "entry": [
        {"fullUrl": "http://h/fhir/Patient/p1", "resource": PATIENT},
        {"fullUrl": "urn:uuid:aaa", "resource": {"resourceType": "Patient", "id": "p2"}},
        {"fullUrl": "urn:uuid:bbb", "resource": {"resourceType": "Patient"}},
        {"resource": OBSERVATION},
        {"resource": observed(2, "urn:uuid:aaa")},
        {"resource": observed(3, "http://h/fhir/Patient/p1/_history/3")},
        {"resource": observed(4, "urn:uuid:bbb")},
        {"resource": observed(5, "Group/1")},
    ],
}


@pytest.fixture(params=[None, 2], ids=["one line", "indented"])
def bundle(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps(BUNDLE, ensure_ascii=False, indent=request.param), "utf-8")
    return path


def test_every_type_is_a_table_and_one_id_names_the_person(bundle: Path, tmp_path: Path) -> None:
    tables = flatten_fhir(bundle, tmp_path / "tables")

    assert sorted(tables) == ["Observation", "Patient"]
    assert sorted(path.name for path in (tmp_path / "tables").iterdir()) == [
        "Observation.parquet", "Patient.parquet",
    ]  # fmt: skip
    patients = tables["Patient"].table.column("patient_id").to_pylist()
    observed_of = tables["Observation"].table.column("patient_id").to_pylist()
    assert patients == ["p1", "p2", "bbb"]
    assert observed_of == ["p1", "p2", "p1", "bbb", None]
    told = " ".join(note.en for note in tables["Observation"].notes)
    assert "Patient (3)" in told
    assert "patient_id is missing: 1" in told


def test_the_columns_of_a_patient(bundle: Path, tmp_path: Path) -> None:
    reading = read(bundle, into=tmp_path / "out.parquet", options=ReadOptions(resource="Patient"))

    assert reading.table.arrow().to_pylist()[0] == {
        "patient_id": "p1",
        "identifier.national_id": "A123456789",
        "identifier.medical_record_number": "8862168",
        "identifier.staff_number": "9",
        "name.use": "official",
        "name.family": "Chen",
        "name.given": "Chia Lin",
        "name_2.use": "usual",
        "name_2.text": "陳加玲",
        "birthDate": date(1990, 1, 1),
        "birthDate.extension.patient-birthPlace": "臺北",
        "extension.person-age.value": 33,
        "extension.person-age.unit": "years",
        "extension.us-core-race.text": "Asian",
        "telecom.system": "phone",
        "telecom.value": "02-0",
        "telecom_2.system": "phone",
        "telecom_2.value": "02-1",
        "telecom_3.system": "phone",
        "telecom_3.value": "02-2",
        "telecom_more": '[{"system": "phone", "value": "02-3"}, {"system": "phone", "value": "02-4"}]',
        "active": True,
    }
    told = " ".join(note.en for note in reading.notes)
    assert "telecom (1)" in told
    assert "Narratives (text.div), which render the rest, were passed over: 1" in told


def test_the_columns_of_an_observation(bundle: Path, tmp_path: Path) -> None:
    options = ReadOptions(resource="Observation")
    reading = read(bundle, into=tmp_path / "out.parquet", options=options)

    first, *_, last = reading.table.arrow().to_pylist()
    assert {name: value for name, value in first.items() if value is not None} == {
        "patient_id": "p1",
        "id": "o1",
        "code.system": "http://loinc.org",
        "code.code": "8302-2",
        "code.coding_2.code": "H",
        "code.text": "身高",
        "subject.display": "陳加玲",
        "valueQuantity.value": 171.5,
        "valueQuantity.unit": "cm",
        "effectivePeriod.start": date(2024, 1, 2),
        "effectivePeriod.end": date(2024, 1, 3),
        "performer.reference": "Practitioner/1",
    }
    assert (last["patient_id"], last["subject.reference"]) == (None, "Group/1")


def test_a_type_is_asked_for(bundle: Path, tmp_path: Path) -> None:
    for options in (ReadOptions(), ReadOptions(resource="Encounter")):
        with pytest.raises(InputError) as caught:
            read(bundle, into=tmp_path / "out.parquet", options=options)
        assert caught.value.code == "input.which-resource"
        assert "Observation (5), Patient (3)" in caught.value.hint.en


def test_bulk_export_has_a_resource_on_each_line(read_bytes: Read) -> None:
    lines = [json.dumps(one) for one in (OBSERVATION, observed(2, "Patient/p2"))]
    lines[1:1] = ["{broken", '{"no": "resource"}', "[]"]

    reading = read_bytes("\n".join(lines).encode(), name="Observation.ndjson", quarantine=True)

    assert (reading.format, reading.rows) == ("fhir", 2)
    assert [(row.row, row.code) for row in reading.refused] == [
        (2, "input.invalid-json"),
        (3, "input.not-a-resource"),
        (4, "input.not-an-object"),
    ]


def test_one_resource_over_many_lines(read_bytes: Read) -> None:
    content = json.dumps(PATIENT, indent=2).encode()
    assert read_bytes(content, name="patient.json").table.column("patient_id").to_pylist() == ["p1"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient"}}', "input.torn-json"),
        (b'{"resourceType":"Bundle","entry":[]}', "input.not-a-table"),
        (b'{"resourceType":"Bundle","type":"collection"}', "input.not-a-table"),
        (b'{"resourceType":"Bundle","entry":[{"resource":7}]}', "input.not-a-table"),
    ],
)  # fmt: skip
def test_bundles_without_resources(
    read_bytes: Read, tmp_path: Path, content: bytes, code: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_bytes(content, name="bundle.json")
    assert caught.value.code == code
    with pytest.raises(InputError) as caught:
        flatten_fhir(tmp_path / "bundle.json", tmp_path / "tables")
    assert caught.value.code == code


def test_odd_shapes_do_not_stop_the_reading(read_bytes: Read) -> None:
    odd = {
        "resourceType": "Patient", "id": 7, "identifier": ["x", {"type": 3, "value": "y"}],
        "name": "plain", "telecom": [], "address": [None, {"line": ["a", "b"]}],
        "extension": [3, {"valueString": "z"}], "contact": [[1, 2]],
    }  # fmt: skip
    row = read_bytes(json.dumps(odd).encode(), name="a.ndjson").table.arrow().to_pylist()[0]
    assert row["identifier.other"] == "x"
    assert row["name"] == "plain"
    assert row["address_2.line"] == "a"
    assert row["extension.extension"] == "z"


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("Patient/7", "7"),
        ("https://h/fhir/Patient/7/_history/2", "7"),
        ("urn:uuid:7-a", "7-a"),
        ("urn:uuid:known", "p9"),
        ("Patient?identifier=x|7", None),
        ("#contained", None),
        ("Group/7", None),
        ("NotPatient/7", None),
    ],
)
def test_references_to_patients(reference: str, expected: str | None) -> None:
    assert patient_of(reference, {"urn:uuid:known": "p9"}) == expected
