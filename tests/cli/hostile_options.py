"""Command lines as they should not be, made from what each command says it takes."""

from __future__ import annotations

import io
import json
import shutil
import signal
import sys
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest
import typer
from typer.main import get_command, get_group

from eventlab.cli import main as cli
from tests.cli.make_workspace import EVENT, add_strategy, make_workspace

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["HEAVY", "faults_of", "fresh", "make_small", "words_of"]

HEAVY: Final = ("run", "contagion", "sweep", "report", "check")  # more than a second when they run
SECONDS: Final = 90
EXITS: Final = (0, 1, 2, 3)
MORE: Final = """\
contagion:
  source: AAA
  targets: [BBB, MKT]
  calm_window: [-60, -6]
  crisis_window: [0, 10]
claims:
  - id: acme-fell
    statement: Acme fell by a tenth in a month
    measure: return
    symbols: [AAA]
    window: 20 bars
    as_of: "2025-07-15"
    published: -0.1
"""
GARBAGE: Final = (
    *("", " ", "-1", "0", "1", "10" * 9, "1000000000000", "1e400", "nan", "inf", "-inf", "1.5"),
    *("\x00", "\x1b[31m", "x" * 5000, "..", ".", "../..", "nowhere/at/all", "a/b", "\udcff", "💥"),
    *("[5,-5]", "[0,0]", "[-999999,999999]", "[", "5,-5", "0000", "0000-00-00", "9999-12-31"),
    *("0001-01-01", "2025-02-30", "none", "null", "true", "@issuer", "@", "{}", "[[]]", "*", "--"),
    *("=", "a=b", "when.exit=3", "when.exit=", "hedge.ratio.lookback=1e400", "costs.fee_bps=nan"),
    *("book={}", "hedge.ratio.lookback=99999999999999999999", ".=1", "a..b=1", "strategy=../x"),
    *("when.exit=3,3", "hedge.ratio.lookback=[", "hedge=null", "when={enter: !!python/x 1}", "-"),
    *("run.json", "eventlab.toml", "events", "prices", "events/acme-earnings.yaml", "out"),
    *("acme-earnings", "acme-hedge", "q1", "acme-earnings/q1", "AAA", "MKT", "XNYS", "24/7", "1h"),
    *("market_model", "garch_market_model", "constant_mean", "volume", "paper", "exclude", "beat"),
)  # fmt: skip
SMALL: Final = ("0", "1", "2", "30")  # so that what is computed is soon done


def make_small(root: Path) -> Path:
    """Write a workspace with an event of every section and a strategy."""
    make_workspace(root)
    (root / "events" / "acme-earnings.yaml").write_text(EVENT + MORE)
    add_strategy(root)
    return root


@contextmanager
def fresh(small: Path, place: Path) -> Iterator[Path]:
    """Work in a copy of a workspace."""
    shutil.copytree(small, place)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        yield place
    shutil.rmtree(place, ignore_errors=True)


def words_of(draw: random.Random, commands: tuple[str, ...]) -> list[str]:
    """One command line: options of the command and of others, values that fit and that do not."""
    name = draw.choice(commands)
    command = _command(name)
    words = [name]
    inner = getattr(command, "commands", None)
    if inner:
        chosen = draw.choice(sorted(inner))
        words, command = [name, chosen], inner[chosen]
    options = [one for one in command.params if one.param_type_name == "option"]
    for _ in range(draw.randrange(2 * (len(command.params) - len(options)) + 1)):
        words.append(_value(draw))
    for one in draw.sample(options, draw.randrange(min(len(options), 4) + 1)):
        words.append(draw.choice(one.opts))
        if not one.is_flag:
            words.append(draw.choice(SMALL) if draw.random() < 0.2 else _value(draw))
    if draw.random() < 0.1:
        words.insert(draw.randrange(len(words) + 1), _value(draw))
    if "--draws" not in words and any("--draws" in one.opts for one in options):
        words += ["--draws", "20"]
    return words


def _command(name: str) -> Any:
    """The command as ``eventlab`` itself builds it."""
    found = cli._load(name)
    return get_group(found) if isinstance(found, typer.Typer) else get_command(cli._alone(found))


def _value(draw: random.Random) -> str:
    if draw.random() < 0.1:
        return "".join(chr(draw.randrange(1, 0x3000)) for _ in range(draw.randrange(12)))
    return draw.choice(GARBAGE)


def faults_of(words: list[str]) -> tuple[int, list[str]]:
    """Run a command line in this process: its exit code, and what is wrong with its answer."""
    out, err = io.BytesIO(), io.BytesIO()
    # Held here: one that is forgotten closes what it writes into.
    stdout = io.TextIOWrapper(out, "utf-8", write_through=True)
    stderr = io.TextIOWrapper(err, "utf-8", "backslashreplace", write_through=True)
    code, faults = -1, []
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("error")
        patch.setattr(sys, "stdout", stdout)
        patch.setattr(sys, "stderr", stderr)
        try:
            with _alarm():
                code = cli.run(words)
        except BaseException as error:  # noqa: BLE001 - any is the fault that is looked for
            faults.append(f"{type(error).__name__}: {error}"[:300])
    said, shown = err.getvalue().decode("utf-8", "replace"), out.getvalue()
    if code not in EXITS:
        faults.append(f"exit code {code}: {said[-300:]}")
    if "Traceback" in said:
        faults.append(f"a traceback: {said[-300:]}")
    if code in {2, 3} and not said.strip() and "--json" not in words:
        faults.append(f"exit code {code} without a word")
    options = words[: words.index("--")] if "--" in words else words  # behind it nothing is one
    if "--json" in options and "-h" not in words and "--help" not in words:
        faults += _json_faults(shown, code)
    return code, faults


def _json_faults(shown: bytes, code: int) -> list[str]:
    if not shown.strip():
        return []
    try:
        json.loads(shown)
    except ValueError:
        return [f"stdout with --json (exit code {code}): {shown[:200]!r}"]
    return []


@contextmanager
def _alarm() -> Iterator[None]:
    def ring(number: int, frame: object) -> None:
        raise TimeoutError(f"still running after {SECONDS} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
