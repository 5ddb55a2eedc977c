"""The public tables by name: which files make each, and the pipeline that walks the chain on it.

The files are not shipped. ``source`` is a folder that holds them as UCI publishes them:
``credit_taiwan/``, ``adult/`` and ``heart_uci/`` (see each pipeline for origin and licence).
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from types import MappingProxyType

from anping.core.errors import InputError, ParameterError, Where
from anping.core.files import folder_aside
from anping.core.text import Text

_HEART = "heart_uci/processed.{}.data"
_HOSPITALS = ("cleveland", "hungarian", "switzerland", "va")


@dataclass(frozen=True, slots=True)
class PublicTable:
    """Files under the source folder, the name the pipeline knows them by, and the pipeline.

    Several files become one table with a first column that names the file (``labels``).
    """

    files: tuple[str, ...]
    data: str
    pipeline: str
    labels: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """What the pipeline calls the table."""
        return self.pipeline.removesuffix(".yaml")


TABLES: Mapping[str, PublicTable] = MappingProxyType(
    {
        "credit": PublicTable(("credit_taiwan/credit.csv",), "credit.csv", "credit.yaml"),
        "credit-cr": PublicTable(
            ("credit_taiwan/credit_cr_line_ends.csv",), "credit.csv", "credit.yaml"
        ),
        "adult": PublicTable(("adult/adult.data",), "adult.data", "adult.yaml"),
        "adult-test": PublicTable(("adult/adult.test",), "adult.data", "adult.yaml"),
        **{
            f"heart-{name}": PublicTable((_HEART.format(name),), "heart.data", "heart.yaml")
            for name in _HOSPITALS
        },
        "heart-all": PublicTable(
            tuple(_HEART.format(name) for name in _HOSPITALS),
            "hospitals.data",
            "hospitals.yaml",
            _HOSPITALS,
        ),
    }
)


def write_public(name: str, source: Path, folder: Path) -> Path:
    """Write a table and its pipeline into a new folder and return the pipeline's path.

    Raises ParameterError for an unknown name, InputError where ``source`` lacks a file or
    ``folder`` exists.
    """
    if name not in TABLES:
        listed = ", ".join(TABLES)
        raise ParameterError(
            "public.unknown",
            Text(f"沒有公開表「{name}」。", f"There is no public table “{name}”."),
            hint=Text(f"可用的有：{listed}", f"Available: {listed}"),
        )
    table = TABLES[name]
    for file in table.files:
        if not (source / file).is_file():
            raise _missing(file)
    if folder.exists():
        raise _exists(folder)
    with folder_aside(folder) as made:
        _write_data(table, source, made / table.data)
        shipped = resources.files("anping.recipes.public").joinpath(table.pipeline)
        (made / table.pipeline).write_bytes(shipped.read_bytes())
    return folder / table.pipeline


def _write_data(table: PublicTable, source: Path, target: Path) -> None:
    if not table.labels:
        shutil.copyfile(source / table.files[0], target)
        return
    with target.open("wb") as joined:
        for file, label in zip(table.files, table.labels, strict=True):
            for line in (source / file).read_bytes().splitlines():
                joined.write(f"{label},".encode() + line + b"\n" if line.strip() else b"")


def _missing(file: str) -> InputError:
    return InputError(
        "public.missing-file",
        Text("公開資料夾裡沒有這個檔案。", "The folder of public data lacks this file."),
        where=Where(file=file),
        hint=Text("從 UCI 下載並照原名存放。", "Get it from UCI and keep its name."),
    )


def _exists(folder: Path) -> InputError:
    return InputError(
        "public.folder-exists",
        Text("資料夾已存在。", "The folder exists."),
        where=Where(file=str(folder)),
        hint=Text("請換一個資料夾。", "Choose another folder."),
    )
