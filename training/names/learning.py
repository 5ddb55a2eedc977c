"""Learns the weights: logistic regression over hashed features by AdaGrad, the same on every machine.

Duchi, Hazan, Singer: Adaptive Subgradient Methods (JMLR 2011). Sums go feature by feature and the
logistic function comes from a rounded table, so nothing hangs on a processor's order of adding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from math import exp
from typing import Final

import numpy as np
import numpy.typing as npt

from anping.know.discover.name_features import (
    BITS,
    Around,
    Plain,
    candidates,
    inner_features,
    outer_features,
    padded,
)
from anping.know.discover.name_model import STEP
from training.names.sentences import Sentence

_BATCH: Final = 512
_RATE: Final = 0.25
#: Every so many features of an example are not looked at, so that none is leant on alone.
_DROPPED: Final = 0.2
_CHUNK: Final = 2000
#: The table of the logistic function reaches this far, in steps of 1/64, rounded to 2 ** -20.
_REACH, _STEPS = 16, 64
_SIGMOID = np.array([
    round(2**20 / (1 + exp(-place / _STEPS))) / 2**20
    for place in range(-_REACH * _STEPS, _REACH * _STEPS + 1)
])  # fmt: skip


@dataclass(frozen=True, eq=False)
class Examples:
    """``features`` of shape (features, candidates): numbers of weights; ``true`` per candidate."""

    features: npt.NDArray[np.int32]
    true: npt.NDArray[np.bool_]


def examples(sentences: Iterable[Sentence]) -> Iterator[Examples]:
    """Yield the candidates of the sentences, two thousand sentences at a time."""
    remaining = iter(sentences)
    while chunk := list(islice(remaining, _CHUNK)):
        text = "\0".join(sentence.text for sentence in chunk)
        codes = padded(np.array([ord(character) for character in text], np.uint32))
        names = set()
        begin = 0
        for sentence in chunk:
            names |= {(begin + start, begin + end) for start, end in sentence.names}
            begin += len(sentence.text) + 1
        found = candidates(codes)
        around = Around.of(codes, found)
        numbers = (
            inner_features(codes, found, Plain.of(codes, found)),
            outer_features(codes, found, around),
        )
        features = np.concatenate(numbers).astype(np.int32)
        first = int(np.argmax(codes > 0))
        pairs = zip((found.start - first).tolist(), (found.end - first).tolist(), strict=True)
        yield Examples(
            features, np.fromiter((pair in names for pair in pairs), bool, len(found.start))
        )


def learn(rounds: Iterable[Examples], *, seed: int) -> npt.NDArray[np.int8]:
    """Return the weights in steps of 1/16, shape (2 ** BITS,), from examples as they come.

    They are averages over the later rounds: of those since the last power of two.
    """
    generator = np.random.default_rng(seed)
    weights = np.zeros(2**BITS)
    squares = np.full(2**BITS, 1e-2)
    total = np.zeros(2**BITS)
    since = 1
    for seen, group in enumerate(rounds, 1):
        if seen == 2 * since:
            total[:], since = 0, seen
        order = np.argsort(generator.random(len(group.true)), kind="stable")
        for first in range(0, len(order), _BATCH):
            chosen = order[first : first + _BATCH]
            numbers = group.features[:, chosen]
            kept = generator.random(numbers.shape) >= _DROPPED
            error = group.true[chosen] - _chance(_margin(weights, numbers, kept) / (1 - _DROPPED))
            flat = numbers[kept]
            gradient = np.broadcast_to(error, numbers.shape)[kept]
            np.add.at(squares, flat, gradient * gradient)
            np.add.at(weights, flat, _RATE * gradient / np.sqrt(squares[flat]))
        total += weights
    rounded = np.rint(total / (seen - since + 1) / STEP)
    return np.asarray(np.clip(rounded, -127, 127).astype(np.int8))


def _margin(
    weights: npt.NDArray[np.float64], numbers: npt.NDArray[np.int32], kept: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    margin = np.zeros(numbers.shape[1])
    for feature, here in zip(numbers, kept, strict=True):
        margin += weights[feature] * here
    return margin


def _chance(margin: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    place = np.rint(np.clip(margin, -_REACH, _REACH) * _STEPS).astype(np.int64)
    return np.asarray(_SIGMOID[place + _REACH * _STEPS])
