"""What somebody who knows a person's quasi-identifiers in every table would look for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from anping.protect.linked.people import Whole


def profiles(person: Whole, item: Whole, *, people: int) -> Whole:
    """Return the number of each person's profile, shape (people,); equal sets, equal numbers.

    ``person`` and ``item``, shape (rows,), say which released tuple of which table each row of a
    person shows; a profile is the set of them. Exact: no hashing. People without rows share one.
    """
    many = np.int64(int(item.max(initial=0)) + 1)
    keys = np.unique(person * many + item)
    owner, shown = keys // many, keys % many
    sizes = np.bincount(owner, minlength=people)
    starts = np.cumsum(sizes) - sizes
    found = sizes.astype(np.int64)
    following = int(found.max(initial=0)) + 1
    for place in range(int(sizes.max(initial=0))):
        longer = np.flatnonzero(sizes > place)
        seen = found[longer] * many + shown[starts[longer] + place]
        different, number = np.unique(seen, return_inverse=True)
        found[longer] = following + number.reshape(-1)
        following += different.size
    return np.asarray(np.unique(found, return_inverse=True)[1].reshape(-1), np.int64)


def presence(person: Sequence[Whole], *, people: int) -> Whole:
    """Return the number of each person's set of tables, shape (people,), 0 for none.

    ``person`` holds the people of each table's rows. The number's bits are the tables.
    """
    found = np.zeros(people, np.int64)
    for place, rows in enumerate(person):
        found[np.unique(rows)] |= np.int64(1) << np.int64(place)
    return found
