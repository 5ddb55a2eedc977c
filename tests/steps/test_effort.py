"""How much is attacked: nothing is left out in silence, whatever the size of the table."""

import pytest

from anping.steps.compose.effort import (
    FEW_TARGETS,
    LEFT_OUT,
    MANY_ROWS,
    MOST_ROWS,
    SAMPLED,
    SAMPLED_ROWS,
    WITHOUT_UNIQUES,
    for_rows,
    targets_for,
    told_of,
    with_uniques,
)


@pytest.mark.parametrize(
    ("rows", "effort", "targets", "told"),
    [
        (SAMPLED_ROWS, "standard", 2000, ()),
        (SAMPLED_ROWS + 1, "standard", FEW_TARGETS, (SAMPLED,)),
        (MANY_ROWS, "standard", FEW_TARGETS, (SAMPLED,)),
        (MANY_ROWS + 1, "standard", FEW_TARGETS, (SAMPLED, WITHOUT_UNIQUES)),
        (MOST_ROWS, "standard", FEW_TARGETS, (SAMPLED, WITHOUT_UNIQUES)),
        (MOST_ROWS + 1, "linkage", FEW_TARGETS, (LEFT_OUT,)),
    ],
)
def test_a_larger_table_is_attacked_on_fewer_targets_and_that_is_told(
    rows: int, effort: str, targets: int, told: tuple[object, ...]
) -> None:
    assert for_rows("auto", rows) == effort
    assert targets_for("auto", rows, 2000) == targets
    assert targets_for("auto", rows, 50) == 50
    assert told_of("auto", rows) == told
    assert with_uniques("auto", rows) == (rows <= MANY_ROWS)


@pytest.mark.parametrize("effort", ["linkage", "standard", "all"])
def test_what_is_asked_for_is_done_at_any_size(effort: str) -> None:
    assert for_rows(effort, 10 * MANY_ROWS) == effort
    assert targets_for(effort, 10 * MANY_ROWS, 2000) == 2000
    assert told_of(effort, 10 * MANY_ROWS) == ()
    assert with_uniques(effort, 10 * MANY_ROWS) == (effort != "linkage")
