"""Several tables about the same people: ``protect_linked`` protects them together."""

from anping.protect.linked.protect import Linked, LinkedOptions, protect_linked

__all__ = ["Linked", "LinkedOptions", "protect_linked"]
