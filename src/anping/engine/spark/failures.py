"""What Spark says of a failed job may quote a row; what we say of it does not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from anping.core.errors import InputError
from anping.core.text import Text
from anping.engine.spark.travel import error_in


@contextmanager
def told() -> Iterator[None]:
    """Turn Spark's errors into ours: an error of ours from a worker as it was raised there.

    Raises InputError (``spark.failed``) for any other, with Spark's error class and nothing else of
    its text.
    """
    from pyspark.errors import PySparkException

    try:
        yield
    except PySparkException as error:
        ours = error_in(str(error))
        raise (ours or _failed(error.getCondition())) from None


def _failed(condition: str | None) -> InputError:
    kind = condition or "-"
    return InputError(
        "spark.failed",
        Text(f"Spark 無法完成工作（{kind}）。", f"Spark could not do the work ({kind})."),
        hint=Text(
            "請看叢集的紀錄；執行端必須裝有 anping，並能讀到資料。",
            "See the cluster's log; workers must have anping installed and be able to read the data.",
        ),
    )
