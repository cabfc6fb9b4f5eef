"""The one YAML reader: YAML 1.2 core schema, with the line and column of every key and value.

PyYAML's parser gives the events; what a scalar means is decided here, because PyYAML follows YAML
1.1, where ``NO`` is false, ``16:00`` is 960 and ``2025-12-11`` is a date. The C parser is used
where PyYAML has it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import yaml

from eventlab.definitions.problem import Loc, hint, show
from eventlab.visible import refused_character, visible

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Fault", "Node", "Scalar", "compose", "read_text"]

Scalar = None | bool | int | float | str

MAX_BYTES = 16_000_000
MAX_DEPTH = 32
MAX_NODES = 250_000

_LOADER = getattr(yaml, "CLoader", yaml.Loader)
_WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)")
_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_MAX_DIGITS = 400  # int() refuses more than 4300, and nothing measured needs more than 400
_PREFIX = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with the text itself. Lines and columns count from 1."""

    line: int
    column: int
    message: str
    loc: Loc = ()


@dataclass(slots=True)
class Node:
    """One value of a YAML file, with its place.

    ``content`` is a scalar, a list of nodes or a mapping of nodes by key; ``keys`` has the place
    of each key of a mapping. Nodes behind an anchor are shared, so ``size`` and ``height`` count
    what the tree would be when written out.
    """

    content: Scalar | list[Node] | dict[str, Node]
    line: int
    column: int
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)
    size: int = 1
    height: int = 1

    def plain(self) -> object:
        """Return the value as Python data: dict, list and scalars."""
        content = self.content
        if isinstance(content, dict):
            return {key: child.plain() for key, child in content.items()}
        if isinstance(content, list):
            return [child.plain() for child in content]
        return content

    def child(self, part: str | int) -> Node | None:
        """Return the value under a key or at a position, None where there is none."""
        content = self.content
        if isinstance(content, dict) and isinstance(part, str):
            return content.get(part)
        if isinstance(content, list) and isinstance(part, int) and 0 <= part < len(content):
            return content[part]
        return None

    def place(self, loc: Loc, *, at_key: bool = False) -> tuple[int, int]:
        """Line and column of a location, or of its nearest ancestor that is written.

        A value that starts on a later line than its key is found at the key.
        """
        node, found = self, (self.line, self.column)
        for part in loc:
            child = node.child(part)
            if child is None:
                break
            found = (child.line, child.column)
            if isinstance(part, str):
                key = node.keys[part]
                found = key if at_key or key[0] != child.line else found
            node = child
        return found


def read_text(path: Path, most: int = MAX_BYTES) -> tuple[str, Fault | None]:
    """Read a file of at most so many bytes as UTF-8 text; a fault says why it cannot be."""
    try:
        # A pipe or a device would wait for ever, so only regular files are opened.
        absence = "" if path.is_file() else _absence(path)
        if absence:
            return "", Fault(1, 1, absence)
        large = path.stat().st_size > most
        with path.open("rb") as stream:
            raw = b"" if large else stream.read(most + 1)  # it may have grown since
    except (OSError, ValueError) as error:  # ValueError: a NUL character in the path
        return "", Fault(1, 1, f"cannot be read: {getattr(error, 'strerror', '') or error}")
    if large or len(raw) > most:
        remedy = "split it" if most == MAX_BYTES else "shorten it"
        return "", Fault(1, 1, f"is larger than {most // 1_000_000} MB; {remedy}")
    return _decoded(raw)


def _absence(path: Path) -> str:
    if path.is_dir():
        return "is a folder, not a file"
    if path.exists():
        return "is no regular file"
    return "is a symbolic link that leads to no file" if path.is_symlink() else "does not exist"


def _decoded(raw: bytes) -> tuple[str, Fault | None]:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "", Fault(1, 1, "is UTF-16; save it as UTF-8")
    try:
        return raw.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        column = error.start - (before.rfind(b"\n") + 1) + 1
        message = f"is not UTF-8 (byte 0x{raw[error.start]:02x}); save it as UTF-8"
        return "", Fault(before.count(b"\n") + 1, column, message)


def compose(text: str) -> tuple[Node | None, tuple[Fault, ...]]:
    """Turn YAML text into nodes.

    Returns
    -------
    root
        None where the text cannot be read as one document. With lesser faults (duplicate keys,
        unknown tags, keys that are no strings) the tree is there and the faults are listed.
    faults
        In the order of the text.
    """
    unprintable = _UNPRINTABLE.search(text)
    if unprintable:
        line, column = _position(text, unprintable.start())
        character = f"U+{ord(unprintable.group()):04X}"
        return None, (Fault(line, column, f"the character {character} is not allowed in YAML"),)
    composer = _Composer(1 + sum(1 for _ in _LINE_END.finditer(text)))
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            composer.take(event)
    except yaml.MarkedYAMLError as error:
        composer.faults.append(_syntax_fault(error, text))
        return None, tuple(composer.faults)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        composer.faults.append(Fault(1, 1, f"is not valid YAML: {' '.join(str(error).split())}"))
        return None, tuple(composer.faults)
    except _StopReadingError as stop:
        composer.faults.append(stop.fault)
        return None, tuple(composer.faults)
    if composer.root is None:
        composer.faults.append(Fault(1, 1, "the file is empty"))
    return composer.root, tuple(composer.faults)


class _StopReadingError(Exception):
    """The document cannot be used any further."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault


@dataclass(slots=True)
class _Open:
    """A collection whose end has not been reached."""

    node: Node
    anchor: str | None
    key: str | None = None
    key_place: tuple[int, int] = (0, 0)


class _Composer:
    """Build the tree from parser events with a stack of its own, so that depth costs nothing."""

    def __init__(self, lines: int) -> None:
        self.root: Node | None = None
        self.faults: list[Fault] = []
        self._lines = lines
        self._stack: list[_Open] = []
        self._anchors: dict[str, Node | None] = {}

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            done = self._stack.pop()
            self._remember(done.anchor, done.node)
            self._place(done.node, event)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
            message = "a second document starts here; one file holds one definition"
            raise _StopReadingError(Fault(*_place_of(event), message))

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        line, column = _place_of(event)
        line = min(line, self._lines)  # libyaml puts what is not there behind the last line
        value: Scalar = event.value
        unwelcome = refused_character(event.value)
        if unwelcome:
            self.faults.append(Fault(line, column, f"{unwelcome} is not allowed in a text"))
            value = visible(event.value)  # so that it is reported once
        elif event.tag not in {None, "!", _PREFIX + "str"}:
            value = self._tagged(event.tag, event.value, line, column)
        elif event.tag is None and event.implicit[0]:
            value = resolve(event.value)
        if isinstance(value, int | float) and len(event.value) > _MAX_DIGITS:
            self.faults.append(Fault(line, column, "a number of so many digits is not allowed"))
            value = 0
        node = Node(value, line, column)
        self._remember(event.anchor, node)
        self._place(node, event)

    def _tagged(self, tag: str, text: str, line: int, column: int) -> Scalar:
        kind = tag.removeprefix(_PREFIX)
        value = resolve(text)
        if tag == _PREFIX + "float" and isinstance(value, int) and not isinstance(value, bool):
            return float(value) if len(text) <= _MAX_DIGITS else 0.0
        names = {"null": "NoneType"}
        if tag.startswith(_PREFIX) and type(value).__name__ == names.get(kind, kind):
            return value
        if tag.startswith(_PREFIX) and kind in {"int", "float", "bool", "null"}:
            self.faults.append(Fault(line, column, f"{show(text)} is no {kind} (tag !!{kind})"))
        else:
            self._unknown_tag(tag, line, column)
        return text

    def _unknown_tag(self, tag: str, line: int, column: int) -> None:
        self.faults.append(Fault(line, column, f"unknown tag {show(tag)}; remove it"))

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        line, column = _place_of(event)
        if len(self._stack) >= MAX_DEPTH:
            raise _StopReadingError(
                Fault(line, column, f"is nested deeper than {MAX_DEPTH} levels")
            )
        mapping = isinstance(event, yaml.MappingStartEvent)
        if event.tag not in {None, "!", _PREFIX + ("map" if mapping else "seq")}:
            self._unknown_tag(event.tag, line, column)
        if event.anchor is not None:
            self._anchors[event.anchor] = None  # an alias to it from inside would have no end
        self._stack.append(_Open(Node({} if mapping else [], line, column), event.anchor))

    def _alias(self, event: yaml.AliasEvent) -> None:
        line, column = _place_of(event)
        name = event.anchor
        if name not in self._anchors:
            near = hint(name, self._anchors)
            raise _StopReadingError(Fault(line, column, f"nothing is anchored as &{name}{near}"))
        node = self._anchors[name]
        if node is None:
            raise _StopReadingError(Fault(line, column, f"*{name} stands inside what it repeats"))
        if node.height + len(self._stack) > MAX_DEPTH:
            raise _StopReadingError(Fault(line, column, f"*{name} nests too deeply"))
        self._place(node, event)

    def _remember(self, anchor: str | None, node: Node) -> None:
        if anchor is not None:
            self._anchors[anchor] = node

    def _place(self, node: Node, event: yaml.Event) -> None:
        if not self._stack:
            self.root = node
            return
        parent = self._stack[-1]
        into = parent.node
        if isinstance(into.content, dict) and parent.key is None:
            parent.key_place = _place_of(event) if node.size == 1 else (node.line, node.column)
            parent.key = self._key(node, parent)
            return
        into.size += node.size
        into.height = max(into.height, node.height + 1)
        if into.size > MAX_NODES:
            message = f"holds more than {MAX_NODES:,} values once its aliases are written out"
            raise _StopReadingError(Fault(*_place_of(event), message))
        if isinstance(into.content, list):
            into.content.append(node)
        elif isinstance(into.content, dict) and parent.key is not None:
            if parent.key not in into.content:  # of duplicates the first stays; see _key
                into.content[parent.key] = node
                into.keys[parent.key] = parent.key_place
            parent.key = None

    def _key(self, node: Node, parent: _Open) -> str:
        line, column = parent.key_place
        if not isinstance(node.content, str):
            kind = _kind(node.content)
            text = "" if isinstance(node.content, list | dict) else show(node.content)
            message = f"the key {text} is {kind}; a key is a string: put it in quotes"
            if not text:
                message = f"a key is a string, not {kind}"
            self.faults.append(Fault(line, column, message, self._loc()))
            return text or f"?{line}"
        if node.content in parent.node.keys:
            first = parent.node.keys[node.content][0]
            message = f"is written twice (first on line {first}); keep one"
            self.faults.append(Fault(line, column, message, (*self._loc(), node.content)))
        return node.content

    def _loc(self) -> Loc:
        parts: list[str | int] = []
        for each in self._stack[:-1]:
            content = each.node.content
            if isinstance(content, list):
                parts.append(len(content))
            elif each.key is not None:
                parts.append(each.key)
        return tuple(parts)


def resolve(text: str) -> Scalar:
    """Give a plain scalar its meaning by the YAML 1.2 core schema."""
    if text in _WORDS:
        return _WORDS[text]
    return _number(text) if text[0] in "-+.0123456789" else text


def _number(text: str) -> int | float | str:
    if _INTEGER.fullmatch(text):
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        return int(text, base) if len(text) <= _MAX_DIGITS else 0
    if _FLOAT.fullmatch(text):
        return float(text) if len(text) <= _MAX_DIGITS else 0.0
    if _INFINITE.fullmatch(text):
        return float("-inf") if text[0] == "-" else float("inf")
    return text


def _kind(content: object) -> str:
    names = {bool: "a boolean", int: "an integer", float: "a number", type(None): "null"}
    names |= {list: "a list", dict: "a mapping"}
    return names.get(type(content), "a string")


def _place_of(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    assert mark is not None  # noqa: S101 - both parsers mark every event
    return (mark.line + 1, mark.column + 1)


def _position(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _syntax_fault(error: yaml.MarkedYAMLError, text: str) -> Fault:
    mark = error.problem_mark or error.context_mark
    lines = _LINE_END.split(text)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    if line > len(lines):  # libyaml ends the last line where the file does not
        line, column = len(lines), len(lines[-1]) + 1
    said = " ".join(part for part in (error.context, error.problem) if part)
    begun = error.context_mark
    if begun is not None and begun.line + 1 < line:
        said += f" (it begins on line {begun.line + 1})"
    rest = lines[line - 1][column - 1 :]
    return Fault(line, column, f"is not valid YAML: {said}{_remedy(said, rest)}")


def _remedy(said: str, rest: str) -> str:
    if rest.startswith("\t") or "tab" in said:
        return "; indent with spaces, not tabs"
    if rest[:1] in {"@", "`", "%"}:
        return f"; put a value that begins with {rest[0]} in quotes"
    if "mapping values are not allowed" in said:
        return "; put a value that holds ': ' in quotes, and check the indentation"
    return ""
