"""One command per step of the catalogue, rendered from the step; nothing is written twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from anping.cli import output
from anping.cli.contract_options import CONTRACT, contract_options, hand_contract_over
from anping.cli.document_options import REDACT, hand_texts_over, redact_options
from anping.cli.dossier_commands import dossier_options, hand_over
from anping.cli.frontier_options import FRONTIER, Wanted, frontier_options, picked, show_frontier
from anping.cli.language import say
from anping.cli.place import opened, place_options
from anping.cli.render import given, options
from anping.cli.search_commands import keep_index
from anping.core.errors import Refusal
from anping.core.text import Text
from anping.workspace.step import Step

if TYPE_CHECKING:
    from anping.workspace.perform import Performed
    from anping.workspace.workspace import Workspace

_SUBJECT = Text("資料名稱，如 customers", "the subject's name, such as customers")
_RELEASES = ("share.release", "share.model")
_CONSENT = "govern.consent"
_HANDED = (REDACT, CONTRACT)
#: What the first word of commands of two words is about.
_GROUPS = {
    "contract": Text("資料契約", "Data contracts"),
    "learn": Text("由資料學習模型", "Learn a model"),
}


def command(step: Step) -> click.Command:
    """Return the click command of a step; of one of two words, the group that it stands in."""

    def run(**values: Any) -> None:
        folder: str = values.pop("workspace_folder")
        keys: str | None = values.pop("key_folder")
        subject, agent = values.pop("subject", ""), values.pop("agent")
        references = dict(_reference(text) for text in values.pop("inputs"))
        handed = {name: values.pop(name, None) for name in ("dossier", "witness")}
        into = values.pop("into", None) if step.id in _HANDED else None
        wanted = Wanted.taken_from(values) if step.id == FRONTIER else Wanted()
        from anping.workspace.perform import Job, perform

        workspace = opened(folder, keys)
        if picked(workspace, subject, wanted):
            return
        job = Job(step, subject, given(values), agent, references)
        performed = perform(workspace, job, progress=output.progress)
        show(performed)
        keep_index(workspace)
        if performed.refused:
            raise click.exceptions.Exit(Refusal.exit_code)
        if step.id in _RELEASES:
            name = performed.outputs[0].name.removesuffix(".release")
            hand_over(workspace, name, handed["dossier"], handed["witness"])
        if step.id == REDACT:
            hand_texts_over(workspace, subject, into)
        if step.id == CONTRACT:
            hand_contract_over(workspace, subject, into)
        if step.id == FRONTIER:
            show_frontier(workspace, subject, wanted)
        if step.id == _CONSENT:
            show_touched(workspace, subject)

    fixed: list[click.Parameter] = [
        *([click.Argument(["subject"])] if step.has_subject else []),
        click.Option(["--as", "agent"], default="steward", show_default=True,
                     help=say(Text("以誰的身分執行", "who performs the step"))),
        click.Option(["--input", "inputs"], multiple=True, metavar="PORT=ASSET@VERSION",
                     help=say(Text("改用指定的輸入", "use this asset for an input"))),
    ]  # fmt: skip
    made = {
        **dict.fromkeys(_RELEASES, dossier_options),
        FRONTIER: frontier_options,
        REDACT: redact_options,
    }
    made |= {CONTRACT: contract_options}
    extra = made.get(step.id, list)()
    group, _, name = step.command.rpartition(" ")
    one = click.Command(
        name,
        params=[
            *fixed,
            *options(step, positional=step.positional),
            *extra,
            *place_options(),
        ],
        callback=run,
        help=f"{say(step.title)} ({step.id})",
        short_help=say(step.title),
    )
    if not group:
        return one
    about = say(_GROUPS[group])
    return click.Group(group, commands=[one], help=about, short_help=about)


def _reference(text: str) -> tuple[str, str]:
    port, separator, reference = text.partition("=")
    if not separator:
        raise click.BadParameter("PORT=ASSET@VERSION", param_hint="--input")
    return port, reference


def show_touched(workspace: Workspace, subject: str) -> None:
    """Print what was made with the rows of people who have withdrawn since."""
    from anping.steps.compose.touched import touched, words

    for line in words(touched(workspace, subject)):
        click.echo(f"  {say(line)}")


def show(performed: Performed) -> None:
    """Print what a step came to: notes, measures, verdict, outputs and its place in the ledger."""
    step = performed.step
    output.clear()
    click.secho(f"■ {say(step.title)}", bold=True, nl=False)
    click.echo(f"  {step.id}")
    if performed.reused:
        click.echo(say(Text("  未變更，沿用先前結果", "  unchanged: the earlier result stands")))
    for note in performed.outcome.notes:
        click.echo(f"  {say(note)}")
    if performed.outcome.measures and not performed.reused and step.id != FRONTIER:
        output.measures(performed.outcome.measures)
    if performed.verdict is not None and (performed.refused or step.id in _RELEASES):
        output.verdict(performed.verdict)
    names = ", ".join(asset.reference for asset in performed.outputs)
    line = Text("  產出 {names}，帳本第 {i} 號", "  made {names}; statement {i} of the ledger")
    click.echo(say(line.fill(names=names or "-", i=performed.statement)))
