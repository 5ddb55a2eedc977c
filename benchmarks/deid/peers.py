"""De-identification side by side with Python peers: anjana, and pycanon for measuring."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc

from anping.core.measure import find
from anping.engine.table import Table
from anping.protect.deid.anonymize import Anonymized, anonymize
from anping.protect.deid.loss import information_loss_of_release
from anping.protect.deid.model import Options, PrivacyModel
from anping.protect.risk.reidentification import measure_diversity, measure_risk
from benchmarks import report
from benchmarks.deid.adult import COLUMNS, Adult

_PEER = Path(__file__).parents[1] / "peers" / "anjana_k_anonymity.py"
_K, _LIMIT = 5, 0.05


def measuring_blocks(data: Adult) -> tuple[str, ...]:
    """Return what measuring k and l takes here and in pycanon, in this process."""
    from pycanon import anonymity

    rows_of = data.table.arrow()
    frame = rows_of.to_pandas()
    seven, sensitive = list(COLUMNS[:7]), ["occupation"]
    nine = list(COLUMNS)
    pairs = {
        "k, 9 columns (ours also marketer, journalist, uniqueness)": (
            lambda: find(measure_risk(Table.of(rows_of), nine), "risk.class_size.min"),
            lambda: anonymity.k_anonymity(frame, nine),
        ),
        "l, 7 columns": (
            lambda: measure_diversity(Table.of(rows_of), seven, sensitive)[0],
            lambda: anonymity.l_diversity(frame, seven, sensitive),
        ),
    }
    rows = []
    for name, (ours, theirs) in pairs.items():
        (answer, took), (peer, took_peer) = report.timed(ours), report.timed(theirs)
        assert answer is not None
        assert answer.value == peer
        ratio = took_peer.cpu / took.cpu
        rows.append((name, f"{took.cpu:.3f}", f"{took_peer.cpu:.3f}", f"{ratio:.1f} ×", int(peer)))
    return (
        "### Measuring k and l, side by side with pycanon",
        "How to read it: the same answer on the same table, CPU seconds in the same process.",
        report.table(("measure", "ours", "pycanon", "pycanon / ours", "answer of both"), rows),
    )


def peer_blocks(data: Adult, python: Path | None) -> tuple[str, ...]:
    """Return our release beside anjana's, which runs in its own Python."""
    title = f"### k = {_K}, {_LIMIT:.0%} may go, 9 columns: side by side with anjana"
    if python is None:
        return (title, "Left out: no `--anjana PYTHON` of an environment that has it was given.")
    exact, took = report.timed(lambda: _solve(data, local=False))
    local, took_local = report.timed(lambda: _solve(data, local=True))
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "released.csv"
        said = subprocess.run(
            [python, _PEER, data.folder, str(_K), str(_LIMIT), out],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        theirs = json.loads(said.stdout.strip().splitlines()[-1])
        loss, smallest = _judge(data, out)
    ours_classes = find(measure_risk(local.table, list(COLUMNS)), "risk.class_size.min")
    exact_classes = find(measure_risk(exact.table, list(COLUMNS)), "risk.class_size.min")
    assert ours_classes is not None
    assert exact_classes is not None
    rows = data.table.rows
    lines = [
        ("anjana", f"{loss:.4f}", rows - theirs["rows"], smallest, f"{theirs['cpu']:.2f}", "1"),
        (
            "ours, full-domain search", f"{exact.loss:.4f}", exact.suppressed_rows,
            int(exact_classes.value), f"{took.cpu:.2f}", f"{theirs['cpu'] / took.cpu:.1f}",
        ),
        (
            "ours, local recoding", f"{local.loss:.4f}", local.suppressed_rows,
            int(ours_classes.value), f"{took_local.cpu:.2f}",
            f"{theirs['cpu'] / took_local.cpu:.1f}",
        ),
    ]  # fmt: skip
    header = ("program", "loss", "rows suppressed", "smallest class", "CPU s", "times as fast")
    return (
        title,
        (
            "How to read it: the same table, hierarchies, k and limit one after the other on the "
            "same machine, reading files left out; the loss of each release is computed by the same "
            "function; anjana looks for some full-domain solution, not for the best."
        ),
        report.table(header, lines),
    )


def _judge(data: Adult, released: Path) -> tuple[float, int]:
    texts = pc.ConvertOptions(column_types=dict.fromkeys(COLUMNS, pa.string()))
    table = pc.read_csv(
        released, parse_options=pc.ParseOptions(delimiter=";"), convert_options=texts
    )
    coverage = {
        column: {value: hierarchy.coverage(value) for value in set(table[column].to_pylist())}
        for column, hierarchy in data.hierarchies.items()
    }
    gone = data.table.rows - table.num_rows
    classes = table.group_by(list(COLUMNS)).aggregate([([], "count_all")])
    smallest = min(classes.column("count_all").to_pylist())
    return information_loss_of_release(table, coverage, suppressed_rows=gone), smallest


def _solve(data: Adult, *, local: bool) -> Anonymized:
    options = Options(_LIMIT, local_recoding=local, full_domain=not local, seed=1)
    return anonymize(data.table, data.first(9), model=PrivacyModel(_K), options=options)
