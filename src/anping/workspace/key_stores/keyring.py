"""Keys in the system's keyring: Keychain, Windows Credential Manager, Secret Service, KWallet.

Every entry is one password of the service, in base64. A keyring cannot list what it holds, so the
names stand in an entry of their own.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from anping.core.errors import MissingExtraError
from anping.core.text import Text
from anping.workspace.key_stores import refusals

_INDEX = "names"


def _library() -> Any:
    try:
        import keyring
    except ImportError as error:
        raise MissingExtraError.of(
            "keyring", needed_for=Text("系統金鑰圈", "The system keyring")
        ) from error
    return keyring


@contextmanager
def _told() -> Iterator[None]:
    from keyring.errors import KeyringError

    try:
        yield
    except KeyringError as error:
        # The message of a backend may quote what it was given; its kind says enough.
        kind = type(error).__name__
        raise refusals.keyring_unusable(Text(f"{kind}", f"{kind}")) from error


@dataclass(frozen=True, slots=True)
class KeyringEntries:
    """The passwords of one service of the system's keyring."""

    service: str

    def read(self, name: str) -> bytes | None:
        """Return the entry, or None. Raises KeyStoreError if the keyring is locked or absent."""
        library = _library()
        with _told():
            found = library.get_password(self.service, name)
        if found is None:
            return None
        try:
            return base64.b64decode(found, validate=True)
        except ValueError as error:
            raise refusals.damaged(name) from error

    def add(self, name: str, content: bytes) -> bytes:
        """Keep an entry under a free name; return what is held."""
        held = self.read(name)
        if held is not None:
            return held
        self.replace(name, content)
        return content

    def replace(self, name: str, content: bytes) -> None:
        """Keep an entry and read it back: some backends silently keep nothing."""
        if name not in self.names():
            self._keep(_INDEX, json.dumps(sorted({*self.names(), name})).encode())
        self._keep(name, content)

    def names(self) -> tuple[str, ...]:
        """Return the names of the entries."""
        index = self.read(_INDEX)
        if index is None:
            return ()
        try:
            listed = json.loads(index)
        except ValueError as error:
            raise refusals.damaged(_INDEX) from error
        return tuple(name for name in listed if self.read(name) is not None)

    def _keep(self, name: str, content: bytes) -> None:
        library = _library()
        with _told():
            library.set_password(self.service, name, base64.b64encode(content).decode())
        if self.read(name) != content:
            raise refusals.not_stored(
                Text(
                    f"系統金鑰圈沒有保存「{name}」。", f"The system keyring did not keep “{name}”."
                )
            )
