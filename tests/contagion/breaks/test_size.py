"""A short Monte Carlo of what the long one counts: sizes near 5% where asymptotic ones are not."""

from __future__ import annotations

import math

import pytest

from benchmarks.contagion_size import DESIGNS, KINDS, Counts, count
from eventlab.contagion.breaks.battery import TESTS

SAMPLES = 200
# Three standard errors of a share of 200 around the 5% and the two points that size may be off.
LOW = 0.05 - 0.02 - 3 * math.sqrt(0.05 * 0.95 / SAMPLES)
HIGH = 0.05 + 0.02 + 3 * math.sqrt(0.05 * 0.95 / SAMPLES)


@pytest.fixture(scope="module")
def counts() -> Counts:
    return count("link", SAMPLES, 5)


def share(counts: Counts, design: str, kind: str, test: str) -> float:
    rejected = counts.rejected[DESIGNS.index(design), KINDS.index(kind), TESTS.index(test)]
    return float(rejected) / counts.n


@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize("design", ["null", "source scaled", "common"])
def test_placebo_holds_where_co_moments_do_not_change(
    counts: Counts, design: str, test: str
) -> None:
    found = share(counts, design, "placebo", test)
    upper_tail = design == "source scaled" and "rigobon" in test  # the link is weaker there
    assert (0.0 if upper_tail else LOW) <= found <= HIGH


@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize("design", ["null", "transmitted", "common"])
def test_transmission_holds_where_the_link_does_not_change(
    counts: Counts, design: str, test: str
) -> None:
    assert LOW <= share(counts, design, "transmission", test) <= HIGH


def test_why_it_takes_placebo_dates(counts: Counts) -> None:
    assert share(counts, "null", "asymptotic", "ck31") > 0.3
    assert share(counts, "transmitted", "asymptotic", "fisher") > 0.3
    assert share(counts, "transmitted", "placebo", "fisher") > 2.5 * 0.05


def test_power(counts: Counts) -> None:
    verdicts = dict(zip(DESIGNS, counts.verdicts, strict=True))
    assert verdicts["stronger link"]["contagion"] > 0.65 * SAMPLES
    for design in ("null", "transmitted", "source scaled", "common"):
        assert verdicts[design].get("contagion", 0) < HIGH * SAMPLES
