"""What the risk step says of its attacks in a walked chain."""

from anping.core.measure import Measure
from anping.protect.risk.attacks.names import (
    DISTANCE_LINKAGE,
    DOWNCODING,
    INFERENCE,
    LINKABILITY,
    LINKAGE,
    MEMBERSHIP,
    MULTIVARIATE,
    UNIVARIATE,
)
from anping.steps.risk import RISK
from anping.workspace.perform import Job, perform
from command_line import Place
from walking import Walk

_STANDARD = (UNIVARIATE, MULTIVARIATE, LINKAGE, LINKABILITY, INFERENCE, DOWNCODING)


def attacks(measures: tuple[Measure, ...]) -> set[str]:
    return {m.name.removesuffix(".success") for m in measures if m.name.endswith(".success")}


def test_the_attacks_are_in_the_statement_with_control_and_interval(bank: Walk) -> None:
    measures = bank.of("protect.risk").outcome.measures
    assert attacks(measures) >= {name for name in _STANDARD if name != DOWNCODING}
    for name in attacks(measures):
        ends = {m.name for m in measures if m.name.startswith(f"{name}.")}
        assert {f"{name}.success", f"{name}.control", f"{name}.excess"} <= ends
        assert all(
            m.interval is not None and m.seed is not None and m.replay is not None
            for m in measures
            if m.name.startswith(f"{name}.")
        )


def test_all_attacks_run_on_request(place: Place) -> None:
    workspace = place.workspace()

    def measures(**given: object) -> tuple[Measure, ...]:
        return perform(workspace, Job(RISK, "customers", given)).outcome.measures

    every = measures(attacks="all", targets=200)
    assert attacks(every) >= {DISTANCE_LINKAGE, MEMBERSHIP, MULTIVARIATE}
    assert {m.subject for m in every if m.name == f"{MULTIVARIATE}.success"} == {"", "all"}
    assert attacks(measures(attacks="linkage")) == {LINKAGE, INFERENCE}
