"""De-identification by a plan: ``propose`` one, ``read_plan`` an edited one, ``protect`` a table."""

from anping.protect.apply import Protected, ProtectedFiles, protect, protect_into
from anping.protect.fit_plan import Means, Settings
from anping.protect.plan import Plan
from anping.protect.plan_file import dump_plan, parse_plan, read_plan
from anping.protect.plan_previews import preview_hierarchies
from anping.protect.profiles import PROFILES, RiskProfile
from anping.protect.propose import propose
from anping.protect.pseudonym.formatted import reidentify_formatted
from anping.protect.pseudonym.keys import KeyRing
from anping.protect.pseudonym.reversible import reidentify

__all__ = [
    "PROFILES",
    "KeyRing",
    "Means",
    "Plan",
    "Protected",
    "ProtectedFiles",
    "RiskProfile",
    "Settings",
    "dump_plan",
    "parse_plan",
    "preview_hierarchies",
    "propose",
    "protect",
    "protect_into",
    "read_plan",
    "reidentify",
    "reidentify_formatted",
]
