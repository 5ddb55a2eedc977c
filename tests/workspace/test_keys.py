"""The same promises whether keys lie in files, in the system's keyring or in a PKCS#11 token."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from anping.core.errors import KeyStoreError, MissingExtraError
from anping.evidence.dsse import read_line
from anping.evidence.keys import PublicKey, Signer, SigningKey, read_keys
from anping.evidence.witness import Witness
from anping.workspace.key_stores.entries import FolderEntries
from anping.workspace.key_stores.uri import read_uri
from anping.workspace.keys import ROLES, KeyStore, create_keys, open_keys
from anping.workspace.perform import Job, perform
from anping.workspace.witnessing import (
    add_cosignature,
    cosigned_by,
    create_witness,
    witness_request,
)
from anping.workspace.workspace import Workspace
from command_line import anping
from toy import COUNT, TAKE

MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)
PIN = "4711"


class Ring(KeyringBackend):
    """A keyring in memory; it can be locked, or forget what it is given."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.held: dict[tuple[str, str], str] = {}
        self.locked = False
        self.forgets = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked("a word that must not be shown")
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if not self.forgets:
            self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.held[service, username]


@pytest.fixture
def ring() -> Iterator[Ring]:
    before = keyring.get_keyring()
    made = Ring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture(scope="session")
def softhsm(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of SoftHSM's module, its tokens in a folder of this session."""
    module = next((path for path in MODULES if Path(path).exists()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        if os.environ.get("CI"):
            pytest.fail("CI must have SoftHSM 2 (apt-get install softhsm2)")
        pytest.skip("SoftHSM 2 is not installed (apt-get install softhsm2)")
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder}/tokens\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    # A module sees the tokens that are there when it starts, so all tests share this one.
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", "anping test", "--pin", PIN,
         "--so-pin", "0815"],
        check=True, capture_output=True,
    )  # fmt: skip
    return module


@pytest.fixture
def token(softhsm: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The location of a key store in a token, its objects under a prefix of its own."""
    monkeypatch.setenv("ANPING_PKCS11_PIN", PIN)
    prefix = f"w{secrets.token_hex(4)}"
    return f"pkcs11:token=anping%20test;object={prefix}?module-path={softhsm}"


@pytest.fixture(params=["folder", "keyring", "pkcs11"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "keyring":
        request.getfixturevalue("ring")
        return "keyring:anping-test"
    if request.param == "pkcs11":
        place: str = request.getfixturevalue("token")
        return place
    return str(tmp_path / "keys")


def test_signing_keys_are_made_once_and_sign(location: str) -> None:
    store = create_keys(location, owner="me")
    again = create_keys(location, owner="other")
    assert store.location == location
    assert store.public() == again.public() == open_keys(location).public()
    members = read_keys(store.public()).members
    assert sorted((key.role, key.name) for key in members) == sorted(
        (role, f"me-{role}") for role in ROLES
    )
    for role in ROLES:
        signer = open_keys(location).signing(role)
        assert signer.public.verifies(signer.sign(b"message"), b"message")
        envelope = read_line(store.sign(role, b"{}"))
        assert envelope.signed_by(signer.public)


def test_secrets_are_made_once_and_kept(location: str) -> None:
    store = create_keys(location, owner="me")
    assert not store.has_secret("person")
    made = store.create_secret("person")
    assert len(made) == 32
    assert store.has_secret("person")
    assert open_keys(location).secret("person") == made == store.create_secret("person")
    assert store.create_secret("電話") != made
    with pytest.raises(KeyStoreError) as lost:
        store.secret("phone")
    assert lost.value.code == "key.lost"
    for bad in ("../escape", "", "a b", "x/y"):
        assert not store.has_secret(bad)
        for ask in (store.secret, store.create_secret):
            with pytest.raises(KeyStoreError) as caught:
                ask(bad)
            assert caught.value.code == "key.bad-name"


def test_witnesses_are_remembered(location: str) -> None:
    store = create_keys(location, owner="me")
    assert store.witnesses() == ()
    known = [SigningKey.generate("witness", f"w{number}").public for number in range(3)]
    for each in known:
        store.know(each)
        store.know(each)
    assert set(open_keys(location).witnesses()) == set(known)
    assert len(read_keys(store.public()).of("witness")) == 3


def test_a_workspace_works_with_its_keys_anywhere(location: str, tmp_path: Path) -> None:
    source = tmp_path / "source.txt"
    source.write_text("banana")
    workspace = Workspace.create(tmp_path / "w", keys=location)
    perform(workspace, Job(TAKE, "fruit", {"path": str(source)}))
    perform(workspace, Job(COUNT, "fruit", {"letter": "a"}))
    create_witness(tmp_path / "witness", "auditor.example")
    cosigned_by(workspace, tmp_path / "witness")
    again = Workspace.open(tmp_path / "w", keys=location)
    assert again.ledger.audit(again.key_store.public()) == 2
    assert b"4711" not in (tmp_path / "w" / "workspace.sqlite").read_bytes()


MAKE = """
import sys
from anping.workspace.keys import open_keys
print(open_keys(sys.argv[1]).create_secret("person").hex())
"""


def test_processes_that_make_a_key_at_once_get_the_same(tmp_path: Path) -> None:
    create_keys(tmp_path / "keys", owner="me")
    command = [sys.executable, "-c", MAKE, str(tmp_path / "keys")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    made = {process.communicate(timeout=60)[0].strip() for process in running}
    assert made == {open_keys(tmp_path / "keys").secret("person").hex()}
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "keys").iterdir())
    assert not list((tmp_path / "keys").glob(".*"))


def test_without_hard_links_a_key_is_still_made_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(source: Path, target: Path) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", link)
    entries = FolderEntries(tmp_path)
    assert entries.add("x.secret", b"one") == b"one"
    assert entries.add("x.secret", b"two") == b"one"
    assert entries.names() == ("x.secret",)


def test_a_key_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(KeyStoreError) as caught:
        create_keys(tmp_path / "file" / "keys", owner="me")
    assert caught.value.code == "key.not-stored"


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ("vault:secret/x", "key.unknown-store"),
        ("awskms:alias/x", "key.unknown-store"),
        ("keyring:", "key.bad-location"),
        ("pkcs11:token=x", "key.bad-location"),
        ("pkcs11:?module-path=/x.so", "key.bad-location"),
        ("pkcs11:token=x?module-path=/x.so&pin-value=9876", "key.bad-location"),
        ("pkcs11:token=x;pin-value=9876?module-path=/x.so", "key.bad-location"),
        ("pkcs11:token=x?module-path=/x.so&pin-source=|cat%20x", "key.bad-location"),
        ("pkcs11:token=x;token=y?module-path=/x.so", "key.bad-location"),
        ("pkcs11:token=x;colour=red?module-path=/x.so", "key.bad-location"),
        ("pkcs11:token=%ff?module-path=/x.so", "key.bad-location"),
    ],
)
def test_a_wrong_location_is_refused(
    where: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANPING_PKCS11_MODULE", raising=False)
    with pytest.raises(KeyStoreError) as caught:
        open_keys(where)
    assert caught.value.code == code
    assert "9876" not in str(caught.value)


def test_a_uri_is_read_as_the_standard_says(monkeypatch: pytest.MonkeyPatch) -> None:
    place = read_uri("pkcs11:token=My%20token;serial=12ab;object=bank?module-path=/a/b.so")
    assert (place.label, place.serial, place.prefix) == ("My token", "12ab", "bank")
    monkeypatch.setenv("ANPING_PKCS11_MODULE", "/from/environment.so")
    assert read_uri("pkcs11:token=x").module == "/from/environment.so"
    assert read_uri("pkcs11:token=x").prefix == "anping"


def test_the_pin_comes_from_the_environment_or_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin = tmp_path / "a pin"
    pin.write_text("1234\n")
    quoted = str(pin).replace(" ", "%20")
    monkeypatch.delenv("ANPING_PKCS11_PIN", raising=False)
    for source in (quoted, f"file:{quoted}", f"file://{quoted}"):
        assert read_uri(f"pkcs11:token=x?module-path=/m.so&pin-source={source}").pin() == "1234"
    for missing in ("", "&pin-source=/nowhere/at/all"):
        with pytest.raises(KeyStoreError) as caught:
            read_uri(f"pkcs11:token=x?module-path=/m.so{missing}").pin()
        assert caught.value.code == "key.no-pin"
    monkeypatch.setenv("ANPING_PKCS11_PIN", "5678")
    assert read_uri("pkcs11:token=x?module-path=/m.so").pin() == "5678"


def test_a_locked_or_forgetful_keyring_is_told(ring: Ring) -> None:
    store = create_keys("keyring:anping-test", owner="me")
    ring.forgets = True
    with pytest.raises(KeyStoreError) as forgot:
        store.create_secret("person")
    assert forgot.value.code == "key.not-stored"
    ring.locked = True
    with pytest.raises(KeyStoreError) as locked:
        store.secret("person")
    assert locked.value.code == "key.keyring"
    assert "must not be shown" not in str(locked.value)
    ring.locked = ring.forgets = False
    store.create_secret("person")
    ring.held["anping-test", "person.secret"] = "no base64!"
    with pytest.raises(KeyStoreError) as damaged:
        store.secret("person")
    assert damaged.value.code == "key.damaged"


def test_no_keyring_at_all_is_told(ring: Ring) -> None:
    del ring
    from keyring.backends.fail import Keyring

    keyring.set_keyring(Keyring())  # type: ignore[no-untyped-call]
    with pytest.raises(KeyStoreError) as caught:
        create_keys("keyring:anping-test", owner="me")
    assert caught.value.code == "key.keyring"


@pytest.mark.parametrize(
    ("library", "where"),
    [("keyring", "keyring:x"), ("pkcs11", "pkcs11:token=x?module-path=/x.so")],
)
def test_a_missing_library_names_its_extra(
    library: str, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtraError) as caught:
        create_keys(where, owner="me")
    assert f"anping[{library}]" in str(caught.value)


def test_private_keys_never_leave_the_token(token: str) -> None:
    import pkcs11

    store = create_keys(token, owner="me")
    place = read_uri(token)
    session = pkcs11.lib(place.module).get_token(token_label=place.label).open()
    held = [
        each
        for each in session.get_objects({pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY})
        if bytes(each[pkcs11.Attribute.ID]).startswith(place.prefix.encode())
    ]
    assert len(held) == len(ROLES)
    for each in held:
        assert each[pkcs11.Attribute.SENSITIVE] is True
        assert each[pkcs11.Attribute.EXTRACTABLE] is False
        with pytest.raises(pkcs11.exceptions.AttributeSensitive):
            each[pkcs11.Attribute.VALUE]
    session.close()
    assert store.entries.names() == ()


def test_two_workspaces_share_a_token_by_prefix(token: str) -> None:
    first = create_keys(token, owner="one")
    second = create_keys(token.replace("object=w", "object=x"), owner="two")
    assert first.public() != second.public()
    assert first.create_secret("person") != second.create_secret("person")
    assert first.entries.names() == ("person.secret",)


WRONG = """
import sys
from anping.core.errors import KeyStoreError
from anping.workspace.keys import create_keys
try:
    create_keys(sys.argv[1], owner="me")
except KeyStoreError as error:
    print(error.code)
    print(error)
"""


@pytest.mark.parametrize(
    ("change", "pin", "code"),
    [
        (("", ""), "0000-not-to-be-shown", "key.wrong-pin"),
        (("token=anping", "token=nothing-"), PIN, "key.no-token"),
        (("libsofthsm2.so", "nothing.so"), PIN, "key.token"),
        (("", ""), "", "key.no-pin"),
    ],
)
def test_a_token_that_cannot_be_used_is_told(
    token: str, change: tuple[str, str], pin: str, code: str
) -> None:
    said = subprocess.run(
        [sys.executable, "-c", WRONG, token.replace(*change)],
        env={**os.environ, "ANPING_PKCS11_PIN": pin},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout.splitlines()[0] == code, said.stdout + said.stderr
    assert "not-to-be-shown" not in said.stdout + said.stderr


@dataclass
class Service:
    """What an adapter to a cloud KMS looks like: it finds and makes signers."""

    held: dict[str, SigningKey] = field(default_factory=dict)

    def find(self, role: str) -> Signer | None:
        return self.held.get(role)

    def make(self, role: str, name: str) -> Signer:
        self.held[role] = SigningKey.generate(role, name)
        return self.held[role]


def test_a_signing_service_is_a_class_with_two_methods(tmp_path: Path) -> None:
    service = Service()
    entries = FolderEntries(tmp_path / "keys")
    entries.folder.mkdir()
    store = create_keys(KeyStore("kms", service, entries), owner="me")
    assert open_keys(store) is store
    assert isinstance(store.signing("log").public, PublicKey)
    assert list(entries.folder.iterdir()) == []
    workspace = Workspace.create(tmp_path / "w", keys=store)
    assert workspace.key_store is store


@pytest.mark.skipif(os.name == "nt", reason="POSIX errors")
def test_a_key_folder_that_is_gone_or_full_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = create_keys(tmp_path / "keys", owner="me")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(KeyStoreError) as caught:
            store.create_secret("person")
    assert caught.value.code == "key.folder"
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == sorted(
        f"{role}.pem" for role in ROLES
    )
    (tmp_path / "file").write_text("x")
    with pytest.raises(KeyStoreError) as gone:
        open_keys(tmp_path / "file").secret("person")
    assert gone.value.code == "key.folder"


def test_the_command_line_works_with_a_token(token: str, tmp_path: Path) -> None:
    place = ("--workspace", tmp_path / "w", "--keys", token)
    made = anping("init", *place)
    assert made.code == 0, made.all
    assert token in made.out
    assert anping("keys", tmp_path / "keys.json", *place).code == 0
    assert len(read_keys((tmp_path / "keys.json").read_bytes()).members) == len(ROLES)
    assert anping("doctor", *place).code == 0
    refused = anping("--json-errors", "restore", tmp_path / "none.tar", *place)
    assert refused.error["code"] == "backup.unreadable"
    assert anping("backup", tmp_path / "b.tar", *place).code == 0
    os.environ["ANPING_BACKUP_PASSPHRASE"] = "correct horse battery staple"
    try:
        kept = anping("--json-errors", "backup", tmp_path / "c.tar", "--with-keys", *place)
    finally:
        del os.environ["ANPING_BACKUP_PASSPHRASE"]
    assert (kept.code, kept.error["code"]) == (6, "key.not-portable")
    new = ("--workspace", tmp_path / "w2", "--keys", token)
    restored = anping("restore", tmp_path / "b.tar", *new)
    assert restored.code == 0, restored.all
    assert anping("doctor", *new).code == 0
    assert PIN not in made.all + restored.all


def test_a_witness_may_keep_its_key_in_a_token(token: str, tmp_path: Path) -> None:
    store = create_keys(token, owner="auditor")
    signer = store.signers.make("witness", "auditor.example")
    workspace = Workspace.create(tmp_path / "w")
    source = tmp_path / "source.txt"
    source.write_text("banana")
    perform(workspace, Job(TAKE, "fruit", {"path": str(source)}))
    witness = Witness(tmp_path / "witness", signer)
    workspace.key_store.know(witness.public)
    log = workspace.key_store.signing("log").public
    witness.folder.mkdir()
    answer = witness.cosign(witness_request(workspace), workspace.clock(), first_use=log)
    assert add_cosignature(workspace, answer).cosigned_by(signer.public) is not None
