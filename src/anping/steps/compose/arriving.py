"""Data arrives: what is new is read, what is known is kept, and the table is both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anping.core.digest import sha256, sha256_file
from anping.core.errors import InputError, ParameterError, Where
from anping.core.text import Text
from anping.steps.compose.arrivals import (
    Arrivals,
    ArrivedPart,
    Plan,
    earlier_arrivals,
    how_read,
    planned,
    restacked,
)
from anping.steps.compose.file_format import read_options
from anping.steps.compose.keeping import typed_by
from anping.workspace.step import Context, Input, Inputs
from anping.workspace.version import VERSION

if TYPE_CHECKING:
    from anping.engine.reading import Reading, ReadOptions
    from anping.engine.remote import Fetched
    from anping.know.contract import Contract

_FRESH = "fresh.parquet"
#: Where rows that cannot be read are kept aside until the step hands them over.
REFUSED = "refused.jsonl"


@dataclass(frozen=True, slots=True)
class Arrived:
    """What came in: the fresh reading (None: nothing was read) beside the parts that are kept.

    ``sources`` names what was read outside the file system, by redacted URL and SHA-256.
    """

    how: str
    kept: tuple[ArrivedPart, ...]
    reading: Reading | None
    stands: bool = False
    notes: tuple[Text, ...] = ()
    limits: tuple[Text, ...] = ()
    sources: tuple[tuple[str, str], ...] = ()
    etags: tuple[tuple[str, str | None], ...] = ()

    @property
    def parts(self) -> tuple[ArrivedPart, ...]:
        """All parts in the order of their rows."""
        return restacked(self.kept, self.reading, dict(self.etags))

    def report(self, table: Path, *, since: str | None, cursor: Any) -> Arrivals:
        """Return what the next arrival must know about the table at ``table``."""
        told = None if cursor is None else sha256(str(cursor).encode())
        return Arrivals(self.how, sha256_file(table), self.parts, since, told)


def arrive(
    context: Context, given: Any, inputs: Inputs, contract: Contract | None = None
) -> Arrived:
    """Read what the parameters name, as far as it is not in the earlier table already.

    Columns have the types that the contract declares.

    Raises ParameterError for parameters that do not fit the source, and what reading raises.
    """
    from anping.engine.source import kind_of, resolved

    source = resolved(str(given.path))
    kind = kind_of(source)
    _check(given, kind)
    options = typed_by(read_options(given), contract)
    if kind == "database":
        return _from_database(context, given, inputs, (source, options))
    how = how_read(given, version=VERSION, contract=contract_digest(given))
    earlier = earlier_arrivals(inputs, how)
    if kind == "remote":
        return _from_remote(context, given, inputs, _Job(source, options, how, earlier))
    job = _Job(source, options, how, earlier, _local_files(given, dict(context.sources)))
    return _from_files(context, given, inputs, job)


@dataclass(frozen=True, slots=True)
class _Job:
    """Files to be read: how, and what was read before in the same way."""

    source: str
    options: ReadOptions
    how: str
    earlier: Arrivals | None
    files: Sequence[tuple[Path, str, str]] = ()


def local_sources(given: Any) -> tuple[Path, ...]:
    """Return the files on this machine that the parameters name: their digests count as inputs."""
    from anping.engine.expand import expand
    from anping.engine.source import kind_of, resolved

    source = resolved(str(given.path))
    files = expand(given.path) if kind_of(source) == "local" else ()
    return (*files, *([given.contract] if given.contract else []))


def contract_digest(given: Any) -> str | None:
    """Return the SHA-256 of the data contract, if there is one."""
    return sha256_file(given.contract) if given.contract else None


def _check(given: Any, kind: str) -> None:
    asked = [name for name in ("table", "query", "since") if getattr(given, name) is not None]
    if kind != "database" and asked:
        raise ParameterError(
            "parameter.source-selection",
            Text(
                "只有資料庫才有資料表、查詢與游標欄位。",
                "Only a database has tables, queries and cursors.",
            ),
            hint=Text("來源請寫資料庫的網址。", "Give a database's URL as the source."),
        )


def _local_files(given: Any, digests: Mapping[Path, str]) -> list[tuple[Path, str, str]]:
    """Return each file with its name and SHA-256, taken from ``digests`` where it is known."""
    from anping.engine.expand import expand
    from anping.engine.parts import names_of

    paths = expand(given.path)
    aside: Path | None = given.quarantine
    if aside is not None and aside.exists() and any(map(aside.samefile, paths)):
        raise ParameterError(
            "add.quarantine",
            Text("壞列不能寫回資料檔本身。", "Bad rows cannot go into the data file itself."),
            where=Where(file=aside.name),
            hint=Text("請為 --quarantine 另取檔名。", "Name another file for --quarantine."),
        )
    return [
        (path, name, digests.get(path) or sha256_file(path))
        for path, name in zip(paths, names_of(paths), strict=True)
    ]


def _from_remote(context: Context, given: Any, inputs: Inputs, job: _Job) -> Arrived:
    from anping.engine.remote import fetch

    fetched: Sequence[Fetched] = fetch(
        job.source, context.path("fetched"), progress=context.progress
    )
    files = [(one.path, one.url, one.sha256) for one in fetched]
    arrived = _from_files(context, given, inputs, replace(job, files=files))
    return replace(
        arrived,
        sources=tuple((one.url, one.sha256) for one in fetched),
        etags=tuple((one.sha256, one.etag) for one in fetched),
    )


def _from_files(context: Context, given: Any, inputs: Inputs, job: _Job) -> Arrived:
    plan = Plan((), tuple(path for path, _, _ in job.files), vanished=1)
    if job.earlier is not None:
        plan = planned(job.earlier, job.files)
    if not plan.new:
        return Arrived(job.how, plan.kept, None, stands=plan.nothing_new, notes=plan.notes)
    aside = context.path(REFUSED) if given.quarantine else None
    reading = _read(context, (plan, job.options, aside), inputs.get("earlier"))
    known = {path: (name, digest) for path, name, digest in job.files}
    parts = []
    for part, path in zip(reading.parts, plan.new, strict=True):
        name, digest = known[path]
        if part.sha256 != digest:
            raise _changed(name)
        parts.append(replace(part, name=name))
    return Arrived(job.how, plan.kept, replace(reading, parts=tuple(parts)), notes=plan.notes)


def _read(
    context: Context, job: tuple[Plan, ReadOptions, Path | None], earlier: Input | None
) -> Reading:
    from anping.engine.growing import respelled
    from anping.engine.read import read_many
    from anping.engine.table import Table

    plan, options, aside = job
    into = context.path(_FRESH)
    reading = read_many(
        plan.new, into=into, options=options, quarantine=aside, progress=context.progress
    )
    if plan.kept and earlier is not None:
        as_text = respelled(Table.open(earlier.path), reading.table)
        if as_text:
            types = {**options.types, **dict.fromkeys(as_text, "string")}
            return read_many(
                plan.new, into=into, options=replace(options, types=types), quarantine=aside,
                progress=context.progress,
            )  # fmt: skip
    return reading


def _from_database(
    context: Context, given: Any, inputs: Inputs, job: tuple[str, ReadOptions]
) -> Arrived:
    from anping.engine.database import Selection, read_query
    from anping.engine.growing import greatest, least
    from anping.engine.source import shown
    from anping.engine.table import Table

    source, options = job
    version = None if given.since else VERSION
    how = how_read(given, source=shown(source), version=version, contract=contract_digest(given))
    earlier = earlier_arrivals(inputs, how) if given.since else None
    after = None
    if earlier is not None:
        after = greatest(Table.open(inputs["earlier"].path), given.since)
    reading = read_query(
        source,
        into=context.path(_FRESH),
        selection=Selection(given.table, given.query, given.since, after),
        options=options,
        quarantine=context.path(REFUSED) if given.quarantine else None,
        progress=context.progress,
    )
    named = ((shown(source), reading.source_sha256),)
    limits = (_cursor_limit(given.since),) if given.since else ()
    if earlier is None or after is None:
        return Arrived(how, (), reading, limits=limits, sources=named)
    if reading.rows == 0:
        aside = _still_refused(reading.refused_rows) if reading.refused_rows else ()
        return Arrived(
            how, earlier.parts, None, stands=True, notes=aside, limits=limits, sources=named
        )
    low = least(reading.table, given.since)
    if type(low) is not type(after) or not low > after:
        raise _not_after(shown(source), given.since)
    note = Text(
        f"沿用先前的 {earlier.rows:,} 列，新讀 {reading.rows:,} 列。",
        f"{earlier.rows:,} earlier rows kept, {reading.rows:,} new ones read.",
    )
    return Arrived(how, earlier.parts, reading, notes=(note,), limits=limits, sources=named)


def _changed(name: str) -> InputError:
    return InputError(
        "input.changed-while-reading",
        Text("讀取期間檔案被改動。", "The file was changed while it was read."),
        where=Where(file=name),
        hint=Text("待寫入完成後再讀一次。", "Read it again when nothing writes to it."),
    )


def _still_refused(rows: int) -> tuple[Text, ...]:
    return (
        Text(
            f"新的列全部拒收（{rows:,} 列），已另存；修正後會再收，除非先收進了值更大的列。",
            f"All new rows were refused ({rows:,}) and kept aside; corrected ones come in unless rows with a greater value do before.",
        ),
    )


def _cursor_limit(column: str) -> Text:
    return Text(
        f"之後只收「{column}」更大的列：先前的列若在資料庫裡被改動、刪除、拒收後才修正，或後來才出現相同或更小的值，不會反映。",
        f"Later only rows with a greater “{column}” come in: earlier rows that are changed, deleted or "
        "corrected in the database, or that appear later with an equal or smaller value, are not seen.",
    )


def _not_after(source: str, column: str) -> InputError:
    return InputError(
        "input.cursor-order",
        Text(
            "資料庫比較游標欄位的方式與值的順序不一致，新列無法與先前的列分開。",
            "The database compares the cursor column otherwise than its values are ordered, so new "
            "rows cannot be told from earlier ones.",
        ),
        where=Where(file=source, column=column),
        hint=Text(
            "請用數字或真正的時間欄位作游標，或不用 since 而整份重讀。",
            "Use a number or a real time column as the cursor, or read everything without since.",
        ),
    )
