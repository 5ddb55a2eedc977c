"""Where Spark runs: on this machine, or on a cluster by its URL."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from anping.core.errors import InputError, MissingExtraError, ParameterError
from anping.core.text import Text

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: What the answers rest on: one time zone, names told apart by case, dates as they are written.
_MEANING = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "true",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
}
#: Rows are personal data: what spills to disk is encrypted, and no web page shows the queries.
_DISCRETION = {
    "spark.io.encryption.enabled": "true",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "OFF",
}
#: A session on this machine listens to nobody else.
_AT_HOME = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
}
_NO_SETTINGS: Mapping[str, str] = MappingProxyType({})


def session(
    url: str = "local[*]", *, name: str = "anping", settings: Mapping[str, str] = _NO_SETTINGS
) -> SparkSession:
    """Return a Spark session at ``url``, set so that its answers are those of one machine.

    ``url`` is ``local[2]`` (this machine, two cores), ``spark://host:7077``, ``yarn``,
    ``k8s://https://host:6443`` or, for Spark Connect, ``sc://host:15002``. ``settings`` are Spark's
    own and win over ours. A session that already runs in this process is used again if it is at the
    same address. Workers must be able to import ``anping`` (see the guide on clusters).

    Raises MissingExtraError without ``anping[spark]``, InputError if Spark cannot be started or
    reached, ParameterError if this process already has a session at another address.
    """
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise MissingExtraError.of("spark", needed_for=Text("在叢集上運算", "A cluster")) from error
    builder = SparkSession.builder.appName(name)
    if url.startswith("sc://"):
        wanted = {**_MEANING, **settings}
        builder = builder.remote(url)
    else:
        _require_java()
        _require_only(url)
        wanted = {**_MEANING, **_DISCRETION, **settings}
        if url.startswith("local"):
            wanted = {**_AT_HOME, **wanted}
            # Spark starts whatever is called python3; on this machine it is this very Python.
            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
            os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        builder = builder.master(url)
    for key, value in wanted.items():
        builder = builder.config(key, value)
    try:
        return builder.getOrCreate()
    except (PySparkException, RuntimeError, OSError) as error:
        raise _unreachable() from error


def _require_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java") is None and (home is None or not os.path.isdir(home)):  # noqa: PTH112 - a variable, not a path of ours
        raise InputError(
            "spark.no-java",
            Text("這台機器上沒有 Java。", "There is no Java on this machine."),
            hint=Text(
                "請安裝 Java 17 以上，或設定 JAVA_HOME。",
                "Install Java 17 or later, or set JAVA_HOME.",
            ),
        )


def _require_only(url: str) -> None:
    """Raise if a session runs that Spark would silently hand out instead of one at ``url``."""
    from pyspark.sql import SparkSession

    running = SparkSession.getActiveSession()
    if running is not None and running.conf.get("spark.master", url) != url:
        raise ParameterError(
            "spark.session-elsewhere",
            Text(
                "這個程序已有連到另一個位址的 Spark 工作階段。",
                "This process already has a Spark session at another address.",
            ),
            hint=Text("請先呼叫該工作階段的 stop()。", "Call stop() on that session first."),
        )


def _unreachable() -> InputError:
    return InputError(
        "spark.unreachable",
        Text("Spark 無法啟動，或連不到叢集。", "Spark cannot be started, or not be reached."),
        hint=Text(
            "請檢查網址、Java 的版本（17 以上）與防火牆。",
            "Check the URL, the version of Java (17 or later) and the firewall.",
        ),
    )
