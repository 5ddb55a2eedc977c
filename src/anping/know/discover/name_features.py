"""What the recogniser of Chinese names sees of a candidate: characters of it and around it, hashed.

A candidate is a family name of one or two characters and a given name of one or two. Each of its
features (a character at a place, two or three in a row, the kind of word that ends before it or
begins behind it) becomes the number of a weight by hashing (Weinberger et al. 2009). All candidates
of a buffer are worked out side by side over arrays; the training script uses the same functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from anping.core.taiwan import names as statistics
from anping.know.discover.lexicon import load

Codes = npt.NDArray[np.uint32]
Places = npt.NDArray[np.int64]
Kinds = npt.NDArray[np.uint8]
Hashes = npt.NDArray[np.uint64]
#: The weights are 2 to this power many.
BITS = 19
#: Zeros before and behind the code points, so that every look around stays inside.
PAD = 8
LONGEST_WORD = 5
#: What may stand between a label and the name that it announces.
GAP = ":：為是「『【\"' \t="
#: Nouns of roles end in these: 催收員, 治療師, 立約人.
ROLE_ENDINGS = "員師人士者"
#: Family names that 氏 follows in Vietnamese women's names (阮氏秋芳).
VIETNAMESE = "阮黎范陳武裴鄧潘黃吳杜胡楊李段丁鄭張"
#: Kinds of words before a candidate, and behind it; 0 is none of them.
LABEL, RELATION, ROLE, SHORT_LABEL, SHORT_RELATION = 1, 2, 3, 4, 5
TITLE, FOLLOWS, SHORT_TITLE, SHORT_FOLLOWS = 1, 2, 3, 4
_SAME = {"，": ",", "；": ";", "！": "!", "？": "?", "。": ".", "\r": "\n", "\t": " ", "台": "臺"}
MULTIPLIERS = tuple(np.uint32(m) for m in (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D))
#: The groups of candidates: characters of the family name, of the given name; which is double.
_FAMILY, _GIVEN, _DOUBLE = np.array([1, 1, 2, 2, 2]), np.array([1, 2, 1, 2, 2]), 4
LAST, SALT = np.uint32(0x27D4EB2F), np.uint32(0x165667B1)
_WORD_BASE = np.uint64(0x9E3779B97F4A7C15)
#: Family names seldom met: their share of people, in percent.
_RARE = 0.005


@dataclass(frozen=True, eq=False)
class Words:
    """Words by the hash of their characters, in order of ``hashes``; the last word is none.

    ``kinds`` says of which kind each is, 0 for the last.
    """

    hashes: Hashes
    kinds: Kinds
    words: tuple[str, ...]

    @classmethod
    def of(cls, kinds: Mapping[str, int]) -> Words:
        """Return the table of words of at most five characters."""
        ranked = sorted(kinds, key=_word_hash)
        hashes = np.array([*map(_word_hash, ranked), 2**64 - 1], np.uint64)
        numbers = np.array([*(kinds[word] for word in ranked), 0], np.uint8)
        return cls(hashes, numbers, (*ranked, ""))

    def number(self, hashes: Hashes) -> Places:
        """Return the number of each word, -1 where it is unknown."""
        place = self.hashes.searchsorted(hashes)
        return np.where(self.hashes[place] == hashes, place, -1)


@dataclass(frozen=True, eq=False)
class Lexicon:
    """Tables by code point, and words by hash; built once from the statistics and word lists."""

    first: npt.NDArray[np.bool_]
    family: npt.NDArray[np.bool_]
    doubtful: npt.NDArray[np.bool_]
    han: npt.NDArray[np.bool_]
    gap: npt.NDArray[np.bool_]
    role: npt.NDArray[np.bool_]
    usual: npt.NDArray[np.bool_]
    same: Codes
    compounds: Words
    listed: Words
    stop: Words
    before: Words
    behind: Words


@dataclass(frozen=True, eq=False)
class Candidates:
    """``start`` in the padded codes, and how many characters family and given name have.

    A ``double`` family name is that of husband and wife (陳林, both family names).
    """

    start: Places
    family: Places
    given: Places
    double: npt.NDArray[np.bool_]

    @property
    def end(self) -> Places:
        """The place behind each."""
        return self.start + self.family + self.given

    @property
    def shape(self) -> Codes:
        """How many characters of which kind each has, as one number."""
        return (self.double * 8 + self.family * 2 + self.given).astype(np.uint32)

    def __getitem__(self, chosen: npt.NDArray[np.bool_] | Places) -> Candidates:
        return Candidates(
            self.start[chosen], self.family[chosen], self.given[chosen], self.double[chosen]
        )


@cache
def family_names() -> tuple[dict[str, float], tuple[str, ...]]:
    """Return the family names of one character with their shares in percent, and of two."""
    body, facts = load("names"), statistics()
    single = {name: weight for name, weight in facts.surnames if len(name) == 1}
    single |= {name: _RARE for name in body["single"] if name not in single and name != " "}
    compound = {name for name, _ in facts.surnames if len(name) == 2} | set(
        body["surnames"].split()
    )
    return single, tuple(sorted(compound))


@cache
def lexicon() -> Lexicon:
    """Return the tables of the shipped word lists."""
    body, (single, compound) = load("names"), family_names()
    compound = (*compound, *(family + "氏" for family in VIETNAMESE))
    given = [name for name, _ in (*statistics().given_female, *statistics().given_male)]
    han = np.zeros(0x10000, bool)
    han[0x3400:0xA000] = True
    same = np.arange(0x10000, dtype=np.uint32)
    for character in range(ord("0"), ord("9") + 1):
        same[character] = ord("0")
    same[ord("A") : ord("Z") + 1] += 32
    for one, other in _SAME.items():
        same[ord(one)] = ord(other)
    return Lexicon(
        first=_marked("".join(single) + "".join(name[0] for name in compound)),
        family=_marked("".join(single)),
        doubtful=_marked(body["ambiguous"]),
        han=han,
        gap=_marked(GAP),
        role=_marked(ROLE_ENDINGS),
        usual=_marked(body["given"] + "".join(given)),
        same=same,
        compounds=Words.of(dict.fromkeys(compound, 1)),
        listed=Words.of(dict.fromkeys(given, 1)),
        stop=Words.of(dict.fromkeys(body["stop"].split(), 1)),
        before=Words.of(_reversed((body["relations"], RELATION, SHORT_RELATION),
                               (body["labels"], LABEL, SHORT_LABEL))),
        behind=Words.of(_kinds((body["follows"], FOLLOWS, SHORT_FOLLOWS),
                               (body["titles"], TITLE, SHORT_TITLE))),
    )  # fmt: skip


def padded(codes: Codes) -> Codes:
    """Return code points (0 between texts, 0xFFFF beyond the basic plane), zeros before and behind."""
    row = np.zeros(len(codes) + 2 * PAD, np.uint32)
    row[PAD:-PAD] = np.minimum(codes, 0xFFFF)
    return row


def candidates(codes: Codes) -> Candidates:
    """Return every place where a family name with one or two Chinese characters behind it begins."""
    words = lexicon()
    start = np.flatnonzero(words.first[codes])
    han = [words.han[codes[start + step]] for step in range(1, 4)]
    two = words.compounds.number(_hash_of(codes, start, 2)) >= 0
    one = words.family[codes[start]]
    both = one & ~two & words.family[codes[start + 1]] & ~words.doubtful[codes[start + 1]]
    groups = (
        start[one & han[0]],
        start[one & han[0] & han[1]],
        start[two & han[1]],
        start[two & han[1] & han[2]],
        start[both & han[1] & han[2]],
    )
    group = np.repeat(np.arange(len(groups)), [len(places) for places in groups])
    return Candidates(np.concatenate(groups), _FAMILY[group], _GIVEN[group], group == _DOUBLE)


def word_before(codes: Codes, place: Places) -> Places:
    """Return the number of the longest known word that ends before each place, or -1."""
    return _longest(lexicon().before, codes, place - 1, -1)


def word_behind(codes: Codes, place: Places) -> Places:
    """Return the number of the longest known word that begins at each place, or -1."""
    return _longest(lexicon().behind, codes, place, 1)


def _longest(words: Words, codes: Codes, place: Places, step: int) -> Places:
    hashes = np.zeros((LONGEST_WORD, len(place)), np.uint64)
    mixed = np.full(len(place), _WORD_BASE)
    for depth in range(LONGEST_WORD):
        hashes[depth] = mixed = _grown(mixed, codes[place])
        place = place + step
    numbers = words.number(hashes)
    number: Places = numbers[0]
    for found in numbers[1:]:
        np.copyto(number, found, where=found >= 0)
    return number


def kind_before(codes: Codes, place: Places, number: Places) -> Kinds:
    """Return the kind of the numbered word before each place; a role's ending counts as one."""
    words = lexicon()
    role = words.role[codes[place - 1]] & words.han[codes[place - 2]]
    kind = words.before.kinds[number]
    short = (kind == 0) | (kind == SHORT_LABEL) | (kind == SHORT_RELATION)
    return np.where(role & short, np.uint8(ROLE), kind)


def label_place(codes: Codes, start: Places) -> Places:
    """Return the place behind what may be a label: at most three marks before the start."""
    gap = lexicon().gap
    place = start
    for _ in range(3):
        place = place - gap[codes[place - 1]]
    return place


@dataclass(frozen=True, eq=False)
class Plain:
    """What speaks for candidates or against them by the word lists alone.

    Whether an ordinary word begins there, whether the given name is one, and which characters of
    the given name are usual: 2 the first, 1 the second, 3 both.
    """

    stopped: npt.NDArray[np.bool_]
    ordinary: npt.NDArray[np.bool_]
    usual: Places

    @classmethod
    def of(cls, codes: Codes, found: Candidates) -> Plain:
        """Return what the word lists say."""
        words = lexicon()
        begin, two = found.start + found.family, found.given > 1
        pairs = np.stack([_hash_of(codes, found.start, 2), _hash_of(codes, begin, 2)])
        stopped, ordinary = words.stop.number(pairs) >= 0
        usual = words.usual[codes[begin]] * 2 + words.usual[codes[begin + 1]] * two
        return cls(stopped, ordinary & two, usual)

    def like_names(self, found: Candidates) -> npt.NDArray[np.bool_]:
        """Return which candidates are of usual characters and no ordinary words."""
        usual = self.usual == np.where(found.given > 1, 3, 2)
        return np.asarray(~self.stopped & ~self.ordinary & usual)


@dataclass(frozen=True, eq=False)
class Around:
    """The known words around candidates: numbers of the lexicon's words, and their kinds."""

    label: Places
    title: Places
    before: Kinds
    behind: Kinds

    @classmethod
    def of(cls, codes: Codes, found: Candidates) -> Around:
        """Return what stands before the labels' marks and behind the names."""
        place = label_place(codes, found.start)
        label, title = word_before(codes, place), word_behind(codes, found.end)
        return cls(label, title, kind_before(codes, place, label), lexicon().behind.kinds[title])


def inner_features(codes: Codes, found: Candidates, plain: Plain) -> Places:
    """Return the weights' numbers of the name itself, shape (features, candidates)."""
    words = lexicon()
    same, shape = words.same, found.shape
    first = same[codes[found.start]]
    last_family = same[codes[found.start + found.family - 1]]
    begin = found.start + found.family
    two = found.given > 1
    given, second = same[codes[begin]], np.where(two, same[codes[begin + 1]], 0)
    listed = (words.listed.number(_hash_of(codes, begin, 2)) >= 0) & two
    return _numbers(
        1,
        (shape,),
        (shape, plain.usual, listed),
        (plain.stopped, plain.ordinary),
        (first, shape),
        (given, shape),
        (second, shape),
        (last_family, given),
        (given, second),
        (last_family, given, second),
    )


def outer_features(codes: Codes, found: Candidates, around: Around) -> Places:
    """Return the weights' numbers of what stands around, shape (features, candidates).

    Nothing beyond a code point 0 is seen: it ends a text.
    """
    same, shape = lexicon().same, found.shape
    start, end = found.start, found.end
    place = label_place(codes, start)
    near = same[codes[start - 1]]
    b1, b2, b3 = _up_to_zero(*(same[codes[place - step]] for step in (1, 2, 3)))
    a1, a2, a3 = _up_to_zero(*(same[codes[end + step]] for step in (0, 1, 2)))
    first, last, given = (same[codes[at]] for at in (start, end - 1, start + 1))
    two = np.where(near > 0, same[codes[start - 2]], 0)
    return _numbers(
        100,
        (near,),
        (near, b1, around.before),
        (b1, b2),
        (b1, b2, b3),
        (near, first),
        (near, first, given),
        (two, near, first),
        (around.before, shape),
        (a1, shape),
        (a1, a2),
        (a1, a2, a3),
        (last, a1),
        (last, a1, a2),
        (same[codes[end - 2]], last, a1),
        (around.behind, shape),
        (around.before, around.behind),
        (_sort_of(near), _sort_of(a1), shape),
    )


def _up_to_zero(*around: Codes) -> tuple[Codes, ...]:
    seen = [around[0]]
    for codes in around[1:]:
        seen.append(np.where(seen[-1] > 0, codes, np.uint32(0)))
    return tuple(seen)


def _sort_of(codes: Codes) -> Codes:
    """Return whether a character is the edge (0), Chinese (1), a letter or digit (2), a mark (3)."""
    alphanumeric = (codes == ord("0")) | ((codes >= ord("a")) & (codes <= ord("z")))
    sort = np.where(lexicon().han[codes], 1, np.where(alphanumeric, 2, 3))
    return np.where(codes == 0, 0, sort).astype(np.uint32)


def _numbers(salt: int, *features: tuple[npt.NDArray[Any], ...]) -> Places:
    """Return the number of the weight of each feature (up to three parts), hashed with its place."""
    parts = np.zeros((3, len(features), len(features[0][0])), np.uint32)
    for place, feature in enumerate(features):
        for depth, part in enumerate(feature):
            parts[depth, place] = part
    mixed = (np.arange(salt, salt + len(features), dtype=np.uint32) * SALT)[:, None]
    for part, multiplier in zip(parts, MULTIPLIERS, strict=True):
        mixed = (mixed ^ part) * multiplier
        mixed ^= mixed >> np.uint32(15)
    return ((mixed * LAST) >> np.uint32(32 - BITS)).astype(np.int64)


def _marked(characters: str) -> npt.NDArray[np.bool_]:
    table = np.zeros(0x10000, bool)
    table[[ord(character) for character in characters]] = True
    return table


def _reversed(*lists: tuple[str, int, int]) -> dict[str, int]:
    """Return the words read backwards, as they are looked for before a name."""
    return {word[::-1]: kind for word, kind in _kinds(*lists).items()}


def _kinds(*lists: tuple[str, int, int]) -> dict[str, int]:
    """Return the kind of each word: lists later in the row win, one character is a kind apart."""
    return {
        word: short if len(word) == 1 else kind
        for body, kind, short in lists
        for word in body.split()
        if len(word) <= LONGEST_WORD
    }


def _hash_of(codes: Codes, place: Places, length: int) -> Hashes:
    """Return the hash of ``length`` characters from each place."""
    mixed = np.full(len(place), _WORD_BASE)
    for step in range(length):
        mixed = _grown(mixed, codes[place + step])
    return mixed


def _grown(mixed: Hashes, codes: Codes) -> Hashes:
    """Return the hashes of words with one more character."""
    mixed = (mixed ^ codes) * _WORD_BASE
    mixed ^= mixed >> np.uint64(29)
    return mixed


def _word_hash(word: str) -> int:
    codes = np.array([ord(character) for character in word], np.uint32)
    return int(_hash_of(codes, np.zeros(1, np.int64), len(word))[0])
