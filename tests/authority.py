"""A throw-away time-stamping authority: ``openssl ts`` behind an HTTP server on this machine."""

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not here")

_PURPOSE = "extendedKeyUsage=critical,timeStamping"
_CONFIGURATION = """
[tsa]
default_tsa=authority
[authority]
dir=.
serial=serial
crypto_device=builtin
signer_cert=tsa.pem
signer_key=tsa.key
signer_digest=sha256
default_policy=1.2.3.4.1
digests=sha256
accuracy=secs:1
ess_cert_id_alg=sha256
"""


@dataclass(frozen=True)
class Authority:
    """Keys and certificates of an authority in a folder."""

    folder: Path

    @classmethod
    def create(cls, folder: Path, *, days: int = 30) -> "Authority":
        folder.mkdir(parents=True)
        made = cls(folder)
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        made._openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem",
                      "-subj", "/CN=Test Root", "-days", "30")  # fmt: skip
        made._openssl("req", *key, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Test TSA")
        (folder / "extensions").write_text(f"{_PURPOSE}\nbasicConstraints=CA:FALSE\n")
        made._openssl("x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                      "-CAcreateserial", "-days", str(days), "-extfile", "extensions",
                      "-out", "tsa.pem")  # fmt: skip
        (folder / "serial").write_text("01\n")
        (folder / "configuration").write_text(_CONFIGURATION)
        return made

    @property
    def roots(self) -> bytes:
        return (self.folder / "ca.pem").read_bytes()

    def answer(self, query: bytes) -> bytes:
        """Return the response to a query, as the authority would give it."""
        (self.folder / "query").write_bytes(query)
        self._openssl(
            "ts", "-reply", "-config", "configuration", "-queryfile", "query", "-out", "response"
        )
        return (self.folder / "response").read_bytes()

    def _openssl(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)


@contextmanager
def served(answer: Callable[[bytes], bytes], *, status: int = 200) -> Iterator[str]:
    """Answer every POST with ``answer(body)`` and yield the URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *words: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/tsr"
        finally:
            server.shutdown()
            thread.join()
