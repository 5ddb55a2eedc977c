"""Made sentences with the places of the names in them: templates of ours, words by how common they are.

Only doubles of NumPy's generator are drawn, so that a seed gives the same sentences everywhere.
"""

from __future__ import annotations

import gzip
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Final

import numpy as np

from anping.core.taiwan import divisions
from anping.core.taiwan import names as statistics
from anping.know.discover.lexicon import load
from anping.know.discover.name_features import VIETNAMESE, family_names

HERE: Final = Path(__file__).parent
_SLOT = re.compile(r"\{(\w+)\}")
#: Shares of given names, added up: listed, two characters of two listed ones, two usual
#: characters, one; the rest with any character.
_LISTED, _MIXED, _USUAL, _SINGLE = 0.32, 0.60, 0.82, 0.98
#: Shares of family names: with 氏, of two characters, of two people (陳林美惠), any alike.
_VIETNAMESE_SHARE, _COMPOUND_SHARE, _DOUBLE_SHARE, _EVEN_SHARE = 0.015, 0.03, 0.03, 0.15
#: Kinds of words that count as one slot of the patterns.
_KINDS = {"vn": "v", "vd": "v", "ad": "d", "an": "a", "z": "a", "b": "a", "nz": "n", "l": "n",
          "s": "f", "mq": "m", "q": "n", "j": "n", "uj": "u", "ul": "u", "ud": "u", "uv": "u",
          "uz": "u", "ug": "u", "y": "u"}  # fmt: skip
#: Shares of sentences without a name, of those from the patterns, and of those that another follows.
_NAMELESS, _PATTERNS, _JOINED = 0.55, 0.5, 0.4
#: Share of nameless sentences that are pieces of statutes.
_PIECES = 0.25
#: Slots that a word of a list of ``names.yaml`` fills.
_LISTS = {"T": "titles", "R": "labels", "K": "relations", "B": "follows", "H": "stop"}
_FIRMS = ("公司", "有限公司", "醫院", "銀行", "大學", "診所", "基金會", "分局", "國小")
_MARKS = ("。", "，", "；", "\n", "。", "，", " ", "")


@dataclass(frozen=True)
class Sentence:
    """A text and where its names stand."""

    text: str
    names: tuple[tuple[int, int], ...]


class Weighted:
    """Draws from values by their weights."""

    def __init__(self, values: Sequence[str], weights: Sequence[float]) -> None:
        self.values, self.weights = values, weights
        self.sums = list(accumulate(weights))

    def draw(self, chance: float) -> str:
        """Return the value that a number in [0, 1) falls on."""
        return self.values[bisect_right(self.sums, chance * self.sums[-1])]


class Writer:
    """Writes sentences; ``part`` of two keeps every fifth template for measuring ("measure")."""

    def __init__(self, seed: int, *, part: str = "train") -> None:
        self._random = np.random.default_rng(seed)
        self._block: list[float] = []
        self._words = _words()
        self._pieces = _counted("pieces.tsv.gz")
        characters: dict[str, float] = {}
        for kind in ("n", "v"):
            words = self._words[kind]
            for word, weight in zip(words.values, words.weights, strict=True):
                for character in word:
                    characters[character] = characters.get(character, 0.0) + weight
        self._any = Weighted(list(characters), list(characters.values()))
        self._templates = {
            (patterns, named): [
                line
                for line in _chosen("patterns.txt" if patterns else "templates.txt", part)
                if ("{N}" in line) == named
            ]
            for patterns in (False, True)
            for named in (False, True)
        }
        body, facts = load("names"), statistics()
        single, compound = family_names()
        self._families = Weighted(list(single), [weight**0.8 for weight in single.values()])
        self._even, self._compound = list(single), compound
        given = [*facts.given_female, *facts.given_male]
        self._given = Weighted([name for name, _ in given], [weight for _, weight in given])
        self._characters = body["given"]
        self._lists = {
            key: body[key].split() for key in ("titles", "labels", "relations", "follows", "stop")
        }
        self._makers = self._makers_by_slot()
        self._places = [
            place for d in divisions() for place in (d.county, d.township, d.township[:-1])
        ]

    def sentences(self, count: int) -> Iterator[Sentence]:
        """Yield so many sentences, some of several clauses."""
        for _ in range(count):
            pieces: list[str] = []
            names: list[tuple[int, int]] = []
            size = 0
            while not pieces or self._chance() < _JOINED:
                text, found = self._sentence()
                names += [(size + start, size + end) for start, end in found]
                text += self._one(_MARKS)
                pieces.append(text)
                size += len(text)
            yield Sentence("".join(pieces), tuple(names))

    def name(self) -> str:
        """Return a Chinese name."""
        kind = self._chance()
        if kind < _VIETNAMESE_SHARE:
            return self._one(VIETNAMESE) + "氏" + self._given_name()[-1]
        if kind < _VIETNAMESE_SHARE + _COMPOUND_SHARE:
            return self._one(self._compound) + self._given_name()
        if kind < _VIETNAMESE_SHARE + _COMPOUND_SHARE + _DOUBLE_SHARE:
            families = [self._families.draw(self._chance()) for _ in range(2)]
            return "".join(families) + self._given_name()
        if kind < _VIETNAMESE_SHARE + _COMPOUND_SHARE + _DOUBLE_SHARE + _EVEN_SHARE:
            return self._one(self._even) + self._given_name()
        return self._families.draw(self._chance()) + self._given_name()

    def _given_name(self) -> str:
        kind = self._chance()
        if kind < _LISTED:
            return self._given.draw(self._chance())
        if kind < _MIXED:
            first, second = (self._given.draw(self._chance()) for _ in range(2))
            return first[0] + second[-1]
        if kind < _USUAL:
            return self._one(self._characters) + self._one(self._characters)
        if kind < _SINGLE:
            return self._one(self._characters)
        return self._any.draw(self._chance()) + self._one(self._characters)

    def _sentence(self) -> tuple[str, list[tuple[int, int]]]:
        named = self._chance() >= _NAMELESS
        if not named and self._chance() < _PIECES:
            return self._pieces.draw(self._chance()), []
        template = self._one(self._templates[self._chance() < _PATTERNS, named])
        pieces: list[str] = []
        names = []
        size = position = 0
        for slot in _SLOT.finditer(template):
            pieces.append(template[position : slot.start()])
            size += len(pieces[-1])
            value = self._filled(slot.group(1))
            if slot.group(1) == "N":
                names.append((size, size + len(value)))
            pieces.append(value)
            size += len(value)
            position = slot.end()
        pieces.append(template[position:])
        return "".join(pieces), names

    def _filled(self, slot: str) -> str:
        maker = self._makers.get(slot)
        if maker is not None:
            return maker()
        listed = _LISTS.get(slot)
        return self._word(slot) if listed is None else self._one(self._lists[listed])

    def _makers_by_slot(self) -> dict[str, Callable[[], str]]:
        return {
            "N": self.name,
            "G": self._given_name,
            "F": lambda: self._families.draw(self._chance()),
            "S": lambda: self._families.draw(self._chance()) + self._one(self._lists["titles"]),
            "X": self._strange,
            "W": lambda: self._word("n" if self._chance() < 0.8 else "v"),
            "V": lambda: self._word("v"),
            "P": lambda: self._one(self._places),
            "O": lambda: self._word(self._one(("n", "ns", "v"))) + self._one(_FIRMS),
            "A": self._address,
            "D": self._date,
            "C": lambda: self._one((f"{self._number(24)}:{self._number(60):02}", f"下午{1 + self._number(11)}點")),
            "M": lambda: self._one((f"{self._number(900)},000元", f"新臺幣{self._number(90)}萬元", f"${self._number(9000)}")),
            "I": self._identifier,
        }  # fmt: skip

    def _number(self, below: int) -> int:
        return int(self._chance() * below)

    def _date(self) -> str:
        year, month, day = 60 + self._number(55), 1 + self._number(12), 1 + self._number(28)
        forms = (f"{year}年{month}月{day}日", f"{1911 + year}/{month:02}/{day:02}",
                 f"{month}月{day}日", f"{year}.{month}.{day}", f"{1911 + year}-{month:02}-{day:02}")  # fmt: skip
        return self._one(forms)

    def _address(self) -> str:
        road = self._word("n")
        return f"{self._one(self._places)}{road}路{1 + self._number(400)}號{2 + self._number(20)}樓"

    def _identifier(self) -> str:
        letter = chr(65 + self._number(26))
        forms = (f"{letter}{self._number(10**9):09}", f"09{self._number(10**8):08}", f"{self._number(10**7)}")  # fmt: skip
        return self._one(forms)

    def _word(self, kind: str) -> str:
        return self._words[kind].draw(self._chance())

    def _strange(self) -> str:
        """Return a word that nobody knows: a family name, then any characters."""
        family = (
            self._one(self._even) if self._chance() < 0.5 else self._families.draw(self._chance())
        )
        return family + "".join(
            self._any.draw(self._chance()) for _ in range(1 + int(self._chance() * 3))
        )

    def _one(self, values: Sequence[str]) -> str:
        return values[int(self._chance() * len(values))]

    def _chance(self) -> float:
        if not self._block:
            self._block = self._random.random(4096).tolist()[::-1]
        return self._block.pop()


def _chosen(name: str, part: str) -> list[str]:
    lines = (HERE / name).read_text("utf-8").splitlines()
    lines = [line for line in lines if line and not line.startswith("#")]
    if part == "all":
        return lines
    return [line for n, line in enumerate(lines) if (n % 5 == 4) == (part == "measure")]


def _counted(name: str) -> Weighted:
    with gzip.open(HERE / name, "rt", encoding="utf-8") as lines:
        pairs = [line.split("\t") for line in lines]
    return Weighted([word for word, _ in pairs], [float(count) ** 0.75 for _, count in pairs])


def _words() -> dict[str, Weighted]:
    """Return words by kind; common ones are drawn less often than they are written."""
    kinds: dict[str, dict[str, float]] = {}
    with gzip.open(HERE / "words.tsv.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            word, count, kind = line.rstrip("\n").split("\t")
            kinds.setdefault(_KINDS.get(kind, kind), {})[word] = float(count) ** 0.75
    return {kind: Weighted(list(words), list(words.values())) for kind, words in kinds.items()}
