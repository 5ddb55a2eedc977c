"""Decisions on their way to the ledger: whole lines, one root, and what a kill or a full disk leaves."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.core.errors import InputError, ParameterError
from anping.core.text import Text
from anping.run.serving.holding import left
from anping.run.serving.sealing import Sealing
from anping.run.serving.segment import first_line, holds, place_of, read_segment
from anping.run.serving.spool import Spool, Spooling
from anping.run.serving.stages import Change, Stages, changed
from serving_toys import ROW, appended, house

_TEXT = Text("壞", "bad")


def _record(at: int) -> dict[str, Any]:
    return {"at": f"2026-01-01T00:00:{at % 60:02d}.000Z", "model": "m@1", "digest": "ab",
            "said": {"value": at}}  # fmt: skip


@pytest.mark.parametrize("durability", ["process", "disk"])
def test_records_are_there_when_their_ids_are(tmp_path: Path, durability: Any) -> None:
    ended: list[Path] = []
    spool = Spool(Spooling(tmp_path, "m", durability=durability, records=3), ended.append)
    spool.start()
    ids = [appended(spool, [_record(at)])[0] for at in range(8)]
    written = [record["id"] for path in sorted(tmp_path.iterdir())
               for record in read_segment(path).records]  # fmt: skip
    assert written == ids
    spool.close()
    assert [len(read_segment(path).lines) for path in ended] == [3, 3, 2]


def test_segments_end_with_time(tmp_path: Path) -> None:
    ended: list[Path] = []
    spool = Spool(Spooling(tmp_path, "m", seconds=0.05, flush=0.01), ended.append)
    spool.start()
    appended(spool, [_record(1)])
    while not ended:
        pass
    appended(spool, [_record(2)])
    spool.close()
    assert len(ended) == 2


@given(st.integers(1, 70), st.data())
def test_every_line_is_proved_under_the_root_and_no_other_is(count: int, data: Any) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        spool = Spool(Spooling(Path(folder), "m"), lambda _: None)
        spool.start()
        appended(spool, [_record(at) for at in range(count)])
        spool.close()
        segment = read_segment(next(Path(folder).iterdir()))
    at = data.draw(st.integers(0, count - 1))
    path = segment.proof(at)
    assert holds(segment.lines[at], at, segment.head, path)
    assert not holds(segment.lines[at] + b" ", at, segment.head, path)
    assert count == 1 or not holds(segment.lines[at], (at + 1) % count, segment.head, path)


def test_a_line_that_a_kill_cut_short_was_never_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "1-ab.decisions"
    line = b'{"at":"t","digest":"d","id":"ab-000000","model":"m@1","said":{}}\n'
    path.write_bytes(first_line("ab", "m") + line + line[:20])
    assert len(read_segment(path).lines) == 1
    path.write_bytes(first_line("ab", "m")[:5])
    with pytest.raises(InputError) as refused:
        read_segment(path)
    assert refused.value.code == "decisions.unreadable"


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"{}\n", b'{"anping-decisions":2,"segment":"a","name":"b"}\n', b"\x00" * 50],
)
def test_other_files_are_no_segments(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.decisions"
    path.write_bytes(content)
    with pytest.raises(InputError):
        read_segment(path)


def test_what_cannot_be_written_is_not_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write

    def full(descriptor: int, content: bytes) -> int:
        if b'"said"' not in content:
            return real(descriptor, content)
        real(descriptor, content[:10])
        raise OSError(errno.ENOSPC, "no space")

    with house(tmp_path) as one:
        first = one.decided({"instance": ROW})
        monkeypatch.setattr("anping.run.serving.spool.os.write", full)
        assert one.refused({"instance": ROW}) == (503, "serving.not-recorded")
        monkeypatch.undo()
        second = one.decided({"instance": ROW})
    assert [record["id"] for record in one.records()] == [first["decision"], second["decision"]]


def test_a_segment_that_is_being_written_is_not_taken_for_one_that_was_left(tmp_path: Path) -> None:
    spool = Spool(Spooling(tmp_path, "m"), lambda _: None)
    spool.start()
    appended(spool, [_record(1)])
    assert list(left(tmp_path)) == []
    spool.close()
    assert len(list(left(tmp_path))) == 1
    with pytest.raises(OSError, match="shutdown"):
        appended(spool, [_record(2)])


def test_what_cannot_be_sealed_stays_and_the_rest_goes_on(tmp_path: Path) -> None:
    sealed: list[Path] = []

    def seal(path: Path) -> None:
        if path.name == "bad":
            raise InputError("decisions.unreadable", _TEXT, hint=_TEXT)
        sealed.append(path)

    sealing = Sealing(seal)
    sealing.start()
    for name in ("one", "bad", "two"):
        sealing.take(tmp_path / name)
    sealing.finish()
    assert [path.name for path in sealed] == ["one", "two"]
    assert (sealing.failed, sealing.counts.unsealed) == (["decisions.unreadable"], 1)


def test_ids_name_a_segment_and_a_line() -> None:
    assert place_of("ab12-000007") == ("ab12", 7)
    assert all(place_of(text) is None for text in ("", "ab", "-1", "ab-", "a/b-1", "ab--1", "ab-²"))


def test_stages_follow_their_changes() -> None:
    def step(
        before: Stages | None, do: Change, version: int | None = None, share: float = 0
    ) -> Stages:
        return changed(before, do, version=version, share=share, why="drift")

    one = step(None, "promote", 1)
    tried = step(one, "try", 2, 0.2)
    assert (tried.champion, tried.challenger, tried.share) == (1, 2, 0.2)
    assert step(tried, "alone") == one
    two = step(tried, "promote", 2)
    assert two == Stages(2, (1,))
    assert step(step(tried, "promote", 3), "rollback") == one
    paused = step(two, "pause")
    assert paused.paused == "drift"
    assert step(paused, "resume") == two
    assert Stages.from_json(tried.as_json()) == tried


@pytest.mark.parametrize(
    ("before", "do", "version", "code"),
    [
        (None, "rollback", None, "serving.no-champion"),
        (None, "promote", None, "serving.no-version"),
        (Stages(1), "try", None, "serving.no-version"),
        (Stages(1), "promote", 1, "serving.champion-already"),
        (Stages(1), "try", 1, "serving.champion-already"),
        (Stages(1), "rollback", None, "serving.no-earlier"),
    ],
)
def test_changes_that_make_no_sense_are_refused(
    before: Stages | None, do: Change, version: int | None, code: str
) -> None:
    with pytest.raises(ParameterError) as refused:
        changed(before, do, version=version, share=0.0, why="")
    assert refused.value.code == code
