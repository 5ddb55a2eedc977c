"""What a mistyped command says: the same typed error as everything else, in both languages."""

from __future__ import annotations

from collections.abc import Sequence

import click

from anping.core.errors import ParameterError
from anping.core.text import Text


def usage_error(problem: click.ClickException) -> ParameterError:
    """Return the typed error for a command line that click cannot read."""
    context = problem.ctx if isinstance(problem, click.UsageError) else None
    command = "anping" if context is None else context.command_path
    zh = _in_chinese(problem)
    return ParameterError(
        "command.usage",
        Text(f"指令寫法不對：{zh}。", _sentence(problem.format_message())),
        hint=Text(f"執行 {command} --help 查看寫法。", f"See {command} --help."),
    )


def _sentence(message: str) -> str:
    return message if message.endswith(("?", ".")) else f"{message}."


def _in_chinese(problem: click.ClickException) -> str:
    if isinstance(problem, click.MissingParameter):
        return f"缺少 {_named(problem)}"
    if isinstance(problem, click.NoSuchOption):
        return f"沒有選項 {problem.option_name}{_near(problem.possibilities)}"
    if isinstance(problem, click.exceptions.NoSuchCommand):
        return f"沒有指令 {problem.command_name}{_near(problem.possibilities)}"
    if isinstance(problem, click.BadParameter):
        return f"{_named(problem)} 的值不能用（{problem.message.rstrip('.')}）"
    return problem.format_message().rstrip(".")


def _named(problem: click.BadParameter) -> str:
    if problem.param is not None:
        return problem.param.get_error_hint(problem.ctx)
    hint = problem.param_hint or ""
    return hint if isinstance(hint, str) else " / ".join(hint)


def _near(possibilities: Sequence[str] | None) -> str:
    return f"；是不是 {'、'.join(possibilities)}" if possibilities else ""
