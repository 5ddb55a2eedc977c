"""A register of bank customers as large as wanted: 20 columns, seeded, written chunk by chunk.

Two per cent of the rows repeat an earlier person of their chunk; incomes are missing for 3 %. The
target depends on the features. No free text: redaction is measured in the section on discovery.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from anping.core.taiwan import divisions, names

CHUNK_ROWS = 500_000
SEED = 20260101
_DAY = np.datetime64("2026-01-01")
_LETTERS = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", np.uint8)
#: The numbers that the letters stand for (Ministry of the Interior), in the alphabet's order.
_LETTER_VALUES = np.array(
    [10, 11, 12, 13, 14, 15, 16, 17, 34, 18, 19, 20, 21, 22, 35, 23, 24, 25, 26, 27, 28, 29, 32,
     30, 31, 33]
)  # fmt: skip
_EDUCATION = (["國中以下", "高中職", "專科", "大學", "研究所"], [0.16, 0.28, 0.12, 0.32, 0.12])
_MARITAL = (["未婚", "已婚", "離婚", "喪偶"], [0.36, 0.48, 0.1, 0.06])
_JOBS = ["製造業", "批發零售", "公務", "教育", "醫療", "金融", "資訊", "餐飲", "營造", "運輸",
         "農林漁牧", "軍警", "自由業", "學生", "退休", "家管"]  # fmt: skip

Draw = np.random.Generator
Numbers = npt.NDArray[np.int64]


def write_table(path: Path, rows: int, seed: int = SEED) -> Path:
    """Write ``rows`` rows as CSV (UTF-8, header in Chinese) and return the path."""
    draw = np.random.default_rng(seed)
    writer = None
    for start in range(0, rows, CHUNK_ROWS):
        chunk = _chunk(draw, min(CHUNK_ROWS, rows - start))
        if writer is None:
            writer = pyarrow.csv.CSVWriter(
                path, chunk.schema, write_options=pyarrow.csv.WriteOptions(quoting_style="none")
            )
        writer.write_table(chunk)
    if writer is not None:
        writer.close()
    return path


def _chunk(draw: Draw, rows: int) -> pa.Table:
    people = _people(draw, rows)
    income = np.round(np.exp(draw.normal(13.1, 0.55, rows)) / 1000) * 1000
    limit = np.round(income * draw.uniform(0.1, 0.8, rows) / 10_000) * 10_000 + 10_000
    bills = [np.round(limit * draw.beta(1.2, 2.5, rows)) for _ in range(2)]
    paid = [np.round(bill * draw.beta(2, 2, rows)) for bill in bills]
    late = draw.binomial(6, 0.08, rows)
    odds = -2.2 + 0.7 * late + 1.5 * (bills[0] / limit) - 0.4 * np.log(income / 450_000)
    default = draw.random(rows) < 1 / (1 + np.exp(-odds))
    opened = _DAY - draw.integers(30, 9_000, rows).astype("timedelta64[D]")
    account = {
        "開戶日期": pa.array(opened),
        "分行代號": _numbered(b"B", 3, draw.integers(1, 240, rows)),
        "年收入": pa.array(income.astype(np.int64), mask=draw.random(rows) < 0.03),
        "信用額度": pa.array(limit.astype(np.int64)),
        "本期帳單": pa.array(bills[0].astype(np.int64)),
        "前期帳單": pa.array(bills[1].astype(np.int64)),
        "本期繳款": pa.array(paid[0].astype(np.int64)),
        "前期繳款": pa.array(paid[1].astype(np.int64)),
        "遲繳月數": pa.array(late),
        "違約": pa.array(default.astype(np.int64)),
    }
    return pa.table({**dict(zip(people.column_names, people.columns, strict=True)), **account})


def _people(draw: Draw, rows: int) -> pa.Table:
    sex = draw.integers(0, 2, rows)
    homes = divisions()
    weight = draw.zipf(1.3, len(homes)).astype(float)
    home = draw.choice(len(homes), rows, p=weight / weight.sum())
    age = np.clip(draw.gamma(7, 6.5, rows) + 18, 18, 100)
    born = _DAY - (age * 365.2425).astype("timedelta64[D]")
    found = pa.table(
        {
            "身分證字號": _national_ids(draw, sex),
            "姓名": _names(draw, sex),
            "行動電話": _numbered(b"09", 8, draw.integers(0, 10**8, rows)),
            "性別": _picked(["男", "女"], sex),
            "出生日期": pa.array(born.astype("datetime64[D]")),
            "縣市": _picked([home.county for home in homes], home),
            "鄉鎮市區": _picked([home.township for home in homes], home),
            "教育程度": _drawn(draw, *_EDUCATION, rows),
            "婚姻狀況": _drawn(draw, *_MARITAL, rows),
            "職業": _picked(_JOBS, draw.integers(0, len(_JOBS), rows)),
        }
    )
    again = np.arange(rows)
    repeats = draw.random(rows) < 0.02
    again[repeats] = draw.integers(0, rows, int(repeats.sum()))
    return found.take(pa.array(again)).combine_chunks()


def _picked(values: list[str], codes: Numbers) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), values).cast(
        pa.string()
    )


def _drawn(draw: Draw, values: list[str], shares: list[float], rows: int) -> pa.Array:
    return _picked(values, draw.choice(len(values), rows, p=shares))


def _names(draw: Draw, sex: Numbers) -> pa.Array:
    known = names()
    family, weights = zip(*known.surnames, strict=True)
    share = np.array(weights) / sum(weights)
    surname = _picked(list(family), draw.choice(len(family), sex.size, p=share))
    given = []
    for pairs in (known.given_male, known.given_female):
        words, counts = zip(*pairs, strict=True)
        chosen = draw.choice(len(words), sex.size, p=np.array(counts) / sum(counts))
        given.append(_picked(list(words), chosen))
    first = pc.if_else(pa.array(sex == 0), *given)
    return pc.binary_join_element_wise(surname, first, "")


def _national_ids(draw: Draw, sex: Numbers) -> pa.Array:
    letter = draw.integers(0, 26, sex.size)
    digits = np.column_stack([sex + 1, draw.integers(0, 10, (sex.size, 7))])
    value = _LETTER_VALUES[letter]
    total = value // 10 + 9 * (value % 10) + digits @ np.arange(8, 0, -1)
    text = np.column_stack([_LETTERS[letter], digits + 48, -total % 10 + 48])
    return _fixed(text.astype(np.uint8))


def _numbered(prefix: bytes, width: int, numbers: Numbers) -> pa.Array:
    """Return the numbers as texts of ``width`` digits after ``prefix``."""
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    digits = numbers[:, None] // powers % 10 + 48
    head = np.tile(np.frombuffer(prefix, np.uint8), (numbers.size, 1))
    return _fixed(np.column_stack([head, digits]).astype(np.uint8))


def _fixed(text: npt.NDArray[np.uint8]) -> pa.Array:
    """Return the rows of a matrix of ASCII bytes as texts."""
    rows, width = text.shape
    offsets = np.arange(0, (rows + 1) * width, width, dtype=np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(text))]
    return pa.Array.from_buffers(pa.string(), rows, buffers)


if __name__ == "__main__":
    write_table(Path(sys.argv[1]), int(sys.argv[2]))
