"""Which attacks the risk step runs; apart from them, so that a shell knows it without the attacks."""

from __future__ import annotations

from typing import Literal

#: ``linkage``: linkage and attribute inference only. ``standard``: also singling out, linkability,
#: linkage of people and downcoding, all on the quasi-identifiers. ``all``: also what an attacker who
#: knows every released column can do.
Effort = Literal["linkage", "standard", "all"]
