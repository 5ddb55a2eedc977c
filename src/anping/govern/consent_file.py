"""Consents as people hand them over: a table of person, purpose, decision and when."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pyarrow as pa

from anping.core.cells import trimmed_text
from anping.core.errors import InputError, ParameterError, SchemaError, Where
from anping.core.text import Text
from anping.govern.consent import EVERY, Decision, Register, person_text, register_of, utc

#: What the columns may be called.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "person": ("person", "當事人"),
    "purpose": ("purpose", "目的", "用途"),
    "decision": ("decision", "決定"),
    "when": ("when", "date", "時間", "日期"),
}
_GIVEN = frozenset({"given", "同意"})
_WITHDRAWN = frozenset({"withdrawn", "撤回"})
_EVERY = frozenset({"", EVERY, "all", "全部"})
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})")


def register_from(
    rows: pa.Table,
    column: str,
    *,
    named: Callable[[Sequence[str]], Sequence[str]],
    offset: str,
    now: datetime,
    file: str | None = None,
) -> Register:
    """Return the register of a table of consents.

    It has a column ``column`` (or ``person``, ``當事人``), ``decision`` (``given``, ``withdrawn``, 同意,
    撤回), ``when`` (ISO 8601; ``offset``, such as ``+08:00``, holds for times without a zone, a day
    counts from its beginning) and perhaps ``purpose`` (empty, ``*``, ``all`` or 全部: every one).
    ``named`` gives the pseudonyms of people. Raises SchemaError (``consent.no-column``), InputError for a
    row without a person (``consent.nobody``), with another decision (``consent.decision``), without a
    moment (``consent.when``) or one after ``now`` (``consent.future``): it says the row, no value.
    """
    zone = zone_of(offset)
    places = _places(rows.column_names, column, file)
    cells = {
        what: [trimmed_text(cell) for cell in rows.column(name).to_pylist()]
        for what, name in places.items()
    }
    people = [person_text(cell) for cell in cells["person"]]
    for row, person in enumerate(people, start=1):
        if not person:
            raise _bad("nobody", _NOBODY, Where(file, row, places["person"]))
    decisions = _decisions(cells, places, zone=zone, now=now, file=file)
    return register_of(column, zip(named(people), decisions, strict=True))


def zone_of(offset: str) -> tzinfo:
    """Return the zone of ``+08:00`` or ``Z``. Raises ParameterError (``consent.offset``)."""
    if offset in {"Z", "z"}:
        return UTC
    found = _OFFSET.fullmatch(offset)
    if found is None or int(found[2]) > 14 or int(found[3]) > 59:
        raise ParameterError(
            "consent.offset",
            Text("時區要寫成 +08:00 的樣子。", "A zone is written as +08:00."),
            hint=Text("臺灣是 +08:00。", "Taiwan is +08:00."),
        )
    minutes = int(found[2]) * 60 + int(found[3])
    return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))


def _places(names: Sequence[str], column: str, file: str | None) -> dict[str, str]:
    found = {}
    for what, words in _NAMES.items():
        wanted = (column, *words) if what == "person" else words
        name = next((each for each in wanted if each in names), None)
        if name is not None:
            found[what] = name
        elif what != "purpose":
            raise SchemaError(
                "consent.no-column",
                Text(
                    f"同意登錄缺少欄位「{what}」。",
                    f"The register of consents lacks the column “{what}”.",
                ),
                where=Where(file=file, column=what),
                hint=Text(
                    "需要的欄位：person（或資料表中的同名欄位）、decision、when，以及可省略的 purpose。",
                    "It needs person (or the table's own name of it), decision, when, and perhaps purpose.",
                ),
            )
    return found


def _decisions(
    cells: Mapping[str, Sequence[str]],
    places: Mapping[str, str],
    *,
    zone: tzinfo,
    now: datetime,
    file: str | None,
) -> Iterator[Decision]:
    purposes = cells.get("purpose") or [""] * len(cells["when"])
    told = zip(purposes, cells["decision"], cells["when"], strict=True)
    for row, (purpose, decision, when) in enumerate(told, start=1):
        if decision.casefold() not in _GIVEN | _WITHDRAWN:
            raise _bad("decision", _DECISION, Where(file, row, places["decision"]))
        try:
            moment = datetime.fromisoformat(when)
        except ValueError:
            raise _bad("when", _WHEN, Where(file, row, places["when"])) from None
        moment = utc(moment if moment.tzinfo else moment.replace(tzinfo=zone))
        if moment > now:
            raise _bad("future", _FUTURE, Where(file, row, places["when"]))
        about = EVERY if purpose.casefold() in _EVERY else purpose
        yield Decision(moment, about, decision.casefold() in _GIVEN)


_NOBODY = (
    Text("這一列沒有說是誰。", "This row does not say who."),
    Text("補上當事人，或移除這一列。", "Name the person, or remove the row."),
)
_DECISION = (
    Text("決定只能是 given 或 withdrawn（同意、撤回）。", "A decision is given or withdrawn."),
    Text("請更正這一列。", "Correct this row."),
)
_WHEN = (
    Text("時間不是 ISO 8601 的寫法。", "The moment is not written as ISO 8601 says."),
    Text("例如 2026-03-01T09:00:00+08:00。", "For example 2026-03-01T09:00:00+08:00."),
)
_FUTURE = (
    Text("時間在未來。", "The moment lies in the future."),
    Text("決定生效之後再登錄；或檢查時區。", "Register it once it holds; or check the zone."),
)


def _bad(code: str, said: tuple[Text, Text], where: Where) -> InputError:
    return InputError(f"consent.{code}", said[0], where=where, hint=said[1])
