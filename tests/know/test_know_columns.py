from __future__ import annotations

import csv
import json
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pytest

from anping.core.columns import ColumnFinding, Role
from anping.engine.table import Table
from anping.know.discover.columns import find_columns
from anping.know.discover.headers import match_header, meaningless
from anping.know.discover.taxonomy import taxonomy
from know.conftest import national_id

THEIRS = {
    "PERSON": "PERSON_NAME",
    "TW_ID": "TW_NATIONAL_ID",
    "TW_ARC": "TW_RESIDENT_ID",
    "TW_NHI": "TW_NHI_CARD",
    "MRN": "MEDICAL_RECORD_NO",
    "TW_PLATE": "VEHICLE_PLATE",
    "IP": "IP_ADDRESS",
    "MAC": "MAC_ADDRESS",
    "TW_CARRIER": "EINVOICE_CARRIER",
    "TW_UBN": "TW_BUSINESS_ID",
    "BANK_ACCT": "BANK_ACCOUNT",
    "DOB": "DATE_OF_BIRTH",
    "CITY": "ADDRESS_PART",
    "ZIP": "ADDRESS_PART",
    "SALARY": "INCOME",
    "MARITAL": "MARITAL_STATUS",
    "BLOOD": "BLOOD_TYPE",
    "CRIMINAL": "CRIMINAL_RECORD",
}
PLAIN = {"NUMBER", "CATEGORY", "CODE", "TEXT", "RECORD_ID", "DATE", "ORGANISATION"}


def findings(**columns: list[object]) -> dict[str, ColumnFinding]:
    return {finding.column: finding for finding in find_columns(Table.of(pa.table(columns)))}


def test_types_roles_and_categories(people: Table) -> None:
    found = {finding.column: finding for finding in find_columns(people)}
    assert found["c1"].semantic_type == "TW_NATIONAL_ID"
    assert found["c1"].role is Role.DIRECT_IDENTIFIER
    assert found["c1"].checksum_pass_rate == pytest.approx(39 / 40, abs=1e-3)
    assert found["c1"].checksum_p_value is not None
    assert found["c1"].checksum_p_value < 1e-30
    assert found["姓名"].semantic_type == "PERSON_NAME"
    assert "pdpa:art2:name" in found["姓名"].categories
    assert found["mail"].n == 39
    assert found["性別"].role is Role.QUASI_IDENTIFIER
    assert found["city"].semantic_type == "ADDRESS_PART"
    assert found["salary"].role is Role.SENSITIVE
    assert found["note"].role is Role.FREE_TEXT
    assert "contains:PHONE=1.000" in found["note"].evidence


def test_one_hit_does_not_label_a_column() -> None:
    cells: list[object] = [f"part-{n % 7}" for n in range(200)]
    cells[5] = "amy@mail.example"
    assert findings(things=cells)["things"].semantic_type != "EMAIL"


def test_random_digits_are_no_checksummed_numbers() -> None:
    generator = random.Random(1)
    cells: list[object] = ["A1" + "".join(generator.choices("0123456789", k=8)) for _ in range(400)]
    found = findings(part=cells)["part"]
    assert found.semantic_type != "TW_NATIONAL_ID"
    eights: list[object] = ["".join(generator.choices("0123456789", k=8)) for _ in range(400)]
    assert findings(c=eights)["c"].semantic_type != "TW_BUSINESS_ID"


def test_null_words_do_not_count_and_rows_are_sampled() -> None:
    cells = ["不詳", "N/A", "", None] * 10 + [f"u{n}@mail.example" for n in range(60)]
    table = Table.of(pa.table({"c": cells}))
    (whole,) = find_columns(table)
    (sampled,) = find_columns(table, sample=50)
    assert (whole.n, whole.semantic_type, whole.prevalence) == (60, "EMAIL", 1.0)
    assert sampled.n < 50
    assert sampled.semantic_type == "EMAIL"
    assert find_columns(table, sample=50) == (sampled,)


def test_an_empty_column_and_an_empty_table() -> None:
    assert findings(a=[None, "", "-"])["a"].semantic_type == "EMPTY"
    (found,) = find_columns(Table.of(pa.table({"a": pa.array([], pa.string())})))
    assert (found.n, found.role) == (0, Role.NONE)


def test_headers_contradicted_by_values_lose() -> None:
    assert findings(phone=[0, 1] * 50)["phone"].semantic_type == "CATEGORY"
    assert findings(身分證字號=[1.5, 2.5] * 50)["身分證字號"].role is not Role.DIRECT_IDENTIFIER


def test_birthdays_are_told_from_other_dates() -> None:
    born: list[object] = [f"{30 + n % 60}/{1 + n % 12:02d}/{1 + n % 28:02d}" for n in range(100)]
    paid: list[object] = [f"2024-{1 + n % 12:02d}-{1 + n % 28:02d}" for n in range(100)]
    found = findings(col_1=born, col_2=paid)
    assert found["col_1"].semantic_type == "DATE_OF_BIRTH"
    assert found["col_2"].semantic_type == "DATE"


def test_versions_are_told_from_ip_addresses() -> None:
    versions: list[object] = [f"{n % 9}.{n % 7}.{n % 5}.{n % 3}" for n in range(100)]
    hosts: list[object] = [f"{20 + 2 * n}.{n}.{n % 5}.{n % 250}" for n in range(100)]
    found = findings(col_1=versions, col_2=hosts)
    assert found["col_1"].semantic_type != "IP_ADDRESS"
    assert found["col_2"].semantic_type == "IP_ADDRESS"


def test_row_numbers_and_foreign_keys_are_record_ids() -> None:
    rows: list[object] = list(range(1, 201))
    again: list[object] = [f"C{n % 60:07d}" for n in range(200)]
    found = findings(V1=rows, 客戶編號=again)
    assert found["V1"].semantic_type == "RECORD_ID"
    assert found["客戶編號"].role is Role.DIRECT_IDENTIFIER


def test_repeated_values_count_once_in_the_checksum_test() -> None:
    one = national_id("A10000001")
    cells: list[object] = [one] * 200
    found = findings(c=cells)["c"]
    assert found.checksum_p_value is None or found.checksum_p_value > 0.05


def test_headers_in_both_languages() -> None:
    assert match_header("客戶姓名")[0].type == "PERSON_NAME"
    assert match_header("customerName")[0].type == "PERSON_NAME"
    assert match_header("CUST_BIRTH_DATE")[0].type == "DATE_OF_BIRTH"
    assert match_header("PAY_AMT3")[0].type == "TRANSACTION"
    assert match_header("public")[:1] == ()
    assert all(meaningless(name) for name in ("col_3", "Unnamed: 0", "", "17", "V2", "欄位1"))
    assert not meaningless("age")


def test_header_and_value_words_name_known_types() -> None:
    from anping.know.discover.cells import CELL_TESTS, vocabulary
    from anping.know.discover.entities import entities
    from anping.know.discover.lexicon import load

    known = set(taxonomy())
    named = {*load("headers"), *vocabulary(), *(test.type for test in CELL_TESTS)}
    named |= {entity.type for entity in entities()} | (set(load("labels")) - {"OTHER"})
    assert named <= known


def test_types_of_twenty_labelled_tables(shared: Path) -> None:
    folder = shared / "peers" / "pii" / "tables"
    gold = json.loads((folder / "gold.json").read_text("utf-8"))
    right = total = 0
    for name, columns in gold.items():
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        table = Table.of(pa.table({column: [row[column] for row in rows] for column in columns}))
        for found in find_columns(table):
            wanted = THEIRS.get(columns[found.column], columns[found.column])
            got = "NONE" if found.semantic_type in PLAIN else found.semantic_type
            right += got == wanted
            total += 1
    assert total == 200
    assert right / total >= 0.92


def test_credit_table_gets_sensible_roles(shared: Path) -> None:
    table = Table.of(arrow_csv.read_csv(shared / "data" / "credit_taiwan" / "credit.csv"))
    roles = {finding.column: finding.role for finding in find_columns(table)}
    assert roles["ID"] is Role.DIRECT_IDENTIFIER
    assert {roles[name] for name in ("SEX", "EDUCATION", "MARRIAGE", "AGE")} == {
        Role.QUASI_IDENTIFIER
    }
    assert set(roles.values()) == {Role.DIRECT_IDENTIFIER, Role.QUASI_IDENTIFIER, Role.SENSITIVE}


def test_adult_table_without_headers_is_known_by_its_words(shared: Path) -> None:
    text = (shared / "data" / "adult" / "adult.data").read_text("utf-8").replace(", ", ",")
    table = Table.of(
        arrow_csv.read_csv(
            pa.BufferReader(text.encode()),
            read_options=arrow_csv.ReadOptions(autogenerate_column_names=True),
        )
    )
    kinds = [finding.semantic_type for finding in find_columns(table)]
    assert [kinds[place] for place in (0, 1, 3, 5, 6, 9, 13)] == [
        "AGE",
        "OCCUPATION",
        "EDUCATION",
        "MARITAL_STATUS",
        "OCCUPATION",
        "GENDER",
        "NATIONALITY",
    ]


def test_a_persons_id_stays_an_identifier_where_it_repeats() -> None:
    ids = [f"{number:08x}-0000-4000-8000-{number * 7919:012x}" for number in range(200)]
    table = Table.of(pa.table({"patient_id": ids * 30, "value": list(range(6000))}))
    found = {finding.column: finding for finding in find_columns(table)}
    assert found["patient_id"].role is Role.DIRECT_IDENTIFIER
