"""The page of every step of the catalogue, from its parameter model's JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from anping.steps.catalogue import steps
from anping.workspace.step import Port, Step
from docs.pages.markdown import cell, code, page, table

_INTRO = """
A step is one capability. The command line, a pipeline file and the Python door are rendered from the
same definition. A *port* names the assets that a step takes and gives; `{subject}` is the subject
that you name, such as `customers`.

步驟是一項能力。指令列、流程檔與 Python 介面都由同一份定義產生。*連接埠*指出步驟取用與產出的資產；
`{subject}` 是你給的資料名稱，例如 `customers`。
"""


def render() -> str:
    """Return ``steps.md``."""
    rows = [
        (f"[`{step.id}`](#{_anchor(step)})", code(f"anping {step.command}"),
         cell(step.title.en), cell(step.title.zh))
        for step in steps()
    ]  # fmt: skip
    overview = table(("step", "command", "what it does", "說明"), rows)
    return page("Steps · 步驟", _INTRO, overview, *map(_step, steps()))


def _anchor(step: Step) -> str:
    return step.id.replace(".", "")


def _step(step: Step) -> str:
    schema = step.parameters.model_json_schema()
    facts = [f"{step.title.en}. {step.title.zh}。", "", f"Command: `anping {step.command}`."]
    if step.gates:
        names = ", ".join(code(gate.__name__) for gate in step.gates)
        facts.append(f"Gates that must allow it: {names}.")
    if step.lowers:
        facts.append(
            f"May lower these labels, with its reasons: {', '.join(map(code, step.lowers))}."
        )
    parts = [f"## `{step.id}`", "\n".join(facts), _ports(step), _parameters(schema), _example(step)]
    return "\n\n".join(part.strip("\n") for part in parts if part)


def _ports(step: Step) -> str:
    def row(way: str, port: Port) -> tuple[str, ...]:
        optional = "optional" if port.optional else ""
        kinds = " or ".join((port.kind, *port.others))
        return way, code(port.name), kinds, code(port.pattern), optional

    rows = [row("takes", port) for port in step.takes] + [row("gives", port) for port in step.gives]
    return table(("", "port", "kind", "asset", ""), rows)


def _parameters(schema: Mapping[str, Any]) -> str:
    required = set(schema.get("required", ()))
    rows = [
        (
            code(name),
            cell(kind(field)),
            "**required**" if name in required else code(_default(field)),
            cell(field.get("description", "")),
            cell(field.get("zh", "")),
        )
        for name, field in schema.get("properties", {}).items()
    ]
    return table(("parameter", "type", "default", "what it does", "說明"), rows) or "No parameters."


def kind(field: Mapping[str, Any]) -> str:
    """Return a JSON Schema type in a few words."""
    options = [option for option in field.get("anyOf", ()) if option.get("type") != "null"]
    plain = options[0] if options else field
    if plain.get("type") == "array":
        return f"list of {kind(plain.get('items', {}))}"
    if "enum" in plain:
        return ", ".join(str(choice) for choice in plain["enum"])
    name = str(plain.get("format") or plain.get("type", "any"))
    words = (
        ("minimum", "≥"),
        ("exclusiveMinimum", ">"),
        ("maximum", "≤"),
        ("exclusiveMaximum", "<"),
    )
    bounds = [f"{sign} {plain[rule]}" for rule, sign in words if rule in plain]
    return " ".join([name, *bounds])


def _default(field: Mapping[str, Any]) -> str:
    value = field.get("default")
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _example(step: Step) -> str:
    if not step.example:
        return ""
    body = json.dumps(step.example, ensure_ascii=False)
    return f"In a pipeline:\n\n```yaml\n- step: {step.id}\n  with: {body}\n```"
