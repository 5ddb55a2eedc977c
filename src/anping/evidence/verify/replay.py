"""Compute the measures again: a signature proves who said it, a replay whether it is true."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from anping.core.errors import AnpingError
from anping.core.measure import Measure
from anping.evidence.verify.opened import OpenedDossier, OpenedStatement
from anping.evidence.verify.report import Finding, failed, passed, told, warned

#: Computes measures again from a whole statement (``subject`` and ``predicate`` as plain values) and
#: a finder of the dossier's files by SHA-256 (hex); None where the step draws secret numbers, so that
#: nobody can.
Replayer = Callable[[Mapping[str, Any], Callable[[str], Path | None]], Sequence[Measure] | None]

#: The replayer under this name has the raw tables at hand, and measures again whatever needs them.
RAW = "raw"

#: What a replayer may need: the released table, or one of several that were made together.
_PROTECTED = "protected"


def replay(dossier: OpenedDossier, replayers: Mapping[str, Replayer] | None) -> Iterator[Finding]:
    """Recompute every measure that an outsider can, and compare it within its tolerance.

    A replayer is called once per statement. Without ``replayers`` only one finding says so. What
    needs the raw tables is left to their owner, unless a replayer :data:`RAW` has them at hand.
    """
    if replayers is None:
        yield told(
            "replay.off",
            "這次沒有重算任何數字；加上 --replay 可以重算。",
            "No number was recomputed this time; add --replay to do so.",
        )
        return
    for statement in dossier.statements:
        groups: dict[str, list[Measure]] = {}
        for measure in statement.record.measurements:
            if measure.replay is None:
                continue
            missing = [need for need in measure.replay.needs if not _given(need)]
            if missing == [RAW] and RAW in replayers:
                groups.setdefault(RAW, []).append(measure)
                continue
            if missing:
                yield _owner_only(statement, measure)
                continue
            if not _is_here(dossier, statement, measure.replay.needs):
                yield _elsewhere(statement, measure)
                continue
            groups.setdefault(measure.replay.id, []).append(measure)
        for name, measures in groups.items():
            yield from _group(dossier, statement, measures, replayers.get(name))
        yield from _stated(statement)


def _given(need: str) -> bool:
    return need.partition(".")[0] == _PROTECTED


def _is_here(dossier: OpenedDossier, statement: OpenedStatement, needs: Sequence[str]) -> bool:
    """Return whether the dossier holds what is needed of several tables that were made together."""
    made = {each.port: each.digest for each in statement.record.subjects}
    together = sum(_given(port) for port in made) > 1
    if _holds_no_table(dossier):
        return False
    return not together or all(
        need in made and dossier.file(made[need].value) is not None for need in needs
    )


def _holds_no_table(dossier: OpenedDossier) -> bool:
    """Return whether the dossier is of a model: the protected table it was learnt from stays inside."""
    release = dossier.release
    return release is not None and any(each.kind == "model" for each in release.materials)


def _elsewhere(statement: OpenedStatement, measure: Measure) -> Finding:
    return told(
        "replay.other-table",
        f"{statement.label} 的「{measure.title.zh}」（{measure.key}）說的是另一個保護後的表，不在這份卷宗裡。",
        f"{statement.label}: “{measure.title.en}” ({measure.key}) is about another protected table, which "
        "is not in this dossier.",
    )


def _stated(statement: OpenedStatement) -> Iterator[Finding]:
    count = sum(measure.replay is None for measure in statement.record.measurements)
    if count:
        yield told(
            "replay.stated",
            f"{statement.label} 有 {count} 個數字沒有重算方法，只能相信簽署者。",
            f"{statement.label} states {count} number(s) with no way to recompute them: there is only "
            "the signer's word.",
        )


def _owner_only(statement: OpenedStatement, measure: Measure) -> Finding:
    return told(
        "replay.owner-only",
        f"{statement.label} 的「{measure.title.zh}」（{measure.key}）需要原始資料，只有持有工作區與其金鑰的人能重算"
        "（verify --replay --workspace）。",
        f"{statement.label}: “{measure.title.en}” ({measure.key}) needs the raw data: only whoever holds "
        "the workspace and its keys can recompute it (verify --replay --workspace).",
    )


def _group(
    dossier: OpenedDossier,
    statement: OpenedStatement,
    measures: Sequence[Measure],
    replayer: Replayer | None,
) -> Iterator[Finding]:
    if replayer is None:
        for measure in measures:
            yield warned(
                "replay.unknown",
                f"{statement.label} 的 {measure.key}：這個版本沒有它的重算方法。",
                f"{statement.label}: this version knows no way to recompute {measure.key}.",
            )
        return
    try:
        found = replayer(statement.record.as_json(), dossier.file)
    except Exception as error:  # noqa: BLE001 - a forged statement may break a replayer anyhow
        yield _broke(statement, measures, error)
        return
    if found is None:
        yield from (_secret(statement, measure) for measure in measures)
        return
    again = {measure.key: measure for measure in found}
    for measure in measures:
        yield _compared(statement, measure, again.get(measure.key))


def _secret(statement: OpenedStatement, measure: Measure) -> Finding:
    return told(
        "replay.secret-draws",
        f"{statement.label} 的「{measure.title.zh}」（{measure.key}）無法重算：這個步驟使用秘密亂數或讀取外部檔案。",
        f"{statement.label}: “{measure.title.en}” ({measure.key}) cannot be recomputed: the step draws "
        "secret random numbers or reads outside files.",
    )


def _broke(statement: OpenedStatement, measures: Sequence[Measure], error: Exception) -> Finding:
    """Say that a replayer failed; only a typed error's own words are free of data values."""
    keys = ", ".join(measure.key for measure in measures)
    zh, en = type(error).__name__, type(error).__name__
    if isinstance(error, AnpingError):
        zh, en = error.what.zh, error.what.en
    return failed(
        "replay.error",
        f"{statement.label} 的 {keys} 無法重算：{zh}",
        f"{statement.label}: {keys} could not be recomputed: {en}",
    )


def _compared(statement: OpenedStatement, stated: Measure, again: Measure | None) -> Finding:
    tolerance = 0.0 if stated.replay is None else stated.replay.tolerance
    name_zh = f"{statement.label} 的「{stated.title.zh}」（{stated.key}）"
    name_en = f"{statement.label}: “{stated.title.en}” ({stated.key})"
    if again is None:
        return failed(
            "replay.absent",
            f"{name_zh}：重算沒有得到這個數字。",
            f"{name_en}: the replay did not give this number.",
        )
    numbers = (
        f"{stated.value:.6g} → {again.value:.6g} {stated.unit}, n {stated.n} → {again.n}, "
        f"± {tolerance:g}"
    )
    same = abs(stated.value - again.value) <= tolerance and stated.n == again.n
    if not same or stated.unit != again.unit:
        return failed(
            "replay.differs",
            f"{name_zh}：重算的結果不同（{numbers}）。",
            f"{name_en}: the replay gives another result ({numbers}).",
        )
    return passed(
        "replay.same",
        f"{name_zh}：重算相符（{numbers}）。",
        f"{name_en}: recomputed, the same ({numbers}).",
    )
