"""Forecast one set of series by AutoGluon, in an environment that has it: FOLDER HORIZON SEASON FREQUENCY SECONDS.

Run by ``benchmarks.series`` with the peer's own Python; it imports nothing of Anping. Steps are given
dates of the frequency, because the peer needs them. Models whose weights lie on the web are left out.
The seconds are of the process's own clock, so that other work on the machine takes nothing from them.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from time import process_time

_START = {"h": "2020-01-01", "W": "1990-01-07"}


def main() -> None:
    start, begun = time.time(), time.monotonic()
    time.time = lambda: start + process_time()
    import numpy as np
    import pandas as pd
    from autogluon.timeseries import TimeSeriesDataFrame, TimeSeriesPredictor

    time.monotonic = lambda: begun + process_time()
    folder, horizon, season, frequency = (
        Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4],
    )  # fmt: skip
    rows = pd.read_parquet(folder / "train.parquet")
    dates = pd.date_range(_START[frequency], periods=int(rows["step"].max()) + 1, freq=frequency)
    rows["timestamp"] = dates[rows["step"]]
    data = TimeSeriesDataFrame.from_data_frame(
        rows.drop(columns="step"), id_column="series", timestamp_column="timestamp"
    )
    predictor = TimeSeriesPredictor(
        prediction_length=horizon, target="value", freq=frequency, eval_metric="MASE",
        eval_metric_seasonal_period=season, path=str(folder / "peer"), verbosity=0,
    )  # fmt: skip
    # The preset's own list without what is fetched; in one process, or a busy machine times it out.
    alone = {"n_jobs": 1}
    light = {
        "SeasonalNaive": alone, "ETS": alone, "Theta": alone, "RecursiveTabular": {},
        "DirectTabular": {},
    }  # fmt: skip
    predictor.fit(
        data, presets="fast_training", hyperparameters=light, time_limit=float(sys.argv[5])
    )
    said = predictor.predict(data)["mean"]
    names = sorted(rows["series"].unique())
    np.save(folder / "said.npy", np.stack([said.loc[name].to_numpy() for name in names]))
    size = sum(path.stat().st_size for path in (folder / "peer").rglob("*") if path.is_file())
    (folder / "told.json").write_text(json.dumps({"bytes": size}), "utf-8")


if __name__ == "__main__":
    main()
