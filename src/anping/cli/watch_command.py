"""``anping watch``: a folder in which batches arrive, each taken in and monitored once."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import click

from anping.cli import output
from anping.cli.language import say
from anping.cli.place import opened, placed
from anping.cli.search_commands import keep_index
from anping.cli.step_commands import show
from anping.core.errors import ParameterError, Refusal
from anping.core.text import Text

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_WAITING = Text("等待新的批次；按 Ctrl+C 停止。", "Waiting for new batches; Ctrl+C stops.")


@click.command(
    "watch",
    short_help=say(Text("監看資料夾，每批監測一次", "Monitor each batch that arrives in a folder")),
    help=say(
        Text(
            "監看資料夾：每個新檔收進一次、以模型監測一次。中斷後再執行會接著做。"
            "加 --once 只看一次，適合排程（cron）。",
            "Watch a folder: each new file is taken in and monitored once. Started again, it goes on "
            "where it was. --once looks a single time, for cron.",
        )
    ),
)
@click.argument("model")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    required=True,
    help=say(Text("批次檔所在的資料夾", "the folder in which batches arrive")),
)
@click.option(
    "--every",
    default="1h",
    show_default=True,
    help=say(Text("多久看一次，如 30s、15m、1h、1d", "how often to look: 30s, 15m, 1h or 1d")),
)
@click.option("--once/--forever", default=False, help=say(Text("只看一次", "look a single time")))
@click.option(
    "--purposes",
    multiple=True,
    help=say(Text("批次資料的准許用途", "what batches may be used for")),
)
@click.option(
    "--labels", default=None, help=say(Text("實際結果的欄位", "the column of true outcomes"))
)
@click.option(
    "--groups", multiple=True, help=say(Text("要看公平性的群體欄位", "columns of people's groups"))
)
@click.option(
    "--protected/--raw",
    default=False,
    help=say(Text("模型學自保護後的表", "the model was learnt from the protected table")),
)
@click.option(
    "--pause/--no-pause",
    default=False,
    help=say(Text("有嚴重警報時暫停模型", "pause the model where an alarm says so")),
)
@click.option("--agent", default="steward", help=say(Text("以誰的名義", "on whose behalf")))
@placed
def watch(*, model: str, folder: Path, every: str, once: bool, **given: Any) -> None:
    """Monitor each batch that arrives in a folder."""
    seconds = seconds_of(every)
    workspace = opened(given.pop("workspace_folder"), given.pop("key_folder"))
    from anping.steps.compose.batches import Failed, Watch, watch_once

    wanted = Watch(
        model,
        folder,
        monitor={**_asked(given)},
        add={"purposes": list(given["purposes"])},
        agent=given["agent"],
    )
    while True:
        worst = 0
        for each in watch_once(workspace, wanted, progress=output.progress):
            if isinstance(each, Failed):
                click.echo(str(each.path), err=True)
                output.error(each.error, as_json=False)
                worst = max(worst, each.error.exit_code)
            else:
                show(each)
                worst = max(worst, Refusal.exit_code if each.refused else 0)
        keep_index(workspace)
        if once:
            raise click.exceptions.Exit(worst)
        click.echo(say(_WAITING), err=True)
        time.sleep(seconds)


def _asked(given: dict[str, Any]) -> dict[str, Any]:
    return {
        "labels": given["labels"],
        "groups": list(given["groups"]),
        "protected": given["protected"],
        "pause": given["pause"],
    }


def seconds_of(text: str) -> int:
    """Return seconds of ``30s``, ``15m``, ``1h``, ``1d``. Raises ParameterError (``watch.every``)."""
    match = re.fullmatch(r"([1-9][0-9]{0,5})([smhd])", text.strip())
    if match is None:
        raise ParameterError(
            "watch.every",
            Text("--every 讀不懂。", "--every cannot be read."),
            hint=Text("寫成 30s、15m、1h 或 1d。", "Write 30s, 15m, 1h or 1d."),
        )
    return int(match[1]) * _UNITS[match[2]]
