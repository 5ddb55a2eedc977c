"""Which types a column of texts holds inside, and in what share of its cells."""

from __future__ import annotations

from collections import Counter

import numpy as np

from anping.know.discover.column_values import ColumnValues
from anping.know.discover.text import find_spans

_TEXTS = 1_000
_SEED = 7


def types_inside(values: ColumnValues) -> tuple[tuple[str, float], ...]:
    """Return each type found and the share of looked-at texts that hold it, commonest first.

    Looks at up to 1,000 texts drawn with a fixed seed.
    """
    texts = values.texts
    if len(texts) > _TEXTS:
        chosen = np.random.default_rng(_SEED).choice(len(texts), _TEXTS, replace=False)
        texts = tuple(texts[place] for place in sorted(chosen))
    holding: Counter[str] = Counter()
    for text in texts:
        holding.update({span.type for span in find_spans(text)})
    shares = {kind: count / len(texts) for kind, count in holding.items()}
    return tuple(sorted(shares.items(), key=lambda pair: (-pair[1], pair[0])))
