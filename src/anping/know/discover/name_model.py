"""The weights of the recogniser of Chinese names: numbers without code, checked against their digest."""

from __future__ import annotations

import io
from functools import cache
from hashlib import sha256
from importlib import resources

import numpy as np
import numpy.typing as npt

from anping.core.errors import InputError
from anping.core.text import Text
from anping.know.discover.lexicon import load
from anping.know.discover.name_features import (
    BITS,
    FOLLOWS,
    LABEL,
    RELATION,
    ROLE,
    SHORT_LABEL,
    TITLE,
    Around,
    Candidates,
    Codes,
    Places,
    Plain,
    inner_features,
    lexicon,
    outer_features,
)

Weights = npt.NDArray[np.int8]
#: The weights are whole steps of this many log-odds.
STEP = 1 / 16
#: Of no name is the rest of the sentence so sure: what the name itself speaks against more, goes.
HOPELESS = round(-9 / STEP)
#: Made sentences hold more names than written ones, by about these log-odds.
RARER = round(1.9 / STEP)
#: What a known word around a name of usual characters says beyond what made sentences teach: the
#: word lists were gathered for that.
BEFORE, BEHIND = (np.zeros(8, np.int64) for _ in range(2))
BEFORE[[LABEL, RELATION, ROLE, SHORT_LABEL]] = np.rint(np.array([5, 4.5, 2, 0.8]) / STEP)
BEHIND[[TITLE, FOLLOWS]] = np.rint(np.array([5, 0.4]) / STEP)


def read_weights(body: bytes, digest: str) -> Weights:
    """Return the weights in an .npy file of bytes, shape (2 ** BITS,).

    Raises :class:`InputError` ``discover.name-weights`` if they have another digest or form.
    """
    if sha256(body).hexdigest() != digest:
        raise _unreadable(Text("摘要不符", "its digest is another"))
    try:
        weights = np.load(io.BytesIO(body), allow_pickle=False)
    except (EOFError, ValueError) as error:
        raise _unreadable(Text("格式不符", "it is no array")) from error
    if weights.shape != (2**BITS,) or weights.dtype != np.int8:
        raise _unreadable(Text("形狀不符", "its form is another"))
    return np.asarray(weights)


@cache
def shipped_weights() -> Weights:
    """Return the weights that lie beside this module."""
    data = resources.files("anping.know.discover").joinpath("data")
    return read_weights(
        data.joinpath("names_weights.npy").read_bytes(), load("names_model")["sha256"]
    )


def margins(weights: Weights, codes: Codes, found: Candidates) -> tuple[Candidates, Around, Places]:
    """Return the candidates that are not hopeless, what is around, and log-odds in steps of 1/16."""
    plain = Plain.of(codes, found)
    inner = weights[inner_features(codes, found, plain)].sum(axis=0, dtype=np.int64)
    like_names = plain.like_names(found)
    hopeful = np.flatnonzero(inner > HOPELESS)
    found, inner, like_names = found[hopeful], inner[hopeful], like_names[hopeful]
    around = Around.of(codes, found)
    outer = weights[outer_features(codes, found, around)].sum(axis=0, dtype=np.int64)
    said = BEFORE[around.before] + BEHIND[around.behind]
    said = np.where(lexicon().doubtful[codes[found.start]], said // 2, said)
    return found, around, inner + outer + np.where(like_names, said, 0) - RARER


def _unreadable(why: Text) -> InputError:
    return InputError(
        "discover.name-weights",
        Text(
            f"姓名辨識權重檔無法使用：{why.zh}",
            f"The weights of the name recogniser cannot be used: {why.en}",
        ),
        hint=Text("請重新安裝 Anping。", "Install Anping again."),
    )
