"""Evidently's drift of all columns, timed: REFERENCE.parquet CURRENT.parquet; prints JSON.

Run by a Python that has evidently (with pandas below 3).
"""

from __future__ import annotations

import json
import sys
from time import process_time


def main() -> None:
    start = process_time()
    import evidently
    import pandas as pd
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    imported = process_time() - start
    reference, current = (pd.read_parquet(path) for path in sys.argv[1:3])
    numbers = [name for name in reference if reference[name].dtype.kind in "if"]
    definition = DataDefinition(
        numerical_columns=numbers,
        categorical_columns=[name for name in reference if name not in numbers],
    )
    spent = {}
    for method in ("psi", "ks", "jensenshannon"):
        start = process_time()
        sides = [
            Dataset.from_pandas(side, data_definition=definition) for side in (current, reference)
        ]
        Report([DataDriftPreset(method=method)]).run(sides[0], sides[1])
        spent[method] = process_time() - start
    start = process_time()
    sides = [Dataset.from_pandas(side, data_definition=definition) for side in (current, reference)]
    Report([DataDriftPreset()]).run(sides[0], sides[1])
    spent["preset"] = process_time() - start
    print(json.dumps({"version": evidently.__version__, "import": imported, "spent": spent}))


if __name__ == "__main__":
    main()
