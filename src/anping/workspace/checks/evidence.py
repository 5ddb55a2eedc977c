"""The database and the ledger: whole, in order, checkpointed, and the keys fit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import sqlalchemy as sa

from anping.core.errors import AnpingError
from anping.core.text import Text
from anping.evidence.checkpoint import read_checkpoint
from anping.evidence.dsse import read_line
from anping.workspace import tables
from anping.workspace.audit import Audited, audit
from anping.workspace.checks.check import Check, count, failed
from anping.workspace.database import reading
from anping.workspace.log import newest_record
from anping.workspace.workspace import Workspace

_DATABASE = Text("資料庫", "database")
_LEDGER = Text("帳本", "ledger")
_CLOCK = Text("時鐘", "clock")
_CHECKPOINTS = Text("檢查點", "checkpoints")
_FIT = Text("金鑰與帳本", "keys and ledger")
_RESTORE = Text(
    "停止寫入，複製一份留存，再從備份還原（anping restore）。",
    "Stop writing, keep a copy, and restore a backup (anping restore).",
)


def check_database(workspace: Workspace) -> Check:
    """Ask the database whether its own structure is whole."""
    with reading(workspace.database) as connection:
        if connection.dialect.name != "sqlite":
            # PostgreSQL has no such question; the audit below reads every row.
            version = connection.exec_driver_sql("SHOW server_version").scalar()
            said = Text(f"PostgreSQL {version}", f"PostgreSQL {version}")
            return Check("database.whole", _DATABASE, "pass", said)
        wrong = connection.exec_driver_sql("PRAGMA integrity_check(5)").scalars().all()
    if wrong != ["ok"]:
        said = Text("SQLite 的結構損壞。", "The structure of SQLite is damaged.")
        return Check("database.whole", _DATABASE, "fail", said, _RESTORE)
    return Check("database.whole", _DATABASE, "pass", Text("結構完整。", "Its structure is whole."))


def check_ledger(workspace: Workspace) -> Iterator[Check]:
    """Audit every statement, node and checkpoint, after asking whether the keys are the right ones."""
    if not _keys_fit(workspace):
        yield Check(
            "keys.fit",
            _FIT,
            "fail",
            Text(
                "這些金鑰沒有簽過這份帳本的第一筆敘述。",
                "These keys did not sign the first statement of this ledger.",
            ),
            Text("用 --keys 指到這個工作區的金鑰。", "Point --keys to this workspace's own keys."),
        )
        return
    yield Check("keys.fit", _FIT, "pass", Text("金鑰相符。", "The keys fit."))
    with reading(workspace.database) as connection:
        origin = workspace.fact("origin") or ""
        try:
            audited = audit(connection, workspace.key_store.public(), origin=origin)
        except AnpingError as error:
            yield failed("ledger.whole", _LEDGER, error)
            return
        yield _whole(audited)
        yield _clock(connection, audited, workspace.clock())


def _keys_fit(workspace: Workspace) -> bool:
    query = sa.select(tables.statements.c.line).order_by(tables.statements.c.index).limit(1)
    with reading(workspace.database) as connection:
        line = connection.execute(query).scalar()
    if line is None:
        return True
    try:
        envelope = read_line(bytes(line))
    except AnpingError:
        # A torn statement is the audit's to tell.
        return True
    return envelope.signed_by(workspace.key_store.signing("producer").public)


def _whole(audited: Audited) -> Check:
    title = Text("敘述", "statements")
    measure = count(
        "doctor.statements",
        audited.statements,
        n=audited.statements,
        unit="statements",
        title=title,
    )
    said = Text(
        f"{audited.statements:,} 筆敘述的簽章、順序與樹都相符。",
        f"Signatures, order and tree hold for {audited.statements:,} statements.",
    )
    return Check("ledger.whole", _LEDGER, "pass", said, measures=(measure,))


def _clock(connection: sa.Connection, audited: Audited, now: datetime) -> Check:
    newest = newest_record(connection)
    if newest is not None:
        finished = datetime.fromisoformat(newest["predicate"]["finishedOn"]).astimezone(UTC)
        if finished.timestamp() > now.timestamp() + 1:
            said = Text(
                "這部機器的時鐘比最新的敘述還早。",
                "This machine's clock is earlier than the newest statement.",
            )
            hint = Text("先校正時鐘再繼續。", "Set the clock right before you go on.")
            return Check("clock.forward", _CLOCK, "warn", said, hint)
    if audited.clock_went_back or audited.cosigned_earlier:
        said = Text(
            "有敘述或共簽的時間早於前一筆；順序仍以帳本為準。",
            "Some statements or cosignatures bear earlier times than the ones before; the ledger's "
            "order stands.",
        )
        hint = Text("讓系統自動校時（NTP）。", "Let the system keep time by itself (NTP).")
        return Check("clock.forward", _CLOCK, "warn", said, hint)
    return Check("clock.forward", _CLOCK, "pass", Text("沒有倒退。", "It never went back."))


def check_checkpoints(workspace: Workspace) -> Check:
    """Say how much of the ledger a checkpoint covers, and whether a witness has seen it."""
    ledger = workspace.ledger
    newest = next(ledger.backwards(), None)
    size = ledger.size
    hint = Text("執行 anping checkpoint，並請見證人共簽。",
                "Run anping checkpoint and have a witness cosign it.")  # fmt: skip
    if newest is None:
        if size == 0:
            said = Text("帳本是空的。", "The ledger is empty.")
            return Check("checkpoints.covered", _CHECKPOINTS, "info", said)
        said = Text("還沒有檢查點。", "There is no checkpoint yet.")
        return Check("checkpoints.covered", _CHECKPOINTS, "warn", said, hint)
    behind = size - newest[0]
    measure = count("doctor.uncovered", behind, n=size, unit="statements",
                    title=Text("檢查點之後的敘述", "statements after the checkpoint"))  # fmt: skip
    signed = read_checkpoint(newest[1])
    cosigned = any(signed.cosigned_by(each) for each in workspace.key_store.witnesses())
    if not cosigned:
        said = Text(
            "最新的檢查點沒有見證人共簽：握有金鑰的人可以改寫整份帳本。",
            "No witness cosigned the newest checkpoint: whoever holds the keys could rewrite all.",
        )
        return Check("checkpoints.covered", _CHECKPOINTS, "warn", said, hint, (measure,))
    said = Text(
        f"見證人共簽到第 {newest[0]:,} 筆；之後還有 {behind:,} 筆。",
        f"A witness cosigned up to statement {newest[0]:,}; {behind:,} came after.",
    )
    return Check("checkpoints.covered", _CHECKPOINTS, "pass", said, measures=(measure,))
