"""Reading an asset's content as text, for the owner's eyes."""

from __future__ import annotations

import json

from anping.core.errors import ParameterError
from anping.core.text import Text
from anping.workspace.workspace import Workspace


def text_of(workspace: Workspace, reference: str) -> str:
    """Return the content of a plan, policy or report; JSON is laid out for reading.

    Raises WorkspaceError for an unknown asset and ParameterError for a table, a corpus or a
    file that is no text (a model).
    """
    asset = workspace.need(reference)
    if asset.kind == "corpus":
        raise ParameterError(
            "show.corpus",
            Text("文件集不會印在螢幕上。", "A corpus of documents is not printed."),
            hint=Text(
                f"看 {asset.name}.scan，或用 anping redact 取出遮蔽後的文字檔。",
                f"See {asset.name}.scan, or take redacted text files out with anping redact.",
            ),
        )
    if asset.kind == "table":
        raise ParameterError(
            "show.table",
            Text("資料表不會印在螢幕上。", "A table is not printed."),
            hint=Text(
                f"看 {asset.name}.scan，或用 anping dossier 交付受保護的表。",
                f"See {asset.name}.scan, or hand a protected table over with anping dossier.",
            ),
        )
    try:
        content = workspace.path(asset).read_text("utf-8")
    except UnicodeDecodeError as error:
        raise ParameterError(
            "show.not-text",
            Text(
                f"{asset.name} 是二進位檔，不是文字。", f"{asset.name} is a binary file, not text."
            ),
            hint=Text(
                "用 anping assets 看有哪些報告；模型請看學習報告與檢驗報告（anping judge）。",
                "anping assets lists the reports there are; of a model see the report of its learning, "
                "or of its examination (anping judge).",
            ),
        ) from error
    if asset.media_type == "application/json":
        content = json.dumps(json.loads(content), ensure_ascii=False, indent=2) + "\n"
    return content
