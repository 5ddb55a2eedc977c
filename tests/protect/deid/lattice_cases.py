"""Small random problems and a plain-Python solver for them: the oracle of the search."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import floor, inf, log

import pyarrow as pa
from hypothesis import strategies as st

from anping.engine.stream import mapped
from anping.engine.table import Table
from anping.protect.deid.anonymize import coder_of
from anping.protect.deid.counting import encoded_of
from anping.protect.deid.encoding import Codes
from anping.protect.deid.hierarchy import Hierarchy
from anping.protect.deid.model import PrivacyModel
from anping.protect.deid.tuples import Encoded


@dataclass(frozen=True)
class Case:
    table: Table
    hierarchies: dict[str, Hierarchy]
    model: PrivacyModel
    person: str | None
    limit: float


def binary_hierarchy(column: str, height: int, *, to_top: bool = True) -> Hierarchy:
    """2 ** height leaves, halved on each level."""
    leaves = [format(leaf, f"0{height}b") for leaf in range(2**height)]
    top = height if to_top else height - 1
    paths = {
        leaf: tuple((leaf[: height - level] + "*" * level) for level in range(top + 1))
        for leaf in leaves
    }
    return Hierarchy(column, paths)


def encoded(
    table: Table,
    hierarchies: Mapping[str, Hierarchy],
    model: PrivacyModel,
    person: str | None = None,
) -> tuple[Encoded, Codes]:
    """The table's tuples, and each row's."""
    coder = coder_of(table, hierarchies, model=model, person=person)
    batches = mapped(table, coder, columns=coder.columns, schema=coder.schema)
    coded = pa.Table.from_batches(batches, coder.schema)
    found, index = encoded_of(Table.of(coded), coder, population=model.population)
    return found, index.find([coded.column(name).to_numpy() for name in coder.packed])


@st.composite
def cases(draw: st.DrawFn, *, kinds: Sequence[str] = ("none", "distinct", "entropy")) -> Case:
    heights = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    tops = draw(st.sampled_from([True, True, True, False]))
    hierarchies = {
        f"q{i}": binary_hierarchy(f"q{i}", height, to_top=tops or i > 0)
        for i, height in enumerate(heights)
    }
    rows = draw(st.integers(3, 24))
    columns: dict[str, list[str]] = {
        name: draw(st.lists(st.sampled_from(h.leaves), min_size=rows, max_size=rows))
        for name, h in hierarchies.items()
    }
    values = st.lists(st.sampled_from("uvw"), min_size=rows, max_size=rows)
    columns["s"], columns["t"] = draw(values), draw(values)
    person = draw(st.sampled_from([None, "p"]))
    many = st.sampled_from([f"p{i}" for i in range(rows)])
    columns["p"] = draw(st.lists(many, min_size=rows, max_size=rows))
    kind = draw(st.sampled_from(kinds))
    sensitive = draw(st.sampled_from([("s",), ("s", "t")]))
    k = draw(st.integers(1, 4))
    if kind == "none":
        model = PrivacyModel(k)
    else:
        l_kind = "distinct" if kind == "distinct" else "entropy"
        model = PrivacyModel(k, draw(st.integers(1, 3)), l_kind, sensitive)  # type: ignore[arg-type]
    limit = draw(st.sampled_from([0.0, 0.1, 0.34, 1.0]))
    return Case(Table.of(pa.table(columns)), hierarchies, model, person, limit)


def passes(rows: Sequence[Mapping[str, str]], case: Case) -> bool:
    model = case.model
    people = {row[case.person] for row in rows} if case.person else range(len(rows))
    if len(people) < model.k:
        return False
    for name in model.diversified:
        counts: dict[str, int] = defaultdict(int)
        for row in rows:
            counts[row[name]] += 1
        assert model.l is not None
        if model.l_kind == "distinct" and len(counts) < model.l:
            return False
        shares = [count / len(rows) for count in counts.values()]
        entropy = -sum(share * log(share) for share in shares)
        if model.l_kind == "entropy" and entropy < log(model.l) - 1e-9:
            return False
    return True


def price(case: Case, node: Sequence[int]) -> tuple[float, int]:
    """The loss and the suppressed rows of one node, from the definition."""
    rows = case.table.arrow().to_pylist()
    classes: dict[tuple[str, ...], list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        places = zip(case.hierarchies.items(), node, strict=True)
        classes[tuple(h.paths[row[q]][level] for (q, h), level in places)].append(row)
    lost, suppressed = 0.0, 0
    for released, members in classes.items():
        if not passes(members, case):
            suppressed += len(members)
            lost += len(members)
            continue
        cells = zip(released, case.hierarchies.values(), strict=True)
        each = [(h.covered(value) - 1) / (h.domain_size - 1) for value, h in cells]
        lost += len(members) * sum(each) / len(each)
    return lost / len(rows), suppressed


def brute_force(case: Case) -> float:
    """The least loss of all nodes within the limit that keep a row; infinite if there is none."""
    rows = case.table.rows
    best = inf
    for node in product(*(range(h.height + 1) for h in case.hierarchies.values())):
        loss, suppressed = price(case, node)
        if suppressed <= floor(case.limit * rows + 1e-9) and suppressed < rows:
            best = min(best, loss)
    return best
