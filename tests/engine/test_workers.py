"""A function done in other processes gives what it gives here, and ends with whoever asked."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from time import monotonic, sleep

import pyarrow as pa
import pytest

from anping.core.errors import InputError, PlanError
from anping.engine.cores import in_order
from anping.engine.workers import WORTH_ROWS, elsewhere
from answering import doubled, dying, printing, process_of, refusing

MANY = WORTH_ROWS


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anping.engine.workers.cores", lambda: 2)


def runs(process: str) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_answers_come_in_order_from_other_processes() -> None:
    with elsewhere(process_of, rows=MANY) as asked:
        answers = list(in_order(asked, range(50)))
    assert [item for item, _ in answers] == list(range(50))
    assert os.getpid() not in {process for _, process in answers}


def test_few_rows_are_done_here() -> None:
    with elsewhere(process_of, rows=MANY - 1) as asked:
        assert asked(7) == (7, os.getpid())


def test_slices_of_batches_travel_alone() -> None:
    whole = pa.record_batch([pa.array([f"text {i}" for i in range(1000)])], names=["x"])
    with elsewhere(doubled, rows=MANY) as asked:
        rows, made = asked(whole.slice(10, 3))
    assert (rows, made.column(0).to_pylist()) == (3, ["text 10", "text 11", "text 12"] * 2)


def test_errors_are_raised_as_they_were() -> None:
    with elsewhere(refusing, rows=MANY) as asked:
        with pytest.raises(PlanError) as refused:
            asked(3)
        assert (refused.value.code, refused.value.where.column) == ("plan.no", "c")
        assert str(refused.value).count("plan.no") == 2
        with pytest.raises(ValueError, match="4"):
            asked(4)
        assert asked(5) == 5


def test_an_error_ends_the_rest() -> None:
    with pytest.raises(PlanError), elsewhere(refusing, rows=MANY) as asked:
        list(in_order(asked, range(100)))


def test_a_process_that_ends_by_itself_is_told() -> None:
    with elsewhere(dying, rows=MANY) as asked, pytest.raises(InputError) as told:
        asked(1)
    assert told.value.code == "engine.worker-ended"


def known_here_only(item: int) -> int:
    return item


def test_a_function_that_cannot_be_found_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    # As in a session where the module was made by hand.
    monkeypatch.setitem(sys.modules, "made_by_hand", sys.modules[__name__])
    monkeypatch.setattr(known_here_only, "__module__", "made_by_hand")
    with elsewhere(known_here_only, rows=MANY) as asked:
        for item in range(3):
            with pytest.raises(ModuleNotFoundError, match="made_by_hand"):
                asked(item)


def test_what_is_printed_there_is_no_answer() -> None:
    with elsewhere(printing, rows=MANY) as asked:
        assert [asked(1), asked(2)] == [1, 2]


def test_a_script_needs_no_guard_and_leaves_no_process(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(
            f"""
            import os, signal
            from functools import partial
            import anping.engine.workers as workers
            workers.cores = lambda: 2
            with workers.elsewhere(partial(pow, 2), rows={MANY}) as asked:
                print(asked(5), flush=True)
                children = open(f"/proc/self/task/{{os.getpid()}}/children").read().split()
                print(*children, flush=True)
                os.kill(os.getpid(), signal.SIGKILL)
            """
        )
    )
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False, timeout=60
    )
    answer, children = done.stdout.splitlines()
    assert answer == "32"
    # One item at a time needs one process.
    assert len(children.split()) == 1
    # They end when their input does.
    deadline = monotonic() + 20
    while any(runs(child) for child in children.split()):
        assert monotonic() < deadline
        sleep(0.05)
