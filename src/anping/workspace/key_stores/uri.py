"""PKCS#11 URIs (RFC 7512): which token of which module, and where its PIN comes from.

Read are the path attributes ``token``, ``serial`` and ``object`` (here: the prefix of every object's
name) and the query attributes ``module-path`` and ``pin-source``. A PIN itself (``pin-value``) is
refused: a location is shown on screens and in process lists.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from anping.core.text import Text
from anping.workspace.key_stores import refusals

SCHEME = "pkcs11:"
PIN = "ANPING_PKCS11_PIN"
MODULE = "ANPING_PKCS11_MODULE"
_PATH = ("token", "serial", "object")
_QUERY = ("module-path", "pin-source")


@dataclass(frozen=True, slots=True)
class TokenPlace:
    """A token of a PKCS#11 module; ``prefix`` tells one workspace's objects from another's."""

    module: str
    label: str
    serial: str
    prefix: str
    pin_source: str

    def pin(self) -> str:
        """Return the PIN from ANPING_PKCS11_PIN or from the file ``pin-source``.

        Raises KeyStoreError if there is none.
        """
        given = os.environ.get(PIN, "")
        if given or not self.pin_source:
            if not given:
                raise refusals.token_unusable(
                    Text("沒有給 PIN", "no PIN was given"), code="key.no-pin"
                )
            return given
        path = self.pin_source.removeprefix("file:")
        path = path.removeprefix("//") if path.startswith("///") else path
        try:
            return Path(path).read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise refusals.token_unusable(
                Text("PIN 檔讀不到", "the PIN file cannot be read"), code="key.no-pin"
            ) from error


def read_uri(location: str) -> TokenPlace:
    """Read a PKCS#11 URI. Raises KeyStoreError for parts it does not know or a PIN in the open."""
    path, _, query = location.removeprefix(SCHEME).partition("?")
    named = _attributes(path, ";", _PATH)
    more = _attributes(query, "&", _QUERY)
    module = more.get("module-path") or os.environ.get(MODULE, "")
    if not module:
        raise refusals.bad_location(
            f"缺少 module-path（或環境變數 {MODULE}）", f"it lacks module-path (or {MODULE})"
        )
    if not named.get("token") and not named.get("serial"):
        raise refusals.bad_location("缺少 token 或 serial", "it lacks token or serial")
    pin_source = more.get("pin-source", "")
    if pin_source.startswith("|"):
        raise refusals.bad_location("pin-source 不可以是指令", "pin-source may not be a command")
    return TokenPlace(
        module,
        named.get("token", ""),
        named.get("serial", ""),
        named.get("object") or "anping",
        pin_source,
    )


def _attributes(text: str, separator: str, known: tuple[str, ...]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for part in filter(None, text.split(separator)):
        name, equals, value = part.partition("=")
        if name == "pin-value":
            raise refusals.bad_location(
                f"PIN 不可寫在位置裡；請用環境變數 {PIN} 或 pin-source",
                f"a PIN must not stand in it; use {PIN} or pin-source",
            )
        if name not in known or not equals or name in found:
            raise refusals.bad_location(
                f"「{name}」不認得或重複", f"“{name}” is unknown or doubled"
            )
        try:
            found[name] = unquote(value, errors="strict")
        except UnicodeDecodeError as error:
            raise refusals.bad_location("編碼錯誤", "its percent-encoding is wrong") from error
    return found
