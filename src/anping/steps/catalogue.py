"""The step catalogue: which steps exist and where. Every shell is rendered from it."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from importlib import import_module

from anping.core.errors import ParameterError
from anping.core.text import Text
from anping.workspace.step import Step

CATALOGUE = {
    "know.add": "anping.steps.add:ADD",
    "know.scan": "anping.steps.scan:SCAN",
    "know.confirm": "anping.steps.confirm:CONFIRM",
    "know.map": "anping.steps.map:MAP",
    "know.quality": "anping.steps.quality:QUALITY",
    "know.contract": "anping.steps.contract:CONTRACT",
    "know.describe": "anping.steps.describe:DESCRIBE",
    "judge.detection": "anping.steps.detection:DETECTION",
    "protect.plan": "anping.steps.plan:PLAN",
    "judge.frontier": "anping.steps.frontier:FRONTIER",
    "protect.deid": "anping.steps.deid:DEID",
    "protect.linked": "anping.steps.linked:LINKED",
    "protect.redact": "anping.steps.redact:REDACT",
    "protect.risk": "anping.steps.risk:RISK",
    "protect.counts": "anping.steps.counts:COUNTS",
    "judge.utility": "anping.steps.utility:UTILITY",
    "govern.policy": "anping.steps.policy:POLICY",
    "share.release": "anping.steps.release:RELEASE",
    "govern.consent": "anping.steps.consent:CONSENT",
    "learn.tabular": "anping.steps.learn_tabular:LEARN_TABULAR",
    "learn.scorecard": "anping.steps.scorecard:LEARN_SCORECARD",
    "learn.series": "anping.steps.learn_series:LEARN_SERIES",
    "learn.predict": "anping.steps.learn_predict:LEARN_PREDICT",
    "judge.model": "anping.steps.judge_model:JUDGE_MODEL",
    "govern.principles": "anping.steps.principles:PRINCIPLES",
    "share.model": "anping.steps.release_model:RELEASE_MODEL",
    "run.monitor": "anping.steps.monitor:MONITOR",
    "run.stage": "anping.steps.stage:STAGE",
}


#: Steps that only a command or a server performs: no form, pipeline or request can ask for them.
BESIDE = {
    "learn.onnx": "anping.steps.compose.exporting:EXPORTING",
    "run.seal": "anping.steps.compose.sealing:SEALING",
}


@cache
def step(identifier: str) -> Step:
    """Return the step with this id. Raises ParameterError naming the nearest ones."""
    place = CATALOGUE.get(identifier) or BESIDE.get(identifier)
    if place is None:
        close = get_close_matches(identifier, CATALOGUE, n=3, cutoff=0.4) or list(CATALOGUE)
        raise ParameterError(
            "step.unknown",
            Text(f"沒有步驟「{identifier}」。", f"There is no step “{identifier}”."),
            hint=Text(f"可用的有：{'、'.join(close)}", f"Available: {', '.join(close)}"),
        )
    module, _, name = place.partition(":")
    found = getattr(import_module(module), name)
    assert isinstance(found, Step)
    return found


def steps() -> tuple[Step, ...]:
    """Return all steps in the order of the chain."""
    return tuple(step(identifier) for identifier in CATALOGUE)
