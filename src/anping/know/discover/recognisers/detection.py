"""What texts are looked through with: rules, and the models of names beside the embedded recogniser."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from anping.core.ratings import NOTHING, Ratings
from anping.know.discover.measured import ratings_of
from anping.know.discover.recognisers.ensemble import JOINED, WithModels
from anping.know.discover.rules import Rules, standard_rules
from anping.know.discover.text import Names, Scanner, standard_names


@dataclass(frozen=True)
class Detection:
    """Rules, the shipped ones or with a user's own entities, and installed models of names."""

    rules: Rules = field(default_factory=standard_rules)
    models: WithModels | None = None

    @property
    def names(self) -> Names:
        """What finds names."""
        return self.models or standard_names

    @property
    def types(self) -> Sequence[str]:
        """The types of the user's own entities."""
        return [str(entry["type"]) for entry in self.rules.entries]

    def scanner(self, *, recall: bool = False) -> Scanner:
        """Return the scanner of texts, in either mode."""
        return Scanner(recall=recall, rules=self.rules, names=self.names)

    def ratings(self, types: Iterable[str], *, recall: bool = False) -> Ratings:
        """Return how well some types are found; own entities and models were not measured."""
        return ratings_of(
            types,
            known=self.rules.known,
            own=self.types,
            finders=() if self.models is None else self.models.finders,
            joined=NOTHING if self.models is None else JOINED[recall],
        )
