"""The information-flow rule: joins are a semilattice, and lowering is always seen."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from anping.core.labels import UNRESTRICTED, Labels, Tier, join, lowered_aspects

words = st.frozensets(st.sampled_from(["a", "b", "c", "d"]), max_size=4)
labels = st.builds(
    Labels,
    tier=st.sampled_from(Tier),
    categories=words,
    purposes=st.none() | words,
    licences=words,
    legal_bases=words,
    residency=st.none() | words,
    retain_until=st.none() | st.dates(date(2026, 1, 1), date(2027, 1, 1)),
)


@given(labels, labels, labels)
def test_join_is_a_semilattice(one: Labels, two: Labels, three: Labels) -> None:
    assert join(one, two) == join(two, one)
    assert join(one, join(two, three)) == join(join(one, two), three)
    assert join(one, one) == one
    assert join(one, UNRESTRICTED) == one


@given(labels, labels)
def test_a_join_lowers_nothing(one: Labels, two: Labels) -> None:
    assert lowered_aspects(one, join(one, two)) == frozenset()


@given(labels, st.sampled_from(Tier), words)
def test_lowering_is_named(one: Labels, tier: Tier, categories: frozenset[str]) -> None:
    given_labels = one.lowered(tier=tier, categories=categories)
    lowered = lowered_aspects(one, given_labels)
    assert lowered is not None
    assert ("tier" in lowered) == (tier.strictness < one.tier.strictness)
    assert ("categories" in lowered) == (not categories >= one.categories)


def test_purposes_and_retention_are_never_lowered() -> None:
    strict = Labels(purposes=frozenset({"TRAIN"}), retain_until=date(2027, 1, 1))
    assert lowered_aspects(strict, Labels(purposes=None, retain_until=date(2027, 1, 1))) is None
    assert lowered_aspects(strict, Labels(purposes=frozenset({"TRAIN"}))) is None
    wider = Labels(purposes=frozenset({"TRAIN", "SELL"}), retain_until=date(2027, 1, 1))
    assert lowered_aspects(strict, wider) is None


@given(labels)
def test_labels_survive_json(one: Labels) -> None:
    assert Labels.from_json(one.as_json()) == one
