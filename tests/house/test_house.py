"""The house is measured: cycles, sizes, arguments, globals. A number here changes with a reason."""

import ast
import statistics
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "anping"
FILES = sorted(SOURCE.rglob("*.py"))
TREES = {path: ast.parse(path.read_text("utf-8")) for path in FILES}
FUNCTIONS = [
    (path, node)
    for path, tree in TREES.items()
    for node in ast.walk(tree)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
]
CLASSES = [
    (path, node)
    for path, tree in TREES.items()
    for node in ast.walk(tree)
    if isinstance(node, ast.ClassDef)
]


def module(path: Path) -> str:
    parts = ("anping", *path.relative_to(SOURCE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module(path): path for path in FILES}


def imports(path: Path, tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name for name in names if name in MODULES}
            if not names <= MODULES.keys() and node.module in MODULES:
                found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name in MODULES}
    return found - {module(path)}


def test_no_import_cycle() -> None:
    graph = {module(path): imports(path, tree) for path, tree in TREES.items()}
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"import cycle: {error.args[1]}")
    assert len(order) >= len(FILES)


def test_nobody_inside_imports_from_the_package_root() -> None:
    guilty = [
        path
        for path, tree in TREES.items()
        if path != SOURCE / "__init__.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "anping"
    ]
    assert not guilty


def test_files_are_small() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in FILES}
    assert statistics.median(lengths.values()) < 200
    assert {path: n for path, n in lengths.items() if n > 600} == {}


def test_functions_are_short() -> None:
    lengths = sorted(node.end_lineno - node.lineno + 1 for _, node in FUNCTIONS if node.end_lineno)
    assert lengths[int(len(lengths) * 0.9)] <= 40


def test_functions_take_few_parameters() -> None:
    guilty = []
    for path, node in FUNCTIONS:
        spec = node.args
        names = [a.arg for a in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)]
        if len([name for name in names if name not in {"self", "cls"}]) > 6:
            guilty.append(f"{path.relative_to(SOURCE)}:{node.name}")
    assert not guilty


def test_classes_have_few_public_methods() -> None:
    guilty = []
    for path, node in CLASSES:
        methods = [
            item.name
            for item in node.body
            if isinstance(item, ast.FunctionDef) and not item.name.startswith("_")
        ]
        if len(methods) > 15:
            guilty.append(f"{path.relative_to(SOURCE)}:{node.name} has {len(methods)}")
    assert not guilty


def test_no_global_state() -> None:
    guilty = [
        path for path, tree in TREES.items() for n in ast.walk(tree) if isinstance(n, ast.Global)
    ]
    assert not guilty


def test_step_files_are_thin() -> None:
    lengths = {
        path.name: len(path.read_text("utf-8").splitlines())
        for path in (SOURCE / "steps").glob("*.py")
        if path.name not in {"__init__.py", "catalogue.py", "verification.py"}
    }
    assert {name: n for name, n in lengths.items() if n >= 80} == {}


def test_every_public_name_is_documented() -> None:
    guilty = [
        f"{path.relative_to(SOURCE)}:{node.name}"
        for path, node in [*FUNCTIONS, *CLASSES]
        if not node.name.startswith("_")
        and ast.get_docstring(node) is None
        and not _nested(path, node)
        and not _private_owner(path, node)
    ]
    assert not guilty


def _owners(path: Path, node: ast.AST) -> list[ast.AST]:
    return [
        parent
        for parent in ast.walk(TREES[path])
        if parent is not node and any(child is node for child in ast.walk(parent))
    ]


def _nested(path: Path, node: ast.AST) -> bool:
    return any(isinstance(owner, ast.FunctionDef) for owner in _owners(path, node))


def _private_owner(path: Path, node: ast.AST) -> bool:
    return any(
        isinstance(owner, ast.ClassDef) and owner.name.startswith("_")
        for owner in _owners(path, node)
    )
