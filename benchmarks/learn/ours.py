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
    rows = test.slice(0, 200).to_pylist()
    model.answer(rows[:1])
    spent = []
    for row in rows:
        start = process_time()
        model.answer([row])
        spent.append((process_time() - start) * 1000)
    told = {
        "row": float(np.mean(spent)), "row99": float(np.quantile(spent, 0.99)),
        "bytes": path.stat().st_size,
    }  # fmt: skip
    (folder / "told.json").write_text(json.dumps(told), "utf-8")


if __name__ == "__main__":
    main()
