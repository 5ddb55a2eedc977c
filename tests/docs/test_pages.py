"""The pages hold together: links resolve, both languages exist, the README's example runs."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from anping.recipes.samples import write_sample

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])

_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_EXAMPLE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """The anchors that a forge gives a page's headings."""
    text = _FENCE.sub("", page.read_text("utf-8"))
    return {
        re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        for heading in _HEADING.findall(text)
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_of_a_page_resolves(page: Path) -> None:
    text = _FENCE.sub("", page.read_text("utf-8"))
    for target in _LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        other = page.parent / path if path else page
        assert other.exists(), target
        if anchor:
            assert anchor in anchors(other), target


def test_every_page_for_people_exists_in_both_languages() -> None:
    guides = {path.name for path in (DOCS / "guides").iterdir()}
    english = {name for name in guides if not name.endswith(".zh-TW.md")}
    assert len(english) >= 6
    assert guides == english | {name.replace(".md", ".zh-TW.md") for name in english}
    for folder, name in ((ROOT, "README"), (DOCS, "evidence")):
        assert (folder / f"{name}.md").exists()
        assert (folder / f"{name}.zh-TW.md").exists()


def test_no_page_names_a_path_of_one_machine() -> None:
    for page in PAGES:
        assert not re.search(
            r"(?<![\w.])/(?:home|root|work|tmp|Users)/", page.read_text("utf-8")
        ), page


@pytest.mark.parametrize("name", ["README.md", "README.zh-TW.md"])
def test_the_example_of_the_readme_runs(name: str, tmp_path: Path) -> None:
    (example,) = _EXAMPLE.findall((ROOT / name).read_text("utf-8"))
    write_sample("bank", tmp_path / "bank", people=200)
    shown = f"{example}\nprint(done.table.num_rows, len(done.measures), len(done.limits))"
    done = subprocess.run(
        [sys.executable, "-c", shown], cwd=tmp_path, capture_output=True, check=False, text=True
    )
    assert done.returncode == 0, done.stderr
    rows, measures, limits = map(int, done.stdout.split())
    assert rows >= 190
    assert measures > 10
    assert limits > 3


@pytest.mark.parametrize("name", ["README.md", "README.zh-TW.md"])
def test_the_readme_counts_the_direct_dependencies(name: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    count = len(project["dependencies"])
    row = re.search(r"^\| (?:direct dependencies|直接相依套件) \| (\d+)", (ROOT / name).read_text("utf-8"), re.MULTILINE)  # fmt: skip
    assert row is not None
    assert int(row[1]) == count
    assert count <= 20
