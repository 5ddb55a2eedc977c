"""Model files of series, in the container of :mod:`anping.learn.archive`.

They keep each series' name and last steps: what was personal in the table is personal in the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from anping.learn.archive import altered, read_archive, write_archive
from anping.learn.columns import Column
from anping.learn.forest import Forest
from anping.learn.model_file import own_of
from anping.learn.parts import arrays_of, part_of
from anping.learn.series.asked import SeriesAsked
from anping.learn.series.boosted import BoostedTrees
from anping.learn.series.clock import Clock
from anping.learn.series.features import View
from anping.learn.series.hierarchy import Sums
from anping.learn.series.holidays import Days
from anping.learn.series.linear import LinearWeights, LocalLinear
from anping.learn.series.model import Part, SeriesModel
from anping.learn.series.naive import Naive
from anping.learn.series.panel import Covariates, Panel
from anping.learn.series.reading import Layout
from anping.learn.series.rolling import Answer
from anping.learn.series.spread import Spread
from anping.learn.series.statistical import Statistical

MEDIA_TYPE = "application/vnd.anping.model+zip"
Array = NDArray[Any]
_PANEL = ("values", "observed", "start", "last", "known", "groups")
_TUPLES = ("known", "groups")


def write_series_model(model: SeriesModel, path: Path) -> None:
    """Write a model to a file, whole or not at all."""
    panel, layout, sums = model.panel, model.layout, model.sums
    arrays: dict[str, Array] = {f"panel/{name}": getattr(panel, name) for name in _PANEL}
    arrays |= {"scales": model.scales, "alone": model.alone}
    if layout.days is not None:
        arrays["days"] = layout.days.kinds
    if sums is not None:
        arrays["sums/members"] = sums.members
        if sums.gain is not None:
            arrays["sums/gain"] = sums.gain
    parts = []
    for number, part in enumerate(model.parts):
        told, own = _written(part.answer)
        parts.append({**told, "weight": part.weight, "pooled": part.pooled})
        arrays |= {f"part{number}/{key}": array for key, array in own.items()}
    told = {
        "asked": asdict(model.asked),
        "clock": layout.clock.as_json(),
        "season": layout.season,
        "firstDay": None if layout.days is None else layout.days.first,
        "columns": [column.as_json() for column in layout.columns],
        "names": list(panel.names),
        "covariates": asdict(panel.covariates),
        "spread": model.spread.as_json(),
        "sums": None if sums is None else list(sums.names),
        "parts": parts,
        "account": model.account,
    }
    write_archive(path, told, arrays, kind="series")


def read_series_model(path: Path) -> SeriesModel:
    """Return the model of a file. Raises InputError as ``learn.archive.read_archive`` does."""
    told, arrays = read_archive(path, kind="series")
    try:
        return _model(told, arrays)
    except (KeyError, ValueError, TypeError, IndexError) as problem:
        raise altered(path) from problem


def _model(told: Mapping[str, Any], arrays: Mapping[str, Array]) -> SeriesModel:
    held: dict[str, Any] = dict(told["asked"])
    held |= {name: tuple(held[name]) for name in _TUPLES}
    asked = SeriesAsked(**held)
    days = None if told["firstDay"] is None else Days(told["firstDay"], arrays["days"])
    columns = tuple(Column.from_json(each) for each in told["columns"])
    layout = Layout(Clock.from_json(told["clock"]), told["season"], days, columns)
    covariates = Covariates(**{name: tuple(value) for name, value in told["covariates"].items()})
    panel = Panel(
        names=tuple(told["names"]), horizon=asked.horizon, season=layout.season,
        clock=layout.clock, days=days, covariates=covariates,
        **{name: arrays[f"panel/{name}"] for name in _PANEL},
    )  # fmt: skip
    parts = tuple(
        Part(_read(each, own_of(arrays, f"part{number}")), each["weight"], each["pooled"])
        for number, each in enumerate(told["parts"])
    )
    sums = None
    if told["sums"] is not None:
        sums = Sums(tuple(told["sums"]), arrays["sums/members"], arrays.get("sums/gain"))
    model = SeriesModel(
        asked, layout, parts, Spread.from_json(told["spread"]), panel, arrays["scales"],
        arrays["alone"], sums, told["account"],
    )  # fmt: skip
    _check(model)
    return model


def _written(answer: Answer) -> tuple[dict[str, Any], dict[str, Array]]:
    match answer:
        case BoostedTrees():
            _, arrays = arrays_of(answer.forest)
            view = {"window": answer.view.window, "season": answer.view.season}
            return {"kind": "boosted", "name": answer.name, "view": view}, arrays
        case LinearWeights():
            return {"kind": "pooled-linear", "name": answer.name}, {"weights": answer.weights}
        case LocalLinear():
            return {"kind": "linear", "window": answer.window, "ridge": answer.ridge}, {}
        case Naive():
            return {"kind": "naive", "seasonal": answer.seasonal}, {}
        case Statistical():
            return {"kind": "statistical", "model": answer.model}, {}
    raise TypeError(type(answer))


def _read(told: Mapping[str, Any], arrays: Mapping[str, Array]) -> Answer:
    match told["kind"]:
        case "boosted":
            forest = part_of({"kind": "forest"}, arrays)
            assert isinstance(forest, Forest)
            return BoostedTrees(told["name"], View(**told["view"]), forest)
        case "pooled-linear":
            return LinearWeights(told["name"], arrays["weights"])
        case "linear":
            return LocalLinear(told["window"], told["ridge"])
        case "naive":
            return Naive(told["seasonal"])
        case "statistical":
            return Statistical(told["model"])
    raise ValueError(told["kind"])


def _check(model: SeriesModel) -> None:
    """Raise ValueError where arrays do not fit together: files come from outside."""
    panel, count, ahead = model.panel, model.panel.count, model.panel.horizon
    inside = [
        panel.values.shape == panel.observed.shape == (count, panel.steps),
        panel.start.shape == panel.last.shape == model.scales.shape == (count,),
        panel.known.shape[:2] == (count, panel.steps + ahead),
        panel.groups.shape[0] == count,
        model.alone.shape == (count, ahead),
        model.spread.reach.shape[1] == ahead,
        bool((panel.start >= 0).all()),
        *(
            part.answer.weights.ndim == 2 and part.answer.weights.shape[1] == ahead
            for part in model.parts
            if isinstance(part.answer, LinearWeights)
        ),
    ]
    if model.sums is not None:
        inside.append(model.sums.members.shape == (model.sums.count, count - model.sums.count))
    if not all(inside):
        msg = "the arrays are no model of series"
        raise ValueError(msg)
