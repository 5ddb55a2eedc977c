"""A dossier that carries an authority's timestamp, and what verify says when it was tampered with."""

import shutil
from pathlib import Path

import pytest

from authority import Authority, needs_openssl, served
from command_line import Place, anping

pytestmark = needs_openssl
STAMP = "evidence/checkpoint.tsr"


@pytest.fixture
def stamped(place: Place, tmp_path: Path) -> tuple[Path, Path]:
    """Return a dossier with a timestamp, and the file of the authority's roots."""
    authority = Authority.create(tmp_path / "tsa")
    roots = tmp_path / "tsa" / "ca.pem"
    with served(authority.answer) as url:
        said = anping("publish", "timestamp", url, "--roots", roots, *place.options)
    assert (said.code, "CN=Test TSA" in said.out) == (0, True)
    subject = "customers"
    assert anping("dossier", subject, tmp_path / "dossier", *place.options).code == 0
    return tmp_path / "dossier", roots


def test_the_timestamp_travels_and_verifies(stamped: tuple[Path, Path]) -> None:
    dossier, roots = stamped
    said = anping("verify", dossier, "--timestamp-roots", roots, "--verbose")
    assert said.code == 0
    assert "CN=Test TSA" in said.out
    archive = dossier.with_name("dossier.zip")
    assert anping("verify", archive, "--timestamp-roots", roots).code == 0


def test_without_roots_it_is_told_not_checked(stamped: tuple[Path, Path]) -> None:
    said = anping("verify", stamped[0])
    assert said.code == 0
    assert "--timestamp-roots" in said.out


def test_another_authority(stamped: tuple[Path, Path], tmp_path: Path) -> None:
    Authority.create(tmp_path / "other")
    roots = tmp_path / "other" / "ca.pem"
    assert anping("verify", stamped[0], "--timestamp-roots", roots).code == 7


def test_a_removed_timestamp_is_missed_where_it_is_demanded(
    stamped: tuple[Path, Path], tmp_path: Path
) -> None:
    without = shutil.copytree(stamped[0], tmp_path / "without")
    (without / STAMP).unlink()
    assert anping("verify", without).code == 0
    assert anping("verify", without, "--timestamp-roots", stamped[1]).code == 7


def test_a_timestamp_of_another_checkpoint(stamped: tuple[Path, Path], tmp_path: Path) -> None:
    changed = shutil.copytree(stamped[0], tmp_path / "changed")
    note = (changed / "evidence/checkpoint").read_bytes()
    other = tmp_path / "other-note"
    other.write_bytes(note)
    response = bytearray((changed / STAMP).read_bytes())
    response[len(response) // 3] ^= 1
    (changed / STAMP).write_bytes(bytes(response))
    assert anping("verify", changed, "--timestamp-roots", stamped[1]).code == 7


def test_the_commands_of_publishing(place: Place, tmp_path: Path) -> None:
    dropped = anping("publish", "drop", tmp_path / "drop", *place.options)
    assert dropped.code == 0
    kept = Path(dropped.out.strip())
    assert kept.parent == tmp_path / "drop"
    assert anping("publish", "mailbox", tmp_path / "box", *place.options).code == 0
    assert anping("dossier", "customers", tmp_path / "d", *place.options).code == 0
    assert anping("verify", tmp_path / "d", "--witness", kept).code == 0
    assert anping("publish", "mail", "a@example.org", *place.options).code == 2
