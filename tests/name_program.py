"""A program that finds names, as ``process:`` starts one; its argument says how it misbehaves."""

from __future__ import annotations

import json
import re
import sys
import time
from typing import Any

_NAME = re.compile("谷辣斯[·‧]?尤達卡|Zyx Qwv")


def main(manner: str) -> None:
    """Answer every line of the input, in the manner asked for."""
    for line in sys.stdin:
        asked = json.loads(line)
        if "protocol" in asked:
            _say(_hello(manner))
        elif manner == "dies":
            sys.exit(3)
        elif manner == "hangs":
            time.sleep(60)
        else:
            _say(_answer(asked, manner))


def _hello(manner: str) -> Any:
    if manner == "stranger":
        return {"protocol": "else/2"}
    return {"protocol": "anping.names/1", "name": "tiny", "version": "0.1", "licence": "GPL-3.0"}


def _answer(asked: dict[str, Any], manner: str) -> Any:
    names = [[[m.start(), m.end(), 0.9] for m in _NAME.finditer(text)] for text in asked["texts"]]
    if manner == "babbles":
        return "王小明"
    if manner == "outside":
        names[0] = [[0, 10**6, 0.9]]
    if manner == "unsure":
        names[0] = [[0, 1, 1.5]]
    return {"id": asked["id"] + (manner == "late"), "names": names}


def _say(answer: Any) -> None:
    sys.stdout.write((answer if isinstance(answer, str) else json.dumps(answer)) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
