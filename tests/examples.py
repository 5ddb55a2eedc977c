"""The examples of the steps in their order, with what has to be there before each."""

from collections.abc import Iterator, Mapping
from typing import Any

from anping.steps.catalogue import steps

SUBJECT = "customers"
#: What a step's example needs first: other tables about the same people, documents.
BEFORE: Mapping[str, tuple[tuple[str, str, Mapping[str, Any]], ...]] = {
    "protect.deid": (("know.add", "residents", {"path": "customers.csv"}),),
    "know.map": (
        ("know.add", "loans", {"path": "loans.csv"}),
        ("know.scan", "loans", {}),
    ),
    "protect.linked": (("protect.plan", "loans", {}),),
    "protect.redact": (("know.add", "papers", {"path": "README.md", "kind": "documents"}),),
}
#: The subject of an example, where it is not the table of customers.
SUBJECTS = {"protect.redact": "papers"}


def chain() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield step, subject and parameters of everything that the examples do, in order."""
    for each in steps():
        yield from BEFORE.get(each.id, ())
        yield each.id, SUBJECTS.get(each.id, SUBJECT), each.example
