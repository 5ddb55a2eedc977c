"""Command-line options from a step's parameter model: the JSON Schema is the only source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from anping.cli.language import say
from anping.core.text import Text
from anping.workspace.step import Step

_TYPES: dict[str, click.ParamType[Any]] = {
    "integer": click.INT,
    "number": click.FLOAT,
    "string": click.STRING,
}


def _plain(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema without its null alternative."""
    options = [option for option in schema.get("anyOf", ()) if option.get("type") != "null"]
    return options[0] if options else schema


def help_text(schema: Mapping[str, Any]) -> str:
    """Return a parameter's description in the language of the command line."""
    return say(Text(str(schema.get("zh", "")), str(schema.get("description", ""))))


def _option(name: str, schema: Mapping[str, Any], *, required: bool) -> click.Option:
    plain = _plain(schema)
    flag = "--" + name.replace("_", "-")
    shown = help_text(schema)
    if plain.get("type") == "boolean":
        return click.Option([f"{flag}/--no-{flag[2:]}", name], default=None, help=shown)
    many = plain.get("type") == "array"
    return click.Option(
        [flag, name], type=_kind(plain), multiple=many, required=required, default=None, help=shown
    )


def _kind(plain: Mapping[str, Any]) -> click.ParamType[Any]:
    """Return the type of a parameter, of a list's items where it is a list."""
    item = _plain(plain.get("items", {})) if plain.get("type") == "array" else plain
    choices = item.get("enum")
    return click.Choice(choices) if choices else _TYPES.get(item.get("type", ""), click.STRING)


def options(step: Step, *, positional: tuple[str, ...] = ()) -> list[click.Parameter]:
    """Return a click parameter for each field of the step's parameter model."""
    schema = step.parameters.model_json_schema()
    required = set(schema.get("required", ()))
    found: list[click.Parameter] = []
    for name, field in schema.get("properties", {}).items():
        if name in positional:
            plain = _plain(field)
            nargs = -1 if plain.get("type") == "array" else 1
            found.append(
                click.Argument([name], type=_kind(plain), required=name in required, nargs=nargs)
            )
        else:
            found.append(_option(name, field, required=name in required))
    return found


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return only the values that were given, so that defaults come from the model alone."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in values.items()
        if value is not None and value != ()
    }
