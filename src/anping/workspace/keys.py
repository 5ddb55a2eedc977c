"""The key store: a place apart from the data, readable by its owner only.

Losing the data does not lose the keys, and handing over the data hands over no key. Signing keys
are Ed25519 (one per role); symmetric keys are 32 random bytes. Destroying a pseudonym key makes its
pseudonyms unlinkable for good.

A key store is made of *signers* and *entries*: who signs for a role, and where small private values
lie. A cloud KMS is a class with the two methods of :class:`Signers`; its private keys stay there.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from anping.core.files import folder_aside
from anping.core.text import Text
from anping.evidence.dsse import sign
from anping.evidence.keys import PublicKey, Signer, keys_json, read_keys
from anping.workspace.key_stores import refusals
from anping.workspace.key_stores.entries import Entries, EntrySigners, FolderEntries

ROLES = ("producer", "log", "officer")
WITNESSES = "witnesses.keys.json"
SECRET = ".secret"  # noqa: S105 - the end of a name, no secret
_KEY_BYTES = 32
_NAME = re.compile(r"[\w-]+")
_ENTRY = re.compile(r"[\w-]+\.(pem|secret)|witnesses\.keys\.json")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")
_KEYRING = "keyring:"
_PKCS11 = "pkcs11:"


class Signers(Protocol):
    """Who signs for each role. This is the door for a cloud KMS: implement these two methods."""

    def find(self, role: str) -> Signer | None:
        """Return the signer of ``role`` (``producer``, ``log``, ``officer``), or None."""

    def make(self, role: str, name: str) -> Signer:
        """Make an Ed25519 key for a role that has none; its public half bears ``name``."""


@dataclass(frozen=True, slots=True)
class KeyStore:
    """Signing keys, symmetric keys and known witnesses; ``location`` is what --keys named."""

    location: str
    signers: Signers
    entries: Entries

    def signing(self, role: str) -> Signer:
        """Return the signer of a role. Raises KeyStoreError if its key is lost."""
        signer = self.signers.find(role)
        if signer is None:
            raise refusals.lost(role, file=f"{role}.pem")
        return signer

    def has_secret(self, name: str) -> bool:
        """Return whether the named symmetric key exists."""
        return (
            _NAME.fullmatch(name) is not None and self.entries.read(f"{name}{SECRET}") is not None
        )

    def check_name(self, name: str) -> None:
        """Raise KeyStoreError if no key can have this name."""
        if not _NAME.fullmatch(name):
            raise refusals.bad_name(name)

    def create_secret(self, name: str, key: bytes | None = None) -> bytes:
        """Make a symmetric key and return it; of two made at once, both callers get the first.

        ``key`` is one that :func:`new_secret` made. Raises KeyStoreError if the name is unusable.
        """
        self.check_name(name)
        content = base64.b64encode(new_secret() if key is None else key) + b"\n"
        return _secret(name, self.entries.add(f"{name}{SECRET}", content))

    def secret(self, name: str) -> bytes:
        """Return the named symmetric key. Raises KeyStoreError if it is lost or damaged."""
        self.check_name(name)
        content = self.entries.read(f"{name}{SECRET}")
        if content is None:
            raise refusals.lost(name, file=f"{name}{SECRET}")
        return _secret(name, content)

    def sign(self, role: str, payload: bytes) -> bytes:
        """Return ``payload`` in a DSSE envelope signed by the key of ``role``, as one line."""
        return sign(payload, self.signing(role)).line()

    def know(self, witness: PublicKey) -> None:
        """Remember a witness's public key."""
        self.entries.replace(WITNESSES, keys_json({*self.witnesses(), witness}))

    def witnesses(self) -> tuple[PublicKey, ...]:
        """Return the public keys of the known witnesses."""
        content = self.entries.read(WITNESSES)
        return () if content is None else read_keys(content).of("witness")

    def public(self) -> bytes:
        """Return the canonical ``keys.json``: the public key of every role and known witness."""
        return keys_json([*(self.signing(role).public for role in ROLES), *self.witnesses()])


def new_secret() -> bytes:
    """Return a symmetric key that is not kept anywhere yet."""
    return secrets.token_bytes(_KEY_BYTES)


def open_keys(location: str | Path | KeyStore) -> KeyStore:
    """Return the key store at a folder, ``keyring:SERVICE`` or ``pkcs11:…`` (RFC 7512).

    A key store of one's own making (a cloud KMS) is returned as it is. Raises KeyStoreError for
    another kind, and MissingExtraError where a library is missing. Keys are looked for only when
    they are used.
    """
    if isinstance(location, KeyStore):
        return location
    name = str(location)
    if isinstance(location, str) and name.startswith(_KEYRING):
        return _in_keyring(name)
    if isinstance(location, str) and name.startswith(_PKCS11):
        return _in_token(name)
    scheme = _SCHEME.match(name)
    if isinstance(location, str) and scheme is not None:
        raise refusals.unknown_store(scheme[1])
    entries = FolderEntries(Path(location))
    return KeyStore(name, EntrySigners(entries), entries)


def create_keys(location: str | Path | KeyStore, *, owner: str) -> KeyStore:
    """Make a key store with a signing key for every role, keeping keys that exist.

    Raises what :func:`open_keys` raises, and KeyStoreError if the place cannot hold keys.
    """
    store = open_keys(location)
    if isinstance(store.entries, FolderEntries):
        _private_folder(store.entries.folder)
    for role in ROLES:
        if store.signers.find(role) is None:
            store.signers.make(role, f"{owner}-{role}")
    return store


def portable(store: KeyStore) -> dict[str, bytes]:
    """Return every private entry of a key store, by name, for a sealed backup.

    Raises KeyStoreError if its signing keys cannot leave where they are (a token, a service).
    """
    if not isinstance(store.signers, EntrySigners):
        raise refusals.not_portable()
    found = {name: store.entries.read(name) for name in store.entries.names()}
    return {name: content for name, content in found.items() if content is not None}


def is_empty(store: KeyStore) -> bool:
    """Return whether a key store holds no signing key yet."""
    if isinstance(store.entries, FolderEntries) and not store.entries.folder.exists():
        return True
    return all(store.signers.find(role) is None for role in ROLES)


def adopt_keys(location: str | Path, entries: Mapping[str, bytes]) -> KeyStore:
    """Put the entries of :func:`portable` into an empty key store and return it.

    Raises KeyStoreError if it is not empty, or is a token, whose keys are made inside.
    """
    store = open_keys(location)
    if not isinstance(store.signers, EntrySigners) or not all(map(_ENTRY.fullmatch, entries)):
        raise refusals.not_portable()
    if not is_empty(store):
        raise refusals.not_empty()
    if isinstance(store.entries, FolderEntries):
        _adopt_folder(store.entries.folder, entries)
        return store
    for name, content in entries.items():
        if store.entries.add(name, content) != content:
            raise refusals.not_empty()
    return store


def _adopt_folder(folder: Path, entries: Mapping[str, bytes]) -> None:
    """Make the key folder with all of its entries, or not at all."""
    try:
        if folder.is_dir():
            folder.rmdir()
        with folder_aside(folder) as temporary:
            temporary.chmod(0o700)
            for name, content in entries.items():
                FolderEntries(temporary).add(name, content)
    except OSError as error:
        raise refusals.not_stored(
            Text("金鑰資料夾無法寫入。", "The key folder cannot be written."),
        ) from error


def _private_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
    except OSError as error:
        raise refusals.not_stored(
            Text("金鑰資料夾無法建立或寫入。", "The key folder cannot be made or written."),
        ) from error


def _in_keyring(location: str) -> KeyStore:
    from anping.workspace.key_stores.keyring import KeyringEntries

    service = location.removeprefix(_KEYRING)
    if not service:
        raise refusals.bad_location("缺少服務名", "it lacks the service's name")
    entries = KeyringEntries(service)
    return KeyStore(location, EntrySigners(entries), entries)


def _in_token(location: str) -> KeyStore:
    from anping.workspace.key_stores.token import TokenEntries, TokenSigners
    from anping.workspace.key_stores.uri import read_uri

    place = read_uri(location)
    return KeyStore(location, TokenSigners(place), TokenEntries(place))


def _secret(name: str, content: bytes) -> bytes:
    try:
        key = base64.b64decode(content.strip(), validate=True)
    except ValueError as error:
        raise refusals.damaged(name, file=f"{name}{SECRET}") from error
    if len(key) != _KEY_BYTES:
        raise refusals.damaged(name, file=f"{name}{SECRET}")
    return key
