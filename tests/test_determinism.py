"""The same bits again: in one process, in others, with other threads, beside other symbols."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.contagion.worlds import SESSIONS, START
from tests.determinism import SNAPSHOT, digest, reordered, results, sample
from tests.market.series import daily
from tests.scaled import leaves
from tests.study.worlds import noise, prices

if TYPE_CHECKING:
    from eventlab.market.types import Market

ROOT = Path(__file__).resolve().parents[1]
COMMAND = "from tests.determinism import digest; print(digest())"
LIBRARIES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """The job in this process, with as many threads as the machine has."""
    return results()


def test_again_in_one_process(found: dict[str, Any]) -> None:
    assert digest() == digest(found)


def test_another_process_with_one_thread_and_other_hashes(found: dict[str, Any]) -> None:
    settings = os.environ | dict.fromkeys(LIBRARIES, "1")
    settings |= {"PYTHONHASHSEED": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(  # noqa: S603 - our own interpreter and our own text
        [sys.executable, "-W", "ignore", "-c", COMMAND],
        check=True,
        capture_output=True,
        text=True,
        env=settings,
        cwd=ROOT,
    )
    assert done.stdout.strip() == digest(found)


def test_the_numbers_of_another_python(found: dict[str, Any]) -> None:
    """A snapshot of this job on Python 3.11.7: every Python that runs the suite has to meet it."""
    kept = json.loads(SNAPSHOT.read_text(encoding="utf-8"))
    assert kept["job"] == "tests.determinism.results"
    now = sample(found)
    assert now.keys() == kept["numbers"].keys()
    for name, value in kept["numbers"].items():
        assert now[name] == pytest.approx(value, rel=1e-12, abs=0.0), name


def test_the_order_in_which_symbols_are_loaded(found: dict[str, Any]) -> None:
    assert digest(results(reordered)) == digest(found)


def test_symbols_that_nothing_asks_for(found: dict[str, Any]) -> None:
    def crowded(market: Market) -> Market:
        more = {
            name: daily(name, "XNYS", START, prices(noise(90 + at, SESSIONS, 0.03)[1:]))
            for at, name in enumerate(("AAB", "ZZZ", "0"))
        }
        return replace(market, daily=more | dict(market.daily))

    before, after = dict(leaves(found)), dict(leaves(results(crowded)))
    assert before.keys() == after.keys()
    for name, values in before.items():
        np.testing.assert_array_equal(after[name], values, err_msg=name)
