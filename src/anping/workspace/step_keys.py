"""The workspace's keys as a step sees them: a key that a step needs first is kept with its result."""

from __future__ import annotations

from dataclasses import dataclass, field

from anping.core.errors import KeyStoreError
from anping.core.text import Text
from anping.workspace.keys import new_secret
from anping.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class StepKeys:
    """Gives a step its keys. One that did not exist is made in memory until :meth:`keep`.

    So a step that fails leaves no key behind, and nothing is ever recorded whose key is not kept.
    """

    workspace: Workspace
    _made: dict[str, bytes] = field(default_factory=dict, repr=False)

    def secret(self, name: str) -> bytes:
        """Return the named symmetric key. Raises KeyStoreError if it existed once and is gone."""
        known = self.workspace.fact(_fact(name)) is not None
        if known or self.workspace.key_store.has_secret(name):
            return self.workspace.secret(name)
        self.workspace.key_store.check_name(name)
        return self._made.setdefault(name, new_secret())

    def sign(self, role: str, payload: bytes) -> bytes:
        """Return ``payload`` signed by the key of ``role``."""
        return self.workspace.key_store.sign(role, payload)

    def public(self) -> bytes:
        """Return the public keys."""
        return self.workspace.key_store.public()

    def keep(self) -> None:
        """Put the keys that were made into the key store.

        Raises KeyStoreError where somebody else has made one of that name meanwhile.
        """
        for name, key in self._made.items():
            if self.workspace.key_store.create_secret(name, key) != key:
                raise _made_meanwhile(name)
            self.workspace.state(_fact(name), "made")


def _fact(name: str) -> str:
    return f"key:{name}"


def _made_meanwhile(name: str) -> KeyStoreError:
    return KeyStoreError(
        "key.made-meanwhile",
        Text(
            f"另一個步驟同時產生了金鑰「{name}」。",
            f"Another step made the key “{name}” at the same time.",
        ),
        hint=Text("再執行一次。", "Run it again."),
    )
