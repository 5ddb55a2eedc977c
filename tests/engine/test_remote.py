"""Files over loopback HTTP and in moto's S3: fetched whole or not at all, and never by a trick."""

from __future__ import annotations

import asyncio
import hashlib
import http.server
import stat
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from anping.core.errors import AnpingError, InputError
from anping.engine import remote
from anping.engine.read import read, read_many
from anping.engine.remote import fetch

PEOPLE = "name,age\n王小明,40\n李小華,31\n".encode()


@dataclass
class Site:
    """A web server of the test's own."""

    url: str
    files: dict[str, bytes] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    cut: set[str] = field(default_factory=set)
    default: bytes | None = None


class Handler(http.server.BaseHTTPRequestHandler):
    site: Site

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def do_GET(self) -> None:
        self.answer(body=True)

    def answer(self, *, body: bool) -> None:
        path = self.path.partition("?")[0]
        if path in self.site.redirects:
            self.send_response(302)
            self.send_header("Location", self.site.redirects[path])
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        content = self.site.files.get(path, self.site.default)
        status = self.site.statuses.get(path, 404 if content is None else 200)
        content = content or b""
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()[:8]}"')
        self.end_headers()
        if body:
            self.wfile.write(content[: len(content) // 2] if path in self.site.cut else content)
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def site() -> Iterator[Site]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Handler.site = Site(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Handler.site
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An empty bucket ``ward`` in moto's server, reached as the tools of AWS reach it."""
    import boto3  # type: ignore[import-untyped]
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "geheim")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    client = boto3.client("s3")
    client.create_bucket(Bucket="ward")
    yield client
    client.close()
    server.stop()


def refused(url: str, folder: Path, code: str, **options: Any) -> AnpingError:
    with pytest.raises(AnpingError) as caught:
        fetch(url, folder, **options)
    assert caught.value.code == code
    assert caught.value.__cause__ is None
    return caught.value


def test_a_file_over_http_is_read_as_any_file(site: Site, tmp_path: Path) -> None:
    site.files["/data/people.csv"] = PEOPLE
    (file,) = fetch(f"{site.url}/data/people.csv?version=2", tmp_path)
    assert file.path.name == "people.csv"
    assert (file.sha256, file.bytes) == (hashlib.sha256(PEOPLE).hexdigest(), len(PEOPLE))
    assert file.url == f"{site.url}/data/people.csv"
    assert file.etag is not None
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert read(file.path, into=tmp_path / "o.parquet").rows == 2


def test_redirects_stay_with_the_scheme(site: Site, tmp_path: Path) -> None:
    site.files["/people.csv"] = PEOPLE
    site.redirects = {
        "/there": "/people.csv", "/file": "file:///etc/passwd", "/ftp": "ftp://127.0.0.1/x",
        "/loop": "/loop",
    }  # fmt: skip
    assert fetch(f"{site.url}/there", tmp_path / "a")[0].bytes == len(PEOPLE)
    for path in ("/file", "/ftp", "/loop"):
        refused(f"{site.url}{path}", tmp_path / "b", "input.remote-redirect")
    assert not [path for path in (tmp_path / "b").rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("given", "target", "fine"),
    [
        ("https", "http://host/x", False),
        ("https", "https://other/x", True),
        ("https", "/x", True),
        ("http", "https://host/x", True),
        ("http", "file:///etc/passwd", False),
    ],
)
def test_a_redirect_never_leaves_https(given: str, target: str, *, fine: bool) -> None:
    told = SimpleNamespace(
        url=SimpleNamespace(scheme=given), response=SimpleNamespace(headers={"Location": target})
    )
    try:
        asyncio.run(remote._stay_with_scheme(None, None, told))
    except remote._LeftSchemeError:
        assert not fine
    else:
        assert fine


def test_what_the_web_does_wrong(site: Site, tmp_path: Path) -> None:
    site.files = {"/cut.csv": PEOPLE * 1000, "/secret.csv": PEOPLE, "/broken.csv": PEOPLE}
    site.statuses = {"/secret.csv": 403, "/broken.csv": 500}
    site.cut = {"/cut.csv"}
    error = refused(f"{site.url}/none.csv?sig=geheim", tmp_path, "input.remote-missing")
    assert "geheim" not in str(error)
    refused(f"{site.url}/secret.csv", tmp_path, "input.remote-forbidden")
    refused(f"{site.url}/broken.csv", tmp_path, "input.remote-unreachable")
    refused(f"{site.url}/cut.csv", tmp_path, "input.remote-unreachable")
    refused("http://127.0.0.1:9/x.csv", tmp_path, "input.remote-unreachable")


def test_no_more_is_fetched_than_allowed(site: Site, tmp_path: Path) -> None:
    site.files["/people.csv"] = PEOPLE * 100
    refused(f"{site.url}/people.csv", tmp_path, "input.remote-too-big", most_bytes=1000)


@pytest.mark.parametrize(
    "url",
    [
        "simplecache::file:///etc/passwd",
        "simplecache::https://host/x.csv",
        "zip://passwd::file:///etc/x.zip",
        "https::file:///etc/passwd",
        "file:///etc/passwd",
        "local:///etc/passwd",
        "reference://x",
        "memory://x",
        "data://text",
    ],
)
def test_tricks_with_urls_are_refused(tmp_path: Path, url: str) -> None:
    refused(url, tmp_path, "parameter.source-chained")
    assert list(tmp_path.iterdir()) == []


def test_names_from_outside_never_choose_a_path(site: Site, tmp_path: Path) -> None:
    site.default = PEOPLE
    for number, path in enumerate(
        ("/%2e%2e%2fevil.csv", "/..%5cevil.csv", "/x/", "/.hidden", f"/{'n' * 300}.csv")
    ):
        (file,) = fetch(f"{site.url}{path}", tmp_path / "in" / str(number))
        assert file.path.resolve().is_relative_to((tmp_path / "in").resolve())
        assert not file.path.name.startswith(".")


def test_s3_files_and_patterns(bucket: Any, tmp_path: Path) -> None:
    for key, body in {
        "visits/2024.csv": PEOPLE, "visits/2025.csv": PEOPLE, "visits/_SUCCESS": b"",
        "visits/.hidden.csv": b"x", "visits/deep/2023.csv": PEOPLE, "other.txt": b"x",
    }.items():  # fmt: skip
        bucket.put_object(Bucket="ward", Key=key, Body=body)
    (one,) = fetch("s3://ward/visits/2024.csv", tmp_path / "one")
    assert one.sha256 == hashlib.sha256(PEOPLE).hexdigest()
    assert one.url == "s3://ward/visits/2024.csv"
    assert one.etag
    for number, url in enumerate(("s3://ward/visits/*.csv", "s3://ward/visits/")):
        files = fetch(url, tmp_path / str(number))
        assert [file.path.name for file in files] == ["2024.csv", "2025.csv"]
        reading = read_many([file.path for file in files], into=tmp_path / "o.parquet")
        assert reading.rows == 4
    for url in ("s3://ward/none.csv", "s3://ward/none/*.csv", "s3://nobucket/x.csv"):
        error = refused(url, tmp_path / "none", "input.remote-missing")
        assert isinstance(error, InputError)
        assert "geheim" not in str(error)


def test_an_object_changed_meanwhile_is_refused(bucket: Any, tmp_path: Path) -> None:
    bucket.put_object(Bucket="ward", Key="x.csv", Body=PEOPLE * 10)

    def change(_what: object, done: int, _total: int | None) -> None:
        if done:
            bucket.put_object(Bucket="ward", Key="x.csv", Body=PEOPLE)

    with pytest.raises(InputError) as caught:
        fetch("s3://ward/x.csv", tmp_path, progress=change)
    assert caught.value.code in {"input.changed-while-reading", "input.remote-unreachable"}


def test_a_missing_library_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    error = refused("https://host/x.csv", tmp_path, "extra.missing")
    assert "anping[remote]" in error.hint.en
    refused("smb://host/x.csv", tmp_path, "parameter.source-driver")
