"""What a column's cells say for a user's own entities, and what the header says beside them.

A cell counts where a pattern matches all of it and its validator agrees. A rule's ``prior`` says how
little chance explains a shape; many different values of it say more. A rule that is found only
behind its label types a column only under a header that is one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from math import log

from anping.know.discover.column_values import ColumnValues
from anping.know.discover.entities import NEEDS_LABEL, Entity
from anping.know.discover.headers import HeaderMatch
from anping.know.discover.rules import Rules
from anping.know.discover.taxonomy import taxonomy
from anping.know.discover.value_evidence import Evidence
from anping.know.discover.walking import walk_text

#: So large a share of the cells must be of an own entity, and so large a one at least to be asked.
SURE, _LEAST = 0.8, 0.1
_PROBE = 200
#: A column full of them, the most that different values add, and a shape that needs its label.
_FULL, _MOST, _UNLABELLED = 2.0, 5.0, -1.0
_RECORD = "RECORD_ID"
#: Before a type's name, what of a column's looks counts cells of an own entity.
OWN = "own/"
#: The least prior of a shape that tells a single cell; and longer cells are texts.
_TELLING, _LONGEST = -2.5, 200


def own_evidence(values: ColumnValues, rules: Rules) -> dict[str, Evidence]:
    """Return the evidence for each type of a user's own entities that a tenth of the cells match."""
    if not rules.own or values.n == 0 or values.kind not in {"text", "number"}:
        return {}
    probe = values.texts[:: max(1, values.n // _PROBE)][:_PROBE]
    held = Counter(kind for text in probe for kind in _types(text, rules))
    if not any(count >= _LEAST * len(probe) for count in held.values()):
        return {}
    cells: Counter[str] = Counter()
    different: dict[str, Counter[int]] = {}
    for text, count in values.counts.items():
        for kind, rule in _types(text, rules).items():
            cells[kind] += count
            different.setdefault(kind, Counter())[rule] += 1
    return {
        kind: _weighed(kind, share, rules.added[0][rule], sum(different[kind].values()))
        for kind, count in cells.items()
        if (share := count / values.n) >= _LEAST
        for rule, _ in different[kind].most_common(1)
    }


def own_cells(counts: Mapping[str, int], rules: Rules) -> Counter[str]:
    """Return how many cells are whole an own entity of a form that chance does not explain, by type.

    ``counts`` says how many cells hold each text. What is found only behind its label, or whose
    ``prior`` is below -2.5, is not counted: any code may have such a form.
    """
    found: Counter[str] = Counter()
    telling = frozenset(
        number
        for number, entity in enumerate(rules.added[0])
        if entity.prior >= _TELLING and not entity.only_with
    )
    for text, count in counts.items() if telling else ():
        if len(text) <= _LONGEST:
            for kind, rule in _types(text, rules).items():
                if rule in telling:
                    found[kind] += count
    return found


def borne_out(matches: Iterable[HeaderMatch], own: dict[str, Evidence]) -> dict[str, HeaderMatch]:
    """Return what the header names, by type, as far as a user's own entities leave it standing.

    A header alone makes no column one of them. Where they cover a column whose header names nothing
    but a record's number, they are what the numbers are.
    """
    found = {
        match.type: match for match in matches if match.type in taxonomy() or match.type in own
    }
    sure = any(one.prevalence >= SURE and one.weight > 0 for one in own.values())
    if sure and found.keys() - own.keys() == {_RECORD}:
        del found[_RECORD]
    return found


def _types(text: str, rules: Rules) -> dict[str, int]:
    """Return the types whose patterns match all of a cell, each with the rule that does."""
    entities, automaton = rules.added
    found: dict[str, int] = {}
    for number, _, end in walk_text(automaton, text, [0]):
        entity = entities[number]
        if end == len(text) and not entity.only and entity.validate(text) is not False:
            found.setdefault(entity.type, number)
    return found


def _weighed(kind: str, share: float, entity: Entity, different: int) -> Evidence:
    weight = _FULL + min(_MOST, log(1 + different)) + max(entity.prior, NEEDS_LABEL)
    if entity.needs_label or entity.only_with:
        weight = _UNLABELLED
    weight -= 8 * max(0.0, SURE - share) / SURE
    if share < SURE / 2:
        weight = min(weight, -6.0)
    return Evidence(kind, weight, share, (f"own-entity:{kind}", f"coverage:{share:.2f}"))
