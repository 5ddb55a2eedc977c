"""What each step does to columns, told from its statement and the report that it left.

A step declares one of these functions as its ``lineage``; nothing is guessed from names beyond what
the step does by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from anping.core.lineage import Dataset, Flow, Place, Subtype, Told
from anping.core.text import Text
from anping.steps.compose.assets import Protection

_SOURCE = "source"
_KEPT = "none"
_READ = Text("讀入並判定型別", "read in and typed")
_STAYED = Text("先前收進的列", "rows that were taken in before")
_FROZEN = Text("原樣凍結在卷宗裡", "frozen in the dossier as it is")
_SUPPRESSED = Text(
    "少於 k 人相同的列不釋出", "rows that fewer than k people share are not released"
)
_PEOPLE = Text("依此欄數人", "people are counted by it")
_GROUPS = Text("值的群組編號", "numbers of the groups of its values")
_BY = Text("依此欄分組", "rows are grouped by it")
_COUNTED = Text("依規則抑制的次數或合計", "counts or sums, unsafe cells suppressed")


def taken_in_columns(told: Told) -> tuple[Flow, ...]:
    """Return that columns came from the files, and from the version that rows were added to."""
    table = told.given("table")
    if table is None:
        return ()
    # A contract is a file from outside, too, but no column comes from it.
    contract = told.parameters.get("contract")
    froms = [(one, _READ) for one in told.taken(_SOURCE) if one.name != contract]
    froms += [
        (one, _STAYED) for one in told.taken("earlier") if set(table.columns) & set(one.columns)
    ]
    return tuple(
        Flow(Place(table.name, column), Place(one.name, column), what=what)
        for one, what in froms
        for column in table.columns
        if not one.columns or column in one.columns
    )


def protected_columns(told: Told) -> tuple[Flow, ...]:
    """Return where each protected column came from, as the report on each table says."""
    flows: list[Flow] = []
    for made in told.outputs:
        port, _, suffix = made.port.partition(".")
        if port in {"protected", "values"}:
            end = f".{suffix}" if suffix else ""
            report = told.given(f"protection{end}")
            body: dict[str, Any] | None = None if report is None else told.read(report.name)
            if body is None:
                continue
            done = Protection.from_json(body)
            for raw in told.taken(f"table{end}"):
                flows += _protected(raw, made, done, values=port == "values")
    return tuple(flows)


def _protected(raw: Dataset, made: Dataset, report: Protection, *, values: bool) -> Iterator[Flow]:
    done = {operation["column"]: operation for operation in report.operations}
    grouped = [name for name, one in done.items() if "anatomization" in one["technique"]]
    for column in made.columns:
        if column in done:
            yield _treated(raw, made, done[column])
            continue
        for name in grouped:
            into, source = Place(made.name, column), Place(raw.name, name)
            technique = done[name]["technique"]
            yield Flow(into, source, "INDIRECT", "GROUP_BY", True, technique, _GROUPS)
    if values:
        return
    whole = Place(made.name)
    technique = "suppression (record)" if report.rows_suppressed else "k-anonymity"
    for name in report.quasi_identifiers:
        source = Place(raw.name, name)
        yield Flow(whole, source, "INDIRECT", "FILTER", True, technique, _SUPPRESSED)
    if report.privacy_unit is not None:
        source = Place(raw.name, report.privacy_unit)
        yield Flow(whole, source, "INDIRECT", "GROUP_BY", True, "", _PEOPLE)


def _treated(raw: Dataset, made: Dataset, done: dict[str, Any]) -> Flow:
    technique = "" if done["technique"] == _KEPT else str(done["technique"])
    subtype: Subtype = "TRANSFORMATION" if technique else "IDENTITY"
    if technique.startswith("microaggregation"):
        subtype = "AGGREGATION"
    column = done["column"]
    into, source = Place(made.name, column), Place(raw.name, column)
    return Flow(into, source, "DIRECT", subtype, done["masking"], technique, Text(**done["what"]))


def counted_columns(told: Told) -> tuple[Flow, ...]:
    """Return that groups keep their values and numbers are aggregated; both decide on the cells."""
    made, given = told.given("counts"), told.parameters
    if made is None:
        return ()
    by, summed = list(given["by"]), given.get("value")
    counted = [name for name in (summed, given.get("person")) if name] or by
    flows: list[Flow] = []
    for raw in told.taken("table"):
        whole = Place(made.name)
        for name in by:
            source = Place(raw.name, name)
            flows.append(Flow(whole, source, "INDIRECT", "GROUP_BY", what=_BY))
        for column in made.columns:
            into = Place(made.name, column)
            if column in by:
                flows.append(Flow(into, Place(raw.name, column)))
                continue
            for name in counted:
                source = Place(raw.name, name)
                flows.append(
                    Flow(into, source, "DIRECT", "AGGREGATION", True, "aggregation", _COUNTED)
                )
    return tuple(flows)


def released_columns(told: Told) -> tuple[Flow, ...]:
    """Return that a release holds the protected table as it is, and what goes beside it."""
    made = told.given("content")
    if made is None:
        return ()
    return tuple(
        Flow(Place(made.name, column), Place(one.name, column), what=_FROZEN)
        for port in ("protected", "values", "counts")
        for one in told.taken(port)
        for column in one.columns
    )


def released_model(told: Told) -> tuple[Flow, ...]:
    """Return that a release holds a model as it is, and the predictions of a table beside it."""
    made = told.given("content")
    if made is None:
        return ()
    whole = tuple(
        Flow(Place(made.name), Place(model.name), what=_FROZEN) for model in told.taken("model")
    )
    return whole + tuple(
        Flow(Place(made.name, column), Place(one.name, column), what=_FROZEN)
        for one in told.taken("predictions")
        for column in one.columns
    )
