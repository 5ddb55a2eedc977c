"""Lists of public facilities, which are about no person, and the same lists with a person in them.

Addresses, telephones and positions of the same form stand in both; only what stands beside them tells
whether they are somebody's.
"""

from __future__ import annotations

import random
from functools import partial

import pyarrow as pa

from anping.core.columns import ColumnFinding, Role
from anping.core.taiwan import divisions
from anping.engine.table import Table
from anping.know.discover.columns import find_columns
from benchmarks import report
from benchmarks.discover.made_tables import (
    ROWS,
    Columns,
    address,
    fraction,
    landline,
    made_of,
    mobile,
    name,
    numbered,
    township,
    whole,
    words,
)

#: What says how a place is reached; role ``none`` is right in a list of facilities only.
REACHED = frozenset(["PHONE", "ADDRESS_FULL", "ADDRESS_PART", "LOCATION"])


def facility(draw: random.Random, row: int, *, kinds: tuple[str, ...]) -> str:
    """Return a facility's name: a township, a number, a kind."""
    return f"{draw.choice(divisions()).township}第{row + 1}{draw.choice(kinds)}"


def _english(draw: random.Random, row: int) -> str:
    kind = draw.choice(("Public Library", "Riverside Park", "Junior High School", "Post Office"))
    return f"{draw.choice(divisions()).township_en} {row + 1} {kind}"


_LATITUDE = partial(fraction, low=22.0, high=25.3, digits=6)
_LONGITUDE = partial(fraction, low=120.1, high=121.9, digits=6)
_PLACES: dict[str, Columns] = {
    "libraries": (
        ("館名", "facility", "NONE", partial(facility, kinds=("圖書館", "兒童圖書館", "分館暨活動中心"))),
        ("行政區", "district", "ADDRESS_PART", township),
        ("地址", "address", "ADDRESS_FULL", address),
        ("電話", "phone", "PHONE", landline),
        ("緯度", "lat", "LOCATION", _LATITUDE),
        ("經度", "lon", "LOCATION", _LONGITUDE),
        ("藏書量", "volumes", "NONE", partial(whole, low=2000, high=90000)),
        ("休館日", "closed_on", "NONE", words("週一", "週二", "國定假日")),
    ),
    "schools": (
        ("校名", "school_name", "NONE", partial(facility, kinds=("國民小學", "國民中學", "高級中學國中部", "幼兒園"))),
        ("校址", "site_address", "ADDRESS_FULL", address),
        ("總機", "switchboard", "PHONE", landline),
        ("班級數", "classes", "NONE", partial(whole, low=6, high=60)),
        ("代碼", "code", "NONE", numbered("{row:06d}")),
    ),
    "stations": (
        ("站名", "station_name", "NONE", _english),
        ("緯度", "latitude", "LOCATION", _LATITUDE),
        ("經度", "longitude", "LOCATION", _LONGITUDE),
        ("細懸浮微粒", "pm25", "NONE", partial(fraction, low=2, high=80)),
        ("架設日期", "installed", "NONE", numbered("2024-05-{row:02.0f}")),
    ),
}  # fmt: skip
#: One column more, and each list is about people.
_PEOPLE: dict[str, Columns] = {
    "libraries": (("志工", "volunteer", "PERSON_NAME", name),),
    "schools": (("家長手機", "parent_mobile", "PHONE", mobile), ("導師姓名", "teacher_name", "PERSON_NAME", name)),
    "stations": (("通報人姓名", "reported_by_name", "PERSON_NAME", name),),
}  # fmt: skip


def contacts(*, people: bool) -> list[tuple[str, ColumnFinding]]:
    """Return the columns of the lists that say how a place is reached: true type and finding."""
    registers = {
        list_name: (*columns, *(_PEOPLE[list_name] if people else ()))
        for list_name, columns in _PLACES.items()
    }
    found = []
    for made in made_of(registers, seed=7):
        findings = find_columns(Table.of(pa.table(dict(made.cells))))
        found += [
            (made.types[one.column], one) for one in findings if made.types[one.column] in REACHED
        ]
    return found


def public_blocks() -> tuple[str, ...]:
    """Return how many columns of contacts are told to be about people, with and without people."""
    rows = []
    for people in (False, True):
        found = contacts(people=people)
        told = sum(one.role is not Role.NONE for _, one in found)
        typed = sum(kind == one.semantic_type for kind, one in found)
        rows.append(
            (
                "with a person" if people else "of facilities only",
                f"{told}/{len(found)}",
                f"{typed}/{len(found)}",
            )
        )
    return (
        "### Lists of public facilities",
        (
            f"How to read it: **development data**: three lists ({ROWS} rows; Chinese, English and "
            "meaningless headers) of libraries, schools and stations, and the same with a column of "
            "persons added. What is counted are their addresses, telephones and coordinates: in the first "
            "they are nobody's (right is 0), in the second they are taken to be somebody's (right is all)."
        ),
        report.table(("lists", "columns with a role", "columns of the right type"), rows),
    )
