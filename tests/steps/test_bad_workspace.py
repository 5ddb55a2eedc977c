"""A lost key, a damaged workspace, a place that is taken: a typed error, and nothing is lost."""

from __future__ import annotations

import json
import os
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from command_line import Place, edited, fails
from toy import stored
from walking import Walk


def test_a_lost_pseudonym_key(either: Walk, either_place: Place, tmp_path: Path) -> None:
    path = edited(either, tmp_path / "plan.yaml", lambda plan: plan["model"].update(k=6))
    either_place.run("plan", "customers", "--file", path)
    lost = either_place.keys / "person.secret"
    kept = lost.read_bytes()
    lost.unlink()
    body = either_place.refused("protect", "customers", code="key.lost")
    assert "person" in body["what"]["en"]
    assert not lost.exists(), "a lost key is never made again in silence"
    lost.write_bytes(b"AAAA\n")
    either_place.refused("protect", "customers", code="key.damaged")
    lost.write_bytes(kept)
    either_place.run("protect", "customers")


@pytest.mark.parametrize("role", ["producer", "officer", "log"])
def test_a_lost_or_damaged_signing_key(either_place: Place, tmp_path: Path, role: str) -> None:
    source = tmp_path / "new.csv"
    source.write_text("a,b\n1,2\n", "utf-8")
    commands: dict[str, tuple[str, ...]] = {
        "producer": ("add", "new", str(source)),
        "officer": ("policy", "anping-taiwan-1"),
        "log": ("checkpoint",),
    }
    command = commands[role]
    if role != "producer":
        either_place.run("add", "new", source)
    if role == "officer":
        (tmp_path / "p.yaml").write_bytes(
            either_place.workspace().path(need(either_place, "policy")).read_bytes() + b"\n"
        )
        command = ("policy", str(tmp_path / "p.yaml"))
    path = either_place.keys / f"{role}.pem"
    kept = path.read_bytes()
    path.unlink()
    either_place.refused(*command, code="key.lost")
    for content in (b"", b"rubbish", kept[: len(kept) // 2]):
        path.write_bytes(content)
        either_place.refused(*command, code="key.damaged")
    path.write_bytes(kept)
    either_place.run(*command)


def need(place: Place, name: str) -> Any:
    found = place.workspace().find(name)
    assert found is not None
    return found


def test_no_workspace(tmp_path: Path) -> None:
    nothing = ("--workspace", str(tmp_path / "none"))
    for command in (("scan", "customers"), ("assets",), ("log",), ("checkpoint",)):
        fails(*command, *nothing, code="workspace.missing")
    (tmp_path / "file").write_text("x", "utf-8")
    fails("scan", "customers", "--workspace", tmp_path / "file", code="workspace.missing")
    (tmp_path / "busy").mkdir()
    (tmp_path / "busy" / "x").write_text("x", "utf-8")
    fails("init", "--workspace", tmp_path / "busy", code="workspace.not-empty")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["busy", "file"]


def ruined(content: bytes, how: str) -> bytes:
    middle = len(content) // 2
    return {
        "overwritten": random.Random(1).randbytes(len(content)),
        "empty": b"",
        "cut": content[: 4096 * (middle // 4096)],
        "zeroed from the second page": content[:4096] + bytes(len(content) - 4096),
        "zeroed header": bytes(100) + content[100:],
        "no database": b"This is not a database at all.\n" * 99,
    }[how]


@pytest.mark.parametrize(
    "how",
    ["overwritten", "empty", "cut", "zeroed from the second page", "zeroed header", "no database"],
)
def test_a_damaged_workspace(place: Place, how: str) -> None:
    for extra in Path(place.home.place).glob("workspace.sqlite-*"):
        extra.unlink()
    database = Path(place.home.place) / "workspace.sqlite"
    content = ruined(database.read_bytes(), how)
    database.write_bytes(content)
    for command in (
        ("scan", "customers"),
        ("log",),
        ("assets",),
        ("dossier", "customers", place.folder / "d"),
    ):
        body = fails(*command, *place.options, code="workspace.damaged")
        assert "backup" in body["hint"]["en"]
    assert not (place.folder / "d").exists()


def test_a_torn_object(either_place: Place) -> None:
    workspace = either_place.workspace()
    path = workspace.path(need(either_place, "customers"))
    whole = path.read_bytes()
    path.chmod(0o600)
    for content in (whole[:-1], whole + b"x", b""):
        path.write_bytes(content)
        either_place.refused("protect", "customers", code="workspace.object-damaged")
    path.unlink()
    either_place.refused("protect", "customers", code="workspace.object-missing")
    path.write_bytes(whole)
    released = json.loads(workspace.path(need(either_place, "customers.release")).read_bytes())
    stored(workspace, released["card.zh.html"]).unlink()
    target = either_place.folder / "d"
    either_place.refused("dossier", "customers", target, code="workspace.object-missing")
    assert not target.exists()
    assert not target.with_name("d.zip").exists()


def test_an_existing_dossier_is_never_overwritten(either_place: Place) -> None:
    target = either_place.folder / "d"
    either_place.run("dossier", "customers", target)
    before = {path: path.stat().st_mtime_ns for path in target.rglob("*")}
    either_place.refused("dossier", "customers", target, code="dossier.exists")
    assert {path: path.stat().st_mtime_ns for path in target.rglob("*")} == before
    shutil.rmtree(target)
    either_place.refused("dossier", "customers", target, code="dossier.exists")
    target.with_name("d.zip").unlink()
    either_place.run("dossier", "customers", target)
    other = target.with_name("e")
    other.write_text("mine", "utf-8")
    either_place.refused("dossier", "customers", other, code="dossier.exists")
    assert other.read_text("utf-8") == "mine"


def test_a_folder_that_may_not_be_written(place: Place, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    place.refused("dossier", "customers", closed / "d", code="system.file")
    fails("init", "--workspace", closed / "w", code="system.file")
    assert list(closed.iterdir()) == []


def test_no_place_for_a_dossier(place: Place) -> None:
    below_a_file = place.folder / "f" / "d"
    below_a_file.parent.write_text("x", "utf-8")
    place.refused("dossier", "customers", below_a_file, code="system.file")
