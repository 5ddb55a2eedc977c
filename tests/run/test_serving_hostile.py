"""Whatever a request holds, the reply is an answer or the one envelope, and repeats nothing of it."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send

from anping.core.errors import InputError, ParameterError
from anping.run.serving.body import read_json
from anping.run.serving.instances import check, read_asked
from anping.run.serving.limits import Limits
from anping.run.serving.problems import RequestError
from anping.run.serving.server import Listening, server_of
from anping.run.serving.tokens import Tokens, check_open, read_tokens
from serving_toys import ROW, SIGNATURE, House, house

_LIMITS = Limits(body=20_000, rows=50)


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("spool"), limits=_LIMITS) as made:
        yield made


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 400, "serving.json"),
        (b"{", 400, "serving.json"),
        (b"[]", 400, "serving.json"),
        (b"null", 400, "serving.json"),
        (b'"text"', 400, "serving.json"),
        (b'{"instance": {"income": NaN}}', 400, "serving.json"),
        (b'{"instance": {"income": -Infinity}}', 400, "serving.json"),
        (b'{"instance": {"income": 1e999}}', 400, "serving.json"),
        (b'{"instance": {"income": ' + b"9" * 5000 + b"}}", 400, "serving.json"),
        (b'{"instance": {"income": 1, "income": 2}}', 400, "serving.json"),
        (b"\xff\xfe{}", 400, "serving.json"),
        (b"\xef\xbb\xbf{}", 400, "serving.json"),
        (b"[" * 9000, 400, "serving.json"),
        (b'{"instance": ' + b'{"a":' * 1500 + b"1" + b"}" * 1501, 400, "serving.json"),
        (b'{"instance": {"income": [[[[1]]]]}}', 400, "serving.json"),
        (b"{}", 400, "serving.request"),
        (b'{"instances": []}', 400, "serving.request"),
        (b'{"instances": {}}', 400, "serving.request"),
        (b'{"instances": [1]}', 400, "serving.request"),
        (b'{"instance": [1]}', 400, "serving.request"),
        (b'{"instances": null}', 400, "serving.request"),
        (b'{"instance": {}, "instances": [{}]}', 400, "serving.request"),
        (b'{"instance": {}, "__proto__": 1}', 400, "serving.request"),
        (b'{"instance": {}, "coverage": "0.9"}', 400, "serving.request"),
        (b'{"instance": {}, "coverage": true}', 400, "serving.request"),
        (b'{"instance": {}, "coverage": 1}', 400, "serving.request"),
        (b'{"instance": {}, "reasons": 1}', 400, "serving.request"),
        (b'{"instance": {}, "key": 5}', 400, "serving.request"),
        (b'{"instance": {}, "key": "\\ud800"}', 400, "serving.request"),
        (b'{"instance": {}, "key": "' + b"k" * 201 + b'"}', 400, "serving.request"),
        (b'{"instance": {"job": "\\ud800", "income": 1, "joined": null}}', 422, "serving.fields"),
        (b'{"instances": [' + b"{}," * 50 + b"{}]}", 413, "serving.rows"),
        (b'{"instance": {"job": "' + b"x" * 30_000 + b'"}}', 413, "serving.too-large"),
    ],
)
def test_what_is_no_request_is_refused(one: House, content: bytes, status: int, code: str) -> None:
    assert one.refused(content) == (status, code)


def test_a_body_that_lies_about_its_size_is_cut_off(one: House) -> None:
    def parts() -> Iterator[bytes]:
        yield b'{"instance": {"job": "'
        for _ in range(40):
            yield b"x" * 1000
        yield b'"}}'

    reply = one.client.post(
        "/v1/models/loans:predict", content=parts(), headers={"content-type": "application/json"}
    )
    assert reply.status_code == 413


@pytest.mark.parametrize("entry", ["instances", "coverage", "reasons", "alternatives", "key"])
def test_a_wrong_entry_is_told_what_it_may_be(entry: str) -> None:
    with pytest.raises(RequestError, match="Give ") as caught:
        read_asked({"instance": ROW, entry: []}, _LIMITS)
    assert "請給" in str(caught.value)


@pytest.mark.parametrize("kind", ["text/plain", "", "application/x-www-form-urlencoded", "json"])
def test_only_json_is_read_so_that_no_page_can_post_a_form(one: House, kind: str) -> None:
    reply = one.predict(json.dumps({"instance": ROW}).encode(), headers={"content-type": kind})
    assert (reply.status_code, reply.json()["error"]["code"]) == (415, "serving.media-type")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/models/loans:predict", 405),
        ("DELETE", "/v1/models", 405),
        ("GET", "/", 404),
        ("GET", "/../../etc/passwd", 404),
        ("POST", "/v1/models/loans/versions/-1:predict", 404),
        ("POST", "/v1/models/loans/versions/1e3:predict", 404),
        ("POST", "/v1/models/%00:predict", 404),
        ("POST", "/v1/models/loans:predict/", 404),
        ("POST", "/v1/models/%2e%2e%2floans:predict", 404),
    ],
)
def test_other_addresses_are_refused_in_the_same_envelope(
    one: House, method: str, path: str, status: int
) -> None:
    reply = one.client.request(method, path, json={"instance": ROW})
    assert reply.status_code == status
    assert set(reply.json()["error"]) >= {"code", "what", "hint", "fields"}


def test_a_huge_version_number_is_not_found(one: House) -> None:
    path = f"/v1/models/loans/versions/{'9' * 300}:predict"
    assert one.refused({"instance": ROW}, path=path) == (404, "serving.no-version")


_TRICKS = (
    "'; DROP TABLE decisions; --", "{{7*7}}", "${jndi:ldap://x}", "<script>alert(1)</script>",
    "\u202enurse", "nur\u200bse", "ｎｕｒｓｅ", "\x00", 'nurse\n{"id":"forged"}', "安平" * 400,
)  # fmt: skip


@pytest.mark.parametrize("text", _TRICKS)
def test_tricky_texts_are_only_texts(one: House, text: str) -> None:
    before = len(one.records())
    said = one.decided({"instance": {**ROW, "job": text}, "key": text[:50]})
    assert said["unlike"] == ["job"]
    records = one.records()
    assert len(records) == before + 1
    assert records[-1]["id"] == said["decision"]
    assert text.strip() not in json.dumps(records[-1], ensure_ascii=False) or not text.strip("\0")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(), inside, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from(["instance", "instances", "coverage", "key", "x"]), _JSON)
    | st.fixed_dictionaries({"instance": st.fixed_dictionaries(dict.fromkeys(ROW, _JSON))})
    | _JSON
)
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_any_json_is_a_request_or_a_typed_refusal(value: object) -> None:
    content = json.dumps(value).encode()
    with suppress(RequestError):
        asked = read_asked(read_json(content), _LIMITS)
        check(asked.rows, SIGNATURE, _LIMITS)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with suppress(RequestError):
        assert isinstance(read_json(content), dict)


def test_a_file_of_tokens_is_private_and_its_tokens_are_long(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    for content, mode in (("short\n", 0o600), ("", 0o600), ("é" * 20, 0o600), ("t" * 30, 0o644)):
        file.write_text(content, "utf-8")
        file.chmod(mode)
        with pytest.raises(InputError) as refused:
            read_tokens(file)
        assert refused.value.code == "serving.tokens"
        assert "short" not in str(refused.value)
    file.write_bytes(b"\xff\xfe")
    file.chmod(0o600)
    with pytest.raises(InputError):
        read_tokens(file)


def test_a_server_without_tokens_stays_on_its_machine() -> None:
    for host in ("127.0.0.1", "::1", "localhost"):
        check_open(Tokens(), host)
    for host in ("0.0.0.0", "::", "192.168.1.5", ""):
        with pytest.raises(ParameterError) as refused:
            check_open(Tokens(), host)
        assert refused.value.code == "serving.no-tokens"


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def test_a_connection_on_which_no_request_begins_is_closed() -> None:
    server = server_of(_nothing, Listening(port=0), Limits(seconds=1.0))
    server.config.lifespan = "off"
    listener = socket.create_server(("127.0.0.1", 0))
    running = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    running.start()
    try:
        with (
            socket.create_connection(listener.getsockname(), timeout=30) as silent,
            socket.create_connection(listener.getsockname(), timeout=30) as asking,
        ):
            silent.sendall(b"POST /v1/models/loans:predict HTTP/1.1\r\nHo")
            asking.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
            assert asking.recv(100).startswith(b"HTTP/1.1 204")
            assert silent.recv(100) == b""
    finally:
        server.should_exit = True
        running.join(30)
