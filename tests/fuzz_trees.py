"""Definition files changed as trees: one value in the place of another, nasty or nearly right."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from eventlab.definitions.yaml_reader import compose

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["NASTY", "Raw", "dump", "mangle_tree", "nudge_tree", "tree_of"]

Path = tuple[str | int, ...]


class Raw(str):
    """Text that goes into a file as it stands, where other text is quoted."""

    __slots__ = ()


NUMBERS = (
    *(".nan", ".inf", "-.inf", "1e400", "-1e400", "1e-400", "-0", "-0.0", "0", "1", "-1", "2"),
    *("1e308", "1e-308", "0x10", "0o17", "9" * 30, "-" + "9" * 30, "9" * 500, "1e15", "1e-6"),
    *("10000", "10001", "-10000", "-10001", "1000000", "4611686018427387904", "0.5", "1.5", "2000"),
)
SCALARS = (
    *("null", "~", "true", "NO", "''", "[]", "{}", "[[]]", "[null]", "{a: null}", "[[[[1]]]]"),
    *("0001-01-01", "9999-12-31", "2025-02-30", "1900-01-01", "2100-12-31", "2099-12-31"),
    *('"0001-01-01 00:00"', '"9999-12-31 23:59"', '"1900-01-01 00:00"', '"2100-12-31 23:59:59"'),
    *('"2025-03-09 02:30"', '"2025-11-02 01:30"', '"2025-12-10 24:00"', '"2025-12-10 16:05Z"'),
    *('"2025-12-10 16:05+14:59"', '"1883-11-18 12:00"', '"2025-12-10T16:05-05:00"', "2025-12-25"),
    *("[0, 0]", "[5, -5]", "[-10000, 10000]", "[0]", "[0, 1, 2]", "[-1, 0]", "[0, 1.0]", "[0, 1]"),
    *("a/b", "..", "../../etc/passwd", ".hidden", "CON", "nul.yaml", "a b", "'a\tb'", "-a", "a--b"),
    *("'@issuer'", "'@ai_tokens'", "'@'", "'@nobody'", "^", "=1+1", "BTC", "btc", "'*'", "ALL"),
    *("'[bold]X[/bold]'", "<script>alert(1)</script>", '"\\e[31mred"', '"\\u202Eltr"', '"\\0"'),
    *('"a\\nb"', '"a\\rb"', '"\\x85\\u2028"', "é", "💥", "x" * 65, "x" * 300, "X" * 33, "all"),
    *("UTC", "Etc/GMT+14", "Asia/Kathmandu", "Europe/London", "America/New_York", "posixrules"),
    *("../zone.tab", "localtime", "UTC+05:30", "24/7", "XNYS", "XLON", "XTKS", "NYSE", "XXXX"),
    *("XBOM", "CMES", "us_futures", "24/5", "claims", "session", "after_close", "date", "minute"),
    *("1min", "60min", "7min", "1000 years", "63 bars", "99999 days", "0 bars", "3 months"),
)
NASTY = tuple(Raw(each) for each in (*NUMBERS, *SCALARS))


def mangle_tree(text: str, rng: random.Random) -> str:
    """Return the file with one to four of its values, keys or entries exchanged."""
    tree = tree_of(text)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        tree = rng.choice(_EDITS)(tree, rng)
    return dump(tree, rng)


def nudge_tree(text: str, rng: random.Random, others: Sequence[str]) -> str:
    """Return the file with values taken from where the same key stands in other files.

    Most of what comes out is valid, so that what reads definitions has work to do.
    """
    tree = tree_of(text)
    donors = _by_key(tree_of(rng.choice(others)))
    for key, values in _by_key(tree).items():
        donors.setdefault(key, []).extend(values)
    for _ in range(rng.choice((1, 1, 2, 3))):
        paths = [path for path, _ in walk(tree) if path and isinstance(path[-1], str)]
        path = rng.choice(paths)
        key = str(path[-1])
        put(tree, path, _nudged(rng.choice(donors.get(key) or [at(tree, path)]), key, rng))
    return dump(tree, rng)


def tree_of(text: str) -> Any:
    root, faults = compose(text)
    assert root is not None, faults
    return root.plain()


def walk(tree: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield every place of a tree with its value, the root first."""
    yield path, tree
    parts = tree if isinstance(tree, dict) else range(len(tree) if isinstance(tree, list) else 0)
    for part in parts:
        yield from walk(tree[part], (*path, part))


def at(tree: Any, path: Path) -> Any:
    for part in path:
        tree = tree[part]
    return tree


def put(tree: Any, path: Path, value: Any) -> None:
    at(tree, path[:-1])[path[-1]] = value


def dump(tree: Any, rng: random.Random) -> str:
    """Write a tree as YAML: a line per key at the top, below that on one line or one per entry."""
    if not isinstance(tree, dict) or rng.random() < 0.05:
        return _flow(tree) + "\n"
    lines: list[str] = []
    for key, value in tree.items():
        if isinstance(value, list) and value and rng.random() < 0.7:
            lines += [f"{_flow(key)}:", *(f"  - {_flow(each)}" for each in value)]
        elif isinstance(value, dict) and value and rng.random() < 0.7:
            lines += [f"{_flow(key)}:"]
            lines += [f"  {_flow(name)}: {_flow(each)}" for name, each in value.items()]
        else:
            lines.append(f"{_flow(key)}: {_flow(value)}")
    return "\n".join(lines) + "\n"


def _flow(value: Any) -> str:
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flow(key)}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _by_key(tree: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for path, value in walk(tree):
        if path and isinstance(path[-1], str):
            found.setdefault(path[-1], []).append(value)
    return found


def _nudged(value: Any, key: str, rng: random.Random) -> Any:
    """Return a value of the same kind, a little off."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value + rng.choice((-1, 0, 1, 1, 10, -value, -2 * value))
    if isinstance(value, float):
        return value * rng.choice((0.5, 1.0, 2.0, -1.0, 10.0))
    if isinstance(value, str) and key in {"announced_at", "since", "until", "as_of"}:
        year = rng.choice((1900, 1930, 1970, 1993, 2003, 2014, 2021, 2025, 2026, 2050, 2100))
        day = f"{year}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"
        return day + (value[10:] if len(value) >= 10 else "")
    if isinstance(value, list):
        return [_nudged(each, key, rng) for each in value] if rng.random() < 0.5 else value[::-1]
    return value


def _swap(tree: Any, rng: random.Random) -> Any:
    """Put something nasty in the place of a value."""
    path = rng.choice([path for path, _ in walk(tree)])
    if not path:
        return rng.choice(NASTY) if rng.random() < 0.1 else tree
    put(tree, path, rng.choice(NASTY))
    return tree


def _number(tree: Any, rng: random.Random) -> Any:
    paths = [path for path, each in walk(tree) if path and isinstance(each, int | float)]
    if paths:
        put(tree, rng.choice(paths), Raw(rng.choice(NUMBERS)))
    return tree


def _rename(tree: Any, rng: random.Random) -> Any:
    """Give a key another name: unknown, nasty, or one that stands elsewhere."""
    paths = [path for path, each in walk(tree) if isinstance(each, dict) and each]
    if not paths:
        return tree
    inner = at(tree, rng.choice(paths))
    key = rng.choice(list(inner))
    names = [part for path, _ in walk(tree) for part in path[-1:] if isinstance(part, str)]
    new = rng.choice(names) if rng.random() < 0.5 else rng.choice(NASTY)
    if rng.random() < 0.3:
        inner[new] = inner[key]
    else:
        inner[new] = inner.pop(key)
    return tree


def _drop(tree: Any, rng: random.Random) -> Any:
    paths = [path for path, _ in walk(tree) if path]
    if paths:
        path = rng.choice(paths)
        del at(tree, path[:-1])[path[-1]]
    return tree


def _exchange(tree: Any, rng: random.Random) -> Any:
    """Put one part of the file in the place of another."""
    places = [path for path, _ in walk(tree) if path]
    if len(places) < 2:
        return tree
    here, there = rng.sample(places, 2)
    value = json.loads(json.dumps(at(tree, there)))
    put(tree, here, value)
    return tree


def _multiply(tree: Any, rng: random.Random) -> Any:
    """Make a list long, of its own entries or of new ones."""
    paths = [path for path, each in walk(tree) if path and isinstance(each, list) and each]
    if not paths:
        return tree
    path = rng.choice(paths)
    entry = rng.choice(at(tree, path))
    count = rng.choices((3, 30, 300, 3_000), (10, 20, 10, 1))[0]
    put(tree, path, [_numbered(entry, index, rng) for index in range(count)])
    return tree


def _numbered(entry: Any, index: int, rng: random.Random) -> Any:
    if isinstance(entry, dict) and "id" in entry:
        day = f"{1950 + index % 140}-{1 + index // 140 % 12:02}-{1 + index // 1680 % 28:02}"
        moment = {} if "announced_at" not in entry else {"announced_at": f"{day}"}
        return entry | {"id": f"n{index}"} | (moment if rng.random() < 0.9 else {})
    return index if isinstance(entry, int) and not isinstance(entry, bool) else entry


def _nest(tree: Any, rng: random.Random) -> Any:
    paths = [path for path, _ in walk(tree) if path]
    if not paths:
        return tree
    path = rng.choice(paths)
    value = at(tree, path)
    for _ in range(rng.choice((1, 1, 5, 40))):
        value = [value] if rng.random() < 0.5 else {"a": value}
    put(tree, path, value)
    return tree


_EDITS: tuple[Callable[[Any, random.Random], Any], ...] = (
    *(_swap, _swap, _swap, _swap, _number, _number, _rename, _drop, _exchange, _multiply, _nest),
)
