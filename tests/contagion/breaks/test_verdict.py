"""Every verdict and every rule, from the evidence that gives it."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest

from eventlab.contagion.breaks.specs import VERDICTS
from eventlab.contagion.breaks.verdict import Evidence, judge, worth_knowing

QUIET = Evidence(
    rho_calm=0.3,
    rho_crisis=0.4,
    side=1.0,
    correlation=0.4,
    link=0.5,
    alone=0.3,
    variances=(1.1, 0.9),
    variance_pvalues=(0.4, 0.6),
    detectable=0.15,
    reachable=True,
    n_placebo=500,
    n_pairs=1,
    asymptotic=False,
)


def given(**changes: Any) -> tuple[str, str]:
    return judge(replace(QUIET, **changes), 0.05, 0.2)


@pytest.mark.parametrize(
    ("changes", "verdict", "rule"),
    [
        (
            {"rho_crisis": 0.8, "correlation": 0.01, "link": 0.02},
            "contagion",
            (
                "correlation rose from 0.30 to 0.80, beyond calm dates (p 0.010) and beyond what "
                "the source's variance explains (p 0.020)"
            ),
        ),
        (
            {"rho_crisis": 0.8, "correlation": 0.01, "link": 0.2},
            "interdependence",
            (
                "correlation rose from 0.30 to 0.80, beyond calm dates (p 0.010), but not beyond "
                "what the source's variance explains (p 0.200)"
            ),
        ),
        (
            {"rho_crisis": -0.2, "correlation": 0.01, "link": 0.99},
            "interdependence",
            (
                "decoupling: correlation fell from 0.30 to -0.20, beyond calm dates (p 0.010); the "
                "link turned (p 0.990)"
            ),
        ),
        (
            {"rho_crisis": 0.0, "correlation": 0.01, "link": 0.3},
            "interdependence",
            (
                "decoupling: correlation fell from 0.30 to 0.00, beyond calm dates (p 0.010); a "
                "constant link explains it (p 0.300)"
            ),
        ),
        (
            {"rho_calm": -0.4, "rho_crisis": -0.8, "side": -1.0, "correlation": 0.01, "link": 0.01},
            "contagion",
            (
                "correlation fell further below zero from -0.40 to -0.80, beyond calm dates (p "
                "0.010) and beyond what the source's variance explains (p 0.010)"
            ),
        ),
        (
            {"rho_calm": -0.4, "rho_crisis": 0.2, "side": -1.0, "correlation": 0.01, "link": 0.97},
            "interdependence",
            (
                "decoupling: correlation rose from below zero from -0.40 to 0.20, beyond calm "
                "dates (p 0.010); the link turned (p 0.970)"
            ),
        ),
        (
            {"variances": (3.0, 2.0), "variance_pvalues": (0.01, 0.03)},
            "common volatility shock",
            (
                "both variances rose (source x3.0, p 0.010, target x2.0, p 0.030); correlation "
                "from 0.30 to 0.40 is not beyond calm dates (p 0.400)"
            ),
        ),
        (
            {"detectable": 0.5},
            "underpowered",
            (
                "correlation from 0.30 to 0.40 is not beyond calm dates (p 0.400), and only a "
                "rise of 0.50 would have shown with 80% power (worth knowing: 0.20)"
            ),
        ),
        (
            {"detectable": np.nan},
            "underpowered",
            (
                "correlation from 0.30 to 0.40 is not beyond calm dates (p 0.400), and even a "
                "correlation of 0.999 would not have shown with 80% power (worth knowing: 0.20)"
            ),
        ),
        (
            {"detectable": np.nan, "reachable": False, "n_placebo": 21},
            "underpowered",
            (
                "correlation from 0.30 to 0.40 is not beyond calm dates (p 0.400), and 21 placebo "
                "dates are too few to say what would have shown"
            ),
        ),
        (
            {},
            "no change",
            (
                "correlation from 0.30 to 0.40 is not beyond calm dates (p 0.400); a rise of "
                "0.15 would have shown"
            ),
        ),
        (
            {"link": 0.01},
            "no change",
            (
                "correlation from 0.30 to 0.40 is not beyond calm dates (p 0.400), though the "
                "target's beta on the source rose (p 0.010); a rise of 0.15 would have shown"
            ),
        ),
        ({"correlation": np.nan}, "", ""),
    ],
)
def test_every_rule(changes: dict[str, Any], verdict: str, rule: str) -> None:
    assert given(**changes) == (verdict, rule)


def test_one_variance_is_not_a_common_shock() -> None:
    assert given(variances=(3.0, 1.0), variance_pvalues=(0.01, 0.3))[0] == "no change"
    assert given(variance_pvalues=(0.01, np.nan))[0] == "no change"


def test_the_family_is_named() -> None:
    assert given(n_pairs=7)[1].endswith("[p by Romano-Wolf over 7 pairs; alone 0.300]")


def test_asymptotic_values_are_named() -> None:
    rule = given(asymptotic=True, n_placebo=3, detectable=np.nan)[1]
    assert "ASYMPTOTIC p-values, because there are only 3 placebo dates" in rule
    assert "Romano-Wolf" not in rule


def test_near_one_half_of_the_way_is_asked_for() -> None:
    assert worth_knowing(0.3, 1.0, 0.2) == 0.2
    assert worth_knowing(0.9, 1.0, 0.2) == pytest.approx(0.05)
    assert worth_knowing(-0.9, -1.0, 0.2) == pytest.approx(0.05)
    assert given(rho_calm=0.9, rho_crisis=0.92, detectable=0.08)[0] == "underpowered"
    assert given(rho_calm=0.9, rho_crisis=0.92, detectable=0.04)[0] == "no change"


def test_there_is_always_one_verdict_and_a_rule() -> None:
    values = (0.01, 0.2, 0.99)
    for correlation, link, source, target in product(values, repeat=4):
        for crisis, detectable in product((-0.5, 0.3, 0.9), (0.1, 0.5, np.nan)):
            verdict, rule = given(
                rho_crisis=crisis,
                correlation=correlation,
                link=link,
                variance_pvalues=(source, target),
                detectable=detectable,
            )
            assert verdict in VERDICTS
            assert rule
            if verdict == "contagion":
                assert correlation == link == 0.01
                assert crisis > 0.3
