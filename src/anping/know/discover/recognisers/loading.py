"""Which models look for names beside the embedded recogniser, by what a user writes.

``gliner:MODEL``, ``spacy:MODEL``, ``stanza:LANGUAGE`` run in this process; ``process:COMMAND`` starts a
program (:mod:`process_model`). A pipeline may come from somebody else, so a program is started only
where the environment variable ``ANPING_NAME_PROGRAMS`` is ``allow``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import lru_cache

from anping.core.errors import ParameterError
from anping.core.text import Text
from anping.know.discover.recognisers.ensemble import WithModels
from anping.know.discover.recognisers.gliner_model import load_gliner
from anping.know.discover.recognisers.model import NameModel
from anping.know.discover.recognisers.process_model import ProcessNames
from anping.know.discover.recognisers.spacy_model import load_spacy
from anping.know.discover.recognisers.stanza_model import load_stanza

ALLOWED = "ANPING_NAME_PROGRAMS"


def with_models(names: Sequence[str]) -> WithModels:
    """Return the embedded recogniser with the named models beside it; a model is loaded once.

    Raises ParameterError (``names.unknown``, ``names.programs``) for what names no model or may not
    be started, MissingExtraError and InputError for what is not on this machine.
    """
    return _with_models(tuple(dict.fromkeys(names)))


@lru_cache(4)
def _with_models(names: tuple[str, ...]) -> WithModels:
    return WithModels(tuple(_loaded(name) for name in names), names, with_models)


def _loaded(name: str) -> NameModel:
    kind, colon, rest = name.partition(":")
    load = _KINDS.get(kind)
    if load is None or not colon or not rest.strip():
        raise ParameterError(
            "names.unknown",
            Text("不認識的人名模型寫法。", "That names no model of names."),
            hint=Text(
                "寫成 gliner:模型、spacy:模型、stanza:語言 或 process:命令。",
                "Write gliner:MODEL, spacy:MODEL, stanza:LANGUAGE or process:COMMAND.",
            ),
        )
    return load(rest.strip())


def _started(command: str) -> NameModel:
    if os.environ.get(ALLOWED) != "allow":
        raise ParameterError(
            "names.programs",
            Text(
                "這裡不允許啟動人名程式：流程檔可能來自別人。",
                "Programs of names may not be started here: a pipeline may come from somebody else.",
            ),
            hint=Text(
                f"信任這個命令時，先設定環境變數 {ALLOWED}=allow。",
                f"If you trust the command, set the environment variable {ALLOWED}=allow first.",
            ),
        )
    return ProcessNames(command)


_KINDS: dict[str, Callable[[str], NameModel]] = {
    "gliner": load_gliner,
    "spacy": load_spacy,
    "stanza": load_stanza,
    "process": _started,
}
