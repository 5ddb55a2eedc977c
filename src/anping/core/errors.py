"""Every mistake a user can make has one type, a stable code, a place and a way out.

::

    AnpingError
    ├── InputError         a file or a row cannot be read
    ├── SchemaError        a column is missing, doubled, or of the wrong type
    ├── ParameterError     a step was given a parameter it cannot use
    ├── PlanError          a protection plan contradicts itself or the table
    ├── InfeasibleError    no transformation within the plan reaches its goal
    ├── PolicyError        a policy is unknown, malformed or wrongly signed
    ├── Refusal            a gate said no; the refusal itself is evidence
    ├── KeyStoreError      a key is missing, locked or damaged
    ├── EvidenceError      a statement, proof, checkpoint or dossier does not hold
    ├── WorkspaceError     the workspace is missing, damaged or busy
    └── MissingExtraError  an optional part of Anping is not installed
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from anping.core.text import Language, Text


@dataclass(frozen=True, slots=True)
class Where:
    """The place of a mistake. Holds positions and names, never a data value."""

    file: str | None = None
    row: int | None = None
    column: str | None = None

    def to(self, language: Language) -> str:
        """Return the place in words."""
        zh, en = [], []
        for value, name_zh, name_en in (
            (self.file, "檔案", "file"),
            (self.row, "第 {} 列", "row"),
            (self.column, "欄位", "column"),
        ):
            if value is None:
                continue
            zh.append(name_zh.format(value) if "{}" in name_zh else f"{name_zh} {value}")
            en.append(f"{name_en} {value}")
        return "、".join(zh) if language == "zh" else ", ".join(en)

    def as_json(self) -> dict[str, str | int | None]:
        """Return the place as plain values."""
        return {"file": self.file, "row": self.row, "column": self.column}


NOWHERE = Where()


class AnpingError(Exception):
    """What went wrong, where, and what to do, in both languages.

    ``code`` is stable (``input.empty``); programs match on it, people read ``what`` and ``hint``.
    Neither may hold a data value of a person: name files, rows, columns and counts only.
    """

    exit_code = 1

    def __init__(self, code: str, what: Text, *, hint: Text, where: Where = NOWHERE) -> None:
        super().__init__(code, what, hint, where)
        self.code = code
        self.what = what
        self.hint = hint
        self.where = where

    def __reduce__(self) -> tuple[partial[AnpingError], tuple[()]]:
        """Return how it is made again in another process."""
        again = partial(type(self), self.code, self.what, hint=self.hint, where=self.where)
        return again, ()

    def to(self, language: Language) -> str:
        """Return the whole message in one language."""
        place = self.where.to(language)
        if language == "zh":
            return f"{self.what.zh}{f'（{place}）' if place else ''} 怎麼辦：{self.hint.zh}"
        return f"{self.what.en}{f' ({place})' if place else ''} What to do: {self.hint.en}"

    def __str__(self) -> str:
        return f"[{self.code}] {self.to('zh')}\n[{self.code}] {self.to('en')}"

    def as_json(self) -> dict[str, object]:
        """Return the one error envelope that every shell uses."""
        return {
            "code": self.code,
            "what": self.what.as_json(),
            "where": self.where.as_json(),
            "hint": self.hint.as_json(),
        }


class InputError(AnpingError):
    """A file or a row cannot be read."""

    exit_code = 3


class SchemaError(AnpingError):
    """A column is missing, doubled, or of the wrong type."""

    exit_code = 3


class ParameterError(AnpingError):
    """A step was given a parameter it cannot use."""

    exit_code = 2


class PlanError(AnpingError):
    """A protection plan contradicts itself or the table."""

    exit_code = 2


class InfeasibleError(AnpingError):
    """No transformation within the plan reaches its goal."""

    exit_code = 4


class PolicyError(AnpingError):
    """A policy is unknown, malformed or wrongly signed."""

    exit_code = 2


class Refusal(AnpingError):  # noqa: N818 - a refusal is an answer, not an accident
    """A gate said no."""

    exit_code = 5


class KeyStoreError(AnpingError):
    """A key is missing, locked or damaged."""

    exit_code = 6


class EvidenceError(AnpingError):
    """A statement, proof, checkpoint or dossier does not hold."""

    exit_code = 7


class WorkspaceError(AnpingError):
    """The workspace is missing, damaged or busy."""

    exit_code = 8


class MissingExtraError(AnpingError):
    """An optional part of Anping is not installed."""

    exit_code = 9

    @classmethod
    def of(cls, extra: str, *, needed_for: Text) -> MissingExtraError:
        """Return the error that names the extra and the command that installs it."""
        return cls(
            "extra.missing",
            Text(
                f"{needed_for.zh}需要尚未安裝的選用套件 {extra}。",
                f"{needed_for.en} needs the optional part “{extra}”, which is not installed.",
            ),
            hint=Text(
                f"執行：pip install 'anping[{extra}]'", f"Run: pip install 'anping[{extra}]'"
            ),
        )
