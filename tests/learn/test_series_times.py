"""Times in every form become even steps, and steps are written back as times."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.core.errors import SchemaError
from anping.learn.series.clock import Clock, clock_of, gathering, same_pace
from anping.learn.series.moments import Moments, moments_of


def _moments(values: object, kind: pa.DataType | None = None) -> Moments:
    return moments_of("when", pa.chunked_array([pa.array(values, kind)]))


def _day(day: date) -> int:
    return (day - date(1970, 1, 1)).days * 86_400


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-01",
        "2024/3/1",
        "113/03/01",
        "民國113年3月1日",
        "20240301",
        "2024-03",
        "113年3月",
        "113/3",
    ],
)
def test_forms_of_a_day_are_read(text: str) -> None:
    found = _moments([text])
    assert found.seconds.tolist() == [_day(date(2024, 3, 1))]
    assert found.written == "date"


def test_times_of_the_day_and_time_zones_are_read() -> None:
    plain = _moments(["2024-03-01 08:30", "113/03/01 09:00"])
    assert plain.written == "moment"
    assert plain.zone is None
    assert np.diff(plain.seconds).tolist() == [1800]
    zoned = _moments(["2024-03-01T08:30:00+08:00"])
    assert zoned.zone == "UTC"
    assert zoned.seconds.tolist() == [_day(date(2024, 3, 1)) + 1800]
    moment = datetime(2024, 3, 1, tzinfo=UTC)
    assert _moments([moment], pa.timestamp("ms", "Asia/Taipei")).zone == "Asia/Taipei"


def test_whole_numbers_are_counters_unless_they_write_days() -> None:
    assert _moments([1, 2, 3]).written == "number"
    assert _moments(["1", "2", "x"]).known.tolist() == [True, True, False]
    assert _moments([20240301, 20240302]).seconds.tolist() == [
        _day(date(2024, 3, 1)),
        _day(date(2024, 3, 2)),
    ]


@pytest.mark.parametrize("values", [["north", "south"], [1.5, 2.5], [None, None]])
def test_what_is_no_time_is_refused(values: list[object]) -> None:
    kind = pa.string() if values == [None, None] else None
    with pytest.raises(SchemaError, match=r"series\.times"):
        _moments(values, kind)


CLOCKS = (
    Clock("second", 3600, 1800, "moment"),
    Clock("second", 604_800, 345_600, "date"),
    Clock("workday", 1, 0, "date"),
    Clock("month", 1, 0, "date", day=31),
    Clock("month", 3, 2, "date", day=-1),
    Clock("number", 10, 3, "number"),
    gathering("week", _moments([date(2024, 3, 1)])),
    gathering("quarter", _moments([date(2024, 3, 1)])),
)


@given(st.integers(-2000, 4000), st.sampled_from(CLOCKS))
def test_a_step_is_found_again_at_its_own_time(place: int, clock: Clock) -> None:
    places = np.array([place, place + 1])
    assert clock.places(clock.seconds(places)).tolist() == places.tolist()
    assert Clock.from_json(clock.as_json()) == clock


def _clock(days: list[date]) -> Clock:
    return clock_of(_moments(days), np.zeros(len(days), np.int64))


def test_the_clock_is_told_from_the_times() -> None:
    start = date(2024, 1, 1)
    daily = [start + timedelta(i) for i in range(60)]
    assert _clock(daily).season == 7
    work = [day for day in daily if day.weekday() < 5]
    assert (_clock(work).unit, _clock(work).season) == ("workday", 5)
    assert _clock(daily[::7]).season == 52
    ends = [date(2024 + m // 12, m % 12 + 1, 1) - timedelta(1) for m in range(1, 20)]
    monthly = _clock(ends)
    assert (monthly.unit, monthly.day, monthly.season) == ("month", -1, 12)
    assert monthly.column(monthly.places(np.array([_day(ends[0])])) + 1).to_pylist() == [ends[1]]
    quarters = [date(2015 + m // 4, 3 * (m % 4) + 1, 1) for m in range(12)]
    assert _clock(quarters).season == 4
    assert _clock([start]).step == 86_400


def test_late_clocks_keep_the_step_of_the_rest() -> None:
    draw = np.random.default_rng(0)
    seconds = 1_700_000_000 // 3600 * 3600 + np.arange(200) * 3600 + draw.integers(-90, 90, 200)
    moments = Moments(seconds, np.ones(200, np.bool_), "moment")
    clock = clock_of(moments, np.zeros(200, np.int64))
    assert clock.step == 3600
    assert np.diff(clock.places(seconds)).tolist() == [1] * 199


def test_another_pace_is_told_apart() -> None:
    daily = Clock("second", 86_400, 0, "date")
    assert same_pace(daily, 86_400)
    assert same_pace(daily, 0)
    assert not same_pace(daily, 604_800)
