"""Names by a program of its own: JSON lines over its input and output, ``anping.names/1``.

A model whose licence does not allow to be linked (CKIP is GPL-3.0) runs beside Anping, not inside it.
One line, one JSON object, UTF-8; the program answers every line with one, in order:

=============================================  =====================================================
to the program                                 back
=============================================  =====================================================
``{"protocol": "anping.names/1"}``             ``{"protocol": "anping.names/1", "name": …,
                                               "version": …, "licence": …, "digest": …}``
``{"id": 1, "recall": false, "texts": [...]}``  ``{"id": 1, "names": [[[start, end, score], …], …]}``
=============================================  =====================================================

Places are code points of the text, the end excluded; scores lie between 0 and 1. At the end of its
input the program leaves. What it writes to its error output is thrown away: it may name people.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import weakref
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, Queue
from threading import Lock, Thread
from typing import IO, Any

from anping.core.digest import sha256
from anping.core.errors import InputError, ParameterError
from anping.core.ratings import Finder
from anping.core.text import Text
from anping.know.discover.recognisers.model import Found

PROTOCOL = "anping.names/1"
#: An answer may be so long, in bytes; one question holds so many characters, or one text.
LONGEST, TOGETHER = 64 << 20, 200_000
#: So many answers that nobody asked for are kept; then the program has to wait.
_UNREAD = 4
_HINT = Text(
    "以同樣的命令單獨執行它，並對照文件 docs/guides/name-models 的格式。",
    "Run it alone with the same command, and compare docs/guides/name-models.",
)


@dataclass(frozen=True, slots=True)
class Waits:
    """How many seconds the program may take to begin, and for each answer."""

    begin: float = 300.0
    answer: float = 300.0


class ProcessNames:
    """A running program and what it says it is; asked by one caller at a time."""

    def __init__(self, command: str, waits: Waits | None = None) -> None:
        """Start the program; raises ParameterError or InputError (``names.process``)."""
        self.waits = waits or Waits()
        try:
            words = shlex.split(command)
            # No shell: the words are the program and its arguments.
            self._process = subprocess.Popen(  # noqa: S603 - the user names the program to run
                words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except (OSError, ValueError, IndexError) as error:
            raise ParameterError(
                "names.process",
                Text("人名程式無法啟動。", "The program of names cannot be started."),
                hint=_HINT,
            ) from error
        self._asked: Queue[bytes | None] = Queue()
        self._answered: Queue[bytes | None] = Queue(_UNREAD)
        self._ended = False
        self._lock = Lock()
        self._count = 0
        weakref.finalize(self, _stopped, self._process, self._asked, self._answered)
        for work, pipe, queue in (
            (_written, self._process.stdin, self._asked),
            (_read, self._process.stdout, self._answered),
        ):
            Thread(target=work, args=(pipe, queue), daemon=True).start()
        self.finder = self._begun()

    def find(self, texts: Sequence[str], *, recall: bool) -> list[list[Found]]:
        """Return the names that the program finds; raises InputError (``names.process``)."""
        with self._lock:
            return [
                found
                for some in _portions(texts)
                for found in self._asked_about(some, recall=recall)
            ]

    def close(self) -> None:
        """End the program."""
        _stopped(self._process, self._asked, self._answered)

    def _begun(self) -> Finder:
        told = self._ask({"protocol": PROTOCOL}, self.waits.begin)
        facts = {key: told.get(key, "") for key in ("name", "version", "licence", "digest")}
        if told.get("protocol") != PROTOCOL or not all(isinstance(f, str) for f in facts.values()):
            raise self._failed(
                "第一個回答不是 anping.names/1", "its first answer is not anping.names/1"
            )
        # Without a digest of its own it is known by what it says of itself.
        said = json.dumps(facts, sort_keys=True).encode()
        return Finder(
            kind="process",
            name=facts["name"][:80] or "?",
            version=facts["version"][:40],
            licence=facts["licence"][:80] or "?",
            digest=facts["digest"][:64] or sha256(said),
        )

    def _asked_about(self, texts: Sequence[str], *, recall: bool) -> list[list[Found]]:
        self._count += 1
        asked = {"id": self._count, "recall": recall, "texts": list(texts)}
        told = self._ask(asked, self.waits.answer)
        names = told.get("names")
        if told.get("id") != self._count or not isinstance(names, list) or len(names) != len(texts):
            raise self._failed("回答不屬於所問的文字", "an answer does not belong to its question")
        try:
            return [
                [_checked(one, len(text)) for one in listed]
                for listed, text in zip(names, texts, strict=True)
            ]
        except (TypeError, ValueError) as error:
            raise self._failed(
                "回答中有位置或分數不合格式", "an answer has a place or score that cannot be"
            ) from error

    def _ask(self, question: dict[str, Any], seconds: float) -> dict[str, Any]:
        if self._ended:
            raise self._failed("它已經結束", "it has ended")
        self._asked.put(json.dumps(question, ensure_ascii=False).encode() + b"\n")
        try:
            line = self._answered.get(timeout=seconds)
        except Empty as error:
            raise self._failed(
                f"{seconds:g} 秒內沒有回答", f"it gave no answer within {seconds:g} seconds"
            ) from error
        if line is None:
            raise self._failed("它已經結束", "it has ended")
        try:
            told = json.loads(line)
        except ValueError as error:
            raise self._failed("回答不是 JSON", "an answer is not JSON") from error
        if not isinstance(told, dict):
            raise self._failed("回答不是 JSON 物件", "an answer is not a JSON object")
        return told

    def _failed(self, zh: str, en: str) -> InputError:
        """Return the error and end the program: what it answers later would be misread."""
        self._ended = True
        self.close()
        return InputError(
            "names.process",
            Text(f"人名程式出錯：{zh}。", f"The program of names failed: {en}."),
            hint=_HINT,
        )


def _portions(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    first = size = 0
    for number, text in enumerate(texts):
        size += len(text)
        if size >= TOGETHER:
            yield texts[first : number + 1]
            first, size = number + 1, 0
    if first < len(texts):
        yield texts[first:]


def _checked(one: Any, length: int) -> Found:
    start, end, score = one
    if type(start) is not int or type(end) is not int or isinstance(score, bool):
        raise TypeError
    if not 0 <= start < end <= length or not 0.0 <= score <= 1.0:
        raise ValueError
    return Found(start, end, float(score))


def _written(pipe: IO[bytes], queue: Queue[bytes | None]) -> None:
    """Write what is asked; a program that does not read blocks this thread only."""
    with suppress(OSError, ValueError):
        while (line := queue.get()) is not None:
            pipe.write(line)
            pipe.flush()
    with suppress(OSError, ValueError):
        pipe.close()


def _read(pipe: IO[bytes], queue: Queue[bytes | None]) -> None:
    """Hand on the lines of a program, at most as long as an answer may be; None at the end."""
    with suppress(OSError, ValueError), pipe:
        while line := pipe.readline(LONGEST):
            queue.put(line)
    queue.put(None)


def _stopped(
    process: subprocess.Popen[bytes], asked: Queue[bytes | None], answered: Queue[bytes | None]
) -> None:
    """End a program and what reads and writes for it."""
    asked.put(None)
    if process.poll() is None:
        process.kill()
    process.wait()
    # Who waits to hand on an answer that nobody will ask for can go on to the end.
    with suppress(Empty):
        while True:
            answered.get_nowait()
