"""A contract at the door: typed as it says, checked as it arrives, and Anping's own contract is kept."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from anping.core.errors import InputError
from anping.engine.table import Table
from anping.steps.add import ADD
from anping.workspace.perform import Job, Performed, perform
from anping.workspace.workspace import Workspace
from walking import Walk

Add = Callable[..., Performed]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "workspace")


@pytest.fixture
def add(workspace: Workspace) -> Add:
    def adding(path: Path | str, **parameters: Any) -> Performed:
        return perform(workspace, Job(ADD, "visits", {"path": path, **parameters}))

    return adding


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    path = tmp_path / "visits.odcs.yaml"
    body = {
        "apiVersion": "v3.1.0", "kind": "DataContract", "version": "1", "id": "v", "status": "active",
        "schema": [{"name": "visits", "properties": [
            {"name": "id", "logicalType": "string", "primaryKey": True,
             "logicalTypeOptions": {"pattern": "^[0-9]{3}$"}},
            {"name": "age", "logicalType": "integer", "required": True,
             "logicalTypeOptions": {"maximum": 120}},
        ]}],
    }  # fmt: skip
    path.write_text(yaml.safe_dump(body), "utf-8")
    return path


def rows(workspace: Workspace) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        Table.open(workspace.path(workspace.need("visits"))).arrow().to_pylist()
    )
    return found


def test_rows_that_break_it_go_aside_and_the_rest_goes_on(
    workspace: Workspace, add: Add, contract: Path, tmp_path: Path
) -> None:
    folder, aside = tmp_path / "in", tmp_path / "bad.jsonl"
    folder.mkdir()
    (folder / "1.csv").write_text("id,age\n001,40\n002,abc\n003,150\n4,5\n005,\n")
    with pytest.raises(InputError):
        add(folder, contract=contract)
    done = add(folder, contract=contract, quarantine=aside)
    assert rows(workspace) == [{"id": "001", "age": 40}]
    lines = [json.loads(line) for line in aside.read_text("utf-8").splitlines()]
    assert [(x["file"], x["column"], x["code"]) for x in lines] == [
        ("1.csv", "age", "input.wrong-type"), ("1.csv", "age", "contract.maximum"),
        ("1.csv", "id", "contract.pattern"), ("1.csv", "age", "contract.required"),
    ]  # fmt: skip
    assert aside.stat().st_mode & 0o777 == 0o600
    measures = {measure.name: measure.value for measure in done.outcome.measures}
    assert measures["intake.rows.accepted"] == 1
    assert measures["intake.rows.refused"] == 4
    assert measures["intake.contract.rows.broken"] == 3
    assert measures["intake.contract.rules"] == 6
    (folder / "2.csv").write_text("id,age\n001,41\n")
    with pytest.raises(InputError) as caught:
        add(folder, contract=contract, quarantine=aside)
    assert caught.value.code == "input.contract-whole"
    (folder / "2.csv").write_text("id,age\n006,41\n007,999\n")
    add(folder, contract=contract, quarantine=aside)
    assert [row["id"] for row in rows(workspace)] == ["001", "006"]
    body = json.loads(workspace.path(workspace.need("visits.arrivals")).read_bytes())
    assert [(p["rows"], p["refused_rows"], p["first_row"]) for p in body["parts"]] == [
        (1, 4, 0), (1, 1, 1),
    ]  # fmt: skip


def test_another_contract_is_another_reading(
    workspace: Workspace, add: Add, contract: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("id,age\n001,40\n")
    add(tmp_path / "a.csv", contract=contract)
    assert add(tmp_path / "a.csv", contract=contract).reused
    contract.write_text(contract.read_text().replace("120", "30"))
    with pytest.raises(InputError) as caught:
        add(tmp_path / "a.csv", contract=contract)
    assert caught.value.code == "input.contract-broken"


def test_the_contract_that_anping_writes_accepts_what_it_released(
    bank: Walk, workspace: Workspace
) -> None:
    contract = next(bank.dossier.rglob("*.odcs.yaml"))
    data = next(path for path in bank.dossier.rglob("*.parquet"))
    parameters = {"path": data, "contract": contract}
    done = perform(workspace, Job(ADD, "released", parameters))
    measures = {measure.name: measure.value for measure in done.outcome.measures}
    assert measures["intake.contract.rules"] > 1
    assert measures["intake.contract.rules.broken"] == 0


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    folder = tmp_path / "site"
    folder.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", folder
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_url_is_named_in_evidence_without_its_query(
    workspace: Workspace, add: Add, site: tuple[str, Path]
) -> None:
    url, folder = site
    (folder / "visits.csv").write_text("id,age\n001,40\n")
    done = add(f"{url}/visits.csv?version=3")
    assert rows(workspace) == [{"id": "001", "age": 40}]
    record = json.dumps(next(workspace.ledger.entries([done.statement])).record)
    assert f"{url}/visits.csv" in record
    assert "version=3" not in record
    assert add(f"{url}/visits.csv?version=3").reused
    (folder / "visits.csv").write_text("id,age\n001,40\n002,41\n")
    add(f"{url}/visits.csv?version=3")
    assert len(rows(workspace)) == 2
    assert len(workspace.assets("visits")) == 2
