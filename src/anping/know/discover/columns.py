"""Says what each column of a table is, from its values and its header, and what that does to people.

Values, header and neighbours are added as log-odds per type, and the finding says how much of each;
the best type with odds above one is proposed, otherwise a plain one (number, category, code, text). A
checksum counts as far as chance would not explain it (exact binomial test on distinct values), and a
type must cover the column, not occur in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from anping.core.columns import ColumnFinding, Role
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.engine.table import Table
from anping.know.discover.cells import TESTED, vocabulary
from anping.know.discover.column_forms import COORDINATE
from anping.know.discover.column_values import ColumnValues
from anping.know.discover.entities import probability
from anping.know.discover.facilities import without_people
from anping.know.discover.fallback import plain_type
from anping.know.discover.headers import HeaderMatch, match_header, meaningless
from anping.know.discover.neighbours import Looked, Support, supports
from anping.know.discover.nested import types_inside
from anping.know.discover.own_columns import borne_out, own_evidence
from anping.know.discover.rules import Rules, standard_rules
from anping.know.discover.table_values import SAMPLE_ROWS, table_values
from anping.know.discover.taxonomy import SemanticType, type_of
from anping.know.discover.value_evidence import Evidence, evidence_of_values

#: Behind this stands what each part adds to a column's score: values, header, neighbours.
LOG_ODDS = "log-odds:"
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
#: How sure a plain type is.
_PLAINLY = 0.4
#: Types of which values of another type say that the header means something else.
_SPOKEN = _WORDED | {"PERSON_NAME"}
#: Texts of which so many hold people are free texts, whatever their length.
_INSIDE = 0.01
_PLAIN = frozenset(["NUMBER", "CATEGORY", "CODE", "TEXT", "EMPTY"])


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A type that a column may be: its log-odds by part, and what speaks for it."""

    type: str
    parts: tuple[tuple[str, float], ...]
    evidence: Evidence | None
    codes: tuple[str, ...]

    @property
    def weight(self) -> float:
        """The log-odds of all parts."""
        return sum(weight for _, weight in self.parts)

    def beside(self, support: Support | None) -> _Candidate:
        """Return the candidate with what the other columns of its table add to it."""
        if support is None:
            return self
        codes = tuple(f"neighbour:{name}" for name in support.neighbours)
        parts = (*self.parts, ("neighbours", support.log_odds))
        return replace(self, parts=parts, codes=(*codes, *self.codes))


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
    rules = rules or standard_rules()
    alone = []
    for done, column in enumerate(values):
        progress(_LOOKING, done, len(values))
        alone.append(_candidates(column, rules) if column.n else ())
    progress(_LOOKING, len(values), len(values))
    looked = [
        Looked(best.type, probability(best.weight), column, _half(candidates))
        for column, candidates in zip(values, alone, strict=True)
        for best in (_best(column, candidates),)
    ]
    found = tuple(
        _found(column, [one.beside(added.get(one.type)) for one in candidates], rules)
        for column, candidates, added in zip(values, alone, supports(looked), strict=True)
    )
    return without_people(found, values)


def find_column(values: ColumnValues, rules: Rules | None = None) -> ColumnFinding:
    """Return the finding for one column's values alone, with the shipped rules or others."""
    rules = rules or standard_rules()
    return _found(values, _candidates(values, rules) if values.n else (), rules)


def _half(candidates: Sequence[_Candidate]) -> str:
    """Return which half of a position the values can be, or nothing."""
    codes = (code for one in candidates for code in one.codes if code.startswith(COORDINATE))
    return next(codes, "").removeprefix(COORDINATE)


def _best(values: ColumnValues, candidates: Sequence[_Candidate]) -> _Candidate:
    if values.n == 0:
        return _Candidate("EMPTY", (), None, ("no-values",))
    best = max(candidates, key=lambda candidate: candidate.weight, default=None)
    return best if best is not None and best.weight > 0 else _fallback(values)


def _found(values: ColumnValues, candidates: Sequence[_Candidate], rules: Rules) -> ColumnFinding:
    if values.n == 0:
        return ColumnFinding(
            values.name, "EMPTY", Role.NONE, 1.0, 0.0, 0, ("no-values",), distinct=0
        )
    best = _best(values, candidates)
    ranked = sorted(candidates, key=lambda candidate: -candidate.weight)
    others = tuple(
        candidate.type
        for candidate in ranked
        if candidate.type != best.type and candidate.weight > -2.0
    )
    if dict(best.parts).get("neighbours", 0.0) >= best.weight:
        # Without its neighbours it would be what it plainly is.
        others = (_fallback(values).type, *others)
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
    weight, header_weight = evidence.weight if evidence is not None else -0.5, 0.0
    if match is not None:
        codes = (f"header:{match.word}", *codes)
        header_weight = _HEADER_WEIGHT * (2 * match.strength - 0.8) - 3 * (top - match.strength)
        weight += _contradiction(values, match, evidence)
        if evidence is None and outspoken and kind in _SPOKEN:
            weight += _UNSPOKEN
    elif top >= 0.6:
        # A clear header for something else speaks against this type.
        header_weight = -2.5
    elif kind in {"AGE", "INCOME"} and not meaningless(values.name):
        header_weight = -2.0
    parts = (("values", weight), ("header", header_weight))
    return _Candidate(kind, parts, evidence, codes)


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
    return _Candidate(kind, (("values", _PLAINLY),), None, codes)


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
    weighed = " ".join(f"{name}{weight:+.2f}" for name, weight in best.parts if weight)
    return ColumnFinding(
        column=values.name,
        semantic_type=kind.id,
        role=kind.role,
        confidence=round(probability(best.weight), 3),
        prevalence=round(prevalence, 4),
        n=n,
        evidence=(*codes, f"{LOG_ODDS}{weighed}"),
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
