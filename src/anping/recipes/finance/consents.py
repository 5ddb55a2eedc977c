"""The bank sample's register of consents: some customers withdrew, and some gave it back later."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from anping.recipes.sample.draw import chance

NAME = "consents.csv"
_HEADER = ("客戶編號", "purpose", "decision", "when")
_WITHDRAWS, _WITHDRAWS_ALL, _GIVES_BACK = 0.06, 0.02, 0.25
_DAYS = 300


def consents(numbers: Sequence[str], rng: np.random.Generator, *, today: date) -> str:
    """Return the register as CSV: customers who withdrew TRAIN, or everything, in the last 300 days."""
    told = io.StringIO()
    writer = csv.writer(told, lineterminator="\n")
    writer.writerow(_HEADER)
    for number in numbers:
        if not chance(_WITHDRAWS + _WITHDRAWS_ALL, rng):
            continue
        purpose = "*" if chance(_WITHDRAWS_ALL / (_WITHDRAWS + _WITHDRAWS_ALL), rng) else "TRAIN"
        days = int(rng.integers(10, _DAYS))
        writer.writerow((number, purpose, "withdrawn", _moment(today, days, rng)))
        if chance(_GIVES_BACK, rng):
            later = int(rng.integers(0, days))
            writer.writerow((number, purpose, "given", _moment(today, later, rng)))
    return told.getvalue()


def _moment(today: date, days_ago: int, rng: np.random.Generator) -> str:
    day = today - timedelta(days=days_ago)
    hour, minute = int(rng.integers(8, 20)), int(rng.integers(60))
    return f"{day.isoformat()}T{hour:02d}:{minute:02d}:00+08:00"
