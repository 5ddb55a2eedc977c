"""Keys in a PKCS#11 token (an HSM, a smart card, SoftHSM): signing keys are made there and stay there.

Signing keys are Ed25519 (CKK_EC_EDWARDS; CKM_EDDSA, PKCS #11 v3.0 section 2.3.14), sensitive and
not extractable. Symmetric keys and the witnesses' public keys are private data objects, read after
login: the transforms compute with them in memory, so they cannot stay inside.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from anping.core.errors import MissingExtraError
from anping.core.text import Text
from anping.evidence.keys import PublicKey, Signer
from anping.workspace.key_stores import refusals
from anping.workspace.key_stores.uri import TokenPlace

#: DER of the object identifier 1.3.101.112, id-Ed25519 (RFC 8410).
_ED25519 = bytes.fromhex("06032b6570")
_RAW_BYTES = 32
#: DER of an OCTET STRING or BIT STRING of 32 bytes, as modules spell CKA_EC_POINT, or neither.
_POINT_HEADERS = (b"\x04\x20", b"\x03\x21\x00", b"")
_APPLICATION = "anping"


def _library() -> Any:
    try:
        import pkcs11
    except ImportError as error:
        raise MissingExtraError.of(
            "pkcs11", needed_for=Text("PKCS#11 權杖", "A PKCS#11 token")
        ) from error
    return pkcs11


@contextmanager
def _told() -> Iterator[None]:
    """Turn what the module says into KeyStoreError."""
    library = _library()
    known = {
        library.NoSuchToken: ("key.no-token", Text("找不到這個權杖", "there is no such token")),
        library.PinIncorrect: ("key.wrong-pin", Text("PIN 不正確", "the PIN is wrong")),
        library.PinLenRange: ("key.wrong-pin", Text("PIN 不正確", "the PIN is wrong")),
        library.PinLocked: ("key.locked", Text("PIN 已鎖住", "the PIN is locked")),
        library.MechanismInvalid: (
            "key.no-eddsa",
            Text("權杖不支援 Ed25519（CKM_EDDSA）", "it does not do Ed25519 (CKM_EDDSA)"),
        ),
    }
    try:
        yield
    except library.PKCS11Error as error:
        name = type(error).__name__
        code, reason = known.get(type(error), ("key.token", Text(name, name)))
        raise refusals.token_unusable(reason, code=code) from error


@cache
def _session(place: TokenPlace) -> Any:
    """Return the one session of this process with a token: a login belongs to the process."""
    library = _library()
    with _told():
        names = {
            "token_label": place.label or None,
            "token_serial": place.serial.encode() or None,
        }
        token = library.lib(place.module).get_token(
            **{name: value for name, value in names.items() if value}
        )
        try:
            return token.open(rw=True, user_pin=place.pin())
        except library.UserAlreadyLoggedIn:
            return token.open(rw=True)


@dataclass(frozen=True, slots=True)
class TokenSigner:
    """A private key inside a token."""

    public: PublicKey
    key: Any

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature (64 bytes), checked: a bad one must never be recorded."""
        library = _library()
        with _told():
            signature = bytes(self.key.sign(message, mechanism=library.Mechanism.EDDSA))
        if not self.public.verifies(signature, message):
            raise refusals.token_unusable(
                Text("簽章與公鑰不符", "its signature does not fit its public key")
            )
        return signature


@dataclass(frozen=True, slots=True)
class TokenSigners:
    """The signing keys of one prefix in a token."""

    place: TokenPlace

    def find(self, role: str) -> Signer | None:
        """Return the signer of a role, or None. Raises KeyStoreError if the token is unusable."""
        library = _library()
        session = _session(self.place)
        wanted = {
            library.Attribute.ID: self._id(role),
            library.Attribute.KEY_TYPE: library.KeyType.EC_EDWARDS,
        }
        with _told():
            halves = {
                kind: list(session.get_objects({**wanted, library.Attribute.CLASS: kind}))
                for kind in (library.ObjectClass.PRIVATE_KEY, library.ObjectClass.PUBLIC_KEY)
            }
            counts = [len(found) for found in halves.values()]
            if counts == [0, 0]:
                return None
            if counts != [1, 1]:
                raise refusals.token_unusable(
                    Text(
                        "同一角色的金鑰不只一把或不成對", "a role's keys are doubled or half gone"
                    ),
                    code="key.ambiguous",
                )
            ((private,), (public,)) = halves.values()
            point = bytes(public[library.Attribute.EC_POINT])
            return TokenSigner(_public(role, private.label, point), private)

    def make(self, role: str, name: str) -> Signer:
        """Make a signing key in the token; it never leaves it."""
        library = _library()
        session = _session(self.place)
        attribute = library.Attribute
        with _told():
            session.create_domain_parameters(
                library.KeyType.EC_EDWARDS, {attribute.EC_PARAMS: _ED25519}, local=True
            ).generate_keypair(
                mechanism=library.Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
                store=True,
                label=name,
                id=self._id(role),
                private_template={attribute.SENSITIVE: True, attribute.EXTRACTABLE: False},
            )
        made = self.find(role)
        if made is None:
            raise refusals.not_stored(
                Text("權杖沒有保存新的簽章金鑰。", "The token did not keep the new signing key.")
            )
        return made

    def _id(self, role: str) -> bytes:
        return f"{self.place.prefix}/{role}".encode()


def _public(role: str, name: str, point: bytes) -> PublicKey:
    if point[:-_RAW_BYTES] not in _POINT_HEADERS:
        raise refusals.damaged(role)
    try:
        return PublicKey(role, name, point[-_RAW_BYTES:])  # type: ignore[arg-type]  # checked there
    except ValueError as error:
        raise refusals.damaged(role) from error


@dataclass(frozen=True, slots=True)
class TokenEntries:
    """Private data objects of one prefix in a token."""

    place: TokenPlace

    def read(self, name: str) -> bytes | None:
        """Return the object's value, or None. Raises KeyStoreError if the token is unusable."""
        found = self._objects(name)
        if len(found) > 1:
            raise refusals.token_unusable(
                Text(f"「{name}」不只一個", f"“{name}” is there more than once"),
                code="key.ambiguous",
            )
        with _told():
            return bytes(found[0][_library().Attribute.VALUE]) if found else None

    def add(self, name: str, content: bytes) -> bytes:
        """Make an object under a free name; return what is held."""
        held = self.read(name)
        if held is not None:
            return held
        self._make(name, content)
        return content

    def replace(self, name: str, content: bytes) -> None:
        """Make an object in place of an earlier one."""
        earlier = self._objects(name)
        self._make(name, content)
        with _told():
            for each in earlier:
                each.destroy()

    def names(self) -> tuple[str, ...]:
        """Return the names of the objects."""
        start = f"{self.place.prefix}/"
        label = _library().Attribute.LABEL
        with _told():
            labels = [str(each[label]) for each in self._objects()]
        return tuple(sorted(each.removeprefix(start) for each in labels if each.startswith(start)))

    def _objects(self, name: str | None = None) -> list[Any]:
        library = _library()
        session = _session(self.place)
        wanted = {
            library.Attribute.CLASS: library.ObjectClass.DATA,
            library.Attribute.APPLICATION: _APPLICATION,
        }
        if name is not None:
            wanted[library.Attribute.LABEL] = f"{self.place.prefix}/{name}"
        with _told():
            return list(session.get_objects(wanted))

    def _make(self, name: str, content: bytes) -> None:
        attribute = _library().Attribute
        with _told():
            _session(self.place).create_object(
                {
                    attribute.CLASS: _library().ObjectClass.DATA,
                    attribute.TOKEN: True,
                    attribute.PRIVATE: True,
                    attribute.APPLICATION: _APPLICATION,
                    attribute.LABEL: f"{self.place.prefix}/{name}",
                    attribute.VALUE: content,
                }
            )
