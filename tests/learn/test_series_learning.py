"""Forecasts in three lines: better than naive, intervals that hold, and bad tables told, not stumbled over."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anping.core.errors import AnpingError, InputError, ParameterError, SchemaError
from anping.core.measure import Measure, find
from anping.learn.model_file import read_model
from anping.learn.series.asked import SeriesAsked
from anping.learn.series.learning import LearnedSeries, learn_series
from anping.learn.series.model_file import read_series_model, write_series_model

pytest.importorskip("lightgbm")
pytest.importorskip("holidays")
START = date(2022, 1, 3)
#: Enough for the linear members alone, or for boosted ones of these small tables as well.
LINEAR, BOOSTED = 0.2, 2.5


def shops(count: int = 6, days: int = 300, *, ahead: int = 0, seed: int = 0) -> pa.Table:
    """Return daily sales of shops in two regions, larger at weekends and with promotions."""
    draw = np.random.default_rng(seed)
    day = [START + timedelta(each) for each in range(days + ahead)]
    weekend = np.array([each.weekday() >= 5 for each in day])
    parts = []
    for number in range(count):
        promotion = draw.random(days + ahead) < 0.15
        sales = 20 + number + 6 * weekend + 9 * promotion + draw.normal(size=days + ahead)
        parts.append(
            pa.table(
                {
                    "shop": [f"shop {number}"] * len(day),
                    "region": ["north" if number % 2 else "south"] * len(day),
                    "day": day,
                    "promotion": promotion.astype(np.int64),
                    "sales": pa.array(sales, mask=np.arange(len(day)) >= days),
                }
            )
        )
    return pa.concat_tables(parts)


def asked(**other: Any) -> SeriesAsked:
    """Ask for a week of sales, quickly."""
    given = {"identity": "shop", "horizon": 7, "statistical": "never", "seconds": LINEAR}
    return SeriesAsked("day", "sales", **{**given, **other})


def value(learned: LearnedSeries, name: str, subject: str) -> float:
    found = find(learned.measures, name, subject)
    assert isinstance(found, Measure)
    return found.value


@pytest.fixture(scope="module")
def learned() -> LearnedSeries:
    wanted = asked(known=("promotion",), groups=("region",), hierarchy=True, seconds=BOOSTED)
    return learn_series(shops(4, 200, ahead=7), wanted)


def test_it_beats_the_naive_ones_and_says_so(learned: LearnedSeries) -> None:
    ours = value(learned, "series.mase", "combination")
    assert ours < 0.75 * value(learned, "series.mase", "seasonal-naive")
    assert ours < value(learned, "series.mase", "naive")
    assert value(learned, "series.difference", "seasonal-naive") < 0
    assert value(learned, "series.p_value", "seasonal-naive") < 0.05
    assert value(learned, "series.coverage", "95") > 0.85
    names = {each["name"] for each in learned.model.account["members"]}
    assert {"naive", "seasonal-naive", "boosted-l1"} <= names


def test_sums_hold_and_promotions_are_seen(learned: LearnedSeries) -> None:
    said = learned.model.forecast()
    assert said.series[:3] == ("Σ", "Σ north", "Σ south")
    assert np.allclose(said.values[0], said.values[3:].sum(axis=0), atol=1e-9)
    table = shops(4, 200, ahead=7)
    future = table.filter(pa.compute.is_null(table["sales"])).drop_columns(["sales", "region"])
    place = future.column_names.index("promotion")
    flags = [pa.array([each] * future.num_rows) for each in (0, 1)]
    without, everywhere = (
        learned.model.forecast(ahead=future.set_column(place, "promotion", flag)).values[3:]
        for flag in flags
    )
    assert (everywhere - without).mean() > 2
    assert "lack a value" in learned.model.forecast(shops(4, 200)).notes[0].en


def test_the_forecast_is_a_table(learned: LearnedSeries) -> None:
    said = learned.model.forecast()
    table = said.table()
    assert table.column_names == [
        "shop", "day", "step", "sales", "sales_low_80", "sales_high_80", "sales_low_95",
        "sales_high_95",
    ]  # fmt: skip
    rows = table.to_pylist()
    assert rows[0]["day"] == START + timedelta(200)
    assert all(
        row["sales_low_95"] <= row["sales_low_80"] <= row["sales"] <= row["sales_high_80"]
        for row in rows
    )


def test_the_file_answers_alike_and_is_refused_when_touched(
    learned: LearnedSeries, tmp_path: Path
) -> None:
    path, other = tmp_path / "model.anping", tmp_path / "again.anping"
    write_series_model(learned.model, path)
    model = read_series_model(path)
    said, told = learned.model.forecast(), model.forecast()
    assert (said.values == told.values).all()
    assert (said.low == told.low).all()
    assert (model.forecast(shops(4, 200, ahead=7)).values == told.values).all()
    write_series_model(model, other)
    assert path.read_bytes() == other.read_bytes()
    with pytest.raises(InputError, match=r"model\.other-kind"):
        read_model(path)
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    other.write_bytes(content)
    with pytest.raises(InputError, match=r"model\.(altered|unreadable)"):
        read_series_model(other)
    with zipfile.ZipFile(path) as archive:
        assert all(name.endswith((".npy", ".json")) for name in archive.namelist())


def test_newer_history_moves_the_start(learned: LearnedSeries) -> None:
    table = shops(4, 210, ahead=7)
    said = learned.model.forecast(table)
    assert said.times[0].as_py() == START + timedelta(210)


def test_the_same_seed_gives_the_same() -> None:
    table = shops(count=3, days=120)
    one, two = (learn_series(table, asked()).model.forecast() for _ in range(2))
    assert (one.values == two.values).all()


def test_statistical_models_take_part_where_asked() -> None:
    pytest.importorskip("statsforecast")
    table = shops(count=2, days=70)
    done = learn_series(table, asked(statistical="always", origins=1))
    names = {each["name"] for each in done.model.account["members"]}
    assert {"ets", "arima", "theta"} <= names
    assert value(done, "series.mase", "theta") > 0
    assert any("one origin" in limit.en for limit in done.limits)


def _one(values: list[Any], days: list[Any] | None = None, **other: Any) -> LearnedSeries:
    days = days or [START + timedelta(each) for each in range(len(values))]
    wanted = SeriesAsked("day", "sales", **{"horizon": 2, "seconds": 0.1, **other})
    return learn_series(pa.table({"day": days, "sales": values}), wanted)


def _warned(done: LearnedSeries, words: str) -> bool:
    return any(words in warning.en for warning in done.warnings)


def test_what_is_put_right_is_told() -> None:
    draw = np.random.default_rng(0)
    days = [START + timedelta(each) for each in range(60)]
    values = list(draw.normal(size=60))
    gapped = _one([*values[:20], *values[30:]], [*days[:20], *days[30:]])
    assert _warned(gapped, "steps without a value were filled")
    assert gapped.found.gaps == 10
    doubled = _one([*values, *values[:6]], [*days, *days[:6]])
    assert doubled.found.repeated == 6
    assert _warned(doubled, "share their time")
    assert _warned(_one([*values, None, None], [*days, None, days[0]]), "no time that can be read")
    constant = _one([5.0] * 60)
    assert _warned(constant, "never change")
    said = constant.model.forecast()
    assert (said.values == 5).all()
    assert np.isnan(said.low).all()


def test_one_short_series_is_forecast_and_nothing_is_claimed() -> None:
    done = _one([1.0, 2.0])
    assert done.model.forecast().values.tolist() == [[2.0, 2.0]]
    assert not any(measure.name == "series.mase" for measure in done.measures)
    assert any("too short to be tested" in limit.en for limit in done.limits)
    assert done.model.forecast().table()["sales_low_80"].null_count == 2


def test_series_of_another_pace_are_left_out() -> None:
    weekly = pa.table(
        {
            "shop": ["weekly"] * 40,
            "region": ["north"] * 40,
            "day": [START + timedelta(7 * each) for each in range(40)],
            "promotion": [0] * 40,
            "sales": np.arange(40.0),
        }
    )
    done = learn_series(pa.concat_tables([shops(count=3), weekly]), asked())
    assert done.found.other_pace == 1
    assert "weekly" not in done.model.forecast().series


def test_rows_are_gathered_and_summed() -> None:
    days = [START + timedelta(each // 5) for each in range(600)]
    done = _one([1.0] * 600, days, every="week", repeated="sum")
    said = done.model.forecast().table().to_pylist()
    assert said[0]["sales"] == pytest.approx(35, abs=12)
    assert said[0]["day"].weekday() == 0


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"horizon": 500}, "series.horizon"),
        ({"horizon": 0}, "series.asked"),
        ({"identity": "sales"}, "series.columns"),
        ({"hierarchy": True, "identity": None}, "series.hierarchy"),
    ],
)
def test_what_cannot_be_is_refused(change: dict[str, Any], code: str) -> None:
    with pytest.raises(ParameterError) as found:
        learn_series(shops(count=2), asked(**change))
    assert found.value.code == code


@pytest.mark.parametrize(
    ("table", "code", "kind"),
    [
        (lambda: shops().drop_columns(["day"]), "schema.missing-column", SchemaError),
        (lambda: shops().slice(0, 0), "series.nothing", ParameterError),
        (
            lambda: pa.table({"day": ["x", "y"], "sales": [1, 2], "shop": ["a", "b"]}),
            "series.times",
            SchemaError,
        ),
        (
            lambda: pa.table({"day": [1, 2], "sales": ["x", "y"], "shop": ["a", "b"]}),
            "series.values",
            SchemaError,
        ),
        (
            lambda: pa.table({"day": [1, 2], "sales": [1.0, -1e300], "shop": ["a", "a"]}),
            "series.huge-number",
            SchemaError,
        ),
    ],
)
def test_tables_that_hold_no_series_are_refused(
    table: Callable[[], pa.Table], code: str, kind: type[AnpingError]
) -> None:
    with pytest.raises(kind) as found:
        learn_series(table(), asked())
    assert found.value.code == code


CELLS = st.one_of(
    st.none(),
    st.dates(date(2020, 1, 1), date(2024, 1, 1)).map(str),
    st.sampled_from(["113/02/30", "民國110年1月", "", "2024-01-01 25:00", "x", "2023-06-01 07:15"]),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(CELLS, st.one_of(st.none(), st.floats(width=32)), st.sampled_from("ab")),
        max_size=40,
    ),
    st.integers(1, 6),
    st.sampled_from(["mean", "sum"]),
)
def test_any_table_gives_a_forecast_or_a_typed_error(
    rows: list[tuple[str | None, float | None, str]], horizon: int, way: str
) -> None:
    table = pa.table(
        {
            "day": pa.array([row[0] for row in rows], pa.string()),
            "sales": pa.array([row[1] for row in rows], pa.float64()),
            "shop": pa.array([row[2] for row in rows], pa.string()),
        }
    )
    wanted = asked(horizon=horizon, repeated=way, points=400)
    try:
        said = learn_series(table, wanted).model.forecast()
    except AnpingError:
        return
    assert np.isfinite(said.values).all()
