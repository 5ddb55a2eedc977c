"""Before learning: a purpose that somebody stated, consent where the data rests on it, retention."""

from __future__ import annotations

from datetime import date

import pytest

from anping.core.labels import Labels
from anping.govern.training import decide_training, rests_on_consent

TODAY = date(2026, 3, 1)
TRAIN = frozenset({"TRAIN"})
CONSENT = frozenset({"pdpa:art19:consent"})


def failed(labels: Labels, *others: Labels, register: bool = False) -> set[str]:
    verdict = decide_training("learn.tabular", [labels, *others], today=TODAY, register=register)
    found = {reason.code for reason in verdict.reasons if not reason.holds}
    assert verdict.refused is bool(found)
    assert all(reason.next_step for reason in verdict.reasons if not reason.holds)
    return found


def test_data_for_training_may_be_learnt_from() -> None:
    assert failed(Labels(purposes=TRAIN)) == set()


@pytest.mark.parametrize("purposes", [None, frozenset(), frozenset({"EVAL_ONLY"})])
def test_a_purpose_that_nobody_stated_is_no_permission(purposes: frozenset[str] | None) -> None:
    assert failed(Labels(purposes=purposes)) == {"training.purpose"}


def test_one_input_without_the_purpose_spoils_all() -> None:
    other = Labels(purposes=frozenset({"EVAL_ONLY"}))
    assert failed(Labels(purposes=TRAIN), other) == {"training.purpose"}


def test_data_that_rests_on_consent_needs_a_register() -> None:
    labels = Labels(purposes=TRAIN, legal_bases=CONSENT)
    assert rests_on_consent(labels)
    assert failed(labels) == {"training.consent"}
    assert failed(labels, register=True) == set()


def test_retention_and_residency_bind_learning() -> None:
    ended = Labels(purposes=TRAIN, retain_until=date(2026, 2, 28))
    assert failed(ended) == {"flow.retention"}
    here, there = (Labels(purposes=TRAIN, residency=frozenset({p})) for p in ("TW", "EU"))
    assert failed(here, there) == {"flow.residency"}
