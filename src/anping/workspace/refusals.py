"""What a workspace says when its database cannot be used."""

from __future__ import annotations

from anping.core.errors import ParameterError, Where, WorkspaceError
from anping.core.text import Text


def missing(place: str) -> WorkspaceError:
    """Return the error for a folder or schema without a workspace."""
    return WorkspaceError(
        "workspace.missing",
        Text("這裡沒有工作區。", "There is no workspace here."),
        where=Where(file=place),
        hint=Text(
            "執行 anping init 建立，或用 --workspace 指到正確的資料夾或資料庫。",
            "Run anping init, or point --workspace to the right folder or database.",
        ),
    )


def not_empty(folder: str) -> WorkspaceError:
    """Return the error for a folder that holds something else."""
    return WorkspaceError(
        "workspace.not-empty",
        Text("這個資料夾不是工作區，而且已有檔案。", "This folder holds files but no workspace."),
        where=Where(file=folder),
        hint=Text("請選一個空的資料夾。", "Choose an empty folder."),
    )


def damaged(name: str) -> WorkspaceError:
    """Return the error for a database that is no workspace's or no longer readable."""
    return WorkspaceError(
        "workspace.damaged",
        Text(
            "工作區的資料庫已損壞或格式不符。",
            "The workspace's database is damaged or of another format.",
        ),
        where=Where(file=name),
        hint=Text(
            "從備份還原工作區；金鑰與已交付的卷宗不受影響。",
            "Restore the workspace from a backup; keys and delivered dossiers are unaffected.",
        ),
    )


def older(place: str, *, found: str, wanted: str) -> WorkspaceError:
    """Return the error for a workspace that an earlier version of Anping made."""
    return WorkspaceError(
        "workspace.older",
        Text(
            f"這個工作區是較舊版本建立的（格式 {found}，現為 {wanted}）。",
            f"An earlier version made this workspace (format {found}, now {wanted}).",
        ),
        where=Where(file=place),
        hint=Text(
            "先備份，再執行 anping migrate；帳本在轉換前後都會稽核，失敗則原樣不動。",
            "Back it up and run anping migrate: the ledger is audited before and after, and a "
            "failure changes nothing.",
        ),
    )


def newer(place: str, *, found: str, wanted: str) -> WorkspaceError:
    """Return the error for a workspace that a later version of Anping made."""
    return WorkspaceError(
        "workspace.newer",
        Text(
            f"這個工作區是較新版本建立的（格式 {found}，本版只懂 {wanted}）。",
            f"A later version made this workspace (format {found}; this one knows {wanted}).",
        ),
        where=Where(file=place),
        hint=Text(
            "升級安平：pip install --upgrade anping。",
            "Upgrade Anping: pip install --upgrade anping.",
        ),
    )


def cannot_use(name: str) -> WorkspaceError:
    """Return the error for a database that refuses to read or write."""
    return WorkspaceError(
        "workspace.database",
        Text("資料庫無法讀寫。", "The database cannot be read or written."),
        where=Where(file=name),
        hint=Text(
            "另一個程序可能正在寫入，請再試一次；否則請檢查磁碟空間與權限。",
            "Another process may be writing: try again; else check disk space and permissions.",
        ),
    )


def connection_lost(name: str) -> WorkspaceError:
    """Return the error for a database server that is gone, refuses, or cannot be reached."""
    return WorkspaceError(
        "workspace.connection-lost",
        Text(
            "與資料庫的連線中斷，或無法建立連線；沒有遺失任何已完成的工作。",
            "The connection to the database was lost or cannot be made; nothing that was finished is lost.",
        ),
        where=Where(file=name),
        hint=Text(
            "檢查伺服器、網路、帳號與密碼，再執行一次同樣的指令：已記錄的步驟會沿用，未完成的從頭做。",
            "Check the server, the network, user and password, and run the same command again: what "
            "was recorded is found, what was not is done anew.",
        ),
    )


def no_schema(name: str) -> WorkspaceError:
    """Return the error for a search path without a schema."""
    return WorkspaceError(
        "workspace.no-schema",
        Text("資料庫裡沒有網址所指的 schema。", "The schema that the URL names does not exist."),
        where=Where(file=name),
        hint=Text(
            "請資料庫管理者先建立：CREATE SCHEMA 名稱。",
            "Have the database's administrator make it first: CREATE SCHEMA name.",
        ),
    )


def no_folder(name: str) -> WorkspaceError:
    """Return the error for asking after the folder of a workspace in a database."""
    return WorkspaceError(
        "workspace.no-folder",
        Text(
            "這個工作區在資料庫裡，沒有自己的資料夾。",
            "This workspace lies in a database; it has no folder of its own.",
        ),
        where=Where(file=name),
        hint=Text("以 --objects 指定內容放在哪裡。", "Say where its content lies with --objects."),
    )


def bad_url() -> WorkspaceError:
    """Return the error for a URL that cannot be read; the URL may hold a password, so it is not told."""
    return WorkspaceError(
        "workspace.bad-url",
        Text("資料庫的網址無法讀懂。", "The database's URL cannot be read."),
        hint=_URL_HINT,
    )


def unknown_database(scheme: str) -> WorkspaceError:
    """Return the error for a database that a workspace cannot lie in."""
    return WorkspaceError(
        "workspace.unknown-database",
        Text(
            f"工作區不能放在「{scheme}」。",
            f"A workspace cannot lie in “{scheme}”.",
        ),
        hint=_URL_HINT,
    )


def incomplete(option: str, place: str) -> ParameterError:
    """Return the error for a workspace in a database without a place for its keys or objects."""
    return ParameterError(
        "workspace.incomplete",
        Text(
            f"工作區放在資料庫時，必須另外指定 {option}。",
            f"A workspace in a database needs {option} as well.",
        ),
        where=Where(file=place),
        hint=Text(
            "--keys 指定金鑰放哪裡；建立時以 --objects 指定內容放哪裡（資料夾或網址）。",
            "--keys says where the keys lie; at init, --objects says where the content lies (a folder "
            "or URL).",
        ),
    )


_URL_HINT = Text(
    "使用資料夾，或 postgresql://使用者@主機/資料庫；密碼請放在 PGPASSWORD 或 ~/.pgpass。",
    "Use a folder, or postgresql://user@host/database; keep the password in PGPASSWORD or ~/.pgpass.",
)
