"""What object stores say when content cannot be had or kept; a location never holds a password."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from anping.core.errors import Where, WorkspaceError
from anping.core.text import Text

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def missing(of: str, *, file: str) -> WorkspaceError:
    """Return the error for an asset whose content is not in the store."""
    return WorkspaceError(
        "workspace.object-missing",
        Text(f"資產 {of} 的內容不見了。", f"The content of asset {of} is missing."),
        where=Where(file=file),
        hint=Text(
            "從備份還原工作區，或重新執行產生它的步驟。",
            "Restore the workspace from a backup, or run the step that made it again.",
        ),
    )


def damaged(of: str, *, file: str) -> WorkspaceError:
    """Return the error for content that does not have its digest."""
    return WorkspaceError(
        "workspace.object-damaged",
        Text(
            f"資產 {of} 的內容與其摘要不符：檔案已損壞或遭更動。",
            f"The content of asset {of} does not match its digest: "
            "the file is damaged or was changed.",
        ),
        where=Where(file=file),
        hint=Text(
            "從備份還原該檔案，或重新執行產生它的步驟。",
            "Restore the file from a backup, or run the step that made it again.",
        ),
    )


def disk_full(place: str) -> WorkspaceError:
    """Return the error for a disk or quota without space; nothing half-written is left."""
    return WorkspaceError(
        "workspace.disk-full",
        Text(
            "磁碟或配額已滿；沒有留下寫到一半的檔案。",
            "The disk or quota is full; nothing half-written is left.",
        ),
        where=Where(file=place),
        hint=Text(
            "清出空間後再執行一次；anping doctor 會列出可清除的東西。",
            "Make room and run it again; anping doctor lists what can go.",
        ),
    )


def unwritable(place: str) -> WorkspaceError:
    """Return the error for a place that this user may not read or write."""
    return WorkspaceError(
        "workspace.objects-forbidden",
        Text(
            "物件庫不允許這個使用者讀或寫；沒有任何東西改變。",
            "The object store does not let this user read or write; nothing was changed.",
        ),
        where=Where(file=place),
        hint=Text(
            "檢查資料夾擁有者、唯讀掛載，或遠端的帳號權限。",
            "Check the folder's owner, a read-only mount, or the remote account's rights.",
        ),
    )


def unreachable(place: str, reason: str) -> WorkspaceError:
    """Return the error for a store that does not answer; ``reason`` is the kind of failure."""
    return WorkspaceError(
        "workspace.objects-unreachable",
        Text(f"物件庫沒有完成要求（{reason}）。", f"The object store failed ({reason})."),
        where=Where(file=place),
        hint=Text(
            "檢查網路、網址與憑證（例如 AWS_ACCESS_KEY_ID、AWS_ENDPOINT_URL），再執行一次。",
            "Check the network, the address and the credentials (such as AWS_ACCESS_KEY_ID, "
            "AWS_ENDPOINT_URL), then run it again.",
        ),
    )


def not_kept(place: str) -> WorkspaceError:
    """Return the error for a store that holds something else than what it was given."""
    return WorkspaceError(
        "workspace.object-not-kept",
        Text(
            "物件庫收下的大小與送出的不同；這個物件不算存入。",
            "The object store holds another size than was sent; the object does not count as kept.",
        ),
        where=Where(file=place),
        hint=Text("再執行一次；若再發生，請換物件庫。", "Run it again; if it recurs, use another."),
    )


def bad_location(zh: str, en: str) -> WorkspaceError:
    """Return the error for a location that cannot name an object store."""
    return WorkspaceError(
        "workspace.objects-location",
        Text(f"物件庫的位置無法使用：{zh}。", f"The object store's location is unusable: {en}."),
        hint=Text(
            "用資料夾路徑，或 s3://桶/前綴 這類網址；帳密放在該服務自己的環境變數或設定檔。",
            "Use a folder or a URL such as s3://bucket/prefix; keep credentials in the service's "
            "own environment variables or files.",
        ),
    )


def of_system(error: OSError, place: str) -> WorkspaceError:
    """Return the error for what the operating system said."""
    if error.errno in _FULL:
        return disk_full(place)
    if error.errno in _FORBIDDEN or isinstance(error, PermissionError):
        return unwritable(place)
    return unreachable(place, type(error).__name__)


@contextmanager
def told(place: str) -> Iterator[None]:
    """Turn what the operating system says about ``place`` into WorkspaceError."""
    try:
        yield
    except OSError as error:
        raise of_system(error, place) from error
