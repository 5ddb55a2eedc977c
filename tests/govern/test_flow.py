from __future__ import annotations

from datetime import date

from anping.core.labels import Labels
from anping.govern.flow import DUTY, decide_flow

TODAY = date(2026, 11, 21)
TRAINING = Labels(purposes=frozenset({"TRAIN", "EVAL_ONLY"}))
EVALUATION = Labels(purposes=frozenset({"EVAL_ONLY"}))


def test_a_purpose_that_every_input_permits_is_allowed() -> None:
    assert decide_flow("learn.fit", "TRAIN", [TRAINING, Labels()]).outcome == "allow"


def test_a_purpose_that_one_input_forbids_is_refused_with_the_permitted_ones() -> None:
    verdict = decide_flow("learn.fit", "TRAIN", [TRAINING, EVALUATION])
    assert verdict.refused
    failed = next(reason for reason in verdict.reasons if not reason.holds)
    assert failed.code == "flow.purpose"
    assert failed.next_step is not None
    assert "EVAL_ONLY" in failed.next_step.en


def test_what_a_holder_owes_needs_no_purpose() -> None:
    assert not decide_flow("know.scan", DUTY, [EVALUATION]).refused


def test_places_that_exclude_each_other_are_refused() -> None:
    labels = [Labels(residency=frozenset({place})) for place in ("TW", "JP")]
    assert decide_flow("know.join", DUTY, labels).refused
    assert not decide_flow("know.scan", DUTY, labels[:1]).refused


def test_data_past_its_retention_is_refused() -> None:
    ended = Labels(retain_until=date(2026, 11, 20))
    assert decide_flow("know.scan", DUTY, [ended], today=TODAY).refused
    assert not decide_flow("know.scan", DUTY, [ended]).refused
    assert not decide_flow("know.scan", DUTY, [Labels(retain_until=TODAY)], today=TODAY).refused


def test_no_inputs_restrict_nothing() -> None:
    assert not decide_flow("know.add", "TRAIN", []).refused
