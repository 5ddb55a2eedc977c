"""The chain holds: every input was made by an earlier step, and labels only drop with a reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from anping.core.labels import Labels, join, lowered_aspects
from anping.evidence.dossier import STATEMENTS
from anping.evidence.resource import Digest, Resource
from anping.evidence.statement import StepRecord
from anping.evidence.verify.opened import OpenedStatement
from anping.evidence.verify.report import Finding, failed, or_passed, passed, told, warned


def check_ancestry(statements: Sequence[OpenedStatement]) -> tuple[Finding, ...]:
    """Check that every material is a subject of an earlier statement, up to the sources."""
    made: dict[Digest, list[Labels | None]] = {}
    found: list[Finding] = []
    sources = 0
    for statement in statements:
        for material in statement.record.materials:
            if material.is_source:
                sources += 1
            elif material.digest not in made:
                found.append(_unmade(statement, material))
            elif material.labels not in made[material.digest]:
                found.append(_relabelled(statement, material))
        for subject in statement.record.subjects:
            made.setdefault(subject.digest, []).append(subject.labels)
    good = passed(
        "flow.closed",
        f"來歷完整：{len(statements)} 個步驟的每項輸入都由先前的步驟產生，一直追到 {sources} 個原始檔案。",
        f"The ancestry is complete: every input of the {len(statements)} steps was made by an earlier "
        f"one, back to {sources} original file(s).",
        where=STATEMENTS,
    )
    return (*or_passed(found, good), *_unrelated(statements))


def _unmade(statement: OpenedStatement, material: Resource) -> Finding:
    return failed(
        "flow.missing-ancestor",
        f"{statement.label} 用到的 {material.name} 不是由這裡任何先前的步驟產生：產生它的敘述被刪除。",
        f"{statement.label} uses {material.name}, which no earlier step here made: the statement "
        "that made it was deleted.",
        where=STATEMENTS,
    )


def _relabelled(statement: OpenedStatement, material: Resource) -> Finding:
    return failed(
        "flow.relabelled",
        f"{statement.label} 用到的 {material.name}，標籤與產生它的步驟所寫的不同。",
        f"The labels of {material.name} in {statement.label} are not those that the step which made "
        "it wrote.",
        where=STATEMENTS,
    )


def _unrelated(statements: Sequence[OpenedStatement]) -> Iterator[Finding]:
    """Find statements that the last one does not rest on."""
    needed: set[Digest] = set()
    for position, statement in enumerate(reversed(statements)):
        if position and not any(subject.digest in needed for subject in statement.record.subjects):
            yield told(
                "flow.unrelated",
                f"{statement.label} 不是這次發布的依據，只是一併附上。",
                f"{statement.label} is nothing that the release rests on; it is only enclosed.",
                where=STATEMENTS,
            )
        needed |= {material.digest for material in statement.record.materials}


def check_labels(statements: Sequence[OpenedStatement]) -> tuple[Finding, ...]:
    """Check the information-flow rule in every statement."""
    found = [finding for statement in statements for finding in _labels(statement)]
    good = passed(
        "labels.hold",
        "標籤沿著每個步驟傳遞；放寬之處都有宣告，並附量測或決定為依據。",
        "The labels hold through every step; wherever they drop, that is declared and rests on "
        "measures or a decision.",
        where=STATEMENTS,
    )
    return or_passed(found, good)


def _labels(statement: OpenedStatement) -> Iterator[Finding]:
    record = statement.record
    given = [material.labels for material in record.materials if material.labels is not None]
    if not given:
        return
    joined = join(*given)
    for subject in record.subjects:
        lowered = None if subject.labels is None else lowered_aspects(joined, subject.labels)
        if lowered is None:
            yield _broken(statement, subject)
        elif not lowered <= set(record.lowers):
            yield failed(
                "labels.undeclared",
                f"{statement.label} 放寬了 {subject.name} 的標籤卻沒有宣告。",
                f"{statement.label} lowered the labels of {subject.name} without declaring it.",
                where=STATEMENTS,
            )
        elif lowered and not (record.measurements or record.decision):
            yield failed(
                "labels.unjustified",
                f"{statement.label} 放寬了 {subject.name} 的標籤，卻沒有量測或決定為依據。",
                f"{statement.label} lowered the labels of {subject.name} without measures or a "
                "decision that justify it.",
                where=STATEMENTS,
            )


def _broken(statement: OpenedStatement, subject: Resource) -> Finding:
    return failed(
        "labels.broken",
        f"{statement.label} 的 {subject.name} 缺少標籤，或放寬了不得放寬的用途、授權、法律依據或保存期限。",
        f"In {statement.label}, {subject.name} bears no labels, or drops a purpose limit, licence, "
        "legal basis or retention that may never drop.",
        where=STATEMENTS,
    )


_DELIVERED = {"table": ("資料表", "table"), "model": ("模型", "model")}


def check_delivery(release: StepRecord | None) -> Iterator[Finding]:
    """Check that the table or model which the release rests on is the one handed over.

    What is confidential is named by a keyed digest, which only its owner can compare.
    """
    if release is None:
        return
    delivered = {subject.digest for subject in release.subjects}
    for kind, (zh, en) in _DELIVERED.items():
        given = [
            material
            for material in release.materials
            if material.kind == kind and material.digest.algorithm == "sha256"
        ]
        if given and not any(each.digest in delivered for each in given):
            yield failed(
                "flow.not-delivered",
                f"卷宗裡沒有發布所依據的{zh} {given[0].name}：交付的不是量測過的那一份。",
                f"The {en} that the release rests on, {given[0].name}, is not in the dossier: what is "
                "handed over is not what was measured.",
            )


def check_decision(release: StepRecord | None) -> Iterator[Finding]:
    """Check that the gate did not refuse the release."""
    if release is None:
        return
    if release.decision is None:
        yield warned(
            "decision.none",
            "發布敘述沒有記載任何閘門的決定。",
            "The release statement records no gate's decision.",
        )
    elif release.decision.refused:
        yield failed(
            "decision.refused",
            "閘門拒絕了這次發布，這份卷宗不該存在。",
            "The gate refused this release; this dossier should not exist.",
        )
    else:
        yield passed(
            "decision.allowed",
            f"閘門 {release.decision.gate} 的決定：{release.decision.outcome}。",
            f"The gate {release.decision.gate} decided: {release.decision.outcome}.",
        )
