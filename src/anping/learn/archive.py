"""The container of model files: a zip of plain JSON and arrays, with digests; nothing in it can run.

The same content gives the same bytes. Arrays are NumPy's ``.npy`` without objects, so that opening
one never loads a pickle.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from anping.core.digest import canonical_json, sha256
from anping.core.errors import InputError, Where
from anping.core.files import aside
from anping.core.text import Text

FORMAT = 1
Kind = Literal["tabular", "series"]
Array = NDArray[Any]
_MANIFEST = "model.json"
#: A date that says nothing, so that equal content gives equal bytes.
_DATE = (1980, 1, 1, 0, 0, 0)
#: No model of ours is larger; a file that claims more is not unpacked.
_MOST_BYTES = 2**30
#: What Python's reader of zips raises for broken ones.
_BROKEN = (
    OSError, zipfile.BadZipFile, KeyError, ValueError, NotImplementedError, EOFError, RuntimeError,
    zlib.error,
)  # fmt: skip


def write_archive(
    path: Path, told: Mapping[str, Any], arrays: Mapping[str, Array], *, kind: Kind
) -> None:
    """Write plain values and arrays to a file, whole or not at all."""
    packed = {f"{name}.npy": _packed(array) for name, array in sorted(arrays.items())}
    manifest = {
        "anping-model": FORMAT,
        **({} if kind == "tabular" else {"kind": kind}),
        **told,
        "arrays": {name: sha256(content) for name, content in packed.items()},
    }
    manifest["digest"] = sha256(canonical_json(manifest))
    with aside(path) as into, zipfile.ZipFile(into, "w") as archive:
        for name, content in {_MANIFEST: canonical_json(manifest), **packed}.items():
            entry = zipfile.ZipInfo(name, _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)


def read_archive(path: Path, *, kind: Kind) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return the plain values and the arrays of a file.

    Raises InputError for a file that is no model (``model.unreadable``), of another version
    (``model.other-version``) or kind (``model.other-kind``), or altered by as little as one byte
    (``model.altered``). The digests find accidents; that nobody replaced the whole file is what the
    ledger's signature says.
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
        raise altered(path)
    if manifest.get("kind", "tabular") != kind:
        raise _other_kind(path)
    try:
        arrays = {name.removesuffix(".npy"): _unpacked(each) for name, each in content.items()}
    except (ValueError, TypeError, EOFError) as problem:
        raise altered(path) from problem
    return manifest, arrays


def _whole(manifest: dict[str, Any], content: Mapping[str, bytes]) -> bool:
    told = {key: value for key, value in manifest.items() if key != "digest"}
    return manifest.get("digest") == sha256(canonical_json(told)) and manifest.get("arrays") == {
        name: sha256(each) for name, each in content.items()
    }


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


def _other_kind(path: Path) -> InputError:
    return InputError(
        "model.other-kind",
        Text(
            "這個模型檔是另一類模型：表格模型與時間序列模型不能互換。",
            "This model file is of the other kind: models of tables and of series are not the same.",
        ),
        where=Where(file=path.name),
        hint=Text(
            "表格模型由 anping learn tabular 產生，時間序列模型由 anping learn series 產生。",
            "anping learn tabular makes models of tables, anping learn series models of series.",
        ),
    )


def altered(path: Path) -> InputError:
    """Return the error for a file whose content is not what was written."""
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
