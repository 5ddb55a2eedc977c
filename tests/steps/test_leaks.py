"""Nothing in a dossier, in the ledger or in a log identifies a person.

Every planted direct identifier is searched for, in every form it may be written in.
"""

import base64
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from anping.cli.main import build
from anping.recipes.sample.truth import read_truth, written_forms
from walking import Walk

PREFIX = 3


def texts_of(path: Path) -> Iterator[str]:
    """Yield everything a file says: its text, its table cells, its signed payloads."""
    if path.suffix == ".parquet":
        for column in pq.read_table(path).columns:
            yield "\n".join(str(value) for value in column.to_pylist())
        return
    text = path.read_bytes().decode("utf-8", "replace")
    yield text
    if path.name.endswith(".intoto.jsonl") or path.name.endswith(".dsse.json"):
        for line in text.splitlines():
            yield base64.b64decode(json.loads(line)["payload"]).decode()


def forms_of(walk: Walk, file: str) -> dict[str, str]:
    """Return every written form of every planted direct identifier, with its type."""
    truth = read_truth(walk.sample, file)
    return {
        form: planted.type
        for planted in truth.direct()
        for form in written_forms(planted.value, planted.type)
        if len(form) >= PREFIX
    }


def found_in(texts: Iterable[str], forms: dict[str, str]) -> dict[str, int]:
    """Return how many forms of each type stand in the texts; the values are never shown."""
    by_prefix: defaultdict[str, list[str]] = defaultdict(list)
    for form in forms:
        by_prefix[form[:PREFIX]].append(form)
    counts: defaultdict[str, int] = defaultdict(int)
    for text in texts:
        for start in range(len(text) - PREFIX + 1):
            for form in by_prefix.get(text[start : start + PREFIX], ()):
                if text.startswith(form, start):
                    counts[forms[form]] += 1
    return dict(counts)


def said(walk: Walk) -> Iterator[str]:
    """Yield what the command line prints of the whole chain."""
    place = ["--workspace", str(walk.workspace.folder)]
    for arguments in (
        ["run", str(walk.sample / "pipeline.yaml")],
        ["log"],
        ["assets"],
        ["show", "customers.scan"],
        ["show", "customers.plan"],
    ):
        for language in ("zh", "en"):
            result = CliRunner().invoke(
                build(), [*arguments, *place], env={"ANPING_LANG": language}
            )
            yield result.output
    yield str(result.exit_code)


@pytest.fixture(scope="module")
def forms(bank: Walk) -> dict[str, str]:
    return forms_of(bank, "customers.csv")


def test_the_search_finds_what_is_there(bank: Walk, forms: dict[str, str]) -> None:
    raw = bank.sample / "customers.csv"
    found = found_in([raw.read_text("utf-8")], forms)
    assert len(forms) > 5000
    assert found.keys() >= {"PERSON_NAME", "TW_NATIONAL_ID", "PHONE", "EMAIL", "ADDRESS_FULL"}


def test_no_dossier_file_identifies_anyone(bank: Walk, forms: dict[str, str]) -> None:
    files = [path for path in bank.dossier.rglob("*") if path.is_file()]
    assert len(files) > 20
    leaks = {
        path.relative_to(bank.dossier).as_posix(): found
        for path in files
        if (found := found_in(texts_of(path), forms))
    }
    assert leaks == {}


def test_no_ledger_statement_identifies_anyone(bank: Walk, forms: dict[str, str]) -> None:
    records = [json.dumps(e.record, ensure_ascii=False) for e in bank.workspace.ledger.entries()]
    assert len(records) >= 10
    assert found_in(records, forms) == {}
    database = (bank.workspace.folder / "workspace.sqlite").read_bytes().decode("utf-8", "replace")
    assert found_in([database], forms) == {}


def test_nothing_printed_identifies_anyone(bank: Walk, forms: dict[str, str]) -> None:
    assert found_in(said(bank), forms) == {}


def test_the_hospital_leaks_nothing_either(hospital: Walk) -> None:
    forms = forms_of(hospital, "visits.csv")
    texts = [t for path in hospital.dossier.rglob("*") if path.is_file() for t in texts_of(path)]
    assert found_in(texts, forms) == {}
