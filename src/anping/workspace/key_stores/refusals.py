"""What key stores say when a key cannot be had; no text ever holds a key or a PIN."""

from __future__ import annotations

from anping.core.errors import NOWHERE, KeyStoreError, Where
from anping.core.text import Text


def lost(name: str, *, file: str | None = None) -> KeyStoreError:
    """Return the error for a key that is not in the store."""
    return KeyStoreError(
        "key.lost",
        Text(f"找不到金鑰「{name}」。", f"The key “{name}” is not in the key store."),
        where=Where(file=file),
        hint=Text(
            "把金鑰備份放回金鑰資料夾，或用 --keys 指到正確的資料夾。若金鑰確已遺失，"
            "既有的化名無法再延續；請在計畫中改用新的金鑰名稱。",
            "Put the backup of the key back into the key folder, or point --keys to the right "
            "folder. If it is lost for good, old pseudonyms cannot be continued: use a new key "
            "name in the plan.",
        ),
    )


def damaged(name: str, *, file: str | None = None) -> KeyStoreError:
    """Return the error for a key whose stored form cannot be read."""
    return KeyStoreError(
        "key.damaged",
        Text(f"金鑰「{name}」的檔案已損壞。", f"The file of key “{name}” is damaged."),
        where=Where(file=file),
        hint=Text("從備份還原金鑰檔。", "Restore the key file from its backup."),
    )


def bad_name(name: str) -> KeyStoreError:
    """Return the error for a key name that no store can hold."""
    return KeyStoreError(
        "key.bad-name",
        Text(f"金鑰名稱「{name}」無法使用。", f"The key name “{name}” cannot be used."),
        hint=Text("名稱只用字母、數字、- 與 _。", "Use letters, digits, - and _ in key names."),
    )


def unknown_store(scheme: str) -> KeyStoreError:
    """Return the error for a location of a kind that Anping does not know."""
    return KeyStoreError(
        "key.unknown-store",
        Text(
            f"不認得的金鑰庫種類「{scheme}:」。",
            f"“{scheme}:” is no kind of key store that Anping knows.",
        ),
        hint=Text(
            "可用：資料夾路徑；keyring:服務名（pip install 'anping[keyring]'）；"
            "pkcs11:token=…?module-path=…（pip install 'anping[pkcs11]'）。雲端 KMS 請寫一個"
            "有 find 與 make 的簽章者類別（workspace.keys.Signers），組成 KeyStore 交給 Workspace。",
            "Use a folder, keyring:SERVICE (pip install 'anping[keyring]'), or "
            "pkcs11:token=…?module-path=… (pip install 'anping[pkcs11]'). For a cloud KMS write a "
            "class with find and make (workspace.keys.Signers) and hand a KeyStore of it to "
            "Workspace.",
        ),
    )


def bad_location(zh: str, en: str) -> KeyStoreError:
    """Return the error for a location whose parts make no sense."""
    return KeyStoreError(
        "key.bad-location",
        Text(f"金鑰庫的位置寫法有誤：{zh}。", f"The location of the key store is wrong: {en}."),
        hint=Text(
            "例：keyring:anping 或 pkcs11:token=anping?module-path=/usr/lib/softhsm/libsofthsm2.so",
            "Examples: keyring:anping, or "
            "pkcs11:token=anping?module-path=/usr/lib/softhsm/libsofthsm2.so",
        ),
    )


def not_stored(what: Text) -> KeyStoreError:
    """Return the error for a store that did not keep what it was given."""
    return KeyStoreError(
        "key.not-stored",
        what,
        hint=Text(
            "沒有任何資料因此改變；請換一個金鑰庫，或檢查它的權限與空間。",
            "Nothing was changed; use another key store, or check its permissions and space.",
        ),
    )


def keyring_unusable(reason: Text) -> KeyStoreError:
    """Return the error for a system keyring that cannot be used."""
    return KeyStoreError(
        "key.keyring",
        Text(f"系統金鑰圈無法使用：{reason.zh}。", f"The system keyring failed: {reason.en}."),
        hint=Text(
            "解鎖金鑰圈；無桌面環境的伺服器請改用金鑰資料夾或 PKCS#11。執行 keyring diagnose 可看設定。",
            "Unlock the keyring; on a server without a desktop use a key folder or PKCS#11. "
            "keyring diagnose shows its configuration.",
        ),
    )


def token_unusable(reason: Text, *, code: str = "key.token") -> KeyStoreError:
    """Return the error for a PKCS#11 token that cannot be used."""
    return KeyStoreError(
        code,
        Text(f"PKCS#11 權杖無法使用：{reason.zh}。", f"The PKCS#11 token failed: {reason.en}."),
        where=NOWHERE,
        hint=Text(
            "檢查模組路徑、權杖標籤與 PIN（環境變數 ANPING_PKCS11_PIN 或 URI 的 pin-source）。"
            "輸錯 PIN 數次會鎖住權杖。",
            "Check the module's path, the token's label and the PIN (ANPING_PKCS11_PIN, or "
            "pin-source in the URI). A few wrong PINs lock a token.",
        ),
    )


def not_portable() -> KeyStoreError:
    """Return the error for taking keys out of, or into, a token or a service."""
    return KeyStoreError(
        "key.not-portable",
        Text(
            "這些金鑰不能以檔案搬移：簽章金鑰在權杖或服務裡，或名稱不對。",
            "These keys cannot be moved as files: they live in a token or service, or have odd names.",
        ),
        hint=Text(
            "備份時不要用 --with-keys；權杖請用它自己的方法備份。",
            "Back up without --with-keys, and the token by its own means.",
        ),
    )


def not_empty() -> KeyStoreError:
    """Return the error for putting keys where others are."""
    return KeyStoreError(
        "key.not-empty",
        Text(
            "這個金鑰庫已有金鑰；金鑰從不覆寫。",
            "There are keys already; keys are never overwritten.",
        ),
        hint=Text("用 --keys 指到一個空的位置。", "Point --keys to an empty place."),
    )


def of_system(error: OSError) -> KeyStoreError:
    """Return the error for what the operating system said about the key folder."""
    reason = error.strerror or type(error).__name__
    return KeyStoreError(
        "key.folder",
        Text(f"金鑰資料夾無法讀寫：{reason}。", f"The key folder cannot be used: {reason}."),
        hint=Text(
            "檢查資料夾的擁有者、權限與磁碟空間；沒有寫到一半的金鑰。",
            "Check the folder's owner, its permissions and the disk space; no key is half-written.",
        ),
    )
