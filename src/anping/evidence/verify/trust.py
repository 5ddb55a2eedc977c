"""Whose keys these are, and who signed what with them."""

from __future__ import annotations

from collections.abc import Iterator

from anping.evidence.dossier import CHECKPOINT, KEYS, STATEMENTS, WITNESSES
from anping.evidence.keys import KeyRole, Keys, PublicKey
from anping.evidence.verify.reading import Evidence, Line
from anping.evidence.verify.report import Finding, failed, or_passed, passed, told, warned

_ROLES: tuple[KeyRole, ...] = ("producer", "log", "officer", "witness")
_NEEDED: tuple[KeyRole, ...] = ("producer", "log")


def check_keys(named: Keys, later: Keys, trust: Keys | None) -> Iterator[Finding]:
    """Compare the dossier's keys with those the auditor trusts, or say that nobody vouches."""
    keys = Keys((*named.members, *later.members))
    if any(key.role != "witness" or key in named.members for key in later.members):
        yield failed(
            "keys.later-role",
            "事後加入的金鑰只能是見證人的。",
            "Keys added after the release may only be a witness's.",
            where=WITNESSES,
        )
    for role in _NEEDED:
        if not named.of(role):
            yield failed(
                "keys.role-missing",
                f"公開金鑰檔裡沒有角色為 {role} 的金鑰。",
                f"The public keys hold none with the role {role}.",
                where=KEYS,
            )
    outside = {key.keyid for key in keys.of("witness")}
    inside = {key.keyid for key in keys.members if key.role != "witness"}
    if outside & inside:
        yield failed(
            "keys.witness-is-owner",
            "見證人的金鑰同時也是擁有者的金鑰：這不是外部見證。",
            "A witness's key is also one of the owner's: this is no outside witness.",
            where=KEYS,
        )
    if trust is None:
        yield from _unvouched(keys)
    else:
        yield from _compared(keys, trust)


def _unvouched(keys: Keys) -> Iterator[Finding]:
    for key in keys.members:
        yield told(
            "keys.from-dossier",
            f"金鑰來自卷宗本身，請向本人核對指紋：{key.role} {key.name} {key.fingerprint}",
            "This key comes from the dossier itself; compare its fingerprint with its owner: "
            f"{key.role} {key.name} {key.fingerprint}",
            where=KEYS,
        )


def _compared(keys: Keys, trust: Keys) -> Iterator[Finding]:
    for role in _ROLES:
        trusted = {key.raw for key in trust.of(role)}
        for key in keys.of(role):
            if key.raw in trusted:
                yield passed(
                    "keys.trusted",
                    f"{role} 的金鑰 {key.name} 在您信任的金鑰之中。",
                    f"The {role} key {key.name} is among the keys you trust.",
                )
            elif trusted:
                yield _untrusted(key)
            else:
                yield warned(
                    "keys.not-covered",
                    f"您信任的金鑰裡沒有 {role}；{key.name} 的指紋請自行核對：{key.fingerprint}",
                    f"The keys you trust hold no {role}; compare the fingerprint of {key.name} "
                    f"yourself: {key.fingerprint}",
                    where=KEYS,
                )


def _untrusted(key: PublicKey) -> Finding:
    return failed(
        "keys.untrusted",
        f"{key.role} 的金鑰 {key.name} 不是您信任的那一把。",
        f"The {key.role} key {key.name} is not one that you trust.",
        where=KEYS,
    )


def check_signatures(evidence: Evidence) -> tuple[Finding, ...]:
    """Check that a producer signed every statement and the log key the checkpoint."""
    found = [finding for line in evidence.lines for finding in _line(line, evidence.keys)]
    checkpoint = evidence.checkpoint
    if checkpoint is not None and not any(map(checkpoint.signed_by, evidence.keys.of("log"))):
        found.append(
            failed(
                "checkpoint.signature",
                "檢查點沒有紀錄金鑰的有效簽章：檢查點被更動或偽造。",
                "The checkpoint bears no valid signature of the log key: it was changed or forged.",
                where=CHECKPOINT,
            )
        )
    if not evidence.lines:
        return tuple(found)
    good = passed(
        "signatures.valid",
        f"{len(evidence.lines)} 筆敘述與檢查點的簽章都有效。",
        f"The signatures of {len(evidence.lines)} statements and of the checkpoint are valid.",
        where=STATEMENTS,
    )
    return or_passed(found, good)


def _line(line: Line, keys: Keys) -> Iterator[Finding]:
    if line.envelope is None:
        return
    for signature in line.envelope.signatures:
        known = keys.find(signature.keyid)
        if not known:
            yield failed(
                "statement.unknown-signer",
                "敘述由不明的金鑰簽署。",
                "The statement is signed by an unknown key.",
                where=line.where,
            )
        elif not known[0].verifies(signature.value, line.envelope.signed_bytes):
            yield failed(
                "statement.signature",
                "簽章無效：敘述在簽署後被更動。",
                "The signature is not valid: the statement was changed after it was signed.",
                where=line.where,
            )
    if not any(map(line.envelope.signed_by, keys.of("producer"))):
        yield failed(
            "statement.no-producer",
            "敘述沒有產製者（producer）金鑰的有效簽章。",
            "The statement bears no valid signature of a producer key.",
            where=line.where,
        )
