"""Walks the whole chain on a sample and hands out what came of it: workspace, witness, dossier."""

from dataclasses import dataclass
from pathlib import Path

from anping.recipes.samples import write_sample
from anping.steps.catalogue import step
from anping.workspace.dossier import export
from anping.workspace.perform import Performed
from anping.workspace.pipeline import read_pipeline, run_pipeline
from anping.workspace.witnessing import (
    PUBLIC,
    checkpoint,
    cosigned_by,
    create_witness,
    held_checkpoint,
    know_witness,
)
from anping.workspace.workspace import Workspace
from places import home


@dataclass(frozen=True)
class Walk:
    """A walked chain. ``held`` is the checkpoint that the witness holds, ``keys`` the owner's."""

    sample: Path
    workspace: Workspace
    witness: Path
    dossier: Path
    held: Path
    keys: Path
    performed: tuple[Performed, ...]

    def of(self, identifier: str) -> Performed:
        """Return the performed step with this id."""
        return next(done for done in self.performed if done.step.id == identifier)


def walk(folder: Path, pipeline: Path, *, subject: str, backend: str = "sqlite") -> Walk:
    """Run a pipeline in a new workspace under ``folder`` and hand the release over."""
    workspace = home(backend, folder).create()
    witness = folder / "witness"
    know_witness(workspace, create_witness(witness, "auditor.example").read_bytes())
    loaded = read_pipeline(pipeline)
    performed = tuple(run_pipeline(workspace, loaded, step=step))
    checkpoint(workspace)
    cosigned_by(workspace, witness)
    handed = export(workspace, subject, folder / "dossier")
    held, keys = folder / "held", folder / "keys.json"
    held.write_bytes(held_checkpoint(witness, workspace.ledger.origin))
    keys.write_bytes(workspace.key_store.public())
    return Walk(pipeline.parent, workspace, witness, handed.folder, held, keys, performed)


def walk_sample(
    folder: Path, kind: str, *, people: int, subject: str, backend: str = "sqlite"
) -> Walk:
    """Write a sample and walk its own pipeline."""
    write_sample(kind, folder / "sample", people=people)
    return walk(folder, folder / "sample" / "pipeline.yaml", subject=subject, backend=backend)


__all__ = ["PUBLIC", "Walk", "walk", "walk_sample"]
