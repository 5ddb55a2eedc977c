"""How fast texts are scanned, many at once and one by one, beside Presidio with the same patterns."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

from anping.know.discover.batch import Detector, find_in
from anping.know.discover.lexicon import load
from anping.know.discover.text import Scanner, no_names
from anping.protect.pseudonym.keys import KeyRing
from anping.protect.text.operators import Method, operator_of
from anping.protect.text.redact import redact, redact_stream
from benchmarks import report

_PEER = Path(__file__).parents[1] / "peers" / "presidio_text.py"
#: Presidio takes milliseconds for each text: it gets this many.
_PEER_TEXTS = 600
_REPEATS, _MORE = 2, 6
#: One by one takes longer: so many texts are enough. Of the statutes, so many.
_FEW, _STATUTES = 600, 400
#: A Chinese letter, as Python's expressions write what ours call \h.
_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff"


def main() -> None:
    """Measure and publish."""
    folder = report.shared("peers", "pii")
    if folder is None:
        report.publish(
            "discover-text", _TITLE, report.machine(), "The corpus was not there: left out."
        )
        return
    with gzip.open(folder / "docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    laws = report.shared("data", "laws", "laws_zh.jsonl.gz")
    blocks = [report.machine(), _HOW, _speeds("labelled documents", texts)]
    peer = os.environ.get("PRESIDIO_PYTHON")
    blocks.append(_beside(texts[:_PEER_TEXTS], peer) if peer else _NO_PEER)
    blocks.append(_redaction(texts))
    if laws is not None:
        with gzip.open(laws, "rt", encoding="utf-8") as lines:
            texts = [json.loads(line)["text"] for line in islice(lines, _STATUTES)]
        blocks.append(_speeds("statutes", texts))
    report.publish("discover-text", _TITLE, *blocks)


_TITLE = "Scanning texts: speed, many at once and one by one"
_HOW = (
    "How to read it: MB of UTF-8 per CPU second of one process and one thread: many at once the best of "
    "six runs, all else the better of two; one run differs from the next by half on this shared machine. "
    "“All but names” is what other libraries do without a name model. “Compiled” is many at once with "
    "the extra fast (numba), which is loaded by itself from 60 million characters on; its loading, "
    "about a second, is not counted. All ways find the same, which tests check. Redaction looks "
    "through its own result: that is part of the first column, and told apart in the next ones; it is "
    "compiled, too, where numba is there."
)
_NO_PEER = "Presidio was not there (environment variable PRESIDIO_PYTHON): left out."


def _speeds(title: str, texts: list[str]) -> str:
    size = _size(texts)
    few = texts[:_FEW]
    compiled = find_spec("numba") is not None
    rows = []
    for name, scanner in _scanners():
        many = _best(partial(find_in, scanner, texts, fast=False), _MORE)
        fast = _best(partial(find_in, scanner, texts, fast=True), _MORE) if compiled else None
        one = _best(lambda find=scanner.find: [find(text) for text in few])  # type: ignore[misc]
        rows.append(
            (
                name,
                f"{size / many:.2f}",
                f"{size / fast:.2f}" if fast else "–",
                f"{_size(few) / one:.2f}",
                f"{one / len(few) * 1e6:.0f}",
            )
        )
    header = (
        "what is found", "many at once, MB/s", "compiled, MB/s", "one by one, MB/s", "µs a text",
    )  # fmt: skip
    return f"### {title}, n = {len(texts):,}, {size:.1f} MB\n\n" + report.table(header, rows)


def _redaction(texts: list[str]) -> str:
    """Return how fast texts are redacted, with the scan of the results and told apart from it."""
    size = _size(texts)
    rows: list[tuple[str, ...]] = []
    keys = KeyRing({"benchmark": b"k" * 32})
    methods: tuple[Method, ...] = ("tag", "mask", "format", "surrogate")
    for name, scanner in _scanners(recall=True):
        for method in methods:
            call = partial(
                redact, texts, find_spans=Detector(scanner),
                operator=operator_of(method, keys, key="benchmark"),
            )  # fmt: skip
            done = call()
            made = [text or "" for text in done.texts]
            whole, again = _best(call), _best(partial(find_in, scanner, made))
            first = _best(partial(find_in, scanner, texts))
            rows.append(
                (
                    name, method, f"{size / whole:.2f}", f"{size / first:.2f}",
                    f"{size / again:.2f}", f"{size / max(whole - first - again, 1e-9):.2f}",
                    f"{sum(done.counts.values()):,}", str(done.again), str(done.remaining),
                )
            )  # fmt: skip
    joined = "\n".join(texts)
    stream = partial(_streamed, joined, Detector(Scanner(recall=True, names=no_names)))
    rows.append(("all but names", "tag, as a stream", f"{size / _best(stream):.2f}", *["–"] * 6))
    header = (
        "what is found", "operator", "redacted and verified, MB/s", "the scan of it, MB/s",
        "the scan of the result, MB/s", "replacing, MB/s", "mentions", "found again", "remaining",
    )  # fmt: skip
    return f"### Redaction, recall mode, n = {len(texts):,}, {size:.1f} MB\n\n" + report.table(
        header, rows
    )


def _streamed(text: str, detector: Detector) -> int:
    pieces = (text[at : at + 65_536] for at in range(0, len(text), 65_536))
    return sum(map(len, redact_stream(pieces, find_spans=detector)))


def _beside(texts: list[str], python: str) -> str:
    """Return our speed and Presidio's on the same texts, one behind the other."""
    size = _size(texts)
    entries = load("entities")
    patterns = [
        (entry["type"], rule["pattern"].replace("\\h", _HAN))
        for entry in entries
        for rule in entry["rules"]
        if "{township}" not in rule["pattern"]
    ]
    asked = {"texts": texts, "patterns": patterns, "labels": load("labels")}
    scanner = Scanner(names=no_names, attributes=True)
    find_in(scanner, texts[:50], fast=False)
    many = _best(partial(find_in, scanner, texts, fast=False))
    one = _best(lambda: [scanner.find(text) for text in texts])
    done = subprocess.run(
        [python, str(_PEER)], input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    peer = json.loads(done.stdout)
    rows = [
        (name, f"{size / seconds:.3f}", f"{seconds / many:.0f} ×", f"{seconds / one:.0f} ×")
        for name, seconds in (
            (f"Presidio, the same {len(patterns)} patterns", peer["ours"]),
            ("Presidio, stock set for English", peer["stock"]),
        )
    ]
    rows.insert(0, ("ours, many at once", f"{size / many:.2f}", "1 ×", ""))
    rows.insert(1, ("ours, one by one", f"{size / one:.2f}", "", "1 ×"))
    header = ("scanner (no names)", "MB/s", "many at once is faster by", "one by one is faster by")
    return (
        f"### Beside Presidio, the first {len(texts):,} documents, {size:.2f} MB\n\n"
        + report.table(header, rows)
    )


def _scanners(*, recall: bool = False) -> tuple[tuple[str, Scanner], ...]:
    return (
        ("all but names", Scanner(recall=recall, names=no_names)),
        ("all", Scanner(recall=recall)),
    )


def _best(call: Callable[[], object], repeats: int = _REPEATS) -> float:
    return min(report.timed(call)[1].cpu for _ in range(repeats))


def _size(texts: list[str]) -> float:
    return sum(len(text.encode()) for text in texts) / 1e6


if __name__ == "__main__":
    main()
