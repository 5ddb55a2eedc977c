from __future__ import annotations

import ast
from pathlib import Path

import pytest

import anping.core
from anping.core.text import Text
from anping.share.methods import method_title

SOURCE = Path(anping.core.__file__).parents[1]


def _written_in_the_source() -> set[str]:
    """Every method that a call passes as a plain string, and every constant named after one."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                given = [key.value for key in node.keywords if key.arg == "method"]
                given = given if node.func.id in {"Measure", "_ratio", "_rate"} else []
            elif isinstance(node, ast.Assign):
                names = [name.id for name in node.targets if isinstance(name, ast.Name)]
                given = [node.value] if names[:1] and names[0].casefold().endswith("method") else []
                if (
                    names == ["_METHODS"]
                    and isinstance(node.value, ast.Dict)
                    and "share" not in path.parts
                ):
                    given = node.value.values
            else:
                continue
            found |= {
                str(one.value)
                for one in given
                if isinstance(one, ast.Constant) and isinstance(one.value, str)
            }
    return found


def test_every_method_of_the_source_is_said_in_chinese() -> None:
    methods = _written_in_the_source()
    assert len(methods) > 8
    silent = {m for m in methods if m and method_title(m).zh == method_title(m).en}
    assert silent == set()


@pytest.mark.parametrize(
    ("method", "zh", "en"),
    [
        ("count", "計數", "count"),
        ("threshold 0.2", "門檻 20%", "threshold 20%"),
        (
            "LightGBM 150 rounds, tested on raw held-out rows; target 違約",
            "LightGBM 150 回合，在保留的原始資料列上測試；目標欄位「違約」",
            "LightGBM 150 rounds, tested on raw held-out rows; target “違約”",
        ),
        (
            "classes of one on all 12 columns but pseudonym and free text",
            "假名與自由文字以外 12 欄合起來只有一員的等價類",
            "classes of one on all 12 columns but pseudonym and free text",
        ),
        ("somebody's own", "somebody's own", "somebody's own"),
        ("", "", ""),
    ],
)
def test_a_method_is_said_in_both_languages(method: str, zh: str, en: str) -> None:
    assert method_title(method) == Text(zh, en)
