"""Models of names that a user installs: their doors, the votes, and programs of their own.

GLiNER and Stanza are stood in for where they are imported, by what their documentation says they
answer; spaCy too, where it is not installed.
"""

from __future__ import annotations

import pickle
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import name_program
from anping.core.errors import AnpingError, InputError, MissingExtraError, ParameterError
from anping.core.ratings import Finder
from anping.know.discover.batch import find_in
from anping.know.discover.recognisers import gliner_model, stanza_model
from anping.know.discover.recognisers.detection import Detection
from anping.know.discover.recognisers.ensemble import WithModels
from anping.know.discover.recognisers.gliner_model import load_gliner, spread
from anping.know.discover.recognisers.loading import ALLOWED, with_models
from anping.know.discover.recognisers.model import Found
from anping.know.discover.recognisers.process_model import ProcessNames, Waits
from anping.know.discover.recognisers.spacy_model import load_spacy
from anping.know.discover.recognisers.stanza_model import load_stanza
from anping.know.discover.text import Scanner

TEXT = "昨日Zyx Qwv來電，說王小明先生的電話是0912-345-678，谷辣斯‧尤達卡在場。"
QUICK = Waits(begin=20, answer=20)


class Marks:
    """Marks every place where one of some words stands."""

    def __init__(self, *words: str, score: float = 0.9) -> None:
        self.words, self.score = words, score
        self.finder = Finder("spacy", "marks", "1", "MIT", "0" * 64)

    def find(self, texts: Sequence[str], *, recall: bool) -> list[list[Found]]:
        """Return the places of the words."""
        del recall
        return [
            [
                Found(text.index(word), text.index(word) + len(word), self.score)
                for word in self.words
                if word in text
            ]
            for text in texts
        ]


def _names(scanner: Scanner, text: str = TEXT) -> set[str]:
    return {text[s.start : s.end] for s in scanner.find(text) if s.type == "PERSON_NAME"}


def _command(manner: str) -> str:
    return shlex.join([sys.executable, str(Path(name_program.__file__)), manner])


def test_to_hide_the_union_counts() -> None:
    found = _names(Scanner(recall=True, names=WithModels((Marks("Zyx Qwv"),))))
    assert {"Zyx Qwv", "王小明"} <= found


def test_to_report_a_model_alone_is_not_enough_and_two_are() -> None:
    alone = WithModels((Marks("來電"),))
    assert _names(Scanner(names=alone)) == {"王小明"} | _names(Scanner())
    assert "來電" in _names(Scanner(threshold=0.15, names=alone))
    two = WithModels((Marks("來電", "在場"), Marks("來電", "電話")))
    assert "來電" in _names(Scanner(names=two))
    assert not {"在場", "電話"} & _names(Scanner(names=two))


def test_the_high_recall_mode_votes_with_a_model() -> None:
    text = "報告由鄺瑀負責整理，隔天送出。"
    assert "鄺瑀" in _names(Scanner(names=WithModels((Marks("鄺瑀"),))), text) | _names(
        Scanner(recall=True), text
    )


def test_what_can_be_no_name_is_left_out() -> None:
    marks = Marks(
        "，",
        "0912-345-678",
        "昨日Zyx Qwv來電，說王小明先生的電話是0912-345-678，谷辣斯‧尤達卡在場。",
    )
    spans = WithModels((marks,))(TEXT * 1, True)
    assert not [s for s in spans if "name-model:spacy" in s.evidence and s.end - s.start > 60]
    assert not [s for s in spans if TEXT[s.start : s.end] in {"，", "0912-345-678"}]


def test_many_texts_have_the_findings_of_each() -> None:
    texts = [TEXT, "", "Zyx Qwv", TEXT + "再見", "無人"]
    for recall in (False, True):
        scanner = Scanner(recall=recall, names=WithModels((Marks("Zyx Qwv"), Marks("谷辣斯"))))
        assert list(find_in(scanner, texts)) == [scanner.find(text) for text in texts]


def test_spacy_answers_as_documented(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "meta.json").write_text("{}", "utf-8")

    class Pipeline:
        meta = {"lang": "zh", "name": "tiny", "version": "3.8.0", "license": "MIT"}  # noqa: RUF012 - as spaCy's
        path = tmp_path / "model"

        def __call__(self, text: str) -> Any:
            place = text.find("Zyx Qwv")
            ents = [("PERSON", place, place + 7), ("ORG", 0, 2)] if place >= 0 else []
            return SimpleNamespace(
                ents=[SimpleNamespace(label_=a, start_char=b, end_char=c) for a, b, c in ents]
            )

    def load(name: str) -> Pipeline:
        if name != "zh_tiny":
            raise OSError
        return Pipeline()

    module = ModuleType("spacy")
    vars(module)["load"] = load
    monkeypatch.setitem(sys.modules, "spacy", module)
    model = load_spacy("zh_tiny")
    assert (model.finder.name, model.finder.version, model.finder.licence) == ("zh_tiny", "3.8.0", "MIT")  # fmt: skip
    assert len(model.finder.digest) == 64
    (found,) = model.find([TEXT], recall=False)
    assert [TEXT[one.start : one.end] for one in found] == ["Zyx Qwv"]
    long = "。".join([TEXT] * 900)
    assert all(long[one.start : one.end] == "Zyx Qwv" for one in model.find([long], recall=True)[0])
    with pytest.raises(InputError, match=r"names\.unavailable"):
        load_spacy("no_such")


def test_a_real_spacy_pipeline_is_asked(tmp_path: Path) -> None:
    spacy = pytest.importorskip("spacy", reason="spaCy is not installed")
    pipeline = spacy.blank("zh")
    ruler = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns(
        [{"label": "PERSON", "pattern": "谷辣斯"}, {"label": "GPE", "pattern": "臺北"}]
    )
    pipeline.to_disk(tmp_path / "tiny")
    model = load_spacy(str(tmp_path / "tiny"))
    (found,) = model.find(["谷辣斯在臺北"], recall=False)
    assert [(one.start, one.end) for one in found] == [(0, 3)]


def test_gliner_sees_chinese_characters_apart(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "README.md").write_text("---\nlicense: apache-2.0\n---\n", "utf-8")
    asked: list[tuple[str, float]] = []

    class GLiNER:
        config = SimpleNamespace(words_splitter_type="whitespace")

        @classmethod
        def from_pretrained(cls, name: str, *, local_files_only: bool) -> GLiNER:
            assert Path(name).is_dir()
            assert local_files_only
            return cls()

        def predict_entities(self, text: str, labels: list[str], threshold: float) -> Any:
            assert labels == ["person"]
            asked.append((text, threshold))
            place = text.find("谷 辣 斯")
            if place < 0:
                return []
            return [{"start": place, "end": place + 5, "text": "", "label": "person", "score": 0.7}]

    module = ModuleType("gliner")
    vars(module)["GLiNER"] = GLiNER
    monkeypatch.setitem(sys.modules, "gliner", module)
    monkeypatch.setattr(gliner_model, "version", lambda _: "0.2.29")
    model = load_gliner(str(tmp_path))
    assert model.finder.licence == "apache-2.0"
    text = "甲" * 400 + "。Call 谷辣斯 now"
    (found,) = model.find([text], recall=True)
    assert [text[one.start : one.end] for one in found] == ["谷辣斯"]
    assert {threshold for _, threshold in asked} == {0.25}
    assert len(asked) > 1
    with pytest.raises(InputError, match=r"names\.unavailable"):
        load_gliner("no/such-model")


@given(st.text(alphabet="王小明 aB，.\n", max_size=40))
def test_characters_set_apart_count_back(text: str) -> None:
    shown, places = spread(text)
    assert len(shown) == len(places)
    assert [shown[at] for at in range(len(shown)) if at == 0 or places[at] != places[at - 1]] == list(text)  # fmt: skip


def test_stanza_answers_as_documented(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "ontonotes.pt").write_bytes(b"x")

    def pipeline(**options: Any) -> Any:
        assert options["download_method"] is None
        if options["lang"] != "zh-hans":
            raise FileNotFoundError

        def ask(text: str) -> Any:
            place = text.index("谷辣斯")
            return SimpleNamespace(
                ents=[
                    SimpleNamespace(type="PERSON", start_char=place, end_char=place + 3),
                    SimpleNamespace(type="DATE", start_char=0, end_char=2),
                ]
            )

        ask.__dict__["processors"] = {
            "ner": SimpleNamespace(model_paths=[str(tmp_path / "ontonotes.pt")])
        }
        return ask

    module = ModuleType("stanza")
    vars(module)["Pipeline"] = pipeline
    monkeypatch.setitem(sys.modules, "stanza", module)
    monkeypatch.setattr(stanza_model, "version", lambda _: "1.15.0")
    model = load_stanza("zh-hans")
    assert model.finder.name == "zh-hans ontonotes"
    assert len(model.finder.digest) == 64
    (found, nothing) = model.find([TEXT, " "], recall=False)
    assert ([TEXT[one.start : one.end] for one in found], nothing) == (["谷辣斯"], [])
    with pytest.raises(InputError, match=r"names\.unavailable"):
        load_stanza("tlh")


@pytest.mark.parametrize("kind", ["gliner", "spacy", "stanza"])
def test_a_library_that_is_not_there_is_named(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, kind, None)
    with pytest.raises(MissingExtraError) as error:
        with_models([f"{kind}:something"])
    assert f"anping[names-{kind}]" in error.value.hint.zh
    assert f"anping[names-{kind}]" in error.value.hint.en


@pytest.mark.parametrize("name", ["spacy", "spacy:", "ckip:bert", ":x", ""])
def test_what_names_no_model_is_refused(name: str) -> None:
    with pytest.raises(ParameterError, match=r"names\.unknown"):
        with_models([name])


def test_a_program_is_started_only_where_that_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ALLOWED, raising=False)
    with pytest.raises(ParameterError, match=r"names\.programs"):
        with_models([f"process:{_command('good')}"])


def test_a_program_finds_names_and_says_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ALLOWED, "allow")
    names = with_models([f"process:{_command('good')}"])
    (finder,) = names.finders
    assert (finder.kind, finder.name, finder.licence) == ("process", "tiny", "GPL-3.0")
    assert len(finder.digest) == 64
    detection = Detection(models=names)
    assert {"谷辣斯‧尤達卡", "Zyx Qwv", "王小明"} <= _names(detection.scanner(recall=True))
    again = pickle.loads(pickle.dumps(names))
    assert again is names
    rated = {one.type: one for one in detection.ratings(["PERSON_NAME", "PHONE"]).ratings}
    assert not rated["PERSON_NAME"].measures
    assert rated["PHONE"].measures


def test_a_program_reads_much_at_once() -> None:
    program = ProcessNames(_command("good"), QUICK)
    texts = [TEXT * 400] * 30
    found = program.find(texts, recall=False)
    assert [len(one) for one in found] == [800] * 30
    program.close()


@pytest.mark.parametrize(
    ("manner", "waits"),
    [
        ("stranger", QUICK),
        ("dies", QUICK),
        ("babbles", QUICK),
        ("late", QUICK),
        ("outside", QUICK),
        ("unsure", QUICK),
        ("hangs", Waits(begin=20, answer=0.5)),
    ],
)
def test_a_program_that_fails_is_ended_and_told(manner: str, waits: Waits) -> None:
    with pytest.raises(InputError) as error:
        ProcessNames(_command(manner), waits).find([TEXT], recall=False)
    assert error.value.code == "names.process"
    assert "王小明" not in str(error.value)


def test_a_failed_program_is_not_asked_again() -> None:
    program = ProcessNames(_command("dies"), QUICK)
    for _ in range(2):
        with pytest.raises(InputError, match=r"names\.process"):
            program.find([TEXT], recall=False)


@pytest.mark.parametrize("command", ["", "/no/such/program", "'unclosed"])
def test_what_is_no_program_is_refused(command: str) -> None:
    with pytest.raises(AnpingError) as error:
        ProcessNames(command, QUICK)
    assert error.value.code == "names.process"
