"""optbinning's scorecard in the folds that are given: TABLE.parquet TARGET FOLDS.npy; prints JSON.

Run by a Python that has optbinning (with pandas and scikit-learn).
"""

from __future__ import annotations

import json
import sys
import warnings
from importlib.metadata import version
from time import process_time


def main() -> None:
    warnings.filterwarnings("ignore")
    import numpy as np
    import pandas as pd
    from optbinning import BinningProcess, Scorecard
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    table, folds = pd.read_parquet(sys.argv[1]), np.load(sys.argv[3])
    truth = table.pop(sys.argv[2]).to_numpy()
    names = list(table.columns)
    found = {}
    for trend in ("auto", "auto_asc_desc"):
        areas, spent = [], 0.0
        for fold in range(folds.max() + 1):
            learnt, kept = folds != fold, folds == fold
            start = process_time()
            bins = BinningProcess(
                names, binning_fit_params={name: {"monotonic_trend": trend} for name in names}
            )
            card = Scorecard(
                bins,
                LogisticRegression(max_iter=1000),
                scaling_method="pdo_odds",
                scaling_method_params={"pdo": 20, "odds": 50, "scorecard_points": 600},
            )
            card.fit(table[learnt], truth[learnt])
            spent += process_time() - start
            areas.append(roc_auc_score(truth[kept], card.predict_proba(table[kept])[:, 1]))
        found[trend] = {"areas": areas, "cpu": spent / len(areas)}
    print(json.dumps({"version": version("optbinning"), "found": found}))


if __name__ == "__main__":
    main()
