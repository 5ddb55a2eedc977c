"""What backup and restore say when they cannot go on; nothing half-done is left then."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from anping.core.errors import ParameterError, Where, WorkspaceError
from anping.core.text import Text

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def damaged(file: str, reason: Text) -> WorkspaceError:
    """Return the error for an archive whose bytes are not what was backed up."""
    return WorkspaceError(
        "backup.damaged",
        Text(
            f"備份檔已損壞或遭更動：{reason.zh}。沒有還原任何東西。",
            f"The backup is damaged or was changed: {reason.en}. Nothing was restored.",
        ),
        where=Where(file=file),
        hint=Text("改用另一份備份。", "Use another backup."),
    )


def foreign(file: str) -> WorkspaceError:
    """Return the error for a file that is no backup of Anping's."""
    return WorkspaceError(
        "backup.foreign",
        Text("這個檔案不是安平的備份。", "This file is no backup of Anping's."),
        where=Where(file=file),
        hint=Text("請指到 anping backup 寫出的檔案。", "Point to a file from anping backup."),
    )


def other_version(file: str, *, found: str, wanted: str) -> WorkspaceError:
    """Return the error for a backup in a format that this version does not read."""
    return WorkspaceError(
        "backup.other-version",
        Text(
            f"備份的格式是 {found}，這個版本讀的是 {wanted}。",
            f"The backup's format is {found}; this version reads {wanted}.",
        ),
        where=Where(file=file),
        hint=Text(
            "用寫出它的版本（見備份裡的 anping-backup.json）還原，再執行 anping migrate。",
            "Restore it with the version that wrote it (anping-backup.json inside names it), then "
            "run anping migrate.",
        ),
    )


def exists(file: str) -> WorkspaceError:
    """Return the error for a backup that would overwrite something."""
    return WorkspaceError(
        "backup.exists",
        Text("這裡已有檔案；備份從不覆寫。", "There is a file already; a backup never overwrites."),
        where=Where(file=file),
        hint=Text("換一個檔名。", "Choose another name."),
    )


@contextmanager
def told(file: str) -> Iterator[None]:
    """Turn what the operating system says while a backup is written or restored into WorkspaceError."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise _full(file) from error
        raise WorkspaceError(
            "backup.unwritable",
            Text(
                "這個位置無法寫入；沒有留下殘檔。",
                "Nothing can be written here; nothing half-written is left.",
            ),
            where=Where(file=file),
            hint=Text(
                "檢查資料夾是否存在、權限與唯讀掛載。",
                "Check that the folder exists, its permissions, and read-only mounts.",
            ),
        ) from error


def _full(file: str) -> WorkspaceError:
    return WorkspaceError(
        "workspace.disk-full",
        Text(
            "磁碟或配額已滿；沒有留下寫到一半的檔案。",
            "The disk or quota is full; nothing half-written is left.",
        ),
        where=Where(file=file),
        hint=Text("清出空間，或寫到別的磁碟。", "Make room, or write to another disk."),
    )


def unreadable(file: str) -> WorkspaceError:
    """Return the error for a backup that cannot be opened."""
    return WorkspaceError(
        "backup.unreadable",
        Text("備份檔打不開。", "The backup cannot be opened."),
        where=Where(file=file),
        hint=Text("檢查路徑與權限。", "Check the path and the permissions."),
    )


def not_empty(place: str) -> WorkspaceError:
    """Return the error for restoring over something."""
    return WorkspaceError(
        "restore.not-empty",
        Text("還原的目的地不是空的。", "The place to restore into is not empty."),
        where=Where(file=place),
        hint=Text(
            "指定新的資料夾或空的資料庫 schema；還原從不覆寫。",
            "Name a new folder or an empty database schema; a restore never overwrites.",
        ),
    )


def other_keys(location: str) -> WorkspaceError:
    """Return the error for a key store that did not sign this backup."""
    return WorkspaceError(
        "restore.other-keys",
        Text(
            "--keys 的金鑰不是這個工作區的金鑰，或備份的簽章不是它簽的。",
            "The keys at --keys are not this workspace's, or they did not sign this backup.",
        ),
        where=Where(file=location),
        hint=Text(
            "指到這個工作區自己的金鑰，或一個空的位置。",
            "Point to this workspace's own keys, or to an empty place.",
        ),
    )


def needs_passphrase() -> ParameterError:
    """Return the error for sealed keys without a passphrase."""
    return ParameterError(
        "backup.needs-passphrase",
        Text("備份裡的金鑰需要通行片語。", "The keys in a backup need a passphrase."),
        hint=Text(
            "設定環境變數 ANPING_BACKUP_PASSPHRASE，或在終端機輸入。",
            "Set ANPING_BACKUP_PASSPHRASE, or enter it at the terminal.",
        ),
    )


def weak_passphrase(least: int) -> ParameterError:
    """Return the error for a passphrase that can be guessed."""
    return ParameterError(
        "backup.weak-passphrase",
        Text(
            f"通行片語太短，至少 {least} 個字元。",
            f"The passphrase is too short: at least {least} characters.",
        ),
        hint=Text("用四個以上隨機的詞。", "Use four or more random words."),
    )


def wrong_passphrase() -> ParameterError:
    """Return the error for sealed keys that do not open."""
    return ParameterError(
        "backup.wrong-passphrase",
        Text(
            "通行片語不對，或備份裡的金鑰已損壞。沒有還原任何東西。",
            "The passphrase is wrong, or the keys in the backup are damaged. Nothing was restored.",
        ),
        hint=Text("再試一次，或用另一份備份。", "Try again, or use another backup."),
    )
