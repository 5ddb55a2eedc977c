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
    STRANGER_INFERENCE,
    STRANGER_LINKAGE,
    UNIVARIATE,
)
from anping.steps.catalogue import step
from anping.steps.risk import RISK
from anping.workspace.perform import Job, perform
from anping.workspace.replay import replay
from command_line import Place
from walking import Walk

_STANDARD = (UNIVARIATE, MULTIVARIATE, LINKAGE, LINKABILITY, INFERENCE, DOWNCODING)


#: What is set against people held out of a second release.
_HELD_OUT = (STRANGER_LINKAGE, STRANGER_INFERENCE)


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
    assert {m.subject for m in every if m.name == f"{MULTIVARIATE}.success"} == {
        "",
        "all",
        "held-out",
    }
    assert attacks(every) >= set(_HELD_OUT)
    assert attacks(measures(attacks="linkage")) == {LINKAGE, INFERENCE}


def test_people_are_held_out_of_a_second_release(place: Place) -> None:
    """Nothing of the release changes; who was never in what is attacked is the control."""
    workspace = place.workspace()
    before = workspace.need("customers.protected").reference

    def held_out(**given: object) -> dict[str, Measure]:
        done = perform(workspace, Job(RISK, "customers", {"targets": 200, **given}))
        return {m.name: m for m in done.outcome.measures if m.subject == "held-out"}

    found = held_out()
    names = {name.rpartition(".")[0] for name in found}
    every = {UNIVARIATE, MULTIVARIATE, LINKABILITY, STRANGER_LINKAGE, DOWNCODING}
    assert every >= names >= {UNIVARIATE, LINKABILITY, STRANGER_LINKAGE}
    control = found[f"{LINKABILITY}.control"]
    assert "not in the raw table" in control.title.en
    assert control.n > 0
    assert control.interval is not None
    assert MEMBERSHIP in {name.rpartition(".")[0] for name in held_out(attacks="all")}
    assert workspace.need("customers.protected").reference == before
    stated = [
        each for each in replay(workspace, "customers.risk", step=step) if each.step == RISK.id
    ]
    again = [each for each in stated if each.stated.subject == "held-out"]
    assert again
    assert all(each.same for each in again)
    assert held_out(control="left-out") == {}
    assert held_out(attacks="linkage", control="held-out") == {}


def test_a_plan_that_did_not_make_the_release_holds_nobody_out(place: Place) -> None:
    workspace = place.workspace()
    perform(workspace, Job(step("protect.plan"), "customers", {"profile": "public"}))
    given = {"targets": 50, "control": "held-out"}
    done = perform(workspace, Job(RISK, "customers", given))
    assert not [m for m in done.outcome.measures if m.subject == "held-out"]
    assert any("no people were held out" in each.en for each in done.outcome.limits)
