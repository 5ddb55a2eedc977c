"""The key store: a folder apart from the data, readable by its owner only.

Losing the data folder does not lose the keys, and handing over the data hands over no key. Signing
keys are Ed25519 (one per role); symmetric keys are 32 random bytes. Destroying a pseudonym key
makes its pseudonyms unlinkable for good.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from pathlib import Path

from anping.core.errors import KeyStoreError, Where
from anping.core.files import aside
from anping.core.text import Text
from anping.evidence.dsse import sign
from anping.evidence.keys import PublicKey, SigningKey, keys_json, read_keys

ROLES = ("producer", "log", "officer")
_KEY_BYTES = 32
_WITNESSES = "witnesses.keys.json"


@dataclass(frozen=True, slots=True)
class KeyStore:
    """Keys in files under one folder."""

    folder: Path

    @classmethod
    def create(cls, folder: Path, *, owner: str) -> KeyStore:
        """Make a key store with a signing key for every role, keeping keys that exist."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        store = cls(folder)
        for role in ROLES:
            if not store._pem(role).exists():
                SigningKey.generate(role, f"{owner}-{role}").save(store._pem(role))
        return store

    def _pem(self, role: str) -> Path:
        return self.folder / f"{role}.pem"

    def _secret(self, name: str) -> Path:
        return self.folder / f"{name}.secret"

    def signing(self, role: str) -> SigningKey:
        """Return the signing key of a role. Raises KeyStoreError if it is lost."""
        path = self._pem(role)
        if not path.exists():
            raise _lost(role, path)
        return SigningKey.load(path)

    def has_secret(self, name: str) -> bool:
        """Return whether the named symmetric key exists."""
        return self._secret(name).exists()

    def create_secret(self, name: str) -> bytes:
        """Make a symmetric key and return it. Raises KeyStoreError if the name is unusable."""
        if not name or not all(letter.isalnum() or letter in "-_" for letter in name):
            raise KeyStoreError(
                "key.bad-name",
                Text(f"金鑰名稱「{name}」無法使用。", f"The key name “{name}” cannot be used."),
                hint=Text(
                    "名稱只用字母、數字、- 與 _。", "Use letters, digits, - and _ in key names."
                ),
            )
        key = secrets.token_bytes(_KEY_BYTES)
        with aside(self._secret(name)) as temporary:
            temporary.touch(mode=0o600)
            temporary.write_text(base64.b64encode(key).decode() + "\n")
        return key

    def secret(self, name: str) -> bytes:
        """Return the named symmetric key. Raises KeyStoreError if it is lost or damaged."""
        path = self._secret(name)
        if not path.exists():
            raise _lost(name, path)
        try:
            key = base64.b64decode(path.read_text().strip(), validate=True)
        except ValueError as error:
            raise _damaged(name, path) from error
        if len(key) != _KEY_BYTES:
            raise _damaged(name, path)
        return key

    def sign(self, role: str, payload: bytes) -> bytes:
        """Return ``payload`` in a DSSE envelope signed by the key of ``role``, as one line."""
        return sign(payload, self.signing(role)).line()

    def know(self, witness: PublicKey) -> None:
        """Remember a witness's public key."""
        known = {*self.witnesses(), witness}
        with aside(self.folder / _WITNESSES) as temporary:
            temporary.write_bytes(keys_json(known))

    def witnesses(self) -> tuple[PublicKey, ...]:
        """Return the public keys of the known witnesses."""
        path = self.folder / _WITNESSES
        return read_keys(path.read_bytes()).of("witness") if path.exists() else ()

    def public(self) -> bytes:
        """Return the canonical ``keys.json``: the public key of every role and known witness."""
        return keys_json([*(self.signing(role).public for role in ROLES), *self.witnesses()])


def open_keys(location: str | Path) -> KeyStore:
    """Return the key store at ``location``."""
    return KeyStore(Path(location))


def create_keys(location: str | Path, *, owner: str) -> KeyStore:
    """Make a key store with a signing key for every role, keeping keys that exist."""
    return KeyStore.create(Path(location), owner=owner)


def _lost(name: str, path: Path) -> KeyStoreError:
    return KeyStoreError(
        "key.lost",
        Text(f"找不到金鑰「{name}」。", f"The key “{name}” is not in the key store."),
        where=Where(file=path.name),
        hint=Text(
            "把金鑰備份放回金鑰資料夾，或用 --keys 指到正確的資料夾。若金鑰確已遺失，"
            "既有的化名無法再延續；請在計畫中改用新的金鑰名稱。",
            "Put the backup of the key back into the key folder, or point --keys to the right "
            "folder. If it is lost for good, old pseudonyms cannot be continued: use a new key "
            "name in the plan.",
        ),
    )


def _damaged(name: str, path: Path) -> KeyStoreError:
    return KeyStoreError(
        "key.damaged",
        Text(f"金鑰「{name}」的檔案已損壞。", f"The file of key “{name}” is damaged."),
        where=Where(file=path.name),
        hint=Text("從備份還原金鑰檔。", "Restore the key file from its backup."),
    )
