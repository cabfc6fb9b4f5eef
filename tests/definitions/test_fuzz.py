"""Files that were mangled: whatever is in them, there are problems and never a traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.definitions import check_workspace
from tests.definitions.conftest import AI_TOKENS, FILES, HEDGE, ORACLE, TECH

if TYPE_CHECKING:
    from pathlib import Path

PHASES = """\
strategy: phases
title: Out on a shock, in on a state
events: [oracle-earnings]
book: {BTC: 1.0, "@tech": -0.5}
exposure: {inside: 0.5, outside: 0.0}
hedge:
  instruments: [FET]
  ratio: {method: put, value: 1.0, cap: null}
  put: {moneyness: 0.9, expiry: 150}
signal: {symbol: "@issuer", bars: [0, 0], take: gate, below: -0.02, above: 0.1}
scale: {volatility: 0.4}
when:
  enter: {volatility_above: 0.5, symbol: BTC, after: 1, at_most: 20}
  exit: {falling: QQQ, rising: NVDA, bars: 20, at_most: 90}
limits: {gross: 2.0, stop: 0.2, maintenance: 0.1}
costs: {funding: perpetual, perpetuals: [BTC], interest: SPY, by_symbol: {QQQ: {fee_bps: 1}}}
since: 2016-01-01
sweep: {when.exit.at_most: [60, 90], signal.bars: [[0, 0], [-1, 0]], hedge.put.expiry: [120, 150]}
"""

TEXTS = {
    "events/oracle-earnings.yaml": ORACLE,
    "strategies/btc-ai-hedge.yaml": HEDGE,
    "strategies/phases.yaml": PHASES,
    "universes/tech.yaml": TECH,
    "universes/ai_tokens.yaml": AI_TOKENS,
    "eventlab.toml": 'title = "x"\nseed = 1\n[calendars]\nBTC = "24/7"\n',
}
# What may stand in the place of any word of a definition.
WORDS = st.one_of(
    st.sampled_from(
        [
            *("null", "true", ".nan", ".inf", "-1", "0", "1e999", "9" * 30, "[]", "{}", "[[]]"),
            *("'x'", '""', "@issuer", '"@issuer"', '"@tech"', "2025-02-30", '"0001-01-01 00:00"'),
            *('"9999-12-31 23:59"', "[1, 2, 3]", "{a: b}", "*a", "&a x", "!!str 1", "\\", "\x00"),
            *(
                "'\\\\[red]\\\\x1b'",
                "a.b.c",
                "../..",
                "|",
                ">",
                "- x",
                "? x",
                "<<",
                "é",
                "\U0001f4a5",
            ),
        ]
    ),
    st.text(max_size=8),
)
EDITS = st.lists(
    st.tuples(st.integers(0, 400), st.sampled_from(["replace", "drop", "repeat", "indent"]), WORDS),
    min_size=1,
    max_size=4,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("fuzz")
    for name in ("events", "strategies", "universes"):
        (root / name).mkdir()
    return root


def mangled(text: str, edits: list[tuple[int, str, str]]) -> str:
    """Replace words; drop, repeat and indent lines."""
    for place, what, word in edits:
        lines = text.split("\n")
        at = place % len(lines)
        if what == "replace":
            pieces = lines[at].split(" ")
            pieces[place % len(pieces)] = word
            lines[at] = " ".join(pieces)
        elif what == "drop":
            del lines[at]
        elif what == "repeat":
            lines.insert(at, lines[at])
        else:
            lines[at] = " " * (place % 5) + lines[at].lstrip()
        text = "\n".join(lines)
    return text


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(sorted(TEXTS)), EDITS)
def test_a_mangled_file_has_problems_and_no_traceback(
    folder: Path, name: str, edits: list[tuple[int, str, str]]
) -> None:
    for other, text in (FILES | TEXTS).items():
        (folder / other).write_text(text, encoding="utf-8")
    raw = mangled(TEXTS[name], edits).encode("utf-8", "replace")
    (folder / name).write_bytes(raw)
    workspace, problems = check_workspace(folder)
    lines = raw.count(b"\n") + raw.count(b"\r") + 2
    for each in problems:
        assert len(str(each).splitlines()) == 1
        assert each.column >= 1
        if each.path == folder / name:
            # U+0085, U+2028 and U+2029 end a line of YAML as well.
            assert 1 <= each.line <= lines + raw.count(b"\xc2\x85") + raw.count(b"\xe2\x80")
    for event in workspace.events.values():
        assert len(event.resolved_occurrences()) == len(event.occurrences)
        for issuer in (one.issuer for one in event.resolved_occurrences()):
            if event.study is not None and not name.startswith("universes/"):
                workspace.expand(event.study.assets, issuer=issuer)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(TEXTS)), st.binary(max_size=60), st.integers(0, 900))
def test_bytes_in_the_middle_of_a_file(folder: Path, name: str, junk: bytes, at: int) -> None:
    raw = TEXTS[name].encode()
    (folder / name).write_bytes(raw[:at] + junk + raw[at:])
    check_workspace(folder)
