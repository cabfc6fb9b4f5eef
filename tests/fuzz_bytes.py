"""Definition files mangled as bytes: what a bad disk, editor or attacker makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

__all__ = ["mangle_bytes"]

TOKENS: tuple[bytes, ...] = (
    *(b"\x00", b"\x07", b"\x1b[31m", b"\x7f", b"\x85", b"\xa0", b"\xff", b"\xfe", b"\xc3"),
    *(b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\xaf", b"\xef\xbb\xbf", b"\xe2\x80\xa8"),
    *("\u202e".encode(), "\u2066".encode(), "💥".encode(), "é".encode(), "\u0085".encode()),
    *(b"\t", b"\r", b"\r\n", b"\n\n", b" ", b"    ", b"\x0b", b"\x0c"),
    *(b": ", b"- ", b"? ", b"# ", b"#", b"| ", b"|\n", b">-\n", b"|9\n", b"%", b"@", b"`", b","),
    *(b"[", b"]", b"{", b"}", b"'", b'"', b"\\", b"!", b"&", b"*", b"!!", b"<<: ", b"..."),
    *(b"&a ", b"*a", b"&a [*a]", b"<<: *a", b"<<: {a: 1}\n", b"&a &b ", b"*" + b"a" * 300),
    *(b"!!python/object/apply:os.system ['true']", b"!!python/name:os.system ''", b"!!binary x"),
    *(b"!!set {a}", b"!!omap [a: 1]", b"!!timestamp 2025-01-01", b"!!float 1", b"!!int 1.5"),
    *(b"!!null x", b"!!bool yes", b"!!str 1", b"!<tag:yaml.org,2002:str> 1", b"!x!y 1", b"! 1"),
    *(b"---\n", b"--- ", b"...\n", b"%YAML 1.1\n---\n", b"%YAML 9.9\n---\n", b"%TAG ! x:\n---\n"),
    *(b".nan", b".inf", b"-.inf", b"1e400", b"-1e400", b"1e-400", b"-0", b"-0.0", b"0x1F", b"0o17"),
    *(b"9" * 30, b"9" * 401, b"9" * 5000, b"1e" + b"9" * 30, b"0x" + b"f" * 300, b"1_000", b"NO"),
    *(b"0001-01-01", b"9999-12-31", b"2025-02-30", b"24:00", b"16:05:61", b"+14:59", b"-14:59"),
    *(b"null", b"~", b"true", b"{}", b"[]", b"''", b"[[]]", b"{a: {a: {a: 1}}}", b"@issuer"),
    *(b'"\\0"', b'"\\e[31m"', b'"\\ud800"', b'"\\U00110000"', b'"\\x"', b'"\\N\\_\\L\\P"'),
    *(b"[" * 40, b"{a: " * 40, b"- " * 60, b"[" * 20_000, b"? " * 2_000, b"a: " * 500),
    *(b"x" * 1_100 + b": 1\n", b"- a\n" * 3_000, b"[a,b]," * 1_000, b"'" * 999, b"&a" * 200),
)
ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252", "utf-7", "cp037")


def mangle_bytes(raw: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Return the file after one to six edits; ``others`` are files to take pieces of."""
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        raw = rng.choice(_EDITS)(raw, others, rng)
    return raw


def _flip(raw: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    if not raw:
        return raw
    changed = bytearray(raw)
    for _ in range(rng.choice((1, 1, 4, 20))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _insert(raw: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    at = rng.randrange(len(raw) + 1)
    junk = rng.choice(TOKENS) if rng.random() < 0.8 else rng.randbytes(rng.randrange(1, 30))
    return raw[:at] + junk + raw[at:]


def _in_place_of_a_word(raw: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Put a token where a value was: what parses is judged further than what does not."""
    words = raw.split(b" ")
    words[rng.randrange(len(words))] = rng.choice(TOKENS)
    return b" ".join(words)


def _delete(raw: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    at = rng.randrange(len(raw) + 1)
    return raw[:at] + raw[at + rng.choice((1, 1, 2, 8, 60)) :]


def _repeat(raw: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    at = rng.randrange(len(raw) + 1)
    piece = raw[at : at + rng.choice((1, 5, 40, 400))]
    return raw[:at] + piece * rng.choice((2, 2, 3, 50)) + raw[at + len(piece) :]


def _cut(raw: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    at = rng.randrange(len(raw) + 1)
    return raw[:at] if rng.random() < 0.7 else raw[at:]


def _splice(raw: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Put lines of another file among those of this one."""
    lines, foreign = raw.split(b"\n"), rng.choice(others).split(b"\n")
    begin = rng.randrange(len(foreign))
    at = rng.randrange(len(lines) + 1)
    lines[at:at] = foreign[begin : begin + rng.choice((1, 2, 5, 30))]
    return b"\n".join(lines)


def _shuffle(raw: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    lines = raw.split(b"\n")
    one, two = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[one], lines[two] = lines[two], lines[one]
    return b"\n".join(lines)


def _indent(raw: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    lines = raw.split(b"\n")
    at = rng.randrange(len(lines))
    lines[at] = rng.choice((b"", b" ", b"  ", b"\t", b" " * 7)) + lines[at].lstrip()
    return b"\n".join(lines)


def _ends(raw: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Change the ends of lines, or what stands at the ends of the file."""
    end = rng.choice((b"\r\n", b"\r", b"\n\r", b"\x85", b"\xc2\x85", b"\xe2\x80\xa8", b" \n", b""))
    if rng.random() < 0.5:
        return raw.replace(b"\n", end, rng.choice((-1, 1, 3)))
    head = rng.choice((b"\xef\xbb\xbf", b"---\n", b"%YAML 1.2\n---\n", b"# x\n", b"\n" * 900))
    tail = rng.choice((b"", b"\n...\n", b"\n---\n", b"\n--- a\n", b"\x00" * 40, b"\x1a"))
    return head + raw + tail


def _encode(raw: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    text = raw.decode("utf-8", "replace")
    return text.encode(rng.choice(ENCODINGS), "replace")


def _anchor(raw: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Give a value an anchor, and put an alias to it in the place of another."""
    lines = raw.split(b"\n")
    valued = [at for at, line in enumerate(lines) if b": " in line]
    if len(valued) < 2:
        return raw
    first, then = sorted(rng.sample(valued, 2))
    key, _, value = lines[first].partition(b": ")
    lines[first] = key + b": &a " + value
    key, _, value = lines[then].partition(b": ")
    lines[then] = key + rng.choice((b": *a", b": [*a, *a]", b": {<<: *a}", b": {*a : 1}"))
    return b"\n".join(lines)


_EDITS: tuple[Callable[[bytes, Sequence[bytes], random.Random], bytes], ...] = (
    *(_flip, _insert, _insert, _in_place_of_a_word, _in_place_of_a_word, _delete, _repeat, _cut),
    *(_splice, _splice, _shuffle, _indent, _ends, _encode, _anchor),
)
