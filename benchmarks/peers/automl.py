"""Learn one table by AutoGluon or FLAML, in an environment that has it: PEER FOLDER TARGET SECONDS KIND.

Run by ``benchmarks.learn`` with the peer's own Python; it imports nothing of Anping. The seconds are
CPU seconds for the peer, too: its clock is that of the process, so that other work on the machine
takes nothing from its budget.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from time import process_time


def main() -> None:
    start = time.time()
    time.time = lambda: start + process_time()
    import numpy as np
    import pandas as pd

    peer, folder, target = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    seconds, kind = float(sys.argv[4]), sys.argv[5]
    train, test = (pd.read_parquet(folder / f"{name}.parquet") for name in ("train", "test"))
    classes = sorted(train[target].unique()) if kind == "binary" else None
    if classes is not None:
        codes = {value: code for code, value in enumerate(classes)}
        train[target] = train[target].map(codes)
    rows = test.drop(columns=[target])
    if peer == "flaml":
        said, once, size = _flaml(train, target, rows, (seconds, kind))
    else:
        preset = "best_quality" if peer == "autogluon-best" else "medium_quality"
        said, once, size = _autogluon(train, target, rows, (folder, preset, seconds, kind))
    np.save(folder / "said.npy", np.asarray(said, dtype=float))
    start = process_time()
    for _ in range(3):
        once()
    told = {"row": (process_time() - start) / 3 * 1000, "bytes": size}
    (folder / "told.json").write_text(json.dumps(told), "utf-8")


def _autogluon(train, target, rows, how):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    from autogluon.tabular import TabularPredictor

    folder, preset, seconds, kind = how
    metric = "roc_auc" if kind == "binary" else "rmse"
    predictor = TabularPredictor(target, eval_metric=metric, path=str(folder / "peer"), verbosity=0)
    predictor.fit(train, presets=preset, time_limit=seconds, num_cpus=1)

    def said(asked):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        if kind == "binary":
            return predictor.predict_proba(asked)[1]
        return predictor.predict(asked)

    size = sum(path.stat().st_size for path in (folder / "peer").rglob("*") if path.is_file())
    return said(rows), lambda: said(rows.head(1)), size


def _flaml(train, target, rows, how):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    import pickle

    from flaml import AutoML

    seconds, kind = how
    learner = AutoML()
    learner.fit(
        train.drop(columns=[target]), train[target], time_budget=seconds, n_jobs=1, verbose=0, seed=1,
        task="classification" if kind == "binary" else "regression",
        metric="roc_auc" if kind == "binary" else "rmse",
    )  # fmt: skip

    def said(asked):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        return learner.predict_proba(asked)[:, 1] if kind == "binary" else learner.predict(asked)

    return said(rows), lambda: said(rows.head(1)), len(pickle.dumps(learner.model))


if __name__ == "__main__":
    main()
