"""Named constructors of the errors that several evidence modules raise."""

from __future__ import annotations

from anping.core.errors import EvidenceError, Where
from anping.core.text import Text

_ASK_AGAIN = Text(
    "檔案可能已遭更動；請向提供者重新索取原檔並再驗證一次。",
    "The file may have been changed; ask whoever gave it to you for the original and verify again.",
)


def malformed(
    code: str, what: Text, *, file: str | None = None, row: int | None = None
) -> EvidenceError:
    """Return the error for evidence that is not written in its one canonical form."""
    return EvidenceError(code, what, hint=_ASK_AGAIN, where=Where(file=file, row=row))
