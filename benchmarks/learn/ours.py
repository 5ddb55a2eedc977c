"""Learn one table by Anping in a process of its own: FOLDER TARGET SECONDS, as the peers' runners do."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import process_time

import numpy as np
import pyarrow.parquet as pq

from anping.learn.model_file import read_model, write_model
from anping.learn.search import Effort
from anping.learn.tabular import Learning, learn_tabular


def main() -> None:
    folder, target, seconds = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    train, test = (pq.read_table(folder / f"{name}.parquet") for name in ("train", "test"))
    learned = learn_tabular(train, target, Learning(held_out=0.0, effort=Effort(seconds)))
    path = folder / "model.anping"
    write_model(learned.model, path)
    model = read_model(path)
    values = model.predict(test).values
    np.save(folder / "said.npy", values if values.ndim == 1 else values[:, 1])
    row, repeats = test.slice(0, 1), 200
    model.predict(row, fast=False)
    start = process_time()
    for _ in range(repeats):
        model.predict(row, fast=False)
    spent = process_time() - start
    told = {"row": spent / repeats * 1000, "bytes": path.stat().st_size}
    (folder / "told.json").write_text(json.dumps(told), "utf-8")


if __name__ == "__main__":
    main()
