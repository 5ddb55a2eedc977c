"""``anping serve-model`` and ``anping decision``: a model behind HTTP, and one of its answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from anping.cli import output
from anping.cli.language import say
from anping.cli.place import opened, placed
from anping.core.text import Text

if TYPE_CHECKING:
    from anping.steps.compose.serving import Serving

_SPOOL = Text(
    "未封存的決定紀錄放在哪裡（預設在工作區旁）",
    "where decisions lie until they are sealed (by default beside the workspace)",
)


@click.command(
    "serve-model",
    short_help=say(Text("以 HTTP 提供模型", "Serve a model over HTTP")),
    help=say(
        Text(
            "以 REST 提供模型：檢查欄位、留下每個決定的紀錄、影子與試用。以 anping stage 更換版本。",
            "Serve MODEL as REST: its fields checked, a record of every decision, shadow and canary. "
            "Versions are changed with anping stage.",
        )
    ),
)
@click.argument("model")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help=say(Text("聽哪個位址", "the address to listen on")),
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help=say(Text("埠號；0 為任一", "the port; 0 for any")),
)
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=None,
    help=say(Text("權杖檔，每行一個", "a file of tokens, one on each line")),
)
@click.option(
    "--certificate",
    type=click.Path(exists=True, dir_okay=False),
    default=None,
    help=say(Text("TLS 憑證（PEM）", "the TLS certificate (PEM)")),
)
@click.option(
    "--private-key",
    type=click.Path(exists=True, dir_okay=False),
    default=None,
    help=say(Text("TLS 私鑰（PEM）", "the TLS private key (PEM)")),
)
@click.option(
    "--durability",
    type=click.Choice(["process", "disk"]),
    default="process",
    show_default=True,
    help=say(
        Text(
            "回覆前紀錄要到：process 作業系統、disk 磁碟",
            "before a reply its record is with: the operating system, or the disk",
        )
    ),
)
@click.option(
    "--spool", type=click.Path(path_type=Path, file_okay=False), default=None, help=say(_SPOOL)
)
@click.option(
    "--segment-records",
    type=click.IntRange(1),
    default=10_000,
    show_default=True,
    help=say(Text("多少筆封存一次", "seal after so many records")),
)
@click.option(
    "--segment-seconds",
    type=click.FloatRange(1),
    default=300.0,
    show_default=True,
    help=say(Text("多少秒封存一次", "seal after so many seconds")),
)
@click.option(
    "--alternatives/--no-alternatives",
    default=False,
    help=say(
        Text(
            "讀取學習用的表，提供可行的其他情況，並在理由中說明是否常見",
            "read the table that was learnt from: offer alternatives, and say in reasons how usual a "
            "cell is",
        )
    ),
)
@click.option(
    "--immutable",
    multiple=True,
    metavar="COLUMN",
    help=say(Text("其他情況中不變的欄位", "a column that alternatives leave as it is")),
)
@click.option(
    "--as",
    "agent",
    default="server",
    show_default=True,
    help=say(Text("以誰的身分封存", "who seals")),
)
@placed  # fmt: skip
def serve_model(
    model: str, *, workspace_folder: str, key_folder: str | None, **given: object
) -> None:
    """Serve MODEL as REST."""
    from anping.steps.compose.serving import Wanted
    from anping.steps.compose.serving_answers import Explaining
    from anping.steps.compose.serving_run import Door, run_server

    wanted = Wanted(
        model,
        explaining=Explaining(bool(given["alternatives"]), tuple(given["immutable"])),  # type: ignore[arg-type]
        **{
            name: given[name]  # type: ignore[arg-type]
            for name in ("durability", "spool", "segment_records", "segment_seconds", "agent")
        },
    )
    door = Door(
        **{
            name: given[name]  # type: ignore[arg-type]
            for name in ("host", "port", "token_file", "certificate", "private_key")
        }
    )
    run_server(opened(workspace_folder, key_folder), wanted, door, began=_began)


def _began(made: Serving, address: str) -> None:
    from anping.steps.compose.serving import serving_note

    click.echo(say(serving_note(made)))
    for code in made.problems:
        left = Text("留下的紀錄未能封存：{code}", "Records left could not be sealed: {code}")
        click.secho(say(left.fill(code=code)), fg="yellow", err=True)
    name = made.deployment.name
    click.echo(f"POST {address}/v1/models/{name}:predict")


@click.command(
    "decision",
    short_help=say(Text("查一個決定的來龍去脈", "Trace one decision of a served model")),
    help=say(
        Text(
            "由回覆裡的 decision 走回模型、訓練資料與許可，並核對封存的根。",
            "Walk from the “decision” of a reply back to the model, the table it was learnt from and the "
            "permission; check the record against the sealed root.",
        )
    ),
)
@click.argument("identity", metavar="ID")
@click.option(
    "--spool",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=None,
    help=say(_SPOOL),
)
@click.option("--json/--text", "as_json", default=False, help=say(Text("輸出 JSON", "print JSON")))
@placed  # fmt: skip
def decision(
    identity: str,
    *,
    spool: Path | None,
    as_json: bool,
    workspace_folder: str,
    key_folder: str | None,
) -> None:
    """Trace one decision of a served model."""
    from anping.steps.compose.decisions import chain_rows, find_decision, permission_rows

    found = find_decision(opened(workspace_folder, key_folder), identity, spool=spool)
    if as_json:
        click.echo(json.dumps(found.as_json(), ensure_ascii=False))
        return
    record = found.record
    rows = [
        (say(Text("時間", "when")), str(record["at"])),
        (say(Text("模型", "model")), f"{record['model']}  sha256:{record['digest'][:16]}…"),
        (say(Text("路徑", "route")), str(record["route"])),
        (say(Text("輸入（假名）", "inputs (pseudonym)")), f"{record['inputs'][:16]}…"),
        (say(Text("回答", "answer")), json.dumps(record["said"], ensure_ascii=False)),
    ]
    if found.beside is not None:
        rows.append(
            (say(Text("影子", "shadow")), json.dumps(found.beside["said"], ensure_ascii=False))
        )
    output.table((Text("項目", "what"), Text("值", "value")), rows)
    sealed = (
        Text("尚未封存。", "Not sealed yet.")
        if found.seal is None
        else Text("已封存於 {seal}，根相符。", "Sealed in {seal}; its root holds.").fill(
            seal=found.seal.reference
        )
    )
    click.secho(say(sealed), fg="yellow" if found.seal is None else "green")
    headers = (
        Text("號", "no."),
        Text("步驟", "step"),
        Text("產出", "made"),
        Text("結果", "outcome"),
    )
    output.table(headers, [(at, say(step), made, out) for at, step, made, out in chain_rows(found)])
    holds = (Text("不成立", "no"), Text("成立", "yes"))
    output.table(
        (Text("號", "no."), Text("許可的依據", "permission"), Text("成立", "holds")),
        [(at, say(why), say(holds[held])) for at, why, held in permission_rows(found)],
    )


@click.command(
    "export-onnx",
    short_help=say(Text("匯出模型為 ONNX", "Export a model as ONNX")),
    help=say(
        Text(
            "把模型寫成 ONNX 檔，先與原模型在抽出的列上比對；不一致就不寫。需要選用套件 onnx。",
            "Write MODEL into FILE as ONNX, after both have answered drawn rows alike; otherwise nothing "
            "is written. Needs the extra onnx.",
        )
    ),
)
@click.argument("model")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--as",
    "agent",
    default="steward",
    show_default=True,
    help=say(Text("以誰的身分執行", "who performs the step")),
)
@placed  # fmt: skip
def export_onnx(
    model: str, file: Path, *, agent: str, workspace_folder: str, key_folder: str | None
) -> None:
    """Write MODEL into FILE as ONNX."""
    from anping.cli.step_commands import show
    from anping.core.errors import Refusal
    from anping.steps.compose.exporting import export_model

    performed = export_model(opened(workspace_folder, key_folder), model, file, agent=agent)
    show(performed)
    if performed.refused:
        raise click.exceptions.Exit(Refusal.exit_code)
    click.echo(f"  {file}")
