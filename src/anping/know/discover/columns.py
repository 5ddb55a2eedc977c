"""Says what each column of a table is, from its values and its header, and what that does to people.

Values and header are added as log-odds per type; the best type with odds above one is proposed,
otherwise a plain one (number, category, code, text). A checksum counts as far as chance would not
explain it (exact binomial test on distinct values), and a type must cover the column, not occur in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from anping.core.columns import ColumnFinding, Role
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.engine.table import Table
from anping.know.discover.cells import TESTED, vocabulary
from anping.know.discover.column_values import ColumnValues
from anping.know.discover.entities import probability
from anping.know.discover.fallback import plain_type
from anping.know.discover.headers import HeaderMatch, match_header, meaningless
from anping.know.discover.neighbours import beside
from anping.know.discover.nested import types_inside
from anping.know.discover.own_columns import borne_out, own_evidence
from anping.know.discover.rules import Rules, standard_rules
from anping.know.discover.table_values import SAMPLE_ROWS, table_values
from anping.know.discover.taxonomy import SemanticType, type_of
from anping.know.discover.value_evidence import Evidence, evidence_of_values

_LOOKING = Text("尋找個人資料", "Looking for personal data")
_HEADER_WEIGHT = 4.0
_NUMERIC = frozenset(
    ["AGE", "INCOME", "CREDIT_LIMIT", "CREDIT_RATING", "CREDIT_REPAYMENT", "TRANSACTION", "NUMBER"]
)
#: Values as sure as this of one type speak against a header that none of them bears out.
_FIRM, _UNSPOKEN = 3.0, -4.0
#: Types whose values are words of people's own languages: the vocabularies know most of them.
_WORDED = frozenset(vocabulary())
#: Types that the values alone can rule out, with the log-odds that their silence costs.
_SILENCE = -6.5
#: Beginnings of headers that name a person's id, not a record's.
_PEOPLE = (
    "patient",
    "customer",
    "client",
    "member",
    "employee",
    "student",
    "客戶",
    "會員",
    "員工",
    "學號",
)
#: Texts of which so many hold people are free texts, whatever their length.
_INSIDE = 0.01
_PLAIN = frozenset(["NUMBER", "CATEGORY", "CODE", "TEXT", "EMPTY"])


@dataclass(frozen=True, slots=True)
class _Candidate:
    type: str
    weight: float
    evidence: Evidence | None
    codes: tuple[str, ...]


def find_columns(
    table: Table,
    *,
    progress: Progress = silent,
    sample: int | None = SAMPLE_ROWS,
    values: Sequence[ColumnValues] | None = None,
    rules: Rules | None = None,
) -> tuple[ColumnFinding, ...]:
    """Return one finding per column, in the table's order.

    Looks at all rows, or at ``sample`` rows drawn with a fixed seed when there are more (None: all
    rows always). ``n`` of a finding counts the non-null values that were looked at, its distinct
    values are those of all rows; words such as 不詳 or ``N/A`` count as null. No value is kept.
    ``values`` are those of :func:`table_values`, where the caller has them already; ``rules`` bring
    a user's own entities, of which a column can be as well.
    """
    if values is None:
        values = table_values(table, sample=sample)
    findings = []
    for done, column in enumerate(values):
        progress(_LOOKING, done, len(values))
        findings.append(find_column(column, rules))
    progress(_LOOKING, len(values), len(values))
    return beside(findings, values)


def find_column(values: ColumnValues, rules: Rules | None = None) -> ColumnFinding:
    """Return the finding for one column's values, with the shipped rules or others."""
    rules = rules or standard_rules()
    if values.n == 0:
        return ColumnFinding(
            values.name, "EMPTY", Role.NONE, 1.0, 0.0, 0, ("no-values",), distinct=0
        )
    ranked = sorted(_candidates(values, rules), key=lambda candidate: -candidate.weight)
    best = ranked[0] if ranked and ranked[0].weight > 0 else _fallback(values)
    others = tuple(
        candidate.type
        for candidate in ranked
        if candidate.type != best.type and candidate.weight > -2.0
    )
    return _finding(values, best, others[:3], rules=rules)


def _candidates(values: ColumnValues, rules: Rules) -> list[_Candidate]:
    found = evidence_of_values(values)
    own = own_evidence(values, rules)
    for kind, evidence in own.items():
        if kind not in found or found[kind].weight < evidence.weight:
            found[kind] = evidence
    firm = {e.type for e in found.values() if e.weight >= _FIRM and e.prevalence >= 0.8}
    headers = borne_out(match_header(values.name, rules.headers), own)
    top = max((match.strength for match in headers.values()), default=0.0)
    kinds = [kind for kind in (*found, *headers) if kind not in _PLAIN]
    return [
        _weighed(values, kind, found.get(kind), (headers.get(kind), top, bool(firm - {kind})))
        for kind in dict.fromkeys(kinds)
    ]


def _weighed(
    values: ColumnValues,
    kind: str,
    evidence: Evidence | None,
    header: tuple[HeaderMatch | None, float, bool],
) -> _Candidate:
    match, top, outspoken = header
    codes = evidence.codes if evidence is not None else ()
    weight = evidence.weight if evidence is not None else -0.5
    if match is not None:
        codes = (f"header:{match.word}", *codes)
        weight += _HEADER_WEIGHT * (2 * match.strength - 0.8) - 3 * (top - match.strength)
        weight += _contradiction(values, match, evidence)
        if evidence is None and outspoken and kind in _WORDED:
            weight += _UNSPOKEN
    elif top >= 0.6:
        # A clear header for something else speaks against this type.
        weight -= 2.5
    elif kind in {"AGE", "INCOME"} and not meaningless(values.name):
        weight -= 2.0
    return _Candidate(kind, weight, evidence, codes)


def _contradiction(values: ColumnValues, match: HeaderMatch, evidence: Evidence | None) -> float:
    """Return what it costs the header's type that the values do not look like it."""
    kind = match.type
    if kind in TESTED:
        if evidence is None or evidence.prevalence < 0.2:
            return _SILENCE
        return max(0.0, min(3.0, -evidence.weight))
    fits, cost = True, 0.0
    if kind in _NUMERIC:
        fits = values.numbers is not None or evidence is not None or _banded(values)
        cost = -4.0
    elif kind == "RECORD_ID":
        fits, cost = values.unique_share >= _least_unique(match.word, values.distinct), -5.0
    elif kind == "FREE_TEXT":
        fits, cost = evidence is not None or values.distinct > 20, -4.0
    elif kind == "PERSON_NAME":
        fits, cost = evidence is not None, -3.0 if values.numbers is None else -8.0
    return 0.0 if fits else cost


def _least_unique(word: str, distinct: int) -> float:
    """Return how unique values must be to be ids; a person's own id repeats with every visit."""
    if distinct < 20:
        return 0.9
    if any(word.startswith(person) for person in _PEOPLE):
        return 0.0
    return 0.1 if len(word) >= 4 else 0.9


def _banded(values: ColumnValues) -> bool:
    """Return whether values are bands such as 30-39 or >50K."""
    digits = sum(any(char.isdigit() for char in text) for text in values.counts)
    return values.distinct <= 60 and digits >= 0.7 * len(values.counts)


def _fallback(values: ColumnValues) -> _Candidate:
    kind, codes = plain_type(values)
    return _Candidate(kind, 0.4, None, codes)


def _finding(
    values: ColumnValues, best: _Candidate, others: tuple[str, ...], *, rules: Rules
) -> ColumnFinding:
    kind, codes = rules.known[best.type], best.codes
    if best.type in {"FREE_TEXT", "TEXT"}:
        inside = types_inside(values, rules)
        codes += inside
        if best.type == "TEXT" and _holds_people(inside, rules.known):
            kind = rules.known["FREE_TEXT"]
    n, prevalence, rate = _shares(values, best)
    return ColumnFinding(
        column=values.name,
        semantic_type=kind.id,
        role=kind.role,
        confidence=round(probability(best.weight), 3),
        prevalence=round(prevalence, 4),
        n=n,
        evidence=codes,
        categories=kind.categories,
        alternatives=others,
        checksum_pass_rate=None if rate is None else round(rate, 4),
        checksum_p_value=None if best.evidence is None else best.evidence.p_value,
        distinct=values.distinct,
    )


def _holds_people(inside: Sequence[str], known: Mapping[str, SemanticType]) -> bool:
    """Return whether texts hold what says something about people, in one of a hundred at least."""
    pairs = (code.removeprefix("contains:").split("=") for code in inside if "=" in code)
    return any(
        float(share) >= _INSIDE and type_of(name, known).role is not Role.NONE
        for name, share in pairs
    )


def _shares(values: ColumnValues, best: _Candidate) -> tuple[int, float, float | None]:
    """Return how many cells were looked at, the share of the type, and the checksum's pass rate.

    Of all cells where they were counted in one pass, else of those of the sample.
    """
    evidence = best.evidence
    rate = None if evidence is None else evidence.pass_rate
    if values.looks is not None:
        every = {one.type: one for one in values.occurring[0]}
        if (own := every.get(best.type)) is not None:
            passed = own.passed / own.shaped if rate is not None else None
            return values.filled, own.passed / values.filled, passed
    return values.n, 1.0 if evidence is None else evidence.prevalence, rate
