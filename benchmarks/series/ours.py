"""Forecast one set of series by Anping in a process of its own: FOLDER HORIZON SEASON SECONDS."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from anping.learn.series.asked import SeriesAsked
from anping.learn.series.learning import learn_series
from anping.learn.series.model_file import read_series_model, write_series_model


def main() -> None:
    folder, horizon, season = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    asked = SeriesAsked(
        "step", "value", "series", horizon=horizon, season=season, seconds=float(sys.argv[4])
    )
    learned = learn_series(pq.read_table(folder / "train.parquet"), asked)
    path = folder / "model.anping"
    write_series_model(learned.model, path)
    said = read_series_model(path).forecast()
    np.save(folder / "said.npy", said.values)
    np.save(folder / "bounds.npy", np.stack([said.low, said.high]))
    members = {
        each["name"]: round(each["weight"], 2)
        for each in learned.model.account["members"]
        if each["weight"]
    }
    expected = next(
        measure.value for measure in learned.measures if measure.key == "series.mase[combination]"
    )
    told = {"bytes": path.stat().st_size, "members": members, "expected": expected}
    (folder / "told.json").write_text(json.dumps(told), "utf-8")


if __name__ == "__main__":
    main()
