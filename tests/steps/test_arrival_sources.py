"""The add step on a real PostgreSQL and on S3: later rows and later objects join what is there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from anping.engine.table import Table
from anping.steps.add import ADD
from anping.workspace.perform import Job, Performed, perform
from anping.workspace.workspace import Workspace
from database_servers import postgresql_server

Add = Callable[..., Performed]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "workspace")


@pytest.fixture
def add(workspace: Workspace) -> Add:
    def adding(path: str, **parameters: Any) -> Performed:
        return perform(workspace, Job(ADD, "visits", {"path": path, **parameters}))

    return adding


def ids(workspace: Workspace) -> list[int]:
    found: list[int] = Table.open(workspace.path(workspace.need("visits"))).column("id").to_pylist()
    return found


def evidence(workspace: Workspace) -> str:
    return json.dumps([entry.record for entry in workspace.ledger.entries()], ensure_ascii=False)


def test_later_rows_of_postgresql(
    workspace: Workspace, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgresql_server() as url:
        monkeypatch.setenv("CLINIC", url)
        engine = sa.create_engine(url.replace("://", "+psycopg://"), poolclass=sa.pool.NullPool)
        options = {"table": "visits", "since": "at"}
        with engine.begin() as owner:
            owner.exec_driver_sql("CREATE TABLE visits (id int, at timestamptz)")
            owner.exec_driver_sql("INSERT INTO visits VALUES (1, '2024-01-01 08:00+08')")
        add("env:CLINIC", **options)
        with engine.begin() as owner:
            owner.exec_driver_sql("INSERT INTO visits VALUES (2, '2024-01-01 08:00:00.5+08')")
        add("env:CLINIC", **options)
        add("env:CLINIC", **options)
        engine.dispose()
    assert ids(workspace) == [1, 2]
    assert len(workspace.assets("visits")) == 2
    said = evidence(workspace)
    assert "127.0.0.1" in said
    assert "geheim" not in said
    assert "reader" not in said


def test_later_objects_of_s3(
    workspace: Workspace, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    import boto3  # type: ignore[import-untyped]
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "geheim", "AWS_DEFAULT_REGION": "us-east-1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    client = boto3.client("s3")
    client.create_bucket(Bucket="ward")
    client.put_object(Bucket="ward", Key="v/1.csv", Body=b"id\n1\n")
    first = add("s3://ward/v/*.csv")
    client.put_object(Bucket="ward", Key="v/2.csv", Body=b"id\n2\n")
    second = add("s3://ward/v/*.csv")
    third = add("s3://ward/v/*.csv")
    client.close()
    server.stop()
    assert ids(workspace) == [1, 2]
    assert third.reused
    assert first.statement < second.statement == third.statement
    assert "s3://ward/v/2.csv" in evidence(workspace)
    assert "geheim" not in evidence(workspace)
    body = json.loads(workspace.path(workspace.need("visits.arrivals")).read_bytes())
    assert all(part["etag"] for part in body["parts"])


def test_a_report_of_another_table_is_not_believed(
    workspace: Workspace, add: Add, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text("id\n1\n")
    add(str(tmp_path / "in"))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "b.csv").write_text("id\n7\n")
    perform(workspace, Job(ADD, "others", {"path": str(tmp_path / "other")}))
    (tmp_path / "in" / "c.csv").write_text("id\n2\n")
    job = Job(ADD, "visits", {"path": str(tmp_path / "in")}, inputs={"earlier": "others@1"})
    perform(workspace, job)
    assert ids(workspace) == [1, 2]
