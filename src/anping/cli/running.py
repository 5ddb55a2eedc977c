"""Running a pipeline file on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from anping.cli import output
from anping.cli.dossier_commands import hand_over
from anping.cli.search_commands import keep_index
from anping.cli.step_commands import show
from anping.core.errors import Refusal

if TYPE_CHECKING:
    from anping.workspace.workspace import Workspace


def run_file(
    workspace: Workspace, pipeline: Path, dossier: Path | None, witness: Path | None
) -> None:
    """Perform a pipeline file, print each step, and hand the release over if asked."""
    from anping.steps.catalogue import step
    from anping.workspace.pipeline import read_pipeline, run_pipeline
    from anping.workspace.witnessing import PUBLIC, know_witness

    if witness is not None:
        know_witness(workspace, (witness / PUBLIC).read_bytes())
    loaded = read_pipeline(pipeline)
    for performed in run_pipeline(workspace, loaded, step=step, progress=output.progress):
        show(performed)
        if performed.refused:
            keep_index(workspace)
            raise click.exceptions.Exit(Refusal.exit_code)
    keep_index(workspace)
    if dossier is not None:
        hand_over(workspace, loaded.pipeline.subject, dossier, witness)
