"""Linked tables as a step: ports for each table, their plans, and one outcome for all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anping.core.errors import ParameterError
from anping.core.measure import Measure, find, without_small_counts
from anping.core.text import Text
from anping.steps.compose.entities import redactor
from anping.steps.compose.hierarchies import laid_out, named_files, packed
from anping.steps.compose.protected_ports import FINDINGS, GIVES, HIERARCHIES, PLAN, SCAN, TABLE
from anping.workspace.parameters import check_subject
from anping.workspace.step import Context, Inputs, Outcome, Port, Produced, joined_labels

if TYPE_CHECKING:
    from anping.protect import Plan
    from anping.protect.linked import LinkedFiles, LinkedPlan

_TAKES = (TABLE, SCAN, FINDINGS)
#: Stands between a port's name and the table it is for, and between a table and a measure's subject.
_OF, _ABOUT = ".", "/"

Ports = tuple[tuple[Port, ...], tuple[Port, ...]]


def linked_ports(given: Any) -> Ports:
    """Return what the step takes and gives for its subject, and as ``port.table`` for each other.

    Plans are taken, or given where they come from a file or get another privacy unit. None gives
    the ports of one table. Raises ParameterError for a table's name that cannot be one.
    """
    file, key = (None, ()) if given is None else (given.file, given.key)
    takes = (*_TAKES, PLAN, HIERARCHIES) if file is None else _TAKES
    gives = (*GIVES, PLAN) if file is not None or key else GIVES
    gives = gives if file is None else (*gives, HIERARCHIES)
    others = () if given is None else tuple(given.tables)
    for name in others:
        check_subject(name)
    return _for_each(takes, others), _for_each(gives, others)


def _for_each(ports: tuple[Port, ...], others: tuple[str, ...]) -> tuple[Port, ...]:
    more = (
        replace(port, name=_named(port.name, name), pattern=port.asset_name(name))
        for name in others
        for port in ports
    )
    return (*ports, *more)


def _named(port: str, table: str) -> str:
    return f"{port}{_OF}{table}" if table else port


def linked_files(given: Any) -> tuple[Path, ...]:
    """Return the plan file and the hierarchy files it names: their digests count as inputs."""
    from anping.protect.linked import read_linked_plan

    if given.file is None or not given.file.is_file():
        return () if given.file is None else (given.file,)
    plans = read_linked_plan(given.file).plans.values()
    found = dict.fromkeys(given.file.parent / name for plan in plans for name in named_files(plan))
    return (given.file, *found)


@dataclass(frozen=True)
class _One:
    """One of the tables: its name, the end of its ports' names, its inputs and its plan."""

    name: str
    suffix: str
    inputs: Inputs
    plan: Plan
    context: Context

    def outputs(self, made: tuple[Produced, ...]) -> Iterator[Produced]:
        """Yield what was made for this table under its own ports."""
        for each in made:
            yield replace(each, port=_named(each.port, self.suffix))


def linked(context: Context, given: Any, inputs: Inputs) -> Outcome:
    """Return the tables protected together, their papers, and what joining them came to."""
    from anping.engine.table import Table
    from anping.protect import Means
    from anping.protect.linked import LinkedOptions, protect_linked_into

    asked = _asked(given)
    ones = _tables(context, given, inputs, asked)
    folders = {
        one.name: given.file.parent if given.file else laid_out(one.context, one.inputs)
        for one in ones
    }
    options = LinkedOptions(
        k=given.k or asked.k,
        missing=given.missing or asked.missing or "refuse",
        hierarchies={name: folder for name, folder in folders.items() if folder is not None},
    )
    done = protect_linked_into(
        {one.name: Table.open(one.inputs["table"].path) for one in ones},
        {one.name: one.plan for one in ones},
        context.path("linked"),
        means=Means(context.keys.secret, redactor(*(one.inputs for one in ones))),
        options=options,
        progress=context.progress,
    )
    return _outcome(inputs, ones, done, file=given.file)


def _outcome(inputs: Inputs, ones: list[_One], done: LinkedFiles, *, file: Path | None) -> Outcome:
    from anping.steps.compose.protecting import (
        protected_outputs,
        protection_report,
        suppressed_note,
    )

    outputs: list[Produced] = []
    measures: list[Measure] = []
    notes: list[Text] = []
    for one in ones:
        files = done.tables[one.name]
        report = protection_report(files, one.plan)
        made = protected_outputs(one.context, one.inputs, done=files, report=report)
        outputs += (_joined(each, inputs) for each in one.outputs(made))
        outputs += one.outputs((*_plan(one), *packed(one.context, file, one.plan)))
        found = without_small_counts(files.measures)
        measures += (about_table(each, one.name, suffix=one.suffix) for each in found)
        notes += (_of(one.name, note) for note in suppressed_note(report))
    told = (*measures, *done.measures)
    limits = dict.fromkeys([*done.limits, *(x for d in done.tables.values() for x in d.limits)])
    return Outcome(tuple(outputs), told, limits=tuple(limits), notes=(*notes, *_note(done)))


def _joined(made: Produced, inputs: Inputs) -> Produced:
    """Return an output with the labels of all tables: each shaped what the others became."""
    if made.labels is None:
        return made
    labels = joined_labels(inputs).lowered(categories=made.labels.categories)
    return replace(made, labels=labels)


def about_table(measure: Measure, table: str, *, suffix: str) -> Measure:
    """Return a measure of one of several tables: its subject begins with the table's name."""
    subject = f"{table}{_ABOUT}{measure.subject}" if measure.subject else table
    again = measure.replay
    if again is not None:
        needs = tuple(_named(need, suffix) if need != "raw" else need for need in again.needs)
        again = replace(again, needs=needs)
    return replace(measure, subject=subject, replay=again)


def of_table(measures: tuple[Measure, ...], table: str) -> Iterator[Measure]:
    """Yield the measures of one table as if it had been protected alone, and those of all together.

    The inverse of :func:`about_table`.
    """
    for measure in measures:
        name, _, subject = measure.subject.partition(_ABOUT)
        if measure.name.startswith("deid.linked."):
            yield measure
        elif name == table:
            again = measure.replay
            if again is not None:
                needs = tuple(need.partition(_OF)[0] for need in again.needs)
                again = replace(again, needs=needs)
            yield replace(measure, subject=subject, replay=again)


def _asked(given: Any) -> LinkedPlan:
    from anping.protect.linked import LinkedPlan, read_linked_plan

    return LinkedPlan({}) if given.file is None else read_linked_plan(given.file)


def _tables(context: Context, given: Any, inputs: Inputs, asked: LinkedPlan) -> list[_One]:
    """Return the tables with their inputs and plans. Raises ParameterError and PlanError."""
    from anping.protect import read_plan
    from anping.protect.linked import keyed

    names = (context.subject, *given.tables)
    if len(set(names)) < len(names) or (given.file and set(asked.plans) != set(names)):
        raise _other_tables(names, asked)
    keys = _keys(given.key, names)
    suffixes = ("", *given.tables)
    own = [_own(inputs, suffix) for suffix in suffixes]
    plans = asked.plans or {
        name: read_plan(each["plan"].path) for name, each in zip(names, own, strict=True)
    }
    plans = keyed(plans, keys)
    found = []
    for name, suffix, taken in zip(names, suffixes, own, strict=True):
        folder = context.path(name)
        folder.mkdir()
        apart = replace(context, folder=folder, subject=name)
        found.append(_One(name, suffix, taken, plans[name], apart))
    return found


def _own(inputs: Inputs, suffix: str) -> Inputs:
    """Return one table's inputs under the names of its ports."""
    ports = (port.name for port in (*_TAKES, PLAN, HIERARCHIES))
    names = {name: _named(name, suffix) for name in ports}
    return {name: inputs[there] for name, there in names.items() if there in inputs}


def _keys(given: list[str], names: tuple[str, ...]) -> Mapping[str, str]:
    pairs = [text.partition("=")[::2] for text in given]
    keys = dict(pairs)
    if len(keys) < len(pairs) or not all(name in names and column for name, column in pairs):
        raise ParameterError(
            "linked.key",
            Text("代表「人」的欄位寫得不對。", "A column that names people is given wrongly."),
            hint=Text(
                f"每個表至多一次，寫成 表=欄位；表有：{'、'.join(names)}",
                f"Once for a table, as TABLE=COLUMN; the tables are {', '.join(names)}.",
            ),
        )
    return keys


def _other_tables(names: tuple[str, ...], asked: LinkedPlan) -> ParameterError:
    written = ", ".join(asked.plans) or "-"
    return ParameterError(
        "linked.tables",
        Text(
            "同一個表寫了兩次，或計畫檔裡的表與指定的不同。",
            "A table is named twice, or the plan file has other tables than are named.",
        ),
        hint=Text(
            f"指定的表：{'、'.join(names)}；計畫檔裡的表：{written}",
            f"Named: {', '.join(names)}; in the plan file: {written}",
        ),
    )


def _plan(one: _One) -> Iterator[Produced]:
    """Yield the plan that was carried out, where it is not the one that was taken."""
    from anping.protect import dump_plan

    content = dump_plan(one.plan)
    if "plan" in one.inputs and one.inputs["plan"].path.read_bytes() == content:
        return
    path = one.context.path("plan.yaml")
    path.write_bytes(content)
    yield Produced("plan", path, "application/yaml")


def _of(table: str, note: Text) -> Text:
    return Text(f"{table}：{note.zh}", f"{table}: {note.en}")


def _note(done: LinkedFiles) -> Iterator[Text]:
    """Yield by how many people a joined profile is shared, before and now."""
    before = find(done.measures, "deid.linked.k", "before")
    after = find(done.measures, "deid.linked.k", "after")
    if before is not None and after is not None:
        yield Text(
            f"合併各表後：各自保護時 k = {before.value:.0f}，現在 k = {after.value:.0f}",
            f"over all tables joined: k = {before.value:.0f} when each is protected alone, "
            f"{after.value:.0f} now",
        )
