"""The whole main job once: sample, chain, witness, dossier, verification; said in plain words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from anping.cli.language import say
from anping.cli.running import run_file
from anping.core.errors import EvidenceError
from anping.core.text import Text

if TYPE_CHECKING:
    from anping.evidence.verify import Report


def _heading(step: int, text: Text) -> None:
    click.echo()
    click.secho(f"{step}. {say(text)}", bold=True, fg="cyan")


def demonstrate(folder: Path, people: int) -> None:
    """Walk the chain in ``folder``; walking it again runs only what changed."""
    from anping.recipes.samples import write_sample
    from anping.steps.verification import verify_dossier
    from anping.workspace.witnessing import (
        PUBLIC,
        create_witness,
        held_checkpoint,
        know_witness,
    )
    from anping.workspace.workspace import Workspace

    sample, witness = folder / "bank", folder / "witness"
    _heading(1, Text("產生一家銀行的範例資料（虛構，附真相檔）",
                     "Make a bank's sample data (invented, with the truth beside it)"))  # fmt: skip
    if not sample.exists():
        for path in write_sample("bank", sample, people=people):
            click.echo(f"  {path}")
    _heading(2, Text("建立工作區，以及組織外部的見證人",
                     "Make a workspace, and a witness outside the organisation"))  # fmt: skip
    workspace = Workspace.create(folder / "workspace")
    click.echo(f"  {workspace.location}  |  {workspace.key_store.location}")
    if not witness.exists():
        click.echo(f"  {create_witness(witness, 'auditor.example')}")
    know_witness(workspace, (witness / PUBLIC).read_bytes())
    (folder / "keys.json").write_bytes(workspace.key_store.public())
    _heading(3, Text("收進、掃描、確認、計畫、保護、量測、審查、釋出",
                     "Add, scan, confirm, plan, protect, measure, decide, release"))  # fmt: skip
    dossier = _free(folder / "dossier")
    run_file(workspace, sample / "pipeline.yaml", dossier, witness)
    _heading(4, Text("像稽核員一樣離線驗證，並重算量測值",
                     "Verify offline as an auditor would, and recompute the measures"))  # fmt: skip
    held = folder / "witness-checkpoint.txt"
    held.write_bytes(held_checkpoint(witness, workspace.ledger.origin))
    report = verify_dossier(dossier, trust=folder / "keys.json", witness=held, replay=True)
    _conclude(report, dossier, folder)


def _conclude(report: Report, dossier: Path, folder: Path) -> None:
    passed = sum(finding.outcome == "pass" for finding in report.findings)
    for finding in report.findings:
        if finding.outcome in {"fail", "warn"}:
            click.echo(f"  {finding.outcome}: {say(finding.what)}")
    click.echo(say(Text(f"  {passed} 項檢查通過。", f"  {passed} checks passed.")))
    click.echo()
    click.secho(say(Text("卷宗：", "Dossier: ")) + str(dossier), bold=True)
    click.echo(say(Text("  用瀏覽器打開：", "  Open in a browser: ")) + str(dossier / "index.html"))
    verify = (f".venv/bin/anping verify {dossier} --trust {folder}/keys.json "
              f"--witness {folder}/witness-checkpoint.txt --replay")  # fmt: skip
    click.secho(say(Text("驗證指令：", "Verify it: ")) + verify, bold=True)
    if not report.ok:
        raise click.exceptions.Exit(EvidenceError.exit_code)


def _free(folder: Path) -> Path:
    """Return the first name of ``dossier``, ``dossier-2`` ... that is not taken."""
    number = 1
    candidate = folder
    while candidate.exists():
        number += 1
        candidate = folder.with_name(f"{folder.name}-{number}")
    return candidate
