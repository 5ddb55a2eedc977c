"""Put a model file of ours behind MLflow's pyfunc: MODEL FOLDER, run with MLflow's own Python.

The same arrays answer there as here (``PYTHONPATH`` names our source), so that the servers are
compared, not the models.
"""

from __future__ import annotations

import sys


def main() -> None:
    import mlflow.pyfunc

    class Ours(mlflow.pyfunc.PythonModel):  # type: ignore[misc,name-defined]
        def load_context(self, context):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            from pathlib import Path

            from anping.learn.model_file import read_model

            self.model = read_model(Path(context.artifacts["model"]))

        def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, ARG002
            import pyarrow as pa

            rows = pa.Table.from_pandas(model_input, preserve_index=False)
            return self.model.predict(rows).values

    mlflow.pyfunc.save_model(
        sys.argv[2], python_model=Ours(), artifacts={"model": sys.argv[1]}, pip_requirements=[]
    )


if __name__ == "__main__":
    main()
