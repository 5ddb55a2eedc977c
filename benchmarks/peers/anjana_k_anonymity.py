"""Runs anjana, in an environment of its own, on ARX's Adult; prints what it took as JSON.

Run by ``benchmarks.deid`` in another Python: ``python anjana_k_anonymity.py FOLDER K LIMIT OUT``.
"""

import json
import sys
import time
from pathlib import Path


def main() -> None:
    import pandas as pd
    from anjana.anonymity import k_anonymity  # type: ignore[import-not-found]

    folder, k, limit, out = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
    data = pd.read_csv(folder / "adult.csv", sep=";", dtype=str)
    hierarchies = {}
    for column in data.columns:
        levels = pd.read_csv(
            folder / "hierarchies" / f"adult_hierarchy_{column}.csv",
            sep=";", header=None, dtype=str, keep_default_na=False,
        )  # fmt: skip
        hierarchies[column] = {level: levels[level].to_numpy() for level in levels.columns}
    began, wall = time.process_time(), time.perf_counter()
    released = k_anonymity(data, [], list(data.columns), k, 100 * limit, hierarchies)
    took = {"cpu": time.process_time() - began, "wall": time.perf_counter() - wall}
    released.to_csv(out, sep=";", index=False)
    print(json.dumps({**took, "rows": len(released)}))


if __name__ == "__main__":
    main()
