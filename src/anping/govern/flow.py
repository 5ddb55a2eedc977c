"""The information-flow gate: whether inputs may be used together, for this purpose, today."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from anping.core.labels import Labels, join
from anping.core.text import Text
from anping.core.verdict import Reason, Verdict

GATE = "govern.flow"

#: Work that the law asks of whoever holds data (security, minimisation, accounting for it): it
#: needs no purpose of its own.
DUTY = ""


def decide_flow(
    step: str, purpose: str, labels: Iterable[Labels], *, today: date | None = None
) -> Verdict:
    """Return whether a step may use inputs with these labels for ``purpose``.

    ``purpose`` is ``TRAIN``, ``FINETUNE``, ``EVAL_ONLY``, ``RETRIEVE``, a DUO term, or ``DUTY`` for
    work that a data holder owes anyway (scan, protect, measure). ``today`` None leaves retention
    out.
    """
    joined = join(*labels)
    reasons = [_together(joined), _purpose(step, purpose, joined)]
    if today is not None:
        reasons.append(_retained(joined, today))
    held = all(reason.holds for reason in reasons)
    return Verdict(GATE, "allow" if held else "refuse", tuple(reasons))


def _together(joined: Labels) -> Reason:
    """Return whether the inputs leave any permitted place to be at all."""
    if joined.residency is None or joined.residency:
        why = Text("輸入資料的所在地限制相容。", "The inputs may be in one place together.")
        return Reason("flow.residency", holds=True, why=why)
    return Reason(
        "flow.residency",
        holds=False,
        why=Text(
            "輸入資料各自限定不同所在地，不能放在一起。",
            "The inputs are bound to different places and cannot be put together.",
        ),
        next_step=Text(
            "分開處理，或只用其中一份。", "Work on them apart, or use only one of them."
        ),
    )


def _purpose(step: str, purpose: str, joined: Labels) -> Reason:
    permitted = joined.purposes
    if purpose == DUTY or permitted is None:
        why = Text("此步驟不受目的限制。", "Purposes do not restrict this step.")
        return Reason("flow.purpose", holds=True, why=why)
    if purpose in permitted:
        why = Text(f"資料允許目的 {purpose}。", f"The data permits the purpose {purpose}.")
        return Reason("flow.purpose", holds=True, why=why)
    listed = sorted(permitted)
    return Reason(
        "flow.purpose",
        holds=False,
        why=Text(
            f"步驟 {step} 的目的 {purpose} 不在資料允許的目的內。",
            f"The purpose {purpose} of step {step} is not among those the data permits.",
        ),
        next_step=Text(
            f"允許的目的：{'、'.join(listed) or '無'}；或取得新的同意。",
            f"Permitted: {', '.join(listed) or 'none'}; or obtain a new consent.",
        ),
    )


def _retained(joined: Labels, today: date) -> Reason:
    until = joined.retain_until
    if until is None or today <= until:
        why = Text("仍在保存期限內。", "The retention period has not ended.")
        return Reason("flow.retention", holds=True, why=why)
    return Reason(
        "flow.retention",
        holds=False,
        why=Text(
            f"輸入資料的保存期限已於 {until.isoformat()} 屆滿。",
            f"The retention period of an input ended on {until.isoformat()}.",
        ),
        next_step=Text("銷毀該輸入資料。", "Delete that input."),
    )
