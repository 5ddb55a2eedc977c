"""The search index: whether it knows the whole ledger; it is made again from that at any time."""

from __future__ import annotations

from anping.core.text import Text
from anping.workspace.checks.check import Check, State, count
from anping.workspace.search.index import standing
from anping.workspace.workspace import Workspace

_INDEX = Text("搜尋索引", "search index")
_BEHIND = Text("尚未納入搜尋的敘述", "statements that search does not know yet")


def check_search(workspace: Workspace) -> Check:
    """Return how far the index is behind the ledger; one that is missing or of an older form warns."""
    stood = standing(workspace)
    state: State = "info"
    if stood.known is None:
        said = Text("沒有可用的索引。", "There is no index to use.")
        hint = Text("下次 anping search 會建立。", "The next anping search makes it.")
        behind = stood.statements
    elif stood.current:
        said, hint = Text("與帳本一致。", "It knows the whole ledger."), None
        state, behind = "pass", 0
    else:
        behind = stood.statements - stood.known
        said = Text(f"少了 {behind:,} 筆敘述。", f"It lacks {behind:,} of the statements.")
        hint = Text("下次 anping search 會補上。", "The next anping search makes up for it.")
    measure = count("search.behind", behind, n=stood.statements, unit="statements", title=_BEHIND)
    return Check("search.current", _INDEX, state, said, hint, (measure,))
