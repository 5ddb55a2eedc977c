"""The gate before learning: whether a model may be made of the inputs, for the purpose TRAIN, today."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from anping.core.labels import Labels, join
from anping.core.text import Text
from anping.core.verdict import Reason, Verdict
from anping.govern.flow import decide_flow

GATE = "govern.training"
TRAIN = "TRAIN"
_CONSENT = "consent"


def rests_on_consent(labels: Labels) -> bool:
    """Return whether the legal basis is consent (``consent`` or, say, ``pdpa:art19:consent``)."""
    return any(basis.rpartition(":")[2] == _CONSENT for basis in labels.legal_bases)


def decide_training(
    step: str, labels: Iterable[Labels], *, today: date, register: bool = False
) -> Verdict:
    """Return whether a model may be learnt from inputs with these labels.

    Unlike other work, learning needs a purpose that somebody stated: data whose purposes nobody named
    is refused. ``register`` says whether a register of consents is at hand; data that rests on consent
    is refused without one.
    """
    joined = join(*labels)
    flow = decide_flow(step, TRAIN, [joined], today=today)
    reasons = (
        *(_stated(joined) if reason.code == "flow.purpose" else reason for reason in flow.reasons),
        _consented(joined, register=register),
        _tier(joined),
    )
    held = all(reason.holds for reason in reasons)
    return Verdict(GATE, "allow" if held else "refuse", reasons)


def _stated(joined: Labels) -> Reason:
    code, purposes = "training.purpose", joined.purposes
    if purposes is not None and TRAIN in purposes:
        why = Text("資料允許目的 TRAIN。", "The data permits the purpose TRAIN.")
        return Reason(code, holds=True, why=why)
    step = Text(
        "確認可以用於訓練後，以 anping add --purposes TRAIN 重新收進；或取得新的同意。",
        "Once it is settled that it may be learnt from, take it in again with anping add --purposes TRAIN; "
        "or obtain a new consent.",
    )
    if purposes is None:
        why = Text(
            "沒有人說過這份資料可以用於什麼目的，訓練需要目的 TRAIN。",
            "Nobody stated what this data may be used for; learning needs the purpose TRAIN.",
        )
        return Reason(code, holds=False, why=why, next_step=step)
    listed = sorted(purposes)
    why = Text(
        f"目的 TRAIN 不在資料允許的目的內（{'、'.join(listed) or '無'}）。",
        f"The purpose TRAIN is not among those the data permits ({', '.join(listed) or 'none'}).",
    )
    return Reason(code, holds=False, why=why, next_step=step)


def _consented(joined: Labels, *, register: bool) -> Reason:
    code = "training.consent"
    if register:
        why = Text(
            "有同意登錄：撤回的人不會被學習。",
            "There is a register of consents: who withdrew is not learnt from.",
        )
        return Reason(code, holds=True, why=why)
    if not rests_on_consent(joined):
        why = Text("法律依據不是同意。", "The legal basis is not consent.")
        return Reason(code, holds=True, why=why)
    return Reason(
        code,
        holds=False,
        why=Text(
            "資料的法律依據是同意，但沒有同意登錄。",
            "The data rests on consent, but there is no register of consents.",
        ),
        next_step=Text(
            "先執行 anping consent 收進同意登錄。",
            "Take the register of consents in with anping consent first.",
        ),
    )


def _tier(joined: Labels) -> Reason:
    return Reason(
        "training.tier",
        holds=True,
        why=Text(
            f"模型的層級與資料相同：{joined.tier.value}。",
            f"The model gets the tier of the data: {joined.tier.value}.",
        ),
    )
