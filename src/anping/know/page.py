"""One page on what was found where: a heat map of tables and types, then each table, in two languages.

The page stands alone (no script, nothing loaded from outside) and holds no value of a person: what
values look like is told by their shapes. The owner of the data may add examples, which are masked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from anping.core.columns import ROLE_TITLES, ColumnFinding, Role
from anping.core.measure import find
from anping.core.text import LANGUAGE_TAGS, LANGUAGES, Language, Text, counted
from anping.know.discover.columns import LOG_ODDS
from anping.know.discover.taxonomy import SemanticType, type_of
from anping.know.page_words import EVIDENCE, PARTS, SCORE, WORDS
from anping.know.scan import Scan

#: Masked examples by table and column, for the owner's own screen.
Examples = Mapping[str, Mapping[str, Sequence[str]]]

#: What identifies people stands before what describes them.
_ORDER = (
    Role.DIRECT_IDENTIFIER,
    Role.SPECIAL_CATEGORY,
    Role.SENSITIVE,
    Role.QUASI_IDENTIFIER,
)
_SHADES = (0.01, 0.1, 0.5, 0.9)


@dataclass(frozen=True, slots=True)
class Spot:
    """One field of the heat map: the columns of a type in a table, and the largest share of cells.

    ``shade`` is 1 (rare) to 5 (nearly all cells); ``inside`` says that it occurs only inside others.
    """

    columns: tuple[str, ...]
    share: float
    inside: bool

    @property
    def shade(self) -> int:
        """How dark the field is, 1 to 5."""
        return 1 + sum(self.share >= edge for edge in _SHADES)


@dataclass(frozen=True, slots=True)
class HeatMap:
    """What is where: the types that say something about people, and a spot for each in each table."""

    types: tuple[SemanticType, ...]
    rows: tuple[tuple[str, tuple[Spot | None, ...]], ...]

    def as_json(self) -> dict[str, Any]:
        """Return plain values: by table and type, the columns and the largest share of cells."""
        return {
            table: {
                kind.id: {"columns": list(s.columns), "share": s.share, "inside": s.inside}
                for kind, s in zip(self.types, spots, strict=True)
                if s is not None
            }
            for table, spots in self.rows
        }


def heat_map(scans: Mapping[str, Scan]) -> HeatMap:
    """Return which types were found in which of the scanned tables."""
    spots = {name: _spots(scan) for name, scan in scans.items()}
    held = {kind for found in spots.values() for kind in found}
    known = _known(scans)
    types = sorted((type_of(kind, known) for kind in held), key=_rank)
    rows = tuple((name, tuple(found.get(one.id) for one in types)) for name, found in spots.items())
    return HeatMap(tuple(types), rows)


def page(scans: Mapping[str, Scan], *, examples: Examples | None = None) -> str:
    """Return the HTML page on scanned tables, Chinese and English in one.

    ``examples`` are masked values by table and column (:func:`~anping.know.masked.masked_examples`);
    they still hold a little of a person, so a page with them is for the owner's own screen.
    """
    return _template().render(
        languages=LANGUAGES,
        tags=LANGUAGE_TAGS,
        words=WORDS,
        roles=ROLE_TITLES,
        type_of=partial(type_of, known=_known(scans)),
        scans=scans,
        map=heat_map(scans),
        examples=examples or {},
        missable={name: find(scan.measures, "discovery.missable") for name, scan in scans.items()},
        said=_said,
        percent=_percent,
        size=_size,
        forms={name: {form.column: form for form in scan.forms} for name, scan in scans.items()},
    )


def _known(scans: Mapping[str, Scan]) -> dict[str, SemanticType]:
    """Return every type that the scans can name: the shipped ones, and those of their own entities."""
    return {kind: known for scan in scans.values() for kind, known in scan.rules.known.items()}


def _rank(known: SemanticType) -> tuple[int, str]:
    # A person may have given any type a role that it does not have by itself.
    return (_ORDER.index(known.role) if known.role in _ORDER else len(_ORDER), known.id)


def _spots(scan: Scan) -> dict[str, Spot]:
    columns: dict[str, list[tuple[str, float]]] = {}
    inside: dict[str, list[tuple[str, float]]] = {}
    for finding in scan.findings:
        if finding.role in _ORDER:
            columns.setdefault(finding.semantic_type, []).append(
                (finding.column, finding.prevalence)
            )
    for one in scan.inside:
        if type_of(one.type, scan.rules.known).role in _ORDER:
            inside.setdefault(one.type, []).append((one.column, one.share))
    return {
        kind: Spot(
            tuple(name for name, _ in columns.get(kind, inside.get(kind, []))),
            max(share for _, share in columns.get(kind, inside.get(kind, []))),
            kind not in columns,
        )
        for kind in {**columns, **inside}
    }


def _said(finding: ColumnFinding, language: Language) -> list[str]:
    """Return the evidence in words."""
    told = []
    for code in finding.evidence:
        name, _, rest = code.partition(":")
        words = EVIDENCE.get(name)
        if code.startswith(LOG_ODDS):
            told += _weighed(rest, language)
        elif words is not None:
            told.append(words.to(language).format(rest))
        elif name not in {"contains", "texts-looked-at"}:
            told.append(code)
    return told


def _weighed(parts: str, language: Language) -> list[str]:
    """Return what each part adds to the score, in words; a signed number stands behind each name."""
    told = []
    for part in parts.split():
        at = max(part.rfind("+"), part.rfind("-"))
        name = PARTS.get(part[:at])
        told.append(f"{part[:at] if name is None else name.to(language)} {part[at:]}")
    return [SCORE.to(language) + " · ".join(told)] if told else []


def _size(scan: Scan) -> Text:
    rows, columns = scan.profile.rows, len(scan.findings)
    return Text(
        f"{rows:,} 列 · {columns:,} 欄", f"{counted(rows, 'row')} · {counted(columns, 'column')}"
    )


def _percent(share: float) -> str:
    """Return a share as people read it; what only rounds to nothing or to all is not that."""
    if share in (0.0, 1.0):
        return f"{share:.0%}"
    if share < 0.001:
        return "<0.1%"
    return ">99.9%" if share > 0.999 else f"{100 * share:.1f}%"


@cache
def _template() -> Template:
    text = resources.files("anping.know").joinpath("templates", "findings.html").read_text("utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(text)
