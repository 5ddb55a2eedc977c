"""What outsiders remember of the log: cosignatures, and a checkpoint that a witness holds.

Whoever holds all the owner's keys can rewrite the whole log and sign it again; everything inside
the dossier then agrees. Only what somebody outside remembers can contradict it.
"""

from __future__ import annotations

from collections.abc import Iterator

from anping.core.clock import rfc3339
from anping.core.errors import EvidenceError
from anping.evidence.checkpoint import SignedCheckpoint, read_checkpoint
from anping.evidence.dossier import CHECKPOINT
from anping.evidence.keys import Keys, PublicKey
from anping.evidence.proof import GrowthProof, read_growth_proof
from anping.evidence.verify.reading import Evidence
from anping.evidence.verify.report import Finding, failed, passed, told, warned


def check_cosignatures(evidence: Evidence, trust: Keys | None) -> Iterator[Finding]:
    """Check the cosignatures on the checkpoint, or say plainly what their absence means."""
    checkpoint = evidence.checkpoint
    if checkpoint is None:
        return
    named = (*evidence.keys.of("witness"), *evidence.later.of("witness"))
    vouched = trust.of("witness") if trust is not None else ()
    witnesses = tuple({key.raw: key for key in (*named, *vouched)}.values())
    for name in checkpoint.unexplained(evidence.keys.of("log"), witnesses):
        yield failed(
            "witness.unknown-signature",
            f"檢查點上「{name}」的簽章無效，或其金鑰不明。",
            f"The signature of “{name}” on the checkpoint is not valid, or its key is unknown.",
            where=CHECKPOINT,
        )
    cosigned = [key for key in witnesses if checkpoint.cosigned_by(key) is not None]
    for key in named:
        if key not in cosigned:
            yield failed(
                "witness.missing",
                f"卷宗指名的見證人 {key.name} 沒有共簽：共簽被移除，或尚未取得。",
                f"The dossier names the witness {key.name}, whose cosignature is not here: it was "
                "removed, or not obtained yet.",
                where=CHECKPOINT,
            )
    if vouched and not any(key in cosigned for key in vouched):
        yield failed(
            "witness.not-trusted-one",
            "您信任的見證人都沒有共簽這個檢查點。",
            "None of the witnesses that you trust cosigned this checkpoint.",
            where=CHECKPOINT,
        )
    yield from (_cosigned(checkpoint, key, vouched) for key in cosigned)
    if not cosigned:
        yield _no_witness()


def _cosigned(
    checkpoint: SignedCheckpoint, key: PublicKey, vouched: tuple[PublicKey, ...]
) -> Finding:
    moment = checkpoint.cosigned_by(key)
    when = "" if moment is None else rfc3339(moment)
    if key in vouched:
        return passed(
            "witness.cosigned",
            f"您信任的見證人 {key.name} 於 {when} 共簽：在那之後的改寫會被發現。",
            f"The witness {key.name}, whom you trust, cosigned at {when}: a rewrite after that "
            "would be found out.",
            where=CHECKPOINT,
        )
    return passed(
        "witness.cosigned",
        f"見證人 {key.name} 於 {when} 共簽。只有當這把金鑰確實屬於外部的人時才有意義，"
        f"請向見證人核對指紋：{key.fingerprint}",
        f"The witness {key.name} cosigned at {when}. This means something only if the key really "
        f"is an outsider's: compare its fingerprint with the witness: {key.fingerprint}",
        where=CHECKPOINT,
    )


def _no_witness() -> Finding:
    return warned(
        "witness.none",
        "沒有見證人：持有兩把金鑰（producer 與 log）的內部人員可以改寫全部內容，而本檢查不可能發現。",
        "No witness: an insider who holds both keys could have rewritten everything and this check "
        "could not have found out.",
        where=CHECKPOINT,
    )


def check_held(evidence: Evidence, held: bytes, trust: Keys | None) -> Iterator[Finding]:
    """Compare the dossier's checkpoint with the one that a witness holds.

    ``held`` is empty where the witness holds nothing of this log, a checkpoint, or an ``add-checkpoint`` body whose old size is this dossier's and
    whose checkpoint is the witness's newer one.
    """
    checkpoint = evidence.checkpoint
    if checkpoint is None:
        return
    if not held:
        yield failed(
            "held.unknown-log",
            "見證人手上沒有這個紀錄的任何檢查點：卷宗所屬的紀錄不是見證人看過的那一個。",
            "The witness holds no checkpoint of this log: the dossier is of another log than the "
            "one that the witness saw.",
        )
        return
    growth: GrowthProof | None = None
    try:
        if held.startswith(b"old "):
            growth = read_growth_proof(held)
        theirs = growth.checkpoint if growth is not None else read_checkpoint(held)
    except EvidenceError:
        yield failed(
            "held.malformed",
            "見證人提供的檢查點無法讀取。",
            "The checkpoint from the witness cannot be read.",
        )
        return
    if theirs.checkpoint.origin != checkpoint.checkpoint.origin:
        yield failed(
            "held.other-log",
            "見證人提供的檢查點屬於另一個紀錄，無法比對。",
            "The checkpoint from the witness is of another log and cannot be compared.",
        )
    elif not any(map(theirs.signed_by, evidence.keys.of("log"))):
        yield failed(
            "held.other-key",
            "見證人手上的檢查點不是由這個卷宗的紀錄金鑰簽署：紀錄或金鑰被換過。",
            "The checkpoint that the witness holds is not signed by this dossier's log key: the log "
            "or its key was replaced.",
        )
    else:
        yield _compared(evidence, checkpoint, (theirs, growth), trust)


def _compared(
    evidence: Evidence,
    ours: SignedCheckpoint,
    held: tuple[SignedCheckpoint, GrowthProof | None],
    trust: Keys | None,
) -> Finding:
    theirs, growth = held
    mine, other = ours.head, theirs.head
    if other.size == mine.size:
        return _agrees(mine.size) if other.root == mine.root else _rewritten(mine.size)
    if other.size < mine.size:
        earlier = evidence.growth.get(other.size)
        if earlier is None:
            return failed(
                "held.no-proof",
                f"見證人看過 {other.size} 筆時的紀錄，但卷宗沒有自那時以來的一致性證明："
                "紀錄可能被改寫，請向擁有者索取證明。",
                f"The witness saw the log at {other.size} entries, but the dossier holds no "
                "consistency proof since then: the log may have been rewritten. Ask the owner for it.",
            )
        same = earlier.checkpoint == ours and earlier.proves(other)
        return _agrees(other.size) if same else _rewritten(other.size)
    if growth is not None:
        return _agrees(mine.size) if growth.proves(mine) else _rewritten(mine.size)
    vouched = trust.of("witness") if trust is not None else ()
    if any(ours.cosigned_by(key) is not None for key in vouched):
        return told(
            "held.ahead",
            f"見證人後來看到紀錄增加到 {other.size} 筆；它也共簽過這個 {mine.size} 筆的檢查點。",
            f"The witness later saw the log grow to {other.size} entries; it also cosigned this "
            f"checkpoint of {mine.size}.",
        )
    return failed(
        "held.ahead",
        f"見證人手上的檢查點較新（{other.size} 筆，卷宗是 {mine.size} 筆），沒有證明就無法比對，"
        f"因此不能算通過。請向見證人索取 {mine.size} 筆時的檢查點，或向擁有者索取一致性證明。",
        f"The witness's checkpoint is newer ({other.size} entries, the dossier has {mine.size}) and "
        "cannot be compared without a proof, so this does not pass. Ask the witness for its "
        f"checkpoint at {mine.size} entries, or the owner for the consistency proof.",
    )


def _agrees(size: int) -> Finding:
    return passed(
        "held.agrees",
        f"與見證人手上 {size} 筆時的檢查點一致：此前的紀錄沒有被改寫。",
        f"It agrees with what the witness holds at {size} entries: nothing before was rewritten.",
    )


def _rewritten(size: int) -> Finding:
    return failed(
        "held.rewritten",
        f"與見證人手上的檢查點不符（{size} 筆）：紀錄在見證之後被改寫，即使所有簽章都有效。",
        f"It contradicts the checkpoint that the witness holds ({size} entries): the log was "
        "rewritten after it was witnessed, though every signature is valid.",
    )
