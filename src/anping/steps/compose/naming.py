"""What a table is called: proposed from the evidence, confirmed or written by a person."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from anping.core.clock import rfc3339
from anping.core.columns import ColumnFinding, Decision
from anping.core.description import PARTS, Description, Part
from anping.core.digest import canonical_json
from anping.core.errors import ParameterError
from anping.core.text import Text
from anping.workspace.step import Context, Inputs, Outcome, Produced

if TYPE_CHECKING:
    from anping.know.scan import Scan

_TITLES = {
    "title": Text("標題", "title"),
    "description": Text("說明", "description"),
    "tags": Text("標籤", "tags"),
}
_CONFIRMED, _PROPOSED = Text("已確認", "confirmed"), Text("提案", "proposed")


def described(context: Context, given: Any, inputs: Inputs) -> Outcome:
    """Propose what nobody has confirmed, and write down what a person confirms or writes."""
    scan = _scan(inputs)
    told = _resumed(_proposed(context, inputs, scan), inputs)
    written = _written(given, told)
    if written:
        _check_texts([given.why, *_texts(replace(told, **written))], scan)
    elif given.accept:
        _check_texts([given.why], scan)
    told = replace(told, **written)
    parts = _parts(told, written, accept=given.accept)
    if parts:
        word = Decision(context.agent, rfc3339(context.clock()), given.why)
        told = told.decided(parts, word)
    path = context.path("description.json")
    path.write_bytes(canonical_json(told.as_json()))
    produced = Produced("description", path, "application/json", confidential=True)
    return Outcome((produced,), notes=tuple(_note(told, part) for part in PARTS))


def _scan(inputs: Inputs) -> Scan:
    from anping.know.scan import Scan

    given = inputs.get("findings") or inputs["scan"]
    return Scan.from_json(json.loads(given.path.read_bytes()))


def _proposed(context: Context, inputs: Inputs, scan: Scan) -> Description:
    from anping.engine.table import Table
    from anping.know.propose_description import propose_description, span_of

    table = Table.open(inputs["table"].path)
    found: Sequence[ColumnFinding] = [f for f in scan.findings if f.column in table.columns]
    return propose_description(
        context.subject,
        found,
        rows=table.rows,
        measures=scan.measures,
        span=span_of(table, found),
        types=scan.rules.known,
    )


def _resumed(told: Description, inputs: Inputs) -> Description:
    """Return the proposal with the parts that a person confirmed before."""
    if "earlier" not in inputs:
        return told
    earlier = Description.from_json(json.loads(inputs["earlier"].path.read_bytes()))
    kept: dict[str, Any] = {
        part: getattr(earlier, part) for part in PARTS if earlier.confirmed(part)
    }
    return replace(told, **kept, decisions=earlier.decisions)


def _written(given: Any, told: Description) -> dict[str, Any]:
    """Return the parts that a person wrote; a language that was left out stays as it was."""
    found: dict[str, Any] = {}
    for part in ("title", "description"):
        both = getattr(given, part)
        zh, en = getattr(given, f"{part}_zh") or both, getattr(given, f"{part}_en") or both
        if zh or en:
            was: Text = getattr(told, part)
            found[part] = Text(zh or was.zh, en or was.en)
    if given.tags:
        found["tags"] = tuple(dict.fromkeys(given.tags))
    return found


def _parts(told: Description, written: dict[str, Any], *, accept: bool) -> tuple[Part, ...]:
    """Return the parts that are confirmed now: those written, and with ``accept`` the rest."""
    return tuple(part for part in PARTS if part in written or (accept and not told.confirmed(part)))


def _texts(told: Description) -> list[str]:
    return [told.title.zh, told.title.en, told.description.zh, told.description.en, *told.tags]


def _check_texts(texts: Sequence[str], scan: Scan) -> None:
    """Refuse words that name a person: they go into the ledger and onto the release's card."""
    from anping.know.discover.text import Scanner

    find_spans = Scanner(rules=scan.rules).find
    kinds = sorted({span.type for text in texts for span in find_spans(text)})
    if kinds:
        raise ParameterError(
            "describe.personal-data",
            Text(
                f"文字裡似乎有個人資料（{'、'.join(kinds)}）。",
                f"The words seem to hold personal data ({', '.join(kinds)}).",
            ),
            hint=Text("請改寫，不要提到任何人。", "Write them again without naming anyone."),
        )


def _note(told: Description, part: Part) -> Text:
    value = getattr(told, part)
    state = _CONFIRMED if told.confirmed(part) else _PROPOSED
    zh, en = ("、".join(value), ", ".join(value)) if part == "tags" else (value.zh, value.en)
    name = _TITLES[part]
    return Text(f"{name.zh}（{state.zh}）：{zh}", f"{name.en} ({state.en}): {en}")


def confirmed_description(inputs: Inputs) -> Description:
    """Return what a person confirmed of a subject's description; the rest is empty."""
    nothing = Description(Text("", ""), Text("", ""))
    if "description" not in inputs:
        return nothing
    told = Description.from_json(json.loads(inputs["description"].path.read_bytes()))
    kept: dict[str, Any] = {part: getattr(told, part) for part in PARTS if told.confirmed(part)}
    return replace(nothing, **kept)
