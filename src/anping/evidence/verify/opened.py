"""An opened dossier: what the checks of other rooms are given to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from anping.evidence.dossier import RELEASE_STEPS
from anping.evidence.statement import StepRecord
from anping.evidence.verify.report import Finding


@dataclass(frozen=True, slots=True)
class OpenedStatement:
    """One readable statement: its log index (None if it has no proof) and what it says."""

    index: int | None
    record: StepRecord

    @property
    def label(self) -> str:
        """How findings name it: ``#12 protect.deid``."""
        return f"#{'?' if self.index is None else self.index} {self.record.step}"


@dataclass(frozen=True, slots=True)
class OpenedDossier:
    """The statements in log order, and the files by name and by the SHA-256 they really have."""

    folder: Path
    statements: tuple[OpenedStatement, ...]
    names: Mapping[str, str]
    files: Mapping[str, Path]

    @property
    def release(self) -> StepRecord | None:
        """The release statement: the last one, if it is a release."""
        if self.statements and self.statements[-1].record.step in RELEASE_STEPS:
            return self.statements[-1].record
        return None

    def file(self, digest: str) -> Path | None:
        """Return the file whose content has this SHA-256 (hex), or None."""
        return self.files.get(digest)

    def path(self, name: str) -> Path | None:
        """Return the file of this relative posix name, or None."""
        return self.folder / name if name in self.names else None


#: A further check on an opened dossier, handed in by a room that knows more (gates, cards).
Check = Callable[[OpenedDossier], Iterable[Finding]]
