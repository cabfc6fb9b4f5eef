"""The house rules that no type checker knows: who may import whom, and what may not be written."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "eventlab"

# A room imports from itself and from rooms that stand before it here.
WALK = (
    "errors",
    "visible",
    "kernels",
    "definitions",
    "timeline",
    "market",
    "study",
    "contagion",
    "hedge",
    "claims",
    "report",
    "regression",
    "cli",
)
ONE_MODULE_ONLY = (
    "vectorbt",
    "arch",
    "altair",
    "vl_convert",
    "typst",
    "xlsxwriter",
    "yaml",
    "exchange_calendars",
)
HEAVY = ("pandas", "numba", "pyarrow", "scipy.stats", "statsmodels", "jinja2", *ONE_MODULE_ONLY)
IMPORTERS = ("import_module", "__import__")
MAX_LINES = 400

SOURCES = sorted(PACKAGE.rglob("*.py"))
ALL_CODE = sorted([*SOURCES, *(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")])


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module, by its full name."""

    name: str
    line: int
    at_import_time: bool  # not inside a function and not for the type checker alone

    def within(self, module: str) -> bool:
        return self.name == module or self.name.startswith(module + ".")


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@cache
def imports_of(path: Path) -> list[Import]:
    return imports_in(tree_of(path), package_of(path))


def imports_in(tree: ast.AST, package: str = "eventlab") -> list[Import]:
    """All imports below ``tree``, those spelled as a string for importlib included."""
    found: list[Import] = []
    _collect(tree, package, now=True, into=found)
    return found


def _collect(node: ast.AST, package: str, *, now: bool, into: list[Import]) -> None:
    into.extend(Import(name, line, now) for name, line in _names(node, package))
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        now = False
    for_types = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
    for child in ast.iter_child_nodes(node):
        _collect(child, package, now=now and not for_types, into=into)


def _names(node: ast.AST, package: str) -> Iterator[tuple[str, int]]:
    if isinstance(node, ast.Import):
        yield from ((alias.name, node.lineno) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            parents = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*parents, base] if base else parents)
        # `from a import b` may name the module a.b: both are given.
        yield base, node.lineno
        yield from ((f"{base}.{alias.name}", node.lineno) for alias in node.names)
    elif isinstance(node, ast.Call) and node.args:
        first = node.args[0]
        if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
            return
        if ast.unparse(node.func).rsplit(".", 1)[-1] in IMPORTERS:
            yield first.value, node.lineno


def package_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).parent.parts)


def room_of(path: Path) -> str:
    """The room a file belongs to; "" for the package's own top files."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py") if first not in {"__init__.py", "__main__.py"} else ""


def wrong_way(room: str, imported: list[Import]) -> list[str]:
    """Imports of ``room`` that run against the walk."""
    problems = []
    for item in imported:
        parts = item.name.split(".")
        if parts[0] != "eventlab":
            continue
        if len(parts) > 1 and parts[1] in WALK:
            if WALK.index(parts[1]) > WALK.index(room):
                problems.append(f"line {item.line}: {room} imports {item.name}")
        elif len(parts) > 1 and parts[1] != "__version__":
            # The public names are the package's face; inside, they would hide the direction.
            problems.append(f"line {item.line}: {room} imports the public name {item.name}")
    return problems


def refuse(check: Callable[[Path], list[str]], paths: list[Path] = SOURCES) -> None:
    """Fail with everything that ``check`` has against any of the files."""
    found = [f"{relative(path)}: {text}" for path in paths for text in check(path)]
    if found:
        pytest.fail("\n".join(found), pytrace=False)


# `plot()` of a result alone reaches to the right, when it is called: whoever holds a result need
# not know which room draws it.
PLOT = ("eventlab/study/drawing.py", "eventlab.report.notebook")


def test_imports_point_one_way() -> None:
    def check(path: Path) -> list[str]:
        room = room_of(path)
        if not room:
            return []
        if room not in WALK:
            return ["a new room; give it its place in WALK"]
        imported = imports_of(path)
        return wrong_way(room, [one for one in imported if (relative(path), one.name) != PLOT])

    refuse(check)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from eventlab.study import run_study", 2),
        ("import eventlab.cli.main", 1),
        ("from eventlab import event_study", 1),
        ("from ..report import tables", 2),
        ("def f():\n    import_module('eventlab.study.results')", 1),
        ("if TYPE_CHECKING:\n    from eventlab.study.results import EventStudy", 2),
        ("from eventlab.timeline import Clock\nfrom eventlab import __version__", 0),
    ],
)
def test_an_import_against_the_walk_is_found(source: str, expected: int) -> None:
    assert len(wrong_way("market", imports_in(ast.parse(source), "eventlab.market"))) == expected


@pytest.mark.parametrize("library", ONE_MODULE_ONLY)
def test_a_library_is_imported_in_one_module_only(library: str) -> None:
    modules = [
        relative(path) for path in SOURCES if any(item.within(library) for item in imports_of(path))
    ]
    assert len(modules) <= 1, f"{library} is imported in {', '.join(modules)}"


def test_kernels_know_arrays_only() -> None:
    def check(path: Path) -> list[str]:
        named = {item.name.split(".")[0] for item in imports_of(path)}
        return sorted(named & {"pandas", "pyarrow", "pydantic", "rich", "typer"})

    refuse(check, sorted((PACKAGE / "kernels").rglob("*.py")))


def jitted(node: ast.AST) -> bool:
    """Whether a function is compiled: by numba or by the project's own ``kernel``."""
    if not isinstance(node, ast.FunctionDef):
        return False
    decorators = [
        ast.unparse(item).split("(")[0].rsplit(".", 1)[-1] for item in node.decorator_list
    ]
    return bool({"njit", "jit", "vectorize", "guvectorize", "kernel"} & set(decorators))


def test_compiled_functions_live_in_kernels_and_end_in_nb() -> None:
    def check(path: Path) -> list[str]:
        functions = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef)]
        named_wrong = [node.name for node in functions if jitted(node) != node.name.endswith("_nb")]
        numba = [item for item in imports_of(path) if item.within("numba")]
        outside = [f"line {item.line}: numba" for item in numba if room_of(path) != "kernels"]
        return named_wrong + outside

    refuse(check)


# Seconds each; for distribution functions there is scipy.special.
@pytest.mark.parametrize("library", ["scipy.stats", "vectorbt"])
def test_what_takes_long_is_never_loaded_with_a_module(library: str) -> None:
    def check(path: Path) -> list[str]:
        early = [item for item in imports_of(path) if item.at_import_time]
        return [f"line {item.line}" for item in early if item.within(library)]

    refuse(check)


def test_files_stay_short() -> None:
    def check(path: Path) -> list[str]:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        return [f"{lines} lines: split it"] if lines > MAX_LINES else []

    refuse(check, ALL_CODE)


def undocumented(tree: ast.Module) -> list[str]:
    """Public functions, classes and methods that have no docstring."""
    missing = [] if ast.get_docstring(tree) else ["the module"]
    pending: list[tuple[str, ast.AST]] = [("", tree)]
    while pending:
        prefix, parent = pending.pop()
        for node in ast.iter_child_nodes(parent):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            if node.name.startswith("_"):
                continue
            if not ast.get_docstring(node):
                missing.append(f"line {node.lineno}: {prefix}{node.name}")
            if isinstance(node, ast.ClassDef):
                pending.append((f"{prefix}{node.name}.", node))
    return missing


def test_public_functions_have_docstrings() -> None:
    refuse(lambda path: undocumented(tree_of(path)))


def loaded_after(code: str) -> set[str]:
    """The heavy modules that a fresh interpreter holds after ``code``."""
    report = f"\nimport sys\nprint([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run(  # noqa: S603 - our own interpreter and our own text
        [sys.executable, "-c", code + report],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return set(ast.literal_eval(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "code",
    [
        "import eventlab",
        "from eventlab.cli.main import run\nassert run(['--help']) == 0",
        "from eventlab.cli.main import run\nassert run(['study', '--help']) == 0",
    ],
)
def test_help_loads_nothing_heavy(code: str) -> None:
    assert loaded_after(code) == set()


def test_a_heavy_import_is_seen() -> None:
    assert "pandas" in loaded_after("import pandas")


def shipped_texts() -> list[Path]:
    """Every text file that git tracks, or that it would track."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout: which files ship is not known")
    named = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in named if path.is_file() and b"\0" not in path.read_bytes()[:8192]]


# Written in parts, so that this file does not find itself.
MACHINE_PATH = re.compile(
    r"(?<![\w.~$}>])/(?:"
    + "|".join(["work", "tmp", "root", "home", "Users", "farm", "mnt"])
    + r")/\w"
)
REGISTRY = re.compile(r"\b(?:pypi|pythonhosted|npmjs|anaconda|debian)" + r"\.(?:org|com|net)\b")


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (MACHINE_PATH, "see /" + "home/someone/prices"),
        (REGISTRY, "--index-url https://" + "pypi" + ".org/simple"),
        (REGISTRY, "https://files." + "pythonhosted" + ".org/packages/x.whl"),
    ],
)
def test_an_address_of_one_machine_is_found(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)


def test_nothing_shipped_names_one_machine_or_a_registry() -> None:
    def check(path: Path) -> list[str]:
        lines = enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        return [
            f"line {number}: {line.strip()[:80]}"
            for number, line in lines
            if MACHINE_PATH.search(line) or REGISTRY.search(line)
        ]

    refuse(check, shipped_texts())


def test_the_lock_holds_versions_and_hashes_only() -> None:
    line = re.compile(
        r"#.*|[a-z0-9._-]+==[^ ]+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?"
    )
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    assert [text for text in lock if not line.fullmatch(text)] == []
    assert sum("==" in text for text in lock) > 40
