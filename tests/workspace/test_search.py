"""The search index: what is found, in which order, in both databases, and after every kind of change."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anping.core.asset import Asset
from anping.core.errors import ParameterError, WorkspaceError
from anping.core.text import Text
from anping.workspace.perform import Job, perform
from anping.workspace.search import index, tables
from anping.workspace.search.entry import FIELDS, Entry
from anping.workspace.search.folding import fold
from anping.workspace.search.index import refresh, replace, standing
from anping.workspace.search.postings import BLOCK
from anping.workspace.search.query import read_query
from anping.workspace.search.search import Found, search
from anping.workspace.search.words import asked_of, terms_of
from anping.workspace.step import Record
from anping.workspace.workspace import Workspace
from toy import COUNT, TAKE

WEIGHTS = {"name": 3.0, "title": 2.0, "column": 3.0, "type": 2.0, "about": 1.0}


def entry(name: str, title: str = "", *, scope: str = "", **more: Any) -> Entry:
    return Entry(
        scope=scope or f"s:{name}",
        kind=more.pop("kind", "table"),
        asset=name,
        title=Text(title, title),
        filters={"kind": ("table",)},
        **more,
    )


def put(workspace: Workspace, *entries: Entry) -> None:
    scopes: dict[str, list[Entry]] = {}
    for one in entries:
        scopes.setdefault(one.scope, []).append(one)
    with workspace.transaction() as connection:
        tables.metadata.create_all(connection)
        replace(connection, dict(scopes))
        for name, value in (("form", tables.FORM), ("statements", "0")):
            connection.execute(sa.delete(tables.state).where(tables.state.c.name == name))
            connection.execute(sa.insert(tables.state).values(name=name, value=value))


def names(found: Found) -> list[str]:
    return [hit.entry.asset for hit in found.hits]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("身分證", "身分証"), ("臺北市", "台北市"), ("電話號碼", "电话号码"), ("ＡＢＣ１２", "abc12"),
        ("裡", "裏"), ("Straße", "STRASSE"), ("髮", "发"), ("發", "发"),
    ],
)  # fmt: skip
def test_variants_are_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_terms_are_words_letters_and_pairs() -> None:
    assert terms_of("nationalId_2") == (("national", 0), ("id", 1), ("2", 2))
    assert terms_of("身分證") == (
        ("身分", 0), ("身", 0), ("分證", 1), ("分", 1), ("證", 2),
    )  # fmt: skip
    assert asked_of("A型肝炎") == (("a", 0), ("型肝", 1), ("肝炎", 2))
    assert asked_of("證") == (("證", 0),)


def test_finds_in_either_language_and_narrows(workspace: Workspace) -> None:
    put(
        workspace,
        entry("customers", "客戶名冊 customer list", column="手機", words={"type": ("PHONE",)}),
        entry("sales", "臺北市銷售紀錄 sales of Taipei", kind="report"),
        entry("patients", "病患的電話 phones of patients"),
    )
    assert names(search(workspace, "客户")) == ["customers"]
    assert names(search(workspace, "台北市")) == ["sales"]
    assert names(search(workspace, "column:手機")) == ["customers"]
    assert names(search(workspace, "column:電話")) == []
    assert names(search(workspace, "電")) == ["patients"]
    assert set(names(search(workspace, "phone*"))) == {"customers", "patients"}
    assert names(search(workspace, '"of patients"')) == ["patients"]
    assert names(search(workspace, "「of patients」")) == ["patients"]
    assert names(search(workspace, '"patients of"')) == []
    assert set(names(search(workspace, "kind:table -sales"))) == {"customers", "patients"}
    assert search(workspace, "kind:table").matches.value == 3


def test_what_nothing_holds_whole_is_found_in_part_and_said_so(workspace: Workspace) -> None:
    put(workspace, entry("a", "身分證字號"), entry("b", "電話號碼"), entry("c", "地址"))
    assert not search(workspace, "身分證").loose
    found = search(workspace, "身分證號碼")
    assert found.loose
    assert names(found) == ["a", "b"]
    assert not search(workspace, "沒有這種字").hits
    assert names(search(workspace, "電話 nowhere")) == ["b"]
    assert not search(workspace, '電話 "nowhere" kind:report').hits


def test_phrases_do_not_span_texts_or_fields(workspace: Workspace) -> None:
    put(workspace, entry("alpha", "beta", words={"about": ("gamma", "delta")}))
    for phrase in ('"alpha beta"', '"gamma delta"', '"beta gamma"'):
        assert not search(workspace, phrase).hits


@pytest.mark.parametrize("words", ["", "  ", "-only", "***", "：", '""'])
def test_nothing_to_look_for(workspace: Workspace, words: str) -> None:
    with pytest.raises(ParameterError) as caught:
        search(workspace, words)
    assert caught.value.code == "search.nothing"


def test_too_much_to_look_for(workspace: Workspace) -> None:
    for words in ("a" * 1001, " ".join(f"w{n}" for n in range(40))):
        with pytest.raises(ParameterError) as caught:
            search(workspace, words)
        assert caught.value.code == "search.too-long"


@given(st.text(max_size=60))
def test_any_query_is_read_or_refused(words: str) -> None:
    try:
        units = read_query(words)
    except ParameterError:
        return
    assert all(unit.terms or unit.exact for unit in units)


LETTERS = st.sampled_from(["身", "分", "證", "臺", "台", "ab", "cd", " ", "_", "B"])
TEXTS = st.lists(LETTERS, max_size=8).map("".join)


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=12), TEXTS, TEXTS)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_scores_are_those_of_the_formula(
    memory: Workspace, texts: list[tuple[str, str]], one: str, other: str
) -> None:
    entries = [entry(f"n{at}", title, column=column) for at, (title, column) in enumerate(texts)]
    words = f"{one} {other}"
    try:
        units = read_query(words)
    except ParameterError:
        return
    with memory.transaction() as connection:
        tables.metadata.drop_all(connection)
    put(memory, *entries)
    expected = oracle(entries, [unit.terms for unit in units])
    found = search(memory, words, limit=100)
    if not found.loose:
        got = {hit.entry.asset: hit.score for hit in found.hits}
        assert got.keys() == expected.keys()
        assert all(math.isclose(got[name], expected[name], rel_tol=1e-9) for name in got)
        assert [hit.score for hit in found.hits] == sorted(got.values(), reverse=True)
    else:
        assert not expected


def oracle(
    entries: Sequence[Entry], units: Sequence[Sequence[tuple[str, int]]]
) -> dict[str, float]:
    """Return the score of every entry that holds all units, by the formula, term by term."""
    lengths = [
        max(1, sum(len_of(text) for texts in one.texts().values() for text in texts))
        for one in entries
    ]
    average = sum(lengths) / len(lengths)
    weights = [[weight(one, unit) for one in entries] for unit in units]
    found = {}
    for at, one in enumerate(entries):
        if not all(each[at] > 0 for each in weights):
            continue
        score = 0.0
        for each in weights:
            holding = sum(value > 0 for value in each)
            rarity = math.log(1 + (len(entries) - holding + 0.5) / (holding + 0.5))
            length = 1.2 * (0.5 + 0.5 * lengths[at] / average)
            score += rarity * each[at] * 2.2 / (each[at] + length)
        found[one.asset] = score
    return found


def len_of(text: str) -> int:
    return max((place + 1 for _, place in terms_of(text)), default=0)


def weight(one: Entry, unit: Sequence[tuple[str, int]]) -> float:
    total = 0.0
    for name in FIELDS:
        for text in one.texts().get(name, ()):
            held = set(terms_of(text))
            first = unit[0][1]
            total += WEIGHTS[name] * sum(
                all((term, start + place - first) in held for term, place in unit)
                for start in range(len_of(text))
            )
    return total


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace.create(tmp_path_factory.mktemp("search") / "w")


def test_replacing_again_and_again_is_like_telling_once(workspace: Workspace) -> None:
    for turn in range(3):
        put(workspace, *[entry(f"t{n}", f"turn{turn} 第{n}張表") for n in range(20)])
    put(workspace, entry("t3", "another"))
    found = search(workspace, "turn2 張表", limit=100)
    again = Workspace.create(Path(workspace.key_store.location).parent / "other")
    kept = [entry(f"t{n}", f"turn2 第{n}張表") for n in range(20) if n != 3]
    put(again, *kept, entry("t3", "another"))
    fresh = search(again, "turn2 張表", limit=100)
    assert [(h.entry.asset, h.score) for h in found.hits] == [
        (h.entry.asset, h.score) for h in fresh.hits
    ]
    assert not search(workspace, "turn1").hits


def test_entries_beyond_one_block(memory: Workspace) -> None:
    with memory.transaction() as connection:
        tables.metadata.drop_all(connection)
    put(memory, *[entry(f"e{n}", "common", scope="all") for n in range(BLOCK + 9)])
    assert search(memory, "common").matches.value == BLOCK + 9
    assert names(search(memory, f"e{BLOCK + 3}")) == [f"e{BLOCK + 3}"]


def told(asset: Asset, record: Record) -> dict[str, list[Entry]]:
    one = entry(asset.name, f"{record['predicate']['step']['id']} {asset.reference}")
    return {one.scope: [one]}


def test_an_index_follows_the_ledger(workspace: Workspace, source: Path) -> None:
    with pytest.raises(WorkspaceError) as caught:
        search(workspace, "fruit")
    assert caught.value.code == "search.no-index"
    perform(workspace, Job(TAKE, "fruit", {"path": str(source)}))
    assert standing(workspace).known is None
    assert names(search(workspace, "fruit", describe=told)) == ["fruit"]
    assert standing(workspace).current
    perform(workspace, Job(COUNT, "fruit", {"letter": "a"}))
    assert not standing(workspace).current
    assert len(search(workspace, "fruit", describe=told).hits) == 2
    source.write_text("cherry")
    perform(workspace, Job(TAKE, "fruit", {"path": str(source)}))
    assert search(workspace, '"fruit 2"', describe=told).matches.value == 1
    assert search(workspace, '"count 1"', describe=told).hits[0].entry.asset == "fruit.count"


def test_a_scope_that_is_told_empty_has_nothing_any_more(
    workspace: Workspace, source: Path
) -> None:
    perform(workspace, Job(TAKE, "fruit", {"path": str(source)}))
    refresh(workspace, told)
    source.write_text("cherry")
    perform(workspace, Job(TAKE, "fruit", {"path": str(source)}))

    def nothing(asset: Asset, record: Record) -> dict[str, list[Entry]]:
        return {scope: [] for scope in told(asset, record)}

    assert not search(workspace, "fruit", describe=nothing).hits


def test_another_form_is_made_anew(workspace: Workspace, source: Path) -> None:
    perform(workspace, Job(TAKE, "fruit", {"path": str(source)}))
    refresh(workspace, told)
    with workspace.transaction() as connection:
        connection.execute(
            sa.update(tables.state).where(tables.state.c.name == "form").values(value="0")
        )
    assert standing(workspace).known is None
    assert names(search(workspace, "fruit", describe=told)) == ["fruit"]


def test_a_failing_update_leaves_the_index_as_it_was(workspace: Workspace, source: Path) -> None:
    perform(workspace, Job(TAKE, "fruit", {"path": str(source)}))
    refresh(workspace, told)
    perform(workspace, Job(COUNT, "fruit", {"letter": "a"}))

    def bad(asset: Asset, record: Record) -> dict[str, list[Entry]]:
        return {"bad": [entry(asset.name, "x", words={"no such field": ("y",)})]}

    with pytest.raises(ValueError, match="not in tuple"):
        refresh(workspace, bad)
    assert standing(workspace).known == 1
    assert names(search(workspace, "fruit")) == ["fruit"]
    assert refresh(workspace, told) == 2


def test_numbers_of_nobody_are_given_up(
    workspace: Workspace, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "_SPARE", 1)
    for letter in "abcdefgh":
        perform(workspace, Job(TAKE, "fruit", {"path": str(source)}))
        source.write_text(letter)
        refresh(workspace, told)
    with workspace.transaction() as connection:
        rows = connection.execute(sa.select(tables.state)).all()
    found: dict[str, str] = dict(rows)
    assert int(found["next"]) < 6
    assert standing(workspace).current
    assert names(search(workspace, "fruit")) == ["fruit"]
