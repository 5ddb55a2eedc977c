"""A redacted corpus handed over as a folder of text files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from anping.core.errors import ParameterError, Where
from anping.core.files import folder_aside
from anping.core.text import Text

if TYPE_CHECKING:
    from anping.workspace.workspace import Workspace


def write_text_files(workspace: Workspace, subject: str, into: Path) -> int:
    """Write the newest redacted corpus of a subject as UTF-8 files into a new folder.

    Returns how many files were written. Raises ParameterError if the folder exists, WorkspaceError
    if nothing was redacted yet.
    """
    from anping.engine.documents.corpus import read_corpus

    asset = workspace.need(f"{subject}.redacted")
    if into.exists():
        raise ParameterError(
            "parameter.folder-exists",
            Text("資料夾已存在，不會覆寫。", "The folder exists and is not overwritten."),
            where=Where(file=into.name),
            hint=Text("請換一個新的資料夾。", "Name a new folder."),
        )
    count = 0
    with folder_aside(into) as folder:
        for document in read_corpus(workspace.path(asset)):
            path = folder / document.name
            # Names come from a corpus; none may lead out of the folder.
            if not path.resolve().is_relative_to(folder.resolve()):
                raise _leads_out(document.name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(document.text, "utf-8", newline="\n")
            count += 1
    return count


def _leads_out(name: str) -> ParameterError:
    return ParameterError(
        "parameter.name-leads-out",
        Text("文件名稱指向資料夾之外。", "A document's name leads out of the folder."),
        where=Where(file=name),
        hint=Text("請重新收進這些文件。", "Take the documents in again."),
    )
