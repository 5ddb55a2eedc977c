"""How the add step's parameters become read options, and what a reading says for evidence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from anping.core.errors import ParameterError, Where
from anping.core.labels import Labels, Tier
from anping.core.measure import Measure
from anping.core.progress import Progress
from anping.core.text import Text
from anping.steps.compose.file_format import read_options

if TYPE_CHECKING:
    from anping.engine.reading import Reading


def taken_in(given: Any, into: Path, progress: Progress) -> Reading:
    """Read the file, folder or pattern that the parameters name into ``into``; bad rows go where they say.

    Raises ParameterError if that is the data file itself, which would be lost.
    """
    from anping.engine.expand import expand
    from anping.engine.read import read_many

    paths = expand(given.path)
    aside: Path | None = given.quarantine
    if aside is not None and aside.exists() and any(map(aside.samefile, paths)):
        raise ParameterError(
            "add.quarantine",
            Text("壞列不能寫回資料檔本身。", "Bad rows cannot go into the data file itself."),
            where=Where(file=aside.name),
            hint=Text("請為 --quarantine 另取檔名。", "Name another file for --quarantine."),
        )
    how = read_options(given)
    return read_many(paths, into=into, options=how, quarantine=aside, progress=progress)


def labels_of(given: Any) -> Labels:
    """Return the labels of raw data: internal, with the permissions its owner names."""
    return Labels(
        tier=Tier.INTERNAL,
        purposes=frozenset(given.purposes) or None,
        licences=frozenset(given.licence),
        legal_bases=frozenset(given.legal_basis),
        retain_until=given.retain_until,
    )


def intake_measures(reading: Reading) -> tuple[Measure, ...]:
    """Return how many rows were taken in and refused."""
    records = reading.rows + reading.refused_rows
    titles = {
        "intake.rows.accepted": (reading.rows, Text("收進的列數", "Rows taken in")),
        "intake.rows.refused": (reading.refused_rows, Text("拒收的列數", "Rows refused")),
    }
    return tuple(
        Measure(name, float(value), "rows", records, title, method="count")
        for name, (value, title) in titles.items()
    )


def refused_note(reading: Reading) -> tuple[Text, ...]:
    """Return what was read, in words."""
    how = ", ".join(
        str(part) for part in (reading.format, reading.encoding, reading.newline) if part
    )
    columns = len(reading.table.columns)
    return (
        Text(
            f"{reading.rows:,} 列 × {columns} 欄（{how}），拒收 {reading.refused_rows:,} 列",
            f"{reading.rows:,} rows × {columns} columns ({how}), {reading.refused_rows:,} refused",
        ),
        *reading.notes,
    )
