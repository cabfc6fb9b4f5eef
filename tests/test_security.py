"""What SECURITY.md promises of the code: nothing that comes with data is run, loaded or fetched."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = sorted((ROOT / "eventlab").rglob("*.py"))
SOURCES = [*PACKAGE, *sorted((ROOT / "benchmarks").rglob("*.py"))]

CODE_FROM_DATA = {
    *("pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "joblib"),
    *("code", "codeop", "runpy", "imp", "ctypes", "cffi", "pty"),
}
NETWORK = {
    *("socket", "socketserver", "ssl", "http", "urllib", "urllib3", "requests", "httpx", "aiohttp"),
    *("ftplib", "smtplib", "poplib", "imaplib", "telnetlib", "xmlrpc", "asyncio", "webbrowser"),
}
ENTITIES = {"xml", "lxml", "html5lib"}  # parsers that follow what a document refers to
RUNS_CODE = {"eval", "exec", "compile", "__import__", "execfile", "breakpoint"}
RUNS_CODE_OF = {
    "os": r"system|popen|exec\w*|spawn\w*|posix_spawn\w*|startfile",
    "yaml": r"(full_|unsafe_)?load(_all)?|\w*construct\w*",
    "subprocess": r"getoutput|getstatusoutput",
}
READS_CODE = {"read_pickle", "to_pickle", "query", "eval"}  # the last two: expressions of pandas
ON = {"allow_pickle", "shell", "unsafe", "dangerous"}

# Who may start processes, and why that runs nobody else's code.
PROCESSES = {
    "eventlab/cli/side_process.py": "our interpreter on a module of ours; the job is JSON on stdin",
    "eventlab/report/pdf/document.py": "our own function in spawned processes; pages as arguments",
}
# Who may import by name, and where the names come from: all stand in our code.
BY_NAME = {
    "eventlab/__init__.py": "the table of public names",
    "eventlab/claims/__init__.py": "the table of public names",
    "eventlab/claims/measures/__init__.py": "the table of measures",
    "eventlab/cli/main.py": "the table of commands",
    "eventlab/contagion/__init__.py": "the table of public names",
    "eventlab/hedge/__init__.py": "the table of public names",
    "eventlab/study/drawing.py": "one name",
}
# Who may call text markup that needs no escaping.
MARKUP = {
    "eventlab/report/page_parts.py": "JSON in which no character of markup is left",
    "eventlab/report/pages.py": "our own style sheet",
}


@dataclass(frozen=True, slots=True)
class Code:
    """What a file imports and calls: names with lines, calls by their dotted names."""

    imports: list[tuple[str, int]]
    calls: list[tuple[str, ast.Call]]


def code_in(text: str) -> Code:
    code = Code([], [])
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            code.imports.extend((each.name, node.lineno) for each in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            code.imports.append((node.module or "", node.lineno))
            code.imports.extend((f"{node.module}.{each.name}", node.lineno) for each in node.names)
        elif isinstance(node, ast.Call):
            code.calls.append((dotted(node.func), node))
    return code


@cache
def code_of(path: Path) -> Code:
    return code_in(path.read_text(encoding="utf-8"))


def dotted(node: ast.AST) -> str:
    """``a.b.c``; what is no plain name stands as ``?``."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def loads(code: Code, modules: set[str]) -> list[str]:
    return [f"line {line}: {name}" for name, line in code.imports if name.split(".")[0] in modules]


def runs(code: Code) -> list[str]:
    """Calls that run code which came with data, or a shell."""
    found = []
    for called, node in code.calls:
        owner, _, name = called.rpartition(".")
        keywords = {word.arg: ast.unparse(word.value) for word in node.keywords}
        bad = (
            called in RUNS_CODE
            or (owner == "builtins" and name in RUNS_CODE)
            or (owner in RUNS_CODE_OF and re.fullmatch(RUNS_CODE_OF[owner], name))
            or (owner and name in READS_CODE)
            or any(keywords.get(each, "False") != "False" for each in ON)
        )
        if bad:
            found.append(f"line {node.lineno}: {called}")
    return found


def refuse(found: dict[str, list[str]]) -> None:
    lines = [f"{place}: {text}" for place, texts in found.items() for text in texts]
    if lines:
        pytest.fail("\n".join(lines), pytrace=False)


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_code_comes_out_of_data() -> None:
    refuse({relative(path): runs(code_of(path)) for path in SOURCES})
    refuse({relative(path): loads(code_of(path), CODE_FROM_DATA) for path in SOURCES})


@pytest.mark.parametrize(
    "source",
    [
        "eval('1')",
        "builtins.exec(text)",
        "__import__(name)",
        "yaml.load(text, Loader=yaml.Loader)",
        "yaml.unsafe_load(text)",
        "np.load(path, allow_pickle=True)",
        "pd.read_pickle(path)",
        "frame.query(said)",
        "os.system(line)",
        "os.execvp(line, words)",
        "subprocess.run(line, shell=True)",
        "subprocess.getoutput(line)",
        "import pickle",
        "from joblib import load",
        "import ctypes.util",
    ],
)
def test_code_out_of_data_is_found(source: str) -> None:
    code = code_in(source)
    assert runs(code) + loads(code, CODE_FROM_DATA)


def test_nothing_is_fetched_and_no_document_is_followed() -> None:
    refuse({relative(path): loads(code_of(path), NETWORK | ENTITIES) for path in PACKAGE})


def places(called: str) -> set[str]:
    return {relative(path) for path in PACKAGE if arguments(called, path)}


def arguments(called: str, path: Path) -> list[str]:
    """The first argument of every call of a function, whatever module it is taken from."""
    return [
        ast.unparse(node.args[0])
        for name, node in code_of(path).calls
        if name.rpartition(".")[2] == called and node.args
    ]


def test_processes_are_started_where_it_is_known_why() -> None:
    starting = {"subprocess", "multiprocessing", "concurrent.futures.ProcessPoolExecutor"}
    found = {
        relative(path)
        for path in PACKAGE
        if any(name in starting for name, _ in code_of(path).imports)
    }
    assert found == set(PROCESSES)
    started = arguments("Popen", ROOT / "eventlab/cli/side_process.py")
    assert started == ["[sys.executable, '-P', '-m', module]"]
    modules = [name for path in PACKAGE for name in arguments("start_module", path)]
    assert sorted(modules) == ["'eventlab.cli.side_process'", "'eventlab.cli.table_process'"]


def test_modules_are_imported_by_names_of_ours() -> None:
    assert places("import_module") == set(BY_NAME)
    for place in BY_NAME:
        package = place.removesuffix("/__init__.py").replace("/", ".")
        if package.endswith(".py"):
            continue
        for name in ("os", "..os", "subprocess:run", "__builtins__x"):
            with pytest.raises((AttributeError, KeyError)):
                getattr(import_module(package), name)


def test_no_text_passes_into_a_page_unescaped() -> None:
    assert places("Markup") == set(MARKUP)
    for template in (ROOT / "eventlab/report/templates").glob("*.j2"):
        text = template.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe\b|autoescape", text), template.name
        # An attribute without quotes, or one that a script is, would let a text become markup.
        assert not re.search(r"=\{\{|\son\w+=|(?:href|src)=\"javascript:", text), template.name


def test_a_script_reads_data_only_as_data() -> None:
    for script in (ROOT / "eventlab/report/templates").glob("*.js"):
        text = script.read_text(encoding="utf-8")
        assert not re.search(
            r"\beval\(|\bFunction\(|innerHTML|outerHTML|insertAdjacentHTML|document\.write", text
        ), script.name


def test_what_is_set_as_pdf_is_not_evaluated() -> None:
    text = (ROOT / "eventlab/report/templates/report.typ").read_text(encoding="utf-8")
    assert not re.search(r"\b(?:eval|plugin|include|import|read)\s*[(\"]", text)
