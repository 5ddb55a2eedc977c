"""A user's own entities, read from YAML files that are written as ``data/entities.yaml`` is.

Beside its rules an entry may bring ``labels`` (words before values, and headers of columns),
``role``, ``title`` and ``categories`` of a new type, and ``examples`` and ``counter`` examples, which
are run. What is refused is told by file and line, and never quoted: an example may name somebody.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from anping.core.columns import Role
from anping.core.errors import InputError, ParameterError, Where
from anping.core.text import Text
from anping.engine.plain_yaml import compose_plain, construct_plain
from anping.know.discover.automaton import build
from anping.know.discover.entities import read_entities
from anping.know.discover.rules import Rules, rules_of, standard_rules
from anping.know.discover.taxonomy import taxonomy
from anping.know.discover.text import Scanner

_KEPT = ("type", "role", "title", "categories", "labels", "rules")
_KEYS = frozenset({*_KEPT, "source", "examples", "counter"})
_TYPE = re.compile("[A-Z][A-Z0-9_]{0,59}")
#: Types that say what a column is when it is nothing else; and the other type of a label.
_RESERVED = frozenset({"OTHER", "FREE_TEXT", "TEXT", "CODE", "CATEGORY", "NUMBER", "EMPTY"})
_SPECIAL = ("pdpa:art6:", "gdpr:art9:", "gdpr:art10:")
_MARKED = re.compile("«(.*?)»", re.DOTALL)
_HINT = Text(
    "寫法見 docs/guides/discovery 的「文字」一節。",
    "The form is described in docs/guides/discovery, section Texts.",
)


def rules_with(*files: Path) -> Rules:
    """Return the shipped rules and those of YAML files.

    Raises InputError for a file that cannot be read, and ParameterError, with its file and line, for
    an entry or a pattern that is refused (see :mod:`pattern`), and for an example that does not hold.
    """
    if not files:
        return standard_rules()
    entries = [entry for file in files for entry in _entries(file)]
    _agree(entries)
    with _placed(Where(files[-1].name)):
        rules = rules_of([_kept(entry.body) for entry in entries])
        # Together the patterns can be too many; that is said now, not in the middle of a scan.
        _ = rules.automaton
    for entry in entries:
        _run(entry, rules)
    return rules


@contextmanager
def _placed(where: Where) -> Iterator[None]:
    """Say where, beside what a refused pattern says of itself."""
    try:
        yield
    except ParameterError as error:
        raise ParameterError(error.code, error.what, hint=error.hint, where=where) from error


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry of a file, and the lines on which it and its parts stand."""

    file: str
    body: Mapping[str, Any]
    node: yaml.MappingNode

    @property
    def type(self) -> str:
        return str(self.body["type"])

    def line(self, key: str = "", place: int | None = None) -> int:
        """Return the line of the entry, of one of its keys, or of an element of that key's list."""
        for name, value in self.node.value:
            if name.value == key:
                listed = place is not None and isinstance(value, yaml.SequenceNode)
                return _line(value.value[place] if listed else value)
        return _line(self.node)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _entries(file: Path) -> list[_Entry]:
    try:
        tree = compose_plain(file.read_text("utf-8-sig"))
        body = construct_plain(tree)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        raise InputError(
            "discover.entities-file",
            Text("實體檔無法讀取。", "The file of entities cannot be read."),
            hint=Text("請檢查路徑、UTF-8 編碼與 YAML 寫法。", "Check its path, UTF-8 and YAML."),
            where=Where(file=file.name, row=None if mark is None else int(mark.line) + 1),
        ) from error
    if not isinstance(tree, yaml.SequenceNode) or not body:
        raise _wrong(Where(file.name), "?", "不是項目的清單", "the file is not a list of entries")
    found = []
    for value, node in zip(body, tree.value, strict=True):
        if not isinstance(node, yaml.MappingNode):
            where = Where(file.name, _line(node))
            raise _wrong(where, "?", "項目不是欄位的對照", "an entry is not a mapping")
        found.append(_Entry(file.name, value, node))
        _check(found[-1])
    return found


def _check(entry: _Entry) -> None:
    """Raise ParameterError unless an entry is one, with the line of what is wrong."""
    kind = entry.body.get("type")
    if not isinstance(kind, str) or not _TYPE.fullmatch(kind) or kind in _RESERVED:
        raise _wrong(
            Where(entry.file, entry.line("type")), "?",
            "type 要是大寫英文，且不是保留的名稱", "a type is in capital letters, and no reserved name",
        )  # fmt: skip
    for key, zh, en in _faults(entry.body):
        raise _wrong(Where(entry.file, entry.line(key)), kind, zh, en)
    with _placed(Where(entry.file, entry.line("rules"))):
        build([entity.pattern for entity in read_entities([entry.body])])


def _faults(body: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with an entry beside its rules: the key, and why."""
    for key in body:
        if key not in _KEYS:
            yield str(key), "有不認識的欄位", "it has an unknown field"
    for key in ("labels", "examples", "counter", "categories"):
        value = body.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            yield key, f"{key} 不是文字的清單", f"{key} is not a list of texts"
    for key in ("role", "title", "categories"):
        if key in body and body["type"] in taxonomy():
            yield key, f"內附的類型不可改 {key}", f"{key} of a shipped type stays as it is"
    yield from _faults_of_type(body)
    for rule in body["rules"] if isinstance(body.get("rules"), list) else ():
        if isinstance(rule, dict) and ("cut" in rule or "anchor" in rule):
            yield (
                "rules",
                "自訂實體不可用 cut 與 anchor",
                "entities of one's own use no cut or anchor",
            )


def _faults_of_type(body: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    role, title = body.get("role", Role.DIRECT_IDENTIFIER), body.get("title")
    categories = set(body.get("categories", ()))
    if role not in list(Role):
        yield "role", f"角色有 {'、'.join(Role)}", f"a role is one of {', '.join(Role)}"
    if title is not None and not _is_title(title):
        yield "title", "title 要有 zh 與 en", "a title has zh and en"
    if not categories <= {name for known in taxonomy().values() for name in known.categories}:
        yield "categories", "有不認識的資料類別", "there is no such data category"
    if role == Role.SPECIAL_CATEGORY and not any(one.startswith(_SPECIAL) for one in categories):
        yield (
            "role",
            "特種個資要以 categories 寫明是哪一種，如 pdpa:art6:medical",
            "a special category says which by categories, such as pdpa:art6:medical",
        )


def _is_title(title: object) -> bool:
    if not isinstance(title, dict) or set(title) != {"zh", "en"}:
        return False
    return all(isinstance(v, str) and v.strip() and len(v) <= 80 for v in title.values())


def _agree(entries: Sequence[_Entry]) -> None:
    """Raise ParameterError where two entries of a type say different things of it."""
    said: dict[tuple[str, str], Any] = {}
    for entry in entries:
        for key in ("role", "title", "categories"):
            value = entry.body.get(key)
            if value is not None and said.setdefault((entry.type, key), value) != value:
                where = Where(entry.file, entry.line(key))
                raise _wrong(
                    where, entry.type, f"前面寫的 {key} 不同", f"{key} was said otherwise before"
                )


def _kept(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what rules are made of: no example, which may name somebody, goes into a scan."""
    kept = {key: body[key] for key in _KEPT if key in body}
    plain: dict[str, Any] = json.loads(json.dumps(kept, ensure_ascii=False, default=str))
    return plain


def _run(entry: _Entry, rules: Rules) -> None:
    """Raise ParameterError for the first example or counter-example that does not hold."""
    only = {rule.get("only") for rule in entry.body["rules"]}
    scanner = Scanner(recall="recall" in only, attributes="attributes" in only, rules=rules)

    def found(text: str) -> list[tuple[int, int]]:
        return [(s.start, s.end) for s in scanner.find(text) if s.type == entry.type]

    for place, example in enumerate(entry.body.get("examples", ())):
        marked = list(_MARKED.finditer(example))
        wanted = [(m.start() - 2 * n, m.end() - 2 * n - 2) for n, m in enumerate(marked)]
        there = found(_MARKED.sub(r"\1", example))
        if there != wanted if marked else not there:
            where = Where(entry.file, entry.line("examples", place))
            zh, en = (
                f"第 {place + 1} 個例子沒有照樣找到",
                f"example {place + 1} is not found as it is marked",
            )
            raise _wrong(where, entry.type, zh, en)
    for place, text in enumerate(entry.body.get("counter", ())):
        if found(text):
            where = Where(entry.file, entry.line("counter", place))
            zh, en = (
                f"第 {place + 1} 個反例也被找到",
                f"counter-example {place + 1} is found as well",
            )
            raise _wrong(where, entry.type, zh, en)


def _wrong(where: Where, kind: str, zh: str, en: str) -> ParameterError:
    return ParameterError(
        "discover.entity",
        Text(f"實體 {kind}：{zh}。", f"Entity {kind}: {en}."),
        hint=_HINT,
        where=where,
    )
