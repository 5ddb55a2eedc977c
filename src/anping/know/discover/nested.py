"""Which types a column of texts holds inside, and in what share of its cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from anping.know.discover.batch import find_in
from anping.know.discover.column_values import ColumnValues
from anping.know.discover.rules import Rules, standard_rules
from anping.know.discover.text import Names, Scanner, standard_names

_TEXTS = 1_000
#: The code that says how many texts were looked at.
LOOKED_AT = "texts-looked-at:"
_SEED = 7


def types_inside(
    values: ColumnValues, rules: Rules | None = None, *, names: Names = standard_names
) -> tuple[str, ...]:
    """Return codes: how many texts were looked at, and the share of them that hold each type.

    The commonest first. Looks at up to 1,000 texts drawn with a fixed seed. ``names`` finds names.
    """
    texts = values.texts
    if len(texts) > _TEXTS:
        chosen = np.random.default_rng(_SEED).choice(len(texts), _TEXTS, replace=False)
        texts = tuple(texts[place] for place in sorted(chosen))
    holding: Counter[str] = Counter()
    for kinds in types_of(texts, rules, names=names):
        holding.update(kinds)
    ranked = sorted(holding.items(), key=lambda pair: (-pair[1], pair[0]))
    shares = tuple(f"contains:{kind}={count / len(texts):.3f}" for kind, count in ranked)
    return f"{LOOKED_AT}{len(texts)}", *shares


def types_of(
    texts: Sequence[str], rules: Rules | None = None, *, names: Names = standard_names
) -> tuple[frozenset[str], ...]:
    """Return the types of what identifies people in each text."""
    scanner = Scanner(rules=rules or standard_rules(), names=names)
    return tuple(frozenset(s.type for s in spans) for spans in find_in(scanner, list(texts)))
