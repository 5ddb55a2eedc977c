"""A step is one capability with a name, typed parameters and typed ports; every shell renders it.

A step works on a *subject* (``customers``). Its ports name the assets it takes and gives by a
pattern of the subject (``{subject}.scan``), so that nobody has to wire assets by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict
from pydantic import Field as ModelField

from anping.core.asset import Asset, Field, Kind
from anping.core.clock import Clock
from anping.core.labels import Aspect, Labels, join
from anping.core.lineage import Teller
from anping.core.measure import Measure
from anping.core.progress import Progress
from anping.core.text import Text
from anping.core.verdict import Verdict

#: A statement's content as plain JSON: ``{"subject": [...], "predicate": {...}}``.
Record = Mapping[str, Any]


class Parameters(BaseModel):
    """The flat parameters of a step; unknown names are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def parameter(zh: str, en: str, default: Any = ..., **rules: Any) -> Any:
    """Return a model field with its description in both languages; required without a default."""
    return ModelField(default, description=en, json_schema_extra={"zh": zh}, **rules)


@dataclass(frozen=True, slots=True)
class Port:
    """An asset that a step takes or gives, found or named by ``pattern``.

    ``remembered`` is what the step itself made before: it may build on it, but it is no part of what
    the step is asked, so it does not decide whether the same work was done already. ``others`` are
    kinds that it takes as well. With ``past`` above 0 the inputs are not the newest version but up to
    so many versions before it whose content is still there, each named ``name@version``.
    """

    name: str
    kind: Kind
    pattern: str
    optional: bool = False
    remembered: bool = False
    others: tuple[Kind, ...] = ()
    past: int = 0

    def asset_name(self, subject: str) -> str:
        """Return the asset's name for a subject."""
        return self.pattern.format(subject=subject)


@dataclass(frozen=True, slots=True)
class Input:
    """An asset given to a step, and where its content lies."""

    asset: Asset
    path: Path


@dataclass(frozen=True, slots=True)
class Produced:
    """Something a step made, before it is stored: a file, or a folder for a release.

    ``labels`` None means the join of the inputs' labels.
    """

    port: str
    path: Path
    media_type: str
    labels: Labels | None = None
    schema: tuple[Field, ...] = ()
    rows: int | None = None
    confidential: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step's function returns."""

    outputs: tuple[Produced, ...]
    measures: tuple[Measure, ...] = ()
    decision: Verdict | None = None
    limits: tuple[Text, ...] = ()
    #: What a person should read after the step, in order.
    notes: tuple[Text, ...] = ()
    #: (name, SHA-256) of what was read outside that could not be named before the step ran.
    sources: tuple[tuple[str, str], ...] = ()
    #: Remembered ports that the step did not build on: they are no inputs of what it made.
    unused: frozenset[str] = frozenset()


class Keys(Protocol):
    """The keys a step may use; private keys never leave the key store."""

    def secret(self, name: str) -> bytes:
        """Return the named symmetric key."""

    def sign(self, role: str, payload: bytes) -> bytes:
        """Return ``payload`` in a DSSE envelope signed by the key of ``role``, as one line."""

    def public(self) -> bytes:
        """Return the canonical ``keys.json`` of all public keys."""


@dataclass(frozen=True)
class Context:
    """What a step's function may know beside its parameters and inputs."""

    folder: Path
    subject: str
    agent: str
    keys: Keys
    clock: Clock
    progress: Progress
    history: tuple[Record, ...] = ()
    #: Where each record of the history stands in the ledger.
    places: tuple[int, ...] = ()
    #: What the gates decided, where the step has gates.
    verdict: Verdict | None = None
    #: The signed checkpoints of the ledger so far.
    checkpoints: tuple[bytes, ...] = ()
    #: The outside files that the step reads, with the SHA-256 that the statement will name.
    sources: tuple[tuple[Path, str], ...] = ()

    def path(self, name: str) -> Path:
        """Return a path to write an output to; it vanishes if the step fails."""
        return self.folder / name

    def lasting(self, name: str) -> Path:
        """Return a path that outlives a run that fails or is killed, for going on from there.

        It lies in the workspace's scratch; no row of a table may be written to it, and the step
        removes it when it is done.
        """
        return self.folder.parent / name


Inputs = Mapping[str, Input]


@dataclass(frozen=True, slots=True)
class Request:
    """What a gate sees: a step about to run."""

    step: Step
    parameters: Any
    inputs: Inputs
    history: tuple[Record, ...]
    agent: str
    moment: datetime


Gate = Callable[[Request], Verdict]


def joined_labels(inputs: Inputs) -> Labels:
    """Return the join of the inputs' labels: what an output carries unless its step lowers it."""
    return join(*(given.asset.labels for given in inputs.values()))


def no_files(parameters: Any) -> tuple[Path, ...]:  # noqa: ARG001 - the signature is the contract
    """Return no outside files: most steps read only assets."""
    return ()


@dataclass(frozen=True, slots=True)
class Step:
    """One capability: its id, what it takes and gives, its parameters, and the function it calls.

    ``command`` is its name on the command line. ``reads`` names files outside the workspace that
    the parameters point to; their digests count as inputs. ``lowers`` are the label aspects that
    the step may lower; it must then give measures or a decision that justify it.
    """

    id: str
    command: str
    title: Text
    takes: tuple[Port, ...]
    gives: tuple[Port, ...]
    parameters: type[Parameters]
    run: Callable[[Context, Any, Inputs], Outcome]
    reads: Callable[[Any], tuple[Path, ...]] = no_files
    gates: tuple[Gate, ...] = ()
    lowers: tuple[Aspect, ...] = ()
    #: Whether running it again on the same inputs gives the same measures.
    reproducible: bool = True
    #: What it takes and gives with given parameters, where that is not always the same.
    ports: Callable[[Any], tuple[tuple[Port, ...], tuple[Port, ...]]] | None = None
    #: Tells what it did to each column; None for a step that gives no columns.
    lineage: Teller | None = None
    #: Parameters that follow the subject on the command line without a flag.
    positional: tuple[str, ...] = ()
    #: Endings of a subject that stand for parameters: ``customers.protected`` for ``protected``.
    spelled: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    example: Mapping[str, Any] = field(default_factory=dict)

    @property
    def has_subject(self) -> bool:
        """Whether the step works on a named subject; a policy belongs to the whole workspace."""
        return any("{subject}" in port.pattern for port in (*self.takes, *self.gives))

    def wired(self, parameters: Parameters) -> Step:
        """Return the step with the ports that these parameters ask for."""
        if self.ports is None:
            return self
        takes, gives = self.ports(parameters)
        return replace(self, takes=takes, gives=gives)
