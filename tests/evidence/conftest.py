"""A small, realistic dossier: one owner, one log, one witness, seven steps, one earlier checkpoint."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

from anping.core.asset import Asset, Field
from anping.core.digest import sha256
from anping.core.labels import Labels, Tier
from anping.core.measure import Interval, Measure, Replay
from anping.core.text import Text
from anping.core.verdict import Reason, Verdict
from anping.evidence.checkpoint import (
    Checkpoint,
    SignedCheckpoint,
    read_checkpoint,
    sign_checkpoint,
)
from anping.evidence.dossier import content_subjects, prepare, seal
from anping.evidence.dsse import sign
from anping.evidence.keys import PublicKey, SigningKey, keys_json
from anping.evidence.merkle import Tree
from anping.evidence.resource import Resource, asset_resource, source_resource
from anping.evidence.statement import Agent, Invocation, StepRecord
from anping.evidence.witness import Witness, growth_request

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ORIGIN = "anping.local/0123456789abcdef"
DIGEST_KEY = bytes(range(32))
RAW = Labels(Tier.INTERNAL, frozenset({"pdpa:art2:name"}), frozenset({"TRAIN"}))
SAFE = replace(RAW, categories=frozenset())
RELEASED = replace(SAFE, tier=Tier.CONTROLLED)
DATA = b"county,age,balance\nA,40-49,1\nA,40-49,2\nB,50-59,3\n"


def asset(
    name: str, content: bytes, labels: Labels, *, kind: str = "table", rows: int | None = 3
) -> Asset:
    return Asset(
        kind=kind,  # type: ignore[arg-type]
        name=name,
        version=1,
        digest=sha256(content),
        media_type="text/csv",
        labels=labels,
        schema=(Field("age", "string"),) if kind == "table" else (),
        rows=rows if kind == "table" else None,
        confidential=labels == RAW,
    )


def resource(item: Asset, port: str) -> Resource:
    return asset_resource(item, port=port, digest_key=DIGEST_KEY)


RAW_TABLE = asset("customers", b"raw", RAW)
SCAN = asset("customers.scan", b"scan", RAW, kind="report")
PLAN = asset("customers.plan", b"plan", RAW, kind="plan")
SAFE_TABLE = asset("customers.safe", DATA, SAFE)
RISK = asset("customers.risk", b"risk", SAFE, kind="report")
POLICY = asset("policy", b"policy", Labels(Tier.OPEN), kind="policy")


def step(name: str, materials: tuple[Resource, ...], subjects: tuple[Resource, ...]) -> StepRecord:
    return StepRecord(
        step=name,
        title=Text("步驟", "Step"),
        started_on="2026-11-21T08:00:00Z",
        finished_on="2026-11-21T08:00:01Z",
        agent=Agent("steward", "steward"),
        invocation=Invocation(
            "anping", "0.1.0", {"k": 5, "columns": ["age"]}, 7, {"python": "3.11"}
        ),
        subjects=subjects,
        materials=materials,
        limits=(Text("不能證明來源真實。", "It does not show that the source is true."),),
    )


ROWS = Measure(
    "table.rows",
    3.0,
    "rows",
    3,
    Text("列數", "Rows"),
    replay=Replay("rows"),
)
CLASSES = Measure(
    "risk.prosecutor.max",
    1.0,
    "probability",
    3,
    Text("最大風險", "Greatest risk"),
    subject="after",
    interval=Interval(0.2, 1.0, 0.95, "wilson"),
    replay=Replay("classes", tolerance=1e-6),
    assumptions=(Text("假設攻擊者知道年齡。", "The attacker knows the age."),),
)
ATTACK = Measure(
    "risk.linkage.rate",
    0.25,
    "probability",
    4,
    Text("連結成功率", "Linkage rate"),
    seed=7,
    replay=Replay("linkage", needs=("protected", "raw")),
)
ALLOWED = Verdict(
    "release",
    "allow-with-conditions",
    (Reason("k", holds=True, why=Text("夠", "enough"), next_step=None),),
    (Text("不得再識別。", "Do not re-identify."),),
)


def chain() -> list[StepRecord]:
    source = source_resource(
        "customers.csv", sha256(b"file"), media_type="text/csv", digest_key=DIGEST_KEY
    )
    raw, scan, plan = resource(RAW_TABLE, "raw"), resource(SCAN, "scan"), resource(PLAN, "plan")
    safe, risk = resource(SAFE_TABLE, "protected"), resource(RISK, "risk")
    return [
        step("know.add", (source,), (raw,)),
        step("know.scan", (raw,), (scan,)),
        step("protect.plan", (raw, scan), (plan,)),
        replace(
            step("protect.deid", (raw, plan), (safe,)), lowers=("categories",), measurements=(ROWS,)
        ),
        step("govern.policy", (source,), (resource(POLICY, "policy"),)),
        replace(step("protect.risk", (safe,), (risk,)), measurements=(CLASSES, ATTACK)),
    ]


def release(folder: Path) -> StepRecord:
    materials = (
        resource(SAFE_TABLE, "protected"),
        resource(RISK, "risk"),
        resource(POLICY, "policy"),
    )
    return replace(
        step("share.release", materials, content_subjects(folder, labels=RELEASED)),
        lowers=("tier",),
        decision=ALLOWED,
    )


@dataclass
class Owner:
    """One owner with keys and a log; everything an insider could do."""

    producer: SigningKey = field(
        default_factory=lambda: SigningKey.generate("producer", "owner-producer")
    )
    log: SigningKey = field(default_factory=lambda: SigningKey.generate("log", "owner-log"))
    tree: Tree = field(default_factory=Tree)
    lines: list[bytes] = field(default_factory=list)
    witnesses: tuple[PublicKey, ...] = ()

    @property
    def public(self) -> bytes:
        return keys_json([self.producer.public, self.log.public, *self.witnesses])

    def record(self, record: StepRecord) -> None:
        self.lines.append(sign(record.payload(), self.producer).line())
        self.tree.add(self.lines[-1])

    def checkpoint(self) -> SignedCheckpoint:
        return sign_checkpoint(Checkpoint(ORIGIN, self.tree.head), self.log)

    def witnessed(self, witness: Witness | None, old: int) -> SignedCheckpoint:
        made = self.checkpoint()
        if witness is None:
            return made
        request = growth_request(made, old_size=old, node=self.tree.node)
        answer = witness.cosign(request, NOW, first_use=self.log.public)
        return made.with_cosignatures(answer, [witness.public])


def build(
    folder: Path,
    owner: Owner,
    *,
    witness: Witness | None = None,
    records: list[StepRecord] | None = None,
    last: StepRecord | None = None,
) -> SignedCheckpoint:
    """Run the whole chain into ``folder`` and seal it; return the final checkpoint."""
    owner.record(step("other.subject", (), (resource(asset("other", b"other", RAW), "raw"),)))
    for record in chain() if records is None else records:
        owner.record(record)
    early = owner.witnessed(witness, 0)
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "customers.csv").write_bytes(DATA)
    (folder / "card.html").write_text("<!doctype html><title>資料卡</title>\n", "utf-8")
    (folder / "說明.txt").write_text("給稽核者\n", "utf-8")
    prepare(folder, keys=owner.public, history=[early.encode()])
    owner.record(release(folder) if last is None else last)
    final = owner.witnessed(witness, early.head.size)
    statements = list(enumerate(owner.lines))[1:]
    seal(folder, statements, checkpoint=final, node=owner.tree.node)
    return final


@dataclass
class World:
    """A sealed dossier with its owner and its witness."""

    folder: Path
    owner: Owner
    witness: Witness | None

    def copy(self, to: Path) -> Path:
        shutil.copytree(self.folder, to)
        return to

    @property
    def owner_keys(self) -> tuple[PublicKey, ...]:
        return (self.owner.producer.public, self.owner.log.public)

    @property
    def held(self) -> bytes:
        assert self.witness is not None
        note = self.witness.held(ORIGIN)
        assert note is not None
        return note

    @property
    def final(self) -> SignedCheckpoint:
        return read_checkpoint((self.folder / "evidence/checkpoint").read_bytes())


@pytest.fixture(scope="session")
def witnessed(tmp_path_factory: pytest.TempPathFactory) -> World:
    base = tmp_path_factory.mktemp("witnessed")
    witness = Witness.create(base / "witness", "auditor.example/w1")
    owner = Owner(witnesses=(witness.public,))
    build(base / "dossier", owner, witness=witness)
    return World(base / "dossier", owner, witness)


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory) -> World:
    base = tmp_path_factory.mktemp("alone")
    owner = Owner()
    build(base / "dossier", owner)
    return World(base / "dossier", owner, None)


@pytest.fixture
def tools() -> ModuleType:
    """The builders of this file, for tests that make dossiers of their own."""
    return sys.modules[__name__]
