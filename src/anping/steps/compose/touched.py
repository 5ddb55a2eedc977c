"""What was made with the rows of people who withdrew: protected tables, models and releases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from anping.core.asset import Asset
from anping.core.errors import AnpingError
from anping.core.text import Text
from anping.engine.links import raw_rows
from anping.engine.natures import distinct_cells
from anping.engine.table import Table
from anping.govern.consent import Register, pseudonyms
from anping.steps.compose.withdrawing import KEY, read_register
from anping.workspace import catalogue
from anping.workspace.database import reading
from anping.workspace.step import Record
from anping.workspace.workspace import Workspace

TRAIN = "TRAIN"
_KINDS = frozenset({"table", "model", "release"})
_LEARNING = "learn."
_PROTECTED = "protected"
#: Tables that never leave the house, and serve a protected one.
_INNER = frozenset({"links", "leaves"})

#: The pseudonyms of withdrawn people whose rows an asset was made with.
People = frozenset[str]


@dataclass(frozen=True, slots=True)
class Touched:
    """An asset made with rows of people who have withdrawn; ``sure`` where that could be looked up.

    Where the content is no longer there, everybody who withdrew may be in it.
    """

    asset: Asset
    sure: bool


@dataclass(frozen=True, slots=True)
class _Held:
    people: People
    sure: bool = True


@dataclass(frozen=True)
class _Making:
    """How an asset was made: by which step, out of what by port, together with what by port."""

    asset: Asset
    step: str
    took: Mapping[str, str]
    gave: Mapping[str, str]

    @property
    def port(self) -> str:
        """What the step calls the asset; nothing for a release, whose files are named apart."""
        names = {name: port for port, name in self.gave.items()}
        return names.get(self.asset.reference, "")


def touched(workspace: Workspace, subject: str, *, purpose: str = TRAIN) -> tuple[Touched, ...]:
    """Return every asset that rows of people went into who have withdrawn ``purpose`` since.

    The register is the newest ``{subject}.consent``. A model that was learnt when a person had
    withdrawn already holds nothing of theirs. Raises WorkspaceError where there is no register.
    """
    register = read_register(workspace.path(workspace.need(f"{subject}.consent")))
    look = _Look(workspace, register, purpose)
    held = {
        asset.reference: look.at_raw(asset)
        for asset in workspace.assets(subject)
        if asset.kind == "table"
    }
    held = {name: each for name, each in held.items() if each.people}
    first = frozenset(held)
    for entry in workspace.ledger.entries():
        for making in _made(workspace, entry.index, entry.record, held):
            found = look.at_made(making, held)
            if found.people and making.asset.reference not in first:
                held[making.asset.reference] = found
    return tuple(
        Touched(workspace.need(name), each.sure) for name, each in held.items() if name not in first
    )


def _made(
    workspace: Workspace, index: int, record: Record, held: Mapping[str, _Held]
) -> Iterator[_Making]:
    """Yield what a statement made of anything that is held."""
    took = {one["annotations"]["port"]: one["name"] for one in record["predicate"]["materials"]}
    if not held.keys() & set(took.values()):
        return
    gave = {one["annotations"]["port"]: one["name"] for one in record["subject"]}
    with reading(workspace.database) as connection:
        made = catalogue.made_by(connection, index)
    for asset in made:
        making = _Making(asset, record["predicate"]["step"]["id"], took, gave)
        if asset.kind in _KINDS and making.port.partition(".")[0] not in _INNER:
            yield making


@dataclass(frozen=True)
class _Look:
    """Looks for people who withdrew a purpose in what a workspace holds."""

    workspace: Workspace
    register: Register
    purpose: str

    @property
    def gone(self) -> People:
        """Everybody who has withdrawn."""
        return self.register.withdrawn(self.purpose)

    def at_raw(self, asset: Asset) -> _Held:
        """Return who of them is in a raw table."""
        try:
            cells = distinct_cells(self._table(asset.reference).column(self.register.column))[1]
        except AnpingError:
            return _Held(self.gone, sure=False)
        return _Held(self.gone & self._named(cells))

    def at_made(self, making: _Making, held: Mapping[str, _Held]) -> _Held:
        """Return who of them is in what was made of assets that hold them."""
        took = making.took
        if making.step.startswith(_LEARNING):
            took = {port: name for port, name in took.items() if port == "table"}
        froms = [held[name] for name in took.values() if name in held]
        found = _Held(
            frozenset().union(*(each.people for each in froms)), all(each.sure for each in froms)
        )
        if making.asset.kind == "model" and "consent" in making.took:
            return _Held(found.people - self._withdrawn_then(making.took["consent"]), found.sure)
        if making.port.startswith(_PROTECTED):
            return self._still_there(making, found)
        return found

    def _withdrawn_then(self, consent: str) -> People:
        try:
            asset = self.workspace.need(consent)
            return read_register(self.workspace.path(asset)).withdrawn(self.purpose)
        except AnpingError:
            return frozenset()

    def _still_there(self, making: _Making, found: _Held) -> _Held:
        """Return whose rows a protected table kept: some may have been suppressed."""
        ending = making.port.removeprefix(_PROTECTED)
        try:
            raw = self._table(making.took[f"table{ending}"])
            links = self._table(making.gave[f"links{ending}"])
            codes, cells = distinct_cells(raw.column(self.register.column))
            kept = np.unique(codes[raw_rows(links, protected=links.rows, raw=raw.rows)])
        except (AnpingError, KeyError):
            return _Held(found.people, sure=False)
        return _Held(found.people & self._named([cells[code] for code in kept]), found.sure)

    def _table(self, reference: str) -> Table:
        return Table.open(self.workspace.path(self.workspace.need(reference)))

    def _named(self, cells: Iterable[Any]) -> set[str]:
        return set(pseudonyms(cells, self.workspace.secret(KEY)))


def words(found: tuple[Touched, ...]) -> tuple[Text, ...]:
    """Return the list for a person to read."""
    if not found:
        return (
            Text(
                "沒有任何保護後的表、模型或釋出用過撤回者的列。",
                "No protected table, model or release was made with rows of people who withdrew.",
            ),
        )
    head = Text(
        "以下由撤回者的列做成；重新學習或保護後釋出，並通知拿到的人：",
        "Made with rows of people who have withdrawn; make them again, and tell who received them:",
    )
    lines = tuple(
        Text(
            f"  {each.asset.reference}（{each.asset.kind}{'' if each.sure else '；內容已不在，無法確知'}）",
            f"  {each.asset.reference} ({each.asset.kind}"
            f"{'' if each.sure else '; its content is gone, so that nobody can be sure'})",
        )
        for each in found
    )
    return (head, *lines)
