"""Why a document is not read: one constructor for each reason."""

from __future__ import annotations

from anping.core.errors import InputError
from anping.core.text import Text
from anping.engine.documents.document import Limits, refused

_EXPORT = Text("請另存為文字檔或 PDF 後再收進。", "Save it as plain text or PDF and add that.")
_AGAIN = Text("請重新匯出這個檔案。", "Export the file again.")


def too_large(size: int, limits: Limits) -> InputError:
    """Return the error for a file beyond the limit."""
    return refused(
        "too-large",
        Text(
            f"檔案有 {size:,} 位元組，超過上限 {limits.file_bytes:,}。",
            f"The file has {size:,} bytes; the limit is {limits.file_bytes:,}.",
        ),
        Text(
            "請把檔案切開，或提高上限（max_megabytes）。",
            "Cut the file up, or raise the limit (max_megabytes).",
        ),
    )


def too_much_text(limits: Limits) -> InputError:
    """Return the error for a document with more text than the limit, however small its file."""
    return refused(
        "too-much-text",
        Text(
            f"內容展開後超過上限（{limits.characters:,} 字），可能是壓縮炸彈。",
            f"Its content is more than the limit of {limits.characters:,} characters; it may be a"
            " decompression bomb.",
        ),
        Text("若您信任來源，請把文件切開。", "If you trust the source, cut the document up."),
    )


def too_slow(limits: Limits) -> InputError:
    """Return the error for a file that was not read in time."""
    return refused(
        "too-slow",
        Text(
            f"讀取超過 {limits.seconds:g} 秒，已放棄。",
            f"Reading it took more than {limits.seconds:g} seconds and was given up.",
        ),
        _AGAIN,
    )


def reader_ended() -> InputError:
    """Return the error for a file that ended the process that read it (memory, as a rule)."""
    return refused(
        "reader-ended",
        Text(
            "讀取它的程序中止了，多半是記憶體用盡。",
            "The process that read it ended, most likely out of memory.",
        ),
        _AGAIN,
    )


def damaged(kind: Text) -> InputError:
    """Return the error for a file that is torn or malformed."""
    return refused(
        "damaged",
        Text(f"{kind.zh}已損壞或不完整。", f"The {kind.en} is damaged or incomplete."),
        _AGAIN,
    )


def encrypted(kind: Text) -> InputError:
    """Return the error for a file that needs a password."""
    return refused(
        "encrypted",
        Text(f"{kind.zh}有密碼保護。", f"The {kind.en} is protected by a password."),
        Text("請解除密碼後再收進。", "Remove the password and add it again."),
    )


def not_text() -> InputError:
    """Return the error for a file that is neither text nor of a known kind."""
    return refused(
        "not-text",
        Text(
            "這不是文字，也不是能讀的文件種類。",
            "It is no text and no kind of document that is read.",
        ),
        _EXPORT,
    )


def unknown_kind(what: Text) -> InputError:
    """Return the error for a kind of file that is known and not read."""
    return refused(
        "unknown-kind",
        Text(f"不讀取{what.zh}。", f"Not read: {what.en}."),
        _EXPORT,
    )


def is_link() -> InputError:
    """Return the error for a symbolic link: what it points to is not what the folder holds."""
    return refused(
        "link",
        Text("這是符號連結，不跟隨。", "It is a symbolic link, which is not followed."),
        Text("請把檔案本身放進資料夾。", "Put the file itself into the folder."),
    )


def special() -> InputError:
    """Return the error for a pipe, a socket or a device."""
    return refused(
        "special-file",
        Text("這不是一般檔案。", "It is not a regular file."),
        Text("請把它移出資料夾。", "Move it out of the folder."),
    )


def unreadable() -> InputError:
    """Return the error for a file that may not be opened."""
    return refused(
        "unreadable",
        Text("檔案無法開啟。", "The file cannot be opened."),
        Text("請檢查讀取權限。", "Check the permission to read it."),
    )


def entities() -> InputError:
    """Return the error for XML that declares entities: they can grow without bound."""
    return refused(
        "xml-entities",
        Text("XML 宣告了實體，可能是攻擊。", "The XML declares entities, which may be an attack."),
        _AGAIN,
    )
