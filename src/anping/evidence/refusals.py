"""Why a witness does not cosign: one named constructor per reason."""

from __future__ import annotations

from anping.core.errors import EvidenceError
from anping.core.text import Text

_ALARM = Text(
    "不要交付這份資料。請保留這個檢查點作為證據，並查明紀錄為何被改寫。",
    "Do not hand anything over. Keep this checkpoint as proof and find out why the log was rewritten.",
)


def unknown_log() -> EvidenceError:
    """Return the refusal of a log whose key is not known (tlog-witness: 404)."""
    return EvidenceError(
        "witness.unknown-log",
        Text("見證人不認識這個紀錄。", "The witness does not know this log."),
        hint=Text(
            "先把紀錄金鑰（角色 log 的公開金鑰）交給見證人確認指紋後信任它。",
            "First give the witness the log's public key (role log) and have its fingerprint compared.",
        ),
    )


def not_a_log_key() -> EvidenceError:
    """Return the refusal of a key with another role."""
    return EvidenceError(
        "witness.not-a-log-key",
        Text("這把公開金鑰的角色不是 log。", "The role of this public key is not log."),
        hint=Text("請改給角色為 log 的公開金鑰。", "Give the public key whose role is log."),
    )


def key_changed() -> EvidenceError:
    """Return the refusal of another key for a log that is known."""
    return EvidenceError(
        "witness.key-changed",
        Text(
            "這個紀錄先前用的是另一把金鑰。",
            "This log used another key before.",
        ),
        hint=Text(
            "見證人不會自動換鑰；請向資料擁有者查明原因。",
            "A witness does not change a log's key by itself; ask the owner why it changed.",
        ),
    )


def key_of_another_log() -> EvidenceError:
    """Return the refusal of a second log under a key that the witness trusts for another one."""
    return EvidenceError(
        "witness.key-of-another-log",
        Text(
            "這把紀錄金鑰已屬於見證人看過的另一個紀錄。用同一把金鑰另起一個紀錄，等於改寫原來的紀錄。",
            "This log key belongs to another log that the witness has seen. A second log under the "
            "same key would be a way around the first one's history.",
        ),
        hint=Text(
            "請繼續用原來的工作區（或由備份還原）；新的工作區請用新的金鑰。",
            "Go on with the first workspace (or restore it from its backup); a new one takes new keys.",
        ),
    )


def bad_signature() -> EvidenceError:
    """Return the refusal of a checkpoint not signed by the log (tlog-witness: 403)."""
    return EvidenceError(
        "witness.bad-signature",
        Text(
            "檢查點沒有這個紀錄的有效簽章。",
            "The checkpoint bears no valid signature of this log.",
        ),
        hint=Text(
            "請重新產生請求；若仍失敗，檔案已遭更動。",
            "Make the request again; if it still fails, the file was changed.",
        ),
    )


def rollback(held: int, offered: int) -> EvidenceError:
    """Return the refusal of a log that became shorter."""
    return EvidenceError(
        "witness.rollback",
        Text(
            f"紀錄變短了：見證人已看過 {held} 筆，現在只有 {offered} 筆。",
            f"The log became shorter: the witness has seen {held} entries, now there are {offered}.",
        ),
        hint=_ALARM,
    )


def fork(size: int) -> EvidenceError:
    """Return the refusal of another root at the same size (tlog-witness: 409)."""
    return EvidenceError(
        "witness.fork",
        Text(
            f"同樣是 {size} 筆，內容卻與見證人看過的不同：紀錄被改寫了。",
            f"With the same {size} entries, the content differs from what the witness saw: "
            "the log was rewritten.",
        ),
        hint=_ALARM,
    )


def old_size(held: int) -> EvidenceError:
    """Return the refusal of a proof from another size (tlog-witness: 409)."""
    return EvidenceError(
        "witness.old-size",
        Text(
            f"證明的起點不對：見證人最後共簽的是 {held} 筆。",
            f"The proof starts elsewhere: the last checkpoint the witness cosigned has {held} entries.",
        ),
        hint=Text(
            f"以舊大小 {held} 重新產生請求：anping checkpoint --request FILE --since {held}",
            f"Make the request again from the old size {held}: "
            f"anping checkpoint --request FILE --since {held}",
        ),
    )


def inconsistent(held: int, offered: int) -> EvidenceError:
    """Return the refusal of a log that did not merely grow (tlog-witness: 422)."""
    return EvidenceError(
        "witness.inconsistent",
        Text(
            f"證明不成立：這 {offered} 筆並不是在見證人看過的 {held} 筆之後接續寫下的。",
            f"The proof does not hold: these {offered} entries do not continue the {held} that the "
            "witness saw.",
        ),
        hint=_ALARM,
    )
