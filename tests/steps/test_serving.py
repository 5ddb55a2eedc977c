"""A model of the workspace behind HTTP: every acknowledged decision can be walked back to its table."""

from __future__ import annotations

import json
import random
import shutil
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from anping.core.errors import EvidenceError, InputError, ParameterError
from anping.run.serving.limits import Limits
from anping.run.serving.segment import read_segment
from anping.run.serving.spool import Spool, Spooling
from anping.run.serving.tokens import Tokens
from anping.steps.catalogue import step
from anping.steps.compose.decisions import find_decision
from anping.steps.compose.exporting import EXPORTING, export_model
from anping.steps.compose.sealing import (
    SEALS,
    other_seals,
    seal_segment,
    sealer,
    seals_of,
    write_seals,
)
from anping.steps.compose.serving import Models, Wanted, default_spool, seal_left
from anping.steps.compose.serving import serving as service_of
from anping.steps.compose.serving_answers import Explaining
from anping.workspace.perform import Job, Performed, perform
from anping.workspace.resolve import resolve
from anping.workspace.workspace import Workspace
from command_line import anping
from served_models import ROW, learnt, serving, wait_for
from serving_toys import appended

pytest.importorskip("sklearn")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("serving")
    learnt(folder).database.dispose()
    return folder


@pytest.fixture
def workspace(original: Path, tmp_path: Path) -> Workspace:
    for name in ("workspace", "workspace.keys"):
        shutil.copytree(original / name, tmp_path / name)
    return Workspace.open(tmp_path / "workspace")


def stage(workspace: Workspace, do: str, **given: object) -> Performed:
    return perform(
        workspace, Job(step("run.stage"), "loans", {"do": do, "why": "because", **given})
    )


def sealed(workspace: Workspace) -> int:
    return sum(
        json.loads(workspace.path(asset).read_bytes())["decisions"]
        for asset in workspace.assets("loans.seal")
    )


def test_a_decision_is_walked_back_to_its_model_table_and_permission(workspace: Workspace) -> None:
    stage(workspace, "promote", version=1)
    with serving(workspace, "--segment-records", "4") as server:
        for _ in range(4):
            said = server.ask({"instance": ROW, "reasons": True, "coverage": 0.8})
        wait_for(lambda: sealed(workspace) == 4)
        server.stop()
    assert said["model"]["reference"] == "loans.model@1"
    (answer,) = said["predictions"]
    assert {reason["column"] for reason in answer["reasons"]} <= {"income", "job"}
    found = find_decision(workspace, answer["decision"])
    assert found.seal is not None
    assert found.record["said"]["probabilities"] == answer["probabilities"]
    steps = [entry.record["predicate"]["step"]["id"] for entry in found.chain]
    assert steps == ["know.add", "learn.tabular", "run.seal"]
    outcomes = [each["decision"] for each in found.as_json()["chain"]]
    assert outcomes[1] in {"allow", "allow-with-conditions"}
    for words in (("decision", answer["decision"]), ("decision", answer["decision"], "--json")):
        told = anping("--lang", "en", *words, "--workspace", workspace.location)
        assert told.code == 0, told.all
        assert "loans.seal@1" in told.out
        assert "The data permits the purpose TRAIN." in told.out
        assert "41.5" not in told.out
    written = b"".join(
        workspace.path(asset).read_bytes() for asset in workspace.assets("loans.decisions")
    )
    assert b"driver" not in written
    assert b"41.5" not in written
    workspace.ledger.audit(workspace.key_store.public())


def test_whatever_kills_the_server_every_acknowledged_decision_is_recorded(
    workspace: Workspace,
) -> None:
    draw, acknowledged = random.Random(3), []
    for _ in range(4):
        with serving(workspace, "--segment-records", "40") as server:
            asking = [server.ask_until_it_ends() for _ in range(3)]
            time.sleep(draw.uniform(0.3, 0.9))
            server.stop(signal.SIGKILL)
            for thread in asking:
                thread.join()
        assert server.acknowledged
        acknowledged += server.acknowledged
    done, problems = seal_left(default_spool(workspace, "loans"), sealer(workspace, "steward"))
    assert (done > 0, problems) == (True, ())
    segments = [
        read_segment(workspace.path(asset)) for asset in workspace.assets("loans.decisions")
    ]
    recorded = [record["id"] for segment in segments for record in segment.records]
    assert set(acknowledged) <= set(recorded)
    assert len(recorded) == len(set(recorded))
    # At most one request of each thread was under way when its server was killed.
    assert len(recorded) - len(acknowledged) <= 4 * 3
    assert find_decision(workspace, draw.choice(acknowledged)).seal is not None


def test_a_server_that_is_told_to_stop_seals_all_it_answered(workspace: Workspace) -> None:
    stage(workspace, "promote", version=1)
    stage(workspace, "try", version=2)
    with serving(workspace, "--durability", "disk") as server:
        asking = [server.ask_until_it_ends() for _ in range(3)]
        time.sleep(0.5)
        server.stop()
        for thread in asking:
            thread.join()
    assert sealed(workspace) == len(server.acknowledged) > 0
    assert not list(default_spool(workspace, "loans").iterdir())
    found = find_decision(workspace, server.acknowledged[0])
    assert found.beside is not None
    assert found.beside["model"] == "loans.model@2"


def test_versions_are_changed_under_a_running_server_and_nobody_is_turned_away(
    workspace: Workspace,
) -> None:
    stage(workspace, "promote", version=1)
    with serving(workspace) as server:
        asking = server.ask_until_it_ends()

        def answering() -> str:
            return str(server.ask({"instance": ROW})["model"]["reference"])

        stage(workspace, "promote", version=2)
        wait_for(lambda: answering() == "loans.model@2")
        stage(workspace, "rollback")
        wait_for(lambda: answering() == "loans.model@1")
        assert asking.is_alive()
        version = server.ask({"instance": ROW}, "/v1/models/loans/versions/2:predict")
        assert version["model"]["version"] == 2
        server.stop()
        asking.join()
    assert sealed(workspace) == len(server.acknowledged)
    changes = [entry.record["predicate"]["step"]["id"] for entry in workspace.ledger.entries()]
    assert changes.count("run.stage") == 3


def test_stages_name_versions_that_can_be_opened(workspace: Workspace) -> None:
    with pytest.raises(ParameterError) as first:
        stage(workspace, "rollback")
    assert first.value.code == "serving.no-champion"
    assert anping(
        "stage", "loans.model", "promote", "--version", "9", "--why", "x",
        "--workspace", workspace.location,
    ).code == 8  # fmt: skip
    with pytest.raises(ParameterError) as second:
        perform(workspace, Job(step("run.stage"), "loans",
                               {"do": "promote", "version": 1, "why": "王小明 A123456789 要求"}))  # fmt: skip
    assert second.value.code == "confirm.personal-data"


def test_an_altered_record_is_found(workspace: Workspace) -> None:
    spool = default_spool(workspace, "loans")
    writer = Spool(Spooling(spool, "loans"), lambda _: None)
    writer.start()
    (digest,) = {asset.digest for asset in workspace.assets("loans.model") if asset.version == 1}
    record = {"at": "2026-01-01T00:00:00.000Z", "model": "loans.model@1", "digest": digest,
              "said": {"class": "no"}, "route": "champion", "inputs": "ab"}  # fmt: skip
    ids = appended(writer, [record, record])
    writer.close()
    (path,) = spool.iterdir()
    assert find_decision(workspace, ids[1]).seal is None
    content = path.read_bytes()
    path.write_bytes(content.replace(digest.encode(), b"0" * 64))
    with pytest.raises(InputError) as refused:
        seal_segment(workspace, path)
    assert refused.value.code == "decisions.other-models"
    path.write_bytes(content.replace(ids[1].encode(), ids[0].encode()))
    seal_segment(workspace, path)
    with pytest.raises(EvidenceError) as altered:
        find_decision(workspace, ids[1])
    assert altered.value.code == "decision.altered"


def test_a_model_is_exported_with_its_parity_in_the_ledger(
    workspace: Workspace, tmp_path: Path
) -> None:
    pytest.importorskip("onnxruntime")
    file = tmp_path / "loans.onnx"
    performed = export_model(workspace, "loans.model@2", file, agent="steward")
    (asset,) = performed.outputs
    assert file.read_bytes() == workspace.path(asset).read_bytes()
    (measure,) = performed.outcome.measures
    assert measure.value < 1e-4
    assert measure.n >= 2000
    told = anping("export-onnx", "loans", tmp_path / "cli.onnx", "--workspace", workspace.location)
    assert told.code == 0, told.all
    assert (tmp_path / "cli.onnx").exists()


def test_a_server_that_may_not_or_cannot_listen_says_so(workspace: Workspace) -> None:
    place = ("--workspace", workspace.location, "--json-errors")
    refused = anping("--json-errors", "serve-model", "loans", "--host", "0.0.0.0", *place[:2])
    assert refused.error["code"] == "serving.no-tokens"
    nothing = anping("--json-errors", "serve-model", "nobody", *place[:2])
    assert nothing.error["code"] == "workspace.asset-missing"


def test_alternatives_are_other_answers_and_reasons_say_what_is_usual(
    workspace: Workspace,
) -> None:
    explaining = Explaining(from_table=True, immutable=("job",))
    served = Models(workspace, "loans", explaining).deployment().champion
    row = {"income": 15.0, "job": "nurse"}
    assert served.alternatives is not None
    assert served.reasons is not None
    found = served.alternatives(row)
    said = served.answer([row]).values[0]
    assert found
    for one in found:
        assert set(one.changes) == {"income"}
        changed = served.answer([{**row, **one.changes}]).values[0]
        assert changed.argmax() != said.argmax()
    ((first, *_),) = served.reasons([row])
    assert "lower than" in first.words.en
    alone = Models(workspace, "loans", Explaining()).deployment().champion
    assert alone.alternatives is None


def test_the_newest_version_answers_where_nothing_was_promoted(workspace: Workspace) -> None:
    made = service_of(workspace, Wanted("loans"), Tokens(), Limits())
    assert made.deployment.champion.version == 2
    named = service_of(workspace, Wanted("loans.model@1"), Tokens(), Limits())
    assert named.deployment.champion.version == 1


@pytest.mark.parametrize("version", ["", "x", "-1", "１", "9" * 40])
def test_what_follows_the_at_is_a_version(workspace: Workspace, version: str) -> None:
    with pytest.raises(ParameterError) as refused:
        service_of(workspace, Wanted(f"loans@{version}"), Tokens(), Limits())
    assert refused.value.code == "serving.version"


def test_a_certificate_that_is_none_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "certificate.pem"
    file.write_text("no certificate", encoding="utf-8")
    told = anping(
        *("serve-model", "loans", "--port", "0", "--certificate", str(file)),
        *("--workspace", workspace.location),
    )
    assert told.code != 0
    assert "[serving.certificate]" in told.all


def test_a_version_named_beside_another_champion_is_refused(workspace: Workspace) -> None:
    stage(workspace, "promote", version=1)
    with pytest.raises(ParameterError) as refused:
        service_of(workspace, Wanted("loans@2"), Tokens(), Limits())
    assert refused.value.code == "serving.version"
    assert service_of(workspace, Wanted("loans@1"), Tokens(), Limits()).deployment.champion


def test_a_dossier_takes_the_seals_of_its_model(workspace: Workspace, tmp_path: Path) -> None:
    digests = {asset.reference: asset.digest for asset in workspace.assets("loans.model")}
    for model in ("loans.model@1", "loans.model@2", "loans.model@1"):
        writer = Spool(Spooling(tmp_path / "spool", "loans"), lambda _: None)
        writer.start()
        record: dict[str, object] = {"at": "2026-01-01T00:00:00.000Z", "model": model, "digest": digests[model],
                  "said": {}}  # fmt: skip
        appended(writer, [record])
        writer.close()
        seal_segment(workspace, next((tmp_path / "spool").iterdir()))
    asking = replace(EXPORTING, takes=(*EXPORTING.takes, *SEALS), ports=None)
    inputs = resolve(workspace, asking, "loans", {})
    assert len(seals_of(inputs, "loans.model@1")) == 2
    assert len(other_seals(inputs, "loans.model@1")) == 1
    write_seals(tmp_path, inputs, "loans.model@1")
    written = sorted(path.name for path in (tmp_path / "decisions").iterdir())
    assert written == ["1.seal.json", "3.seal.json"]
