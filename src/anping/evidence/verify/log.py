"""The statements are in the log, each at its place, and the log only ever grew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from anping.evidence.dossier import CHECKPOINT, STATEMENTS, growth_name, history_name, proof_name
from anping.evidence.proof import InclusionProof
from anping.evidence.verify.reading import Evidence, Line
from anping.evidence.verify.report import Finding, failed, or_passed, passed

# Matching tries every line with every proof; beyond this many trials it would take minutes.
_MATCH_LIMIT = 100_000


def pair(evidence: Evidence) -> tuple[tuple[Line, int | None], ...]:
    """Return each line with the log index that its inclusion proof gives it.

    Lines and proofs stand in the same order. Where that does not hold, a line is matched with any
    proof that fits it, so that findings can say what was moved, copied or removed.
    """
    indices = sorted(evidence.proofs)
    lines = evidence.lines
    straight = len(lines) == len(indices) and all(
        evidence.proofs[index].proves(line.leaf) for line, index in zip(lines, indices, strict=True)
    )
    if straight or len(lines) * len(indices) > _MATCH_LIMIT:
        return tuple(
            (line, indices[place] if place < len(indices) else None)
            for place, line in enumerate(lines)
        )
    return tuple((line, _fitting(line, evidence)) for line in lines)


def _fitting(line: Line, evidence: Evidence) -> int | None:
    fits = (index for index, proof in evidence.proofs.items() if proof.proves(line.leaf))
    return next(fits, None)


def check_log(evidence: Evidence, pairs: Sequence[tuple[Line, int | None]]) -> tuple[Finding, ...]:
    """Check inclusion of every statement under the one checkpoint, at its place and once."""
    if evidence.checkpoint is None:
        return ()
    found = (*_same_checkpoint(evidence), *_inclusion(evidence, pairs), *_order(evidence, pairs))
    size = evidence.checkpoint.head.size
    good = passed(
        "log.included",
        f"{len(pairs)} 筆敘述都在紀錄裡各自的位置上（紀錄共 {size} 筆）。",
        f"All {len(pairs)} statements are in the log at their places (the log has {size} entries).",
    )
    return or_passed(found, good)


def _same_checkpoint(evidence: Evidence) -> Iterator[Finding]:
    for index, proof in evidence.proofs.items():
        good = proof.checkpoint == evidence.checkpoint and proof.extra is None
        if proof.index != index or not good:
            yield failed(
                "proof.other-checkpoint",
                "這份證明的位置或檢查點與卷宗的不一致：檔案被更動。",
                "The index or checkpoint of this proof is not the dossier's: the file was changed.",
                where=proof_name(index),
            )
    for size, growth in evidence.growth.items():
        if growth.old_size != size or growth.checkpoint != evidence.checkpoint:
            yield failed(
                "proof.other-checkpoint",
                "這份證明的大小或檢查點與卷宗的不一致：檔案被更動。",
                "The size or checkpoint of this proof is not the dossier's: the file was changed.",
                where=growth_name(size),
            )


def _inclusion(evidence: Evidence, pairs: Sequence[tuple[Line, int | None]]) -> Iterator[Finding]:
    for line, index in pairs:
        proof: InclusionProof | None = None if index is None else evidence.proofs[index]
        if proof is None or not proof.proves(line.leaf):
            yield failed(
                "log.not-included",
                "這筆敘述不是紀錄裡寫下的那一筆：敘述被更動、重簽或新增，或其證明被更動。",
                "This statement is not what the log recorded: it was changed, signed again or added, "
                "or its proof was changed.",
                where=line.where,
            )


def _order(evidence: Evidence, pairs: Sequence[tuple[Line, int | None]]) -> Iterator[Finding]:
    indices = [index for _, index in pairs if index is not None]
    counts = Counter(indices)
    for line, index in pairs:
        if index is not None and counts[index] > 1:
            yield failed(
                "log.duplicate",
                f"紀錄第 {index} 筆在這裡出現不只一次。",
                f"Log entry #{index} stands here more than once.",
                where=line.where,
            )
    if indices != sorted(indices):
        yield failed(
            "log.reordered",
            "敘述的順序與紀錄不同：被調換過。",
            "The statements are not in the order of the log: they were reordered.",
            where=STATEMENTS,
        )
    for index in sorted(set(evidence.proofs) - set(indices)):
        yield failed(
            "log.deleted",
            f"紀錄第 {index} 筆有證明卻沒有敘述：敘述被刪除或更動。",
            f"Log entry #{index} has a proof but no statement: the statement was deleted or changed.",
            where=proof_name(index),
        )


def check_history(evidence: Evidence) -> tuple[Finding, ...]:
    """Check that the log only grew since each earlier checkpoint."""
    if evidence.checkpoint is None or not evidence.history:
        return ()
    count = len(evidence.history)
    good = passed(
        "log.grew",
        f"自先前的 {count} 個檢查點以來，紀錄只有接續增加，沒有改寫。",
        f"Since the {count} earlier checkpoints the log only grew; nothing was rewritten.",
        where=CHECKPOINT,
    )
    return or_passed(_history(evidence), good)


def _history(evidence: Evidence) -> Iterator[Finding]:
    for size, earlier in evidence.history.items():
        where = history_name(size)
        growth = evidence.growth.get(size)
        if not any(map(earlier.signed_by, evidence.keys.of("log"))):
            yield failed(
                "history.signature",
                "先前的檢查點沒有紀錄金鑰的有效簽章。",
                "An earlier checkpoint bears no valid signature of the log key.",
                where=where,
            )
        if growth is None:
            yield failed(
                "history.no-proof",
                f"缺少自 {size} 筆以來的一致性證明。",
                f"The consistency proof since {size} entries is missing.",
                where=growth_name(size),
            )
        elif earlier.checkpoint.origin != growth.checkpoint.checkpoint.origin or not growth.proves(
            earlier.head
        ):
            yield failed(
                "history.inconsistent",
                f"現在的紀錄不是由 {size} 筆時的紀錄接續而來：紀錄被改寫。",
                f"The log of today does not continue the log of {size} entries: it was rewritten.",
                where=growth_name(size),
            )
