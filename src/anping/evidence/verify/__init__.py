"""Verify a dossier with no network and no workspace: ``verify(path).ok``."""

from anping.evidence.verify.opened import Check, OpenedDossier, OpenedStatement
from anping.evidence.verify.replay import Replayer
from anping.evidence.verify.report import Finding, Report, failed, passed, told, warned
from anping.evidence.verify.run import verify

__all__ = [
    "Check",
    "Finding",
    "OpenedDossier",
    "OpenedStatement",
    "Replayer",
    "Report",
    "failed",
    "passed",
    "told",
    "verify",
    "warned",
]
