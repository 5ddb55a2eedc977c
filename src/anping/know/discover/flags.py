"""What is asked of single characters, as flags of one number: see :class:`buffer.Buffer`."""

from __future__ import annotations

from anping.know.discover.rules import ANCHORED, ANYWHERE, LABEL, NUMBER, WORD

LETTER, DIGIT, ASCII, MARK, NEWLINE, INTRODUCING, ANCHOR, JOINING = (1 << n for n in range(8))
#: By group of patterns, that its patterns can begin with the character.
GROUP = {NUMBER: 1 << 8, WORD: 1 << 9, ANCHORED: 1 << 10, ANYWHERE: 1 << 11, LABEL: 1 << 12}
