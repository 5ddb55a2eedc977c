"""A source is named without its secrets, whatever it looks like."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.core.errors import ParameterError
from anping.engine.source import (
    holds_secret,
    is_elsewhere,
    kind_of,
    local_path,
    require_no_secret,
    resolved,
    rooted_in,
    shown,
)


@pytest.mark.parametrize(
    ("source", "kind", "name"),
    [
        ("data/people.csv", "local", "people.csv"),
        ("data/*.csv", "local", "*.csv"),
        ("file:///srv/a%20b.csv", "local", "a b.csv"),
        ("C:\\data\\x.csv", "local", "C:\\data\\x.csv"),
        ("s3://bucket/visits/*.csv", "remote", "s3://bucket/visits/*.csv"),
        ("https://me:pw@host:8443/a.csv?sig=x#y", "remote", "https://host:8443/a.csv"),
        ("postgresql+psycopg://me:pw@host:5432/db?sslmode=require", "database",
         "postgresql+psycopg://host:5432/db"),
        ("sqlite:////srv/secret-folder/clinic.db", "database", "sqlite:///clinic.db"),
        ("mssql+pyodbc:///?odbc_connect=PWD%3Dx", "database", "mssql+pyodbc:///"),
        ("simplecache::file:///etc/passwd", "remote", None),
    ],
)  # fmt: skip
def test_kinds_and_names(source: str, kind: str, name: str | None) -> None:
    assert kind_of(source) == kind
    if name is not None:
        assert shown(source) == name


@pytest.mark.parametrize(
    "source",
    [
        "postgresql://me:geheim@host/db",
        "postgresql://host/db?user=me&password=geheim",
        "mysql://me:@host/db",
        "https://token@host/x.csv",
        "https://host/x.csv?X-Amz-Signature=abc",
        "https://host/x.csv?sig=abc",
        "https://host/x.csv?access_token=abc",
        "s3://key:versteckt@bucket/x.csv",
        "mssql+pyodbc:///?odbc_connect=DRIVER%3Dx%3BPWD%3Dy",
    ],
)
def test_secrets_are_refused(source: str) -> None:
    assert holds_secret(source)
    with pytest.raises(ParameterError) as caught:
        require_no_secret(source)
    for secret in ("geheim", "abc", "token@", "versteckt"):
        assert secret not in str(caught.value)


@pytest.mark.parametrize(
    "source",
    [
        "env:CLINIC", "a:b@c.csv", "postgresql://me@host/db?sslmode=require", "sqlite:///x.db",
        "https://host/x.csv?page=2", "postgresql://anping@/db?host=/run&port=5432",
    ],
)  # fmt: skip
def test_what_is_no_secret(source: str) -> None:
    require_no_secret(source)


def test_variables_are_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLINIC", "sqlite:///x.db")
    monkeypatch.setenv("PATH_ONLY", "/etc/passwd")
    monkeypatch.setenv("AGAIN", "env:CLINIC")
    assert resolved("env:CLINIC") == "sqlite:///x.db"
    for wrong in ("env:NOT_SET_HERE", "env:", "env:PATH_ONLY", "env:AGAIN", "env:A B"):
        with pytest.raises(ParameterError):
            resolved(wrong)
    assert resolved("people.csv") == "people.csv"


def test_only_paths_are_rooted() -> None:
    folder = local_path("base")
    assert rooted_in(folder, "x.csv") == "base/x.csv"
    for source in ("s3://b/x", "env:X", "file:///x.csv", "sqlite:///x.db"):
        assert rooted_in(folder, source) == source


@given(
    scheme=st.sampled_from(["postgresql", "mysql+pymysql", "https", "s3", "sftp"]),
    user=st.text("abc%:/", max_size=5), word=st.text("XYZ", min_size=4, max_size=9),
    key=st.sampled_from(["password", "sig", "token", "page"]),
)  # fmt: skip
def test_what_is_shown_holds_no_secret(scheme: str, user: str, word: str, key: str) -> None:
    source = f"{scheme}://{user.replace('/', '')}:{word}@host/path?{key}={word}"
    assert is_elsewhere(source)
    assert holds_secret(source)
    assert word not in shown(source)
