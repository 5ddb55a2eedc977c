"""Writes ``seeds/``: one small honest input per spelling of each reader, made by our own writers.

Run from the root: ``python tests/fuzz/make_seeds.py``. Keys are new each time, so the seeds change;
they are committed, so that everybody fuzzes from the same ones.
"""

from __future__ import annotations

import gzip
import io
import json
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from anping.evidence.archive import zip_dossier  # noqa: E402
from anping.evidence.dsse import read_line, sign  # noqa: E402
from anping.evidence.keys import SigningKey  # noqa: E402
from anping.evidence.merkle import consistency_proof  # noqa: E402
from anping.evidence.proof import GrowthProof  # noqa: E402
from anping.evidence.witness import Witness  # noqa: E402
from anping.govern.policy import policy_bytes, policy_names  # noqa: E402
from anping.govern.signing import sign_policy  # noqa: E402
from anping.protect.plan_file import dump_plan, parse_plan  # noqa: E402
from anping.share.licence import licence_names  # noqa: E402
from anping.workspace.backup import back_up  # noqa: E402
from anping.workspace.workspace import Workspace  # noqa: E402
from evidence import conftest as tools  # noqa: E402
from fuzz.shapes import packed  # noqa: E402
from fuzz.targets import CANARY  # noqa: E402

Seeds = Iterator[tuple[str, bytes]]
PLAN = """plan: 1
table: customers
privacy_unit: customer
model: {k: 5}
columns:
  customer: {do: drop}
  age: {do: generalise, hierarchy: {kind: age}}
  note: {do: redact}
"""
CONTRACT = """apiVersion: v3.0.2
kind: DataContract
id: a
version: 1.0.0
status: active
schema:
- name: customers
  properties:
  - {name: id, logicalType: string, required: true, unique: true, primaryKey: true,
     logicalTypeOptions: {pattern: '^[A-Z][0-9]+$', maxLength: 10}}
  - {name: age, logicalType: integer, logicalTypeOptions: {minimum: 0, maximum: 130}}
  - {name: day, logicalType: date, quality: [{metric: nullValues, mustBe: 0}]}
  quality: [{metric: rowCount, mustBeGreaterThan: 0}]
"""
PIPELINE = """pipeline: 1
subject: customers
steps:
  - step: know.add
    with: {path: customers.csv, purposes: [TRAIN]}
  - step: know.scan
"""
BUNDLE = {
    "resourceType": "Bundle", "type": "collection", "entry": [
        {"resource": {"resourceType": "Patient", "id": "p1", "birthDate": "1980-01-01",
                      "name": [{"text": CANARY}]}},
        {"resource": {"resourceType": "Observation", "id": "o1", "subject": {"reference": "Patient/p1"},
                      "valueQuantity": {"value": 1.5, "unit": "mg"}}},
    ],
}  # fmt: skip


def tables() -> Seeds:
    rows = f'name,age,day\n{CANARY},41,2020-02-29\n王小明,民國,\n"a""b\n c",1e5,0000-00-00\n'
    yield "csv/plain", rows.encode()
    yield "csv/mark", b"\xef\xbb\xbf" + rows.replace("\n", "\r\n").encode()
    yield "csv/big5", "姓名,年\n王,民國一一○年\n".encode("big5")
    yield "csv/utf-16", rows.encode("utf-16")
    yield "csv/cr", b"a,b\r1,2\r3,4\r"
    yield "csv/ragged", f"a;b\n1;2;3\n{CANARY}\n".encode()
    yield "tsv/plain", b"a\tb\n1\t2\n"
    yield "several/two", b"a,b\n1,2\n\x00\x00b,c\n3,4\n"
    yield (
        "jsonl/plain",
        f'{{"a":1,"b":"{CANARY}"}}\n{{"a":2.5,"b":null,"c":{{"d":[1]}}}}\n'.encode(),
    )
    yield "jsonl/escapes", b'{"a":"\\ud83d\\ude00"}\n{"a":"\\ud800"}\n{"a":1e400}\n'
    yield "json/list", json.dumps([{"a": 1, "b": "x"}, {"a": 2, "b": CANARY}]).encode()
    yield "json/records", b'{"meta":{},"records":[{"a":1},{"a":true}]}'
    yield "fixed/plain", b"0001Ann   041\n0002Bob   007\n"
    yield "fhir/bundle", json.dumps(BUNDLE).encode()
    lines = [json.dumps(entry["resource"]) for entry in BUNDLE["entry"]]  # type: ignore[index]
    yield "fhir/lines", "\n".join(lines).encode()
    yield "compressed/gzip", gzip.compress(rows.encode(), mtime=0)
    yield "archive/csv", packed([("a.csv", rows.encode()), ("readme/b.txt", b"x")])
    into = io.BytesIO()
    with tarfile.open(fileobj=into, mode="w") as archive:
        information = tarfile.TarInfo("a.csv")
        information.size = len(rows.encode())
        archive.addfile(information, io.BytesIO(rows.encode()))
    yield "tar/csv", into.getvalue()
    yield from _parquet()
    yield from _excel()


def _parquet() -> Seeds:
    table = pa.table({"a": [1, 2, None], "b": ["x", CANARY, "王"], "c": [1.5, None, 3.0],
                      "d": [date(2020, 1, 1), None, date(1, 1, 1)], "e": [True, False, None]})  # fmt: skip
    for compression in ("none", "zstd", "snappy"):
        into = io.BytesIO()
        pq.write_table(table, into, compression=compression, store_schema=compression == "none")
        yield f"parquet/{compression}", into.getvalue()
    into = io.BytesIO()
    pq.write_table(pa.table({"a": [[1], [2, 3]], "b": [{"x": 1}, None]}), into)
    yield "parquet/nested", into.getvalue()


def _excel() -> Seeds:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ("name", "age", "day"),
        (CANARY, 41, date(2020, 1, 1)),
        ("b", None, date(1900, 3, 1)),
    ):
        sheet.append(row)
    sheet.merge_cells("A3:B3")
    into = io.BytesIO()
    book.save(into)
    # Stored, so that a mutation of bytes meets XML.
    with zipfile.ZipFile(into) as plain:
        yield "excel/xlsx", packed([(e.filename, plain.read(e)) for e in plain.infolist()])


def settings() -> Seeds:
    yield "plan/own", dump_plan(parse_plan(PLAN))
    yield "plan/written", PLAN.encode()
    yield "contract/odcs", CONTRACT.encode()
    yield "pipeline/two", PIPELINE.encode()
    name = policy_names()[0]
    officer = SigningKey.generate("officer", "officer")
    content = _small(policy_bytes(name))
    signature = sign_policy(content, lambda payload: sign(payload, officer).line())
    yield "policy/small", content
    yield "policy/signed", content + b"\x00\x00" + signature
    folder = Path(sys.modules["anping.share.licence"].__file__ or "").with_name("licences")
    for each in licence_names()[:2]:
        yield f"licence/{each}", (folder / f"{each}.yaml").read_bytes()


def _small(policy: bytes) -> bytes:
    """Return a policy of one tier with one threshold: a reader is tried ten times as often."""
    value = yaml.safe_load(policy)
    name, rules = next(iter(value["tiers"].items()))
    rules["thresholds"], rules["requires"] = rules["thresholds"][:1], rules.get("requires", [])[:1]
    value["tiers"] = {name: rules}
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False).encode()


def evidence(folder: Path) -> Seeds:
    witness = Witness.create(folder / "w", "auditor.example/w1")
    owner = tools.Owner(witnesses=(witness.public,))
    final = tools.build(folder / "d", owner, witness=witness)
    files = {path.relative_to(folder / "d").as_posix(): path.read_bytes()
             for path in sorted((folder / "d").rglob("*")) if path.is_file()}  # fmt: skip
    yield "dossier-folder/true", packed(list(files.items()))
    zip_dossier(folder / "d", folder / "d.zip")
    yield "dossier-zip/true", (folder / "d.zip").read_bytes()
    yield "envelope/release", owner.lines[-1]
    yield "envelope/risk", owner.lines[-2]
    yield "statement/risk", read_line(owner.lines[-2]).payload
    yield "checkpoint/cosigned", final.encode()
    yield "checkpoint/held", witness.held(tools.ORIGIN) or b""
    yield "proof/included", files["evidence/proofs/000000003.tlog-proof"]
    path = consistency_proof(3, owner.tree.size, owner.tree.node)
    yield "proof/grown", GrowthProof(3, path, final).encode()
    yield "keys/three", owner.public
    yield "timestamp/none", b"0\x03\x02\x01\x02"
    workspace = Workspace.create(folder / "workspace")
    back_up(workspace, folder / "a.anping")
    yield "backup/empty", (folder / "a.anping").read_bytes()


def main() -> None:
    target = HERE / "seeds"
    with tempfile.TemporaryDirectory() as name:
        made = {**dict(tables()), **dict(settings()), **dict(evidence(Path(name)))}
    for place, content in made.items():
        (target / place).parent.mkdir(parents=True, exist_ok=True)
        (target / place).write_bytes(content)
    print(f"{len(made)} seeds, {sum(map(len, made.values())):,} bytes")


if __name__ == "__main__":
    main()
