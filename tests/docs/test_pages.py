"""The pages hold together: links resolve, both languages exist, the README's example runs."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from anping.core.labels import Tier
from anping.govern.policy import parse_policy
from anping.protect import PROFILES, parse_plan
from anping.protect.plan_entries import HIERARCHY_KINDS, TRANSFORMS, HierarchySpec, Transform
from anping.recipes.samples import write_sample

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *ROOT.glob("benchmarks/*.md")])

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


@pytest.mark.parametrize("language", ["", ".zh-TW"])
def test_the_plan_and_the_policy_of_the_guides_can_be_read(language: str) -> None:
    (plan, *_), (policy, *_) = (
        re.findall(r"^```yaml\n(.*?)^```$", (DOCS / "guides" / f"{name}{language}.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
        for name in ("protecting", "releasing")
    )  # fmt: skip
    assert len(parse_plan(plan).columns) == 10
    assert parse_policy(policy.encode()).rules(Tier.CONTROLLED).people.second_person


@pytest.mark.parametrize("language", ["", ".zh-TW"])
def test_the_guide_to_protecting_names_every_transform_hierarchy_and_profile(language: str) -> None:
    page = (DOCS / "guides" / f"protecting{language}.md").read_text("utf-8")
    for name in (*TRANSFORMS, *HIERARCHY_KINDS, *PROFILES):
        assert f"| `{name}` |" in page, name
    for model in (*get_args(get_args(Transform)[0]), *get_args(get_args(HierarchySpec)[0])):
        for setting in set(model.model_fields) - {"do", "kind", "why"}:
            assert f"`{setting}`" in page, (model.__name__, setting)


def test_every_decision_is_listed() -> None:
    folder = DOCS / "decisions"
    listed = (folder / "README.md").read_text("utf-8")
    for path in folder.glob("0*.md"):
        assert f"]({path.name})" in listed
        assert re.search(r"^Status: ", path.read_text("utf-8"), re.MULTILINE), path.name


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


def held_out(results: str, kind: str) -> tuple[str, str]:
    """The recall and n of one type on the held-out notes, as the results say them."""
    section = results.partition("### Held-out notes")[2].partition("\n### ")[0]
    row = re.search(rf"^\| {kind} \| ([\d,]+) \| ([\d.]+) \[", section, re.MULTILINE)
    assert row is not None
    return row[2], row[1]


@pytest.mark.parametrize(
    "page", ["guides/discovery.md", "guides/discovery.zh-TW.md", "decisions/0012-own-detector-without-a-model.md"]
)  # fmt: skip
def test_recall_is_quoted_as_it_was_measured(page: str) -> None:
    results = (ROOT / "benchmarks" / "RESULTS.md").read_text("utf-8")
    text = (DOCS / page).read_text("utf-8")
    for kind in ("all", "PERSON_NAME"):
        recall, _ = held_out(results, kind)
        assert f"{float(recall):.3f}" in text, (kind, recall)
    assert held_out(results, "all")[1] in text
    covered = re.search(r"high-recall mode[^\d]*([\d.]+) \[", results)
    assert covered is not None
    assert f"{float(covered[1]):.3f}" in text
