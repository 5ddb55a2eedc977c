"""A plan's YAML: read with the place of every mistake, written in a stable order.

Column names are taken as they are written (``007``, ``no`` and ``2020`` stay texts). Anchors are
refused, because an alias can make a small file unfold without end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from anping.core.errors import InputError, PlanError, Where
from anping.core.text import Text
from anping.engine.plain_yaml import compose_plain
from anping.protect.plan import Plan
from anping.protect.plan_entries import HIERARCHY_KINDS, TRANSFORMS, ModelSpec

_MAX_BYTES = 4 << 20
# Settings of a hierarchy that hold names of columns and categories.
_IN_HIERARCHIES = frozenset({"groups", "tree", "by"})
_COLUMN_FIELDS = frozenset({"table", "privacy_unit", "sensitive", "by"})

_PLAIN_WORD = re.compile(r"[A-Za-z_\u4e00-\u9fff]\w*")

Place = tuple[str | int, ...]
Lines = Mapping[Place, int]


def read_plan(path: Path | str) -> Plan:
    """Return the plan in a YAML file. Raises InputError (unreadable) or PlanError (wrong)."""
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(
            "input.unreadable",
            Text("讀不到計畫檔。", "The plan file cannot be read."),
            where=Where(file=path.name),
            hint=Text("檢查檔名與權限。", "Check the file's name and permissions."),
        ) from error
    return parse_plan(content, file=path.name)


def parse_plan(content: bytes | str, *, file: str | None = None) -> Plan:
    """Return the plan written in YAML. Raises PlanError with file, line and column."""
    text = content if isinstance(content, str) else _decoded(content, file)
    node = _composed(text, file)
    lines: dict[Place, int] = {}
    value = _plain(node, (), _Reading(lines, file))
    return _validated(value, lines, file)


def plan_from(value: Mapping[str, Any]) -> Plan:
    """Return the plan in plain values (JSON). Raises PlanError."""
    return _validated(dict(value), {}, None)


def dump_plan(plan: Plan) -> bytes:
    """Return the plan as YAML, UTF-8; equal plans give equal bytes and ``parse_plan`` inverts it."""
    body = plan.model_dump(mode="json", exclude_none=True)
    columns: Mapping[str, Any] = body.pop("columns")
    model = body.pop("model", None)
    if not body["table"]:
        del body["table"]
    parts = [_line(key, item) for key, item in body.items()]
    if plan.model is not None:
        if not model["sensitive"]:
            del model["sensitive"]
            del model["l_kind"]
        unsaid = ModelSpec(k=2).model_dump(mode="json")
        for name in ("criteria", "missing", "goal", "aggregate", "weights"):
            if model[name] == unsaid[name]:
                del model[name]
        parts.append(_line("model", model))
    parts.append("columns:\n")
    for name, entry in columns.items():
        if isinstance(entry, list):
            parts.append(f"  {_scalar(name)}:\n")
            parts.extend(f"    - {_entry(each)}\n" for each in entry)
        else:
            parts.append(f"  {_scalar(name)}: {_entry(entry)}\n")
    return "".join(parts).encode()


def _entry(entry: Mapping[str, Any]) -> str:
    """Return an entry with what is done on one line and why on the next."""
    done = _flow({key: value for key, value in entry.items() if key != "why"})
    if "why" not in entry:
        return done
    return f"{done[:-1]},\n      why: {_flow(entry['why'])}}}"


def _line(key: str, value: Any) -> str:
    return f"{key}: {_scalar(value) if isinstance(value, str) else _flow(value)}\n"


def _flow(value: Any) -> str:
    """Return a value on one line of YAML."""
    text: str = yaml.safe_dump(
        _whole(value),
        default_flow_style=True,
        allow_unicode=True,
        sort_keys=False,
        width=float("inf"),
    )
    return text.removesuffix("\n").removesuffix("\n...")


def _whole(value: Any) -> Any:
    """Return the value with whole floats as integers, which is how people write them."""
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _scalar(name: str) -> str:
    """Return a text on one line, quoted unless it is a plain word that YAML reads as a text."""
    if _PLAIN_WORD.fullmatch(name) and yaml.safe_load(name) == name:
        return name
    text: str = yaml.safe_dump(name, default_style='"', allow_unicode=True, width=float("inf"))
    return text.removesuffix("\n")


def _decoded(content: bytes, file: str | None) -> str:
    if len(content) > _MAX_BYTES:
        raise PlanError(
            "plan.too-large",
            Text("計畫檔太大。", "The plan file is too large."),
            where=Where(file=file),
            hint=Text("計畫檔應小於 4 MB。", "A plan is smaller than 4 MB."),
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PlanError(
            "plan.encoding",
            Text("計畫檔不是 UTF-8。", "The plan file is not UTF-8."),
            where=Where(file=file, row=content[: error.start].count(b"\n") + 1),
            hint=Text("用編輯器另存為 UTF-8。", "Save it as UTF-8."),
        ) from error


def _composed(text: str, file: str | None) -> yaml.Node:
    try:
        node = compose_plain(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise _not_yaml(file, None if mark is None else mark.line + 1) from error
    if not isinstance(node, yaml.MappingNode):
        raise _not_yaml(file, 1)
    return node


def _not_yaml(file: str | None, line: int | None) -> PlanError:
    return PlanError(
        "plan.yaml",
        Text("計畫檔不是可讀的 YAML。", "The plan is not YAML that can be read."),
        where=Where(file=file, row=line),
        hint=Text(
            "檢查縮排、冒號與引號；不要使用錨點（&、*）與標籤（!）。",
            "Check indentation, colons and quotes; do not use anchors (&, *) or tags (!).",
        ),
    )


class _Reading:
    """What a reading gathers beside the values: the line of each place."""

    def __init__(self, lines: dict[Place, int], file: str | None) -> None:
        self.lines = lines
        self.file = file
        self.scalars = yaml.SafeLoader("")


def _plain(node: yaml.Node, place: Place, reading: _Reading) -> Any:
    reading.lines[place] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        value: dict[str, Any] = {}
        for key, item in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _not_yaml(reading.file, key.start_mark.line + 1)
            if key.value in value:
                raise _doubled(key, reading.file)
            value[key.value] = _plain(item, (*place, key.value), reading)
            reading.lines[(*place, key.value)] = key.start_mark.line + 1
        return value
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*place, at), reading) for at, item in enumerate(node.value)]
    if node.tag != "tag:yaml.org,2002:null" and _is_written_text(place):
        return node.value
    try:
        scalar = reading.scalars.construct_object(node)
    except (ValueError, OverflowError, yaml.YAMLError) as error:
        raise _not_yaml(reading.file, node.start_mark.line + 1) from error
    return node.value if not isinstance(scalar, (str, int, float, bool, type(None))) else scalar


def _is_written_text(place: Place) -> bool:
    """Whether a place holds a column's name or a category, which stays as it is written."""
    named = place[0] != "columns" and place[-1 if isinstance(place[-1], str) else -2]
    return named in _COLUMN_FIELDS or not _IN_HIERARCHIES.isdisjoint(place[3:])


def _doubled(key: yaml.ScalarNode, file: str | None) -> PlanError:
    return PlanError(
        "plan.doubled",
        Text("計畫中同一個名稱寫了兩次。", "The plan has the same name twice."),
        where=Where(file=file, row=key.start_mark.line + 1, column=key.value),
        hint=Text(
            "把兩項合為一項；一欄的多個處理寫成清單。",
            "Make them one entry; write several transforms of one column as a list.",
        ),
    )


def _validated(value: Any, lines: Lines, file: str | None) -> Plan:
    try:
        return Plan.model_validate(value)
    except ValidationError as error:
        raise _translated(error, lines, file) from None
    except PlanError as error:
        column = error.where.column
        places: Iterable[Place] = () if column is None else (("columns", column),)
        row = next((lines[place] for place in places if place in lines), None)
        where = Where(file=file, row=row, column=column)
        raise PlanError(error.code, error.what, where=where, hint=error.hint) from None


def _known(loc: Sequence[str | int], lines: Lines) -> Iterator[Place]:
    """Yield the places of the file along a pydantic location, which also holds union tags."""
    place: Place = ()
    for part in loc:
        if (*place, part) in lines:
            place = (*place, part)
            yield place


def _translated(error: ValidationError, lines: Lines, file: str | None) -> PlanError:
    first = error.errors(include_url=False, include_input=False)[0]
    loc = first["loc"]
    places = list(_known(loc, lines))
    column = str(loc[1]) if len(loc) > 1 and loc[0] == "columns" else None
    where = Where(file=file, row=lines[places[-1]] if places else None, column=column)
    setting = str(loc[-1]) if loc else "plan"
    kind, context = first["type"], first.get("ctx", {})
    if kind.startswith("union_tag"):
        return _unknown_kind(context, loc, where)
    if kind == "extra_forbidden":
        what = Text(f"不認得設定「{setting}」。", f"The setting “{setting}” is unknown.")
        code = "plan.unknown-setting"
    elif kind == "missing" and setting == "hierarchy":
        return _no_hierarchy(where)
    elif kind == "missing":
        what = Text(f"缺少設定「{setting}」。", f"The setting “{setting}” is missing.")
        code = "plan.missing-setting"
    else:
        what = Text(
            f"設定「{setting}」的值不能用。",
            f"The value of the setting “{setting}” cannot be used.",
        )
        code = "plan.value"
    hint = Text(
        f"請對照說明修改（{first['msg']}）。", f"Correct it by the reference: {first['msg']}."
    )
    return PlanError(code, what, where=where, hint=hint)


def _no_hierarchy(where: Where) -> PlanError:
    kinds = ", ".join(HIERARCHY_KINDS)
    return PlanError(
        "plan.no-hierarchy",
        Text("要概化的欄位沒有階層。", "A column is generalised without a hierarchy."),
        where=where,
        hint=Text(
            f"加上例如 hierarchy: {{kind: category}}；可用的種類：{kinds}。",
            f"Add one, for example hierarchy: {{kind: category}}; kinds: {kinds}.",
        ),
    )


def _unknown_kind(context: Mapping[str, Any], loc: Sequence[str | int], where: Where) -> PlanError:
    of_hierarchy = bool(loc) and loc[-1] == "hierarchy"
    available = HIERARCHY_KINDS if of_hierarchy else TRANSFORMS
    tag = str(context.get("tag", ""))
    listed = ", ".join(get_close_matches(tag, available, n=2, cutoff=0.5) or available)
    code = "plan.unknown-hierarchy" if of_hierarchy else "plan.unknown-transform"
    zh, en = ("階層種類", "kind of hierarchy") if of_hierarchy else ("處理方式", "transform")
    return PlanError(
        code,
        Text(f"不認得的{zh}「{tag}」。", f"“{tag}” is not a known {en}."),
        where=where,
        hint=Text(f"是不是：{listed}", f"Did you mean: {listed}"),
    )
