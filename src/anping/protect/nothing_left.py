"""A protected table of ``*`` alone tells nothing: it is refused, and the cause is named."""

from __future__ import annotations

from collections.abc import Callable

from anping.core.errors import InfeasibleError, Where
from anping.core.text import Text
from anping.protect.deid.culprits import isolating_columns
from anping.protect.deid.fit import Fitted
from anping.protect.deid.tuples import Encoded
from anping.protect.plan import Plan
from anping.protect.plan_entries import Drop, Generalise

# A loss from here on is 1: it is a sum of quotients.
_EVERYTHING = 1 - 1e-9


def require_something_left(plan: Plan, fitted: Fitted, encoded: Callable[[], Encoded]) -> None:
    """Raise InfeasibleError where every released column is generalised to nothing.

    ``encoded`` gives the table as the model sees it, if the cause has to be looked for.
    """
    released = [steps for steps in plan.columns.values() if not isinstance(steps[0], Drop)]
    if fitted.loss < _EVERYTHING or not all(
        isinstance(steps[-1], Generalise) for steps in released
    ):
        return
    k = 2 if plan.model is None else plan.model.k
    found = isolating_columns(encoded(), k, over=0.5)
    names = plan.quasi_identifiers if found is None else found.columns
    share = "" if found is None else f"{found.share:.0%}"
    listed_zh, listed_en = "、".join(names), ", ".join(names)
    cause = Text(
        f"光是這些欄位（{listed_zh}）就讓 {share} 的列獨特到不足 {k} 人。" if share else "",
        f" These columns alone ({listed_en}) put {share} of the rows in classes of fewer than {k} "
        "people."
        if share
        else "",
    )
    raise InfeasibleError(
        "protect.nothing-left",
        Text(
            f"每個釋出的欄位都是準識別項，而要符合 k = {k}，所有的值都得概化成 *，什麼也不剩。{cause.zh}",
            f"Every released column is a quasi-identifier, and to meet k = {k} every value becomes "
            f"*: nothing is left.{cause.en}",
        ),
        where=Where(column=names[0]),
        hint=Text(
            "刪除其中幾欄，讓階層有較粗的中間層，或把外界不知道的欄位改為 keep。",
            "Drop some of them, give their hierarchies coarser levels in between, or keep columns "
            "that nobody outside knows.",
        ),
    )
