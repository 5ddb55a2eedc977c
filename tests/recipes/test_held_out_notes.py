"""Held-out notes are reproducible, marked exactly, and worded as neither sample is."""

from __future__ import annotations

from anping.recipes.finance import notes as finance
from anping.recipes.health import notes as health
from anping.recipes.sample.held_out import NEUTRAL, TEMPLATES, held_out_notes


def test_they_are_reproducible_and_marked() -> None:
    notes = held_out_notes(300)
    assert notes == held_out_notes(300)
    assert notes != held_out_notes(300, seed=1)
    types = {mark.type for note in notes for mark in note.marks}
    assert {"PERSON_NAME", "PHONE", "ADDRESS_FULL", "EMAIL", "TW_NATIONAL_ID"} <= types
    for note in notes:
        assert "{" not in note.text
        places = [(mark.start, mark.end) for mark in note.marks]
        assert places == sorted(places)
        assert all(0 <= start < end <= len(note.text) for start, end in places)


def test_no_template_is_shared_with_a_sample() -> None:
    used = {*finance.ABOUT_PEOPLE, *finance.ABOUT_NOBODY, *health.ABOUT_PEOPLE}
    used |= set(health.ABOUT_NOBODY)
    assert not used & {*TEMPLATES, *NEUTRAL}
