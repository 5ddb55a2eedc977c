"""Makes ``words.tsv.gz`` and ``pieces.tsv.gz``: what was counted how often.

Sources, all free to use and to pass on:

- words with their kinds: the dictionary of jieba 0.42.1 (MIT licence, 2020), turned into Traditional
  Chinese with Taiwan's usage by the tables of OpenCC (Apache-2.0) as packed in
  opencc-python-reimplemented 0.1.7; what jieba takes for names of people is left out;
- pieces of six characters around a family name's character that stand three times or more in every
  second of a set of Taiwan's statutes of October 2024 (acts and regulations are not subject to
  copyright: Copyright Act, Article 9): ``laws_zh.jsonl.gz``, one statute a line.

::

    pip install jieba==0.42.1 opencc-python-reimplemented==0.1.7
    python -m training.names.prepare_words laws_zh.jsonl.gz
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable
from importlib import import_module, resources
from itertools import islice
from pathlib import Path
from typing import Final

from anping.know.discover.name_features import family_names
from training.names.sentences import HERE

_HAN = re.compile("[\u4e00-\u9fff]{1,4}")
_LEAST_WORD: Final = 20
_LEAST: Final = 3
_SHORT: Final = 3
_LEFT_OUT = frozenset(
    ["nr", "nrt", "nrfg", "zg", "g", "x", "h", "k", "e", "o", "ng", "vg", "ag", "tg"]
)


def main() -> None:
    """Write the files beside this one."""
    _write("words.tsv.gz", (f"{word}\t{count}\t{kind}" for (word, kind), count in _words()))
    _write("pieces.tsv.gz", (f"{piece}\t{count}" for piece, count in _pieces(Path(sys.argv[1]))))


def _words() -> list[tuple[tuple[str, str], int]]:
    convert = import_module("opencc").OpenCC("s2twp").convert
    counts: dict[tuple[str, str], int] = {}
    body = resources.files("jieba").joinpath("dict.txt").read_text("utf-8")
    for line in body.splitlines():
        word, count, kind = line.split()
        if int(count) < _LEAST_WORD or kind in _LEFT_OUT or not _HAN.fullmatch(word):
            continue
        if kind in {"m", "t"} and len(word) > _SHORT:
            continue
        key = convert(word), kind
        counts[key] = counts.get(key, 0) + int(count)
    return sorted(counts.items())


def _pieces(source: Path) -> list[tuple[str, int]]:
    families = family_names()[0]
    counts: Counter[str] = Counter()
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        for line in islice(lines, 1, None, 2):
            text = json.loads(line)["text"].replace("\n", " ").replace("\t", " ")
            for place, character in enumerate(text):
                if character in families:
                    counts[text[max(0, place - 2) : place + 4]] += 1
    return sorted((piece, count) for piece, count in counts.items() if count >= _LEAST)


def _write(name: str, lines: Iterable[str]) -> None:
    with (HERE / name).open("wb") as stream, gzip.GzipFile("", "wb", 9, stream, 0) as out:
        out.write("".join(f"{line}\n" for line in lines).encode())


if __name__ == "__main__":
    main()
