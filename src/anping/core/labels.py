"""Labels say what a piece of data is and what it may be used for; they flow from inputs to outputs.

The information-flow rule: the labels of an output are the join (the most restrictive combination)
of the labels of its inputs. Only a step that declares ``lowers`` may lower them, and must name the
measures that justify it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import reduce
from typing import Any, Literal

Aspect = Literal["tier", "categories"]


class Tier(StrEnum):
    """Who may receive an asset, from anybody to nobody outside the owner."""

    OPEN = "open"
    REGISTERED = "registered"
    CONTROLLED = "controlled"
    INTERNAL = "internal"

    @property
    def strictness(self) -> int:
        """0 for ``open`` up to 3 for ``internal``."""
        return list(Tier).index(self)


@dataclass(frozen=True, slots=True)
class Labels:
    """What an asset is and what may be done with it.

    ``purposes`` and ``residency`` are permissions, so a join intersects them and ``None`` means
    "not restricted". ``categories``, ``licences`` and ``legal_bases`` are duties, so a join unites
    them. ``retain_until`` is the earliest end of retention.
    """

    tier: Tier = Tier.INTERNAL
    categories: frozenset[str] = frozenset()
    purposes: frozenset[str] | None = None
    licences: frozenset[str] = frozenset()
    legal_bases: frozenset[str] = frozenset()
    residency: frozenset[str] | None = None
    retain_until: date | None = None

    def lowered(
        self, *, tier: Tier | None = None, categories: frozenset[str] | None = None
    ) -> Labels:
        """Return the labels with a lower tier or fewer categories; the caller must justify it."""
        return replace(
            self,
            tier=self.tier if tier is None else tier,
            categories=self.categories if categories is None else categories,
        )

    def as_json(self) -> dict[str, Any]:
        """Return plain values, sets sorted, so that equal labels give equal bytes."""
        return {
            "tier": self.tier.value,
            "categories": sorted(self.categories),
            "purposes": None if self.purposes is None else sorted(self.purposes),
            "licences": sorted(self.licences),
            "legalBases": sorted(self.legal_bases),
            "residency": None if self.residency is None else sorted(self.residency),
            "retainUntil": None if self.retain_until is None else self.retain_until.isoformat(),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Labels:
        """Read labels from the plain values of :meth:`as_json`."""
        purposes, residency, until = value["purposes"], value["residency"], value["retainUntil"]
        return cls(
            tier=Tier(value["tier"]),
            categories=frozenset(value["categories"]),
            purposes=None if purposes is None else frozenset(purposes),
            licences=frozenset(value["licences"]),
            legal_bases=frozenset(value["legalBases"]),
            residency=None if residency is None else frozenset(residency),
            retain_until=None if until is None else date.fromisoformat(until),
        )


#: The least restrictive labels: the identity of :func:`join`.
UNRESTRICTED = Labels(tier=Tier.OPEN)


def _both(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _join_two(one: Labels, other: Labels) -> Labels:
    ends = [end for end in (one.retain_until, other.retain_until) if end is not None]
    return Labels(
        tier=max(one.tier, other.tier, key=lambda tier: tier.strictness),
        categories=one.categories | other.categories,
        purposes=_both(one.purposes, other.purposes),
        licences=one.licences | other.licences,
        legal_bases=one.legal_bases | other.legal_bases,
        residency=_both(one.residency, other.residency),
        retain_until=min(ends) if ends else None,
    )


def join(*labels: Labels) -> Labels:
    """Return the most restrictive combination: associative, commutative and idempotent."""
    return reduce(_join_two, labels, UNRESTRICTED)


def lowered_aspects(joined: Labels, given: Labels) -> frozenset[Aspect] | None:
    """Return which aspects ``given`` lowers below ``joined``, or None if it breaks the flow rule.

    Purposes, licences, legal bases, residency and retention can never be lowered by a step.
    """
    merged = join(joined, given)
    kept = replace(merged, tier=given.tier, categories=given.categories)
    if kept != given:
        return None
    lowered: set[Aspect] = set()
    if given.tier.strictness < joined.tier.strictness:
        lowered.add("tier")
    if not given.categories >= joined.categories:
        lowered.add("categories")
    return frozenset(lowered)
