"""``anping``: every command, and the one place where errors become words and exit codes."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import click

from anping.cli import (
    dossier_commands,
    hierarchy_commands,
    lineage_commands,
    output,
    publish_commands,
    search_commands,
    serve_model,
    similar_commands,
    upkeep_commands,
    verify_command,
    watch_command,
    workspace_commands,
)
from anping.cli.language import say
from anping.cli.step_commands import command
from anping.cli.usage import usage_error
from anping.core.errors import AnpingError
from anping.core.text import Text
from anping.steps.catalogue import steps

_ABOUT = Text(
    "安平：把鎖住的資料變成合法、可信的 AI，每一步都留下證據。",
    "Anping: locked data into lawful, trusted AI, with evidence at every step.",
)
_INTERRUPTED = 130


class _Ordered(click.Group):
    """Lists commands in the order of the chain, not of the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(self.commands)


def build() -> click.Group:
    """Return the whole command line, rendered from the step catalogue."""
    group = _Ordered(
        "anping",
        help=say(_ABOUT),
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
        params=[
            click.Option(["--lang"], type=click.Choice(["zh", "en"]), default=None,
                         help=say(Text("語言", "the language"))),
            click.Option(["--json-errors/--text-errors"], default=False,
                         help=say(Text("錯誤以 JSON 輸出", "print errors as JSON"))),
        ],
        callback=lambda **_: None,
    )  # fmt: skip
    group.add_command(workspace_commands.init)
    group.add_command(workspace_commands.migrate)
    group.add_command(workspace_commands.sample)
    for step in steps():
        _add(group, command(step))
    for other in (
        hierarchy_commands.hierarchy,
        dossier_commands.dossier,
        verify_command.verify,
        verify_command.replay_command,
        workspace_commands.run,
        workspace_commands.assets,
        search_commands.search,
        lineage_commands.lineage,
        similar_commands.similar,
        watch_command.watch,
        serve_model.serve_model,
        serve_model.decision,
        serve_model.export_onnx,
        workspace_commands.show_asset,
        workspace_commands.steps_command,
        dossier_commands.log,
        dossier_commands.checkpoint_command,
        dossier_commands.keys,
        dossier_commands.witness,
        publish_commands.publish,
        upkeep_commands.backup,
        upkeep_commands.restore,
        upkeep_commands.doctor,
        workspace_commands.demo,
    ):
        group.add_command(other)
    click.version_option(package_name="anping")(group)
    return group


def _add(group: click.Group, one: click.Command) -> None:
    """Add a command; what stands in a group that is there already joins it."""
    there = group.commands.get(one.name or "")
    if isinstance(there, click.Group) and isinstance(one, click.Group):
        for each in one.commands.values():
            there.add_command(each)
    else:
        group.add_command(one)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with the error's own code; never show a traceback."""
    as_json = "--json-errors" in (sys.argv if arguments is None else arguments)
    try:
        words = None if arguments is None else list(arguments)
        sys.exit(build().main(args=words, prog_name="anping", standalone_mode=False))
    except click.exceptions.NoArgsIsHelpError as problem:
        problem.show()
        sys.exit(problem.exit_code)
    except click.ClickException as problem:
        wrong = usage_error(problem)
        output.error(wrong, as_json=as_json)
        sys.exit(wrong.exit_code)
    except AnpingError as problem:
        output.error(problem, as_json=as_json)
        sys.exit(problem.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo(
            say(Text("已中斷，未留下任何殘檔。", "Interrupted; nothing half-done is left.")),
            err=True,
        )
        sys.exit(_INTERRUPTED)
    except OSError as problem:
        output.error(_system_error(problem), as_json=as_json)
        sys.exit(3)
    except Exception as problem:
        if os.environ.get("ANPING_DEBUG"):
            raise
        output.error(_defect(problem), as_json=as_json)
        sys.exit(70)


def _system_error(problem: OSError) -> AnpingError:
    from anping.core.errors import InputError, Where

    if problem.errno in {errno.ENOSPC, errno.EDQUOT}:
        return InputError(
            "system.disk-full",
            Text("磁碟已滿；沒有留下殘檔。", "The disk is full; nothing half-done is left."),
            hint=Text("釋出空間後再執行一次。", "Free some space and run it again."),
        )
    reason = problem.strerror or type(problem).__name__
    return InputError(
        "system.file",
        Text(
            f"作業系統拒絕存取檔案：{reason}。", f"The operating system refused a file: {reason}."
        ),
        where=Where(file=None if problem.filename is None else str(problem.filename)),
        hint=Text(
            "檢查路徑、權限與磁碟空間。", "Check the path, the permissions and the disk space."
        ),
    )


def _defect(problem: Exception) -> AnpingError:
    """Describe a defect of Anping itself by its place; its message may hold data, so it is left out."""
    from anping.core.errors import Where, WorkspaceError

    last = traceback.extract_tb(problem.__traceback__)[-1]
    kind = type(problem).__name__
    return WorkspaceError(
        "system.defect",
        Text(
            f"程式缺陷（{kind}）；沒有留下殘檔。",
            f"A defect of Anping ({kind}); nothing half-done is left.",
        ),
        where=Where(file=Path(last.filename).name, row=last.lineno),
        hint=Text(
            "請回報這個位置；設 ANPING_DEBUG=1 可看完整追蹤（可能含資料，勿外傳）。",
            "Please report this place; ANPING_DEBUG=1 shows the whole trace (it may hold data: keep it).",
        ),
    )
