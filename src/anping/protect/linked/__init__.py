"""Several tables about the same people: ``protect_linked`` protects them together."""

from anping.protect.linked.keys import keyed
from anping.protect.linked.plan_file import LinkedPlan, parse_linked_plan, read_linked_plan
from anping.protect.linked.protect import Linked, LinkedOptions, protect_linked

__all__ = [
    "Linked",
    "LinkedOptions",
    "LinkedPlan",
    "keyed",
    "parse_linked_plan",
    "protect_linked",
    "read_linked_plan",
]
