"""Trains the recogniser of Chinese names and writes its weights into the package.

::

    python -m training.names.train                              # writes the shipped file
    python -m training.names.train --sentences 2000 --to FILE   # a small one, for a look

The same seed gives the same bytes on every machine; the shipped file's SHA-256 goes into
``names_model.yaml``, and a file with another one is not read.
"""

from __future__ import annotations

import io
import re
from argparse import ArgumentParser
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Final

import numpy as np

from training.names.learning import examples, learn
from training.names.sentences import Writer

SEED: Final = 20231
SENTENCES: Final = 1_040_000
_DATA = Path(import_module("anping.know.discover.data").__path__[0])


def trained(sentences: int, *, seed: int = SEED) -> bytes:
    """Return the file of weights that so many sentences give."""
    writer = Writer(seed, part="all")
    weights = learn(examples(writer.sentences(sentences)), seed=seed)
    body = io.BytesIO()
    np.save(body, weights, allow_pickle=False)
    return body.getvalue()


def main() -> None:
    """Train and write."""
    options = ArgumentParser(description="Train the recogniser of Chinese names.")
    options.add_argument("--sentences", type=int, default=SENTENCES)
    options.add_argument("--to", type=Path, default=None)
    chosen = options.parse_args()
    body = trained(chosen.sentences)
    if chosen.to is not None:
        chosen.to.write_bytes(body)
        return
    (_DATA / "names_weights.npy").write_bytes(body)
    facts = _DATA / "names_model.yaml"
    digest = f"sha256: {sha256(body).hexdigest()}"
    facts.write_text(re.sub("sha256: .*", digest, facts.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
