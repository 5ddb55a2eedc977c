"""Model files: a zip of plain JSON and arrays, with digests; nothing in it can run.

The same model gives the same bytes. Arrays are NumPy's ``.npy`` without objects, so that opening one
never loads a pickle.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anping.core.digest import canonical_json, sha256
from anping.core.errors import InputError, Where
from anping.core.files import aside
from anping.core.text import Text
from anping.engine.prediction import Signature
from anping.learn.additive import Additive
from anping.learn.conformal import Conformal
from anping.learn.encoder import Encoder
from anping.learn.forest import Forest
from anping.learn.link import Link
from anping.learn.model import Model
from anping.learn.parts import arrays_of, part_of

FORMAT = 1
MEDIA_TYPE = "application/vnd.anping.model+zip"
_MANIFEST = "model.json"
#: A date that says nothing, so that equal content gives equal bytes.
_DATE = (1980, 1, 1, 0, 0, 0)
#: No model of ours is larger; a file that claims more is not unpacked.
_MOST_BYTES = 2**30
Array = NDArray[Any]
#: What Python's reader of zips raises for broken ones.
_BROKEN = (
    OSError, zipfile.BadZipFile, KeyError, ValueError, NotImplementedError, EOFError, RuntimeError,
    zlib.error,
)  # fmt: skip


def write_model(model: Model, path: Path) -> None:
    """Write a model to a file, whole or not at all."""
    arrays: dict[str, Array] = {}
    parts = {}
    for name, part in (("forest", model.forest), ("additive", model.additive)):
        if part is not None:
            parts[name], own = arrays_of(part)
            arrays |= {f"{name}/{key}": array for key, array in own.items()}
    packed = {f"{name}.npy": _packed(array) for name, array in sorted(arrays.items())}
    manifest = {
        "anping-model": FORMAT,
        "signature": model.signature.as_json(),
        "encoder": model.encoder.as_json(),
        "link": model.link.as_json(),
        "conformal": model.conformal.as_json(),
        "account": model.account,
        "parts": parts,
        "arrays": {name: sha256(content) for name, content in packed.items()},
    }
    manifest["digest"] = sha256(canonical_json(manifest))
    with aside(path) as into, zipfile.ZipFile(into, "w") as archive:
        for name, content in {_MANIFEST: canonical_json(manifest), **packed}.items():
            entry = zipfile.ZipInfo(name, _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)


def read_model(path: Path) -> Model:
    """Return the model of a file.

    Raises InputError for a file that is no model (``model.unreadable``), of another version
    (``model.other-version``), or altered by as little as one byte (``model.altered``). The digests
    find accidents; that nobody replaced the whole file is what the ledger's signature says.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MOST_BYTES:
                raise _unreadable(path)
            content = {entry.filename: archive.read(entry) for entry in archive.infolist()}
        manifest = json.loads(content.pop(_MANIFEST))
    except _BROKEN as problem:
        raise _unreadable(path) from problem
    if not isinstance(manifest, dict) or "anping-model" not in manifest:
        raise _unreadable(path)
    if manifest["anping-model"] != FORMAT:
        raise _other_version(path)
    if not _whole(manifest, content):
        raise _altered(path)
    try:
        return _model(manifest, {name: _unpacked(each) for name, each in content.items()})
    except (KeyError, ValueError, TypeError, IndexError) as problem:
        raise _altered(path) from problem


def _whole(manifest: dict[str, Any], content: Mapping[str, bytes]) -> bool:
    told = {key: value for key, value in manifest.items() if key != "digest"}
    return manifest.get("digest") == sha256(canonical_json(told)) and manifest.get("arrays") == {
        name: sha256(each) for name, each in content.items()
    }


def _model(manifest: dict[str, Any], arrays: Mapping[str, Array]) -> Model:
    found = {}
    for name, told in manifest["parts"].items():
        own = {
            key.removeprefix(f"{name}/").removesuffix(".npy"): array
            for key, array in arrays.items()
            if key.startswith(f"{name}/")
        }
        found[name] = part_of(told, own)
    forest, additive = found.get("forest"), found.get("additive")
    if not isinstance(forest, Forest | None) or not isinstance(additive, Additive | None):
        raise TypeError
    return Model(
        Signature.from_json(manifest["signature"]),
        Encoder.from_json(manifest["encoder"]),
        forest,
        additive,
        Link.from_json(manifest["link"]),
        Conformal.from_json(manifest["conformal"]),
        manifest["account"],
    )


def _packed(array: Array) -> bytes:
    into = io.BytesIO()
    np.save(into, np.ascontiguousarray(array), allow_pickle=False)
    return into.getvalue()


def _unpacked(content: bytes) -> Array:
    array: Array = np.load(io.BytesIO(content), allow_pickle=False)
    return array


def _unreadable(path: Path) -> InputError:
    return InputError(
        "model.unreadable",
        Text("這個檔案不是安平的模型。", "This file is no model of Anping's."),
        where=Where(file=path.name),
        hint=Text("請選 anping learn 產生的模型檔。", "Choose a file that anping learn wrote."),
    )


def _other_version(path: Path) -> InputError:
    return InputError(
        "model.other-version",
        Text(
            f"模型檔的格式不是這個版本能讀的格式 {FORMAT}。",
            f"The model file's format is not {FORMAT}, which this version reads.",
        ),
        where=Where(file=path.name),
        hint=Text(
            "請用產生它的版本開啟，或重新訓練。",
            "Open it with the version that wrote it, or learn again.",
        ),
    )


def _altered(path: Path) -> InputError:
    return InputError(
        "model.altered",
        Text(
            "模型檔的內容與它的摘要值不符，已遭更動或損壞。",
            "The model file does not match its digests: it was altered or damaged.",
        ),
        where=Where(file=path.name),
        hint=Text(
            "請從工作區重新取出，不要使用這個檔案。",
            "Take it from the workspace again; do not use this file.",
        ),
    )
