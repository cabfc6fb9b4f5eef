"""The short version of docs/size.md: how often the tests reject at nominal 5%.

The page is written by ``python -m benchmarks.size_power``. Here its designs are drawn again, fewer
times and from another seed, and every rate is held to that of the page, to the known sizes, and to
the closed form of BMP under cross-correlation. A battery that changed, or a page that was edited,
fails.
"""

from __future__ import annotations

import math
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from benchmarks.size_battery import SHORT_NAMES, all_tests
from benchmarks.size_counts import Counts, count_design
from benchmarks.size_designs import KNOWN, SECTIONS, designs
from benchmarks.size_draws import draw_sample, garch, thinned
from benchmarks.size_judge import bmp_closed_form, known_rows, share, wrong_level

PAGE = Path(__file__).parents[3] / "docs" / "size.md"
SEED = 7  # not that of the page
SAMPLES = 150
# Four standard errors of the difference of two rates. Some 400 are compared: a right battery
# fails with one seed in 40, and this seed is fixed.
SIGMAS = 4.0
SHOWN = 0.0005  # the page rounds to a tenth of a percent

CHEAP = (
    "null",
    "rho.05",
    "rho.10",
    "variance2",
    "power1",
    "null-n5",
    "rho.10-n10",
    "thin.4-n10",
    "fat-n10",
    "skewed-n10",
    "short20-rho.05",
    "long-n10",
    "staggered-n10",
)
DRAWN = ("drawn-n1", "drawn-apart", "drawn-clusters")


@cache
def counts(key: str) -> Counts:
    return count_design(designs()[key], seed=SEED, start=0, stop=SAMPLES)


@cache
def page_rates() -> dict[tuple[str, str], dict[str, float]]:
    """Rate of every test by title of section and row: the tables of all tests."""
    found: dict[tuple[str, str], dict[str, float]] = {}
    title, head = "", [""]
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("## "):
            title = line[3:]
        elif line.startswith("| ") and not line.startswith("| ---"):
            if cells[0] in {"all tests", "in the headline", ""}:
                head = cells
            elif head[0] == "all tests":
                numbers = dict(zip(head[1:], cells[1:], strict=True))
                found[title, cells[0]] = {
                    name: float(cell) / 100
                    for name, cell in numbers.items()
                    if re.fullmatch(r"[\d.]+", cell)
                }
    return found


@cache
def page_samples(key: str) -> int:
    """Samples of a design behind the page."""
    rows = re.findall(
        r"^\| (?:where|with|in) .* \| ([\d,]+) \| [\d.]+", PAGE.read_text("utf-8"), re.M
    )
    null, _, drawn, power = (int(row.replace(",", "")) for row in rows)
    design = designs()[key]
    if not design.is_null and key not in KNOWN:
        return power
    return drawn if design.history else null


@pytest.mark.parametrize("key", [*CHEAP, *DRAWN])
def test_rates_are_those_of_the_page(key: str) -> None:
    section, words = next(
        (s, w) for s in SECTIONS for w, design in s.rows.items() if design.key == key
    )
    design, behind, compared = designs()[key], page_samples(key), 0
    for w, window in enumerate(design.windows):
        row = words if len(design.windows) == 1 else f"{words}, {list(window)}"
        for test in all_tests():
            rate, _ = share(counts(key), w, test)
            there = page_rates()[section.title, row].get(SHORT_NAMES[test])
            assert (there is None) == math.isnan(rate), f"{row}: {test}"
            if there is not None:
                n = counts(key).computed[w, all_tests().index(test)]
                p = min(max(there, 1 / behind), 1 - 1 / behind)
                error = math.sqrt(p * (1 - p) * (1 / n + 1 / behind))
                assert abs(rate - there) < SIGMAS * error + SHOWN, f"{row}: {test} {rate:.3f}"
                compared += 1
    assert compared >= 10 * len(design.windows)


def test_known_sizes_and_the_closed_form() -> None:
    known = {key: counts(key) for key in KNOWN if key in CHEAP}
    found = list(known_rows(known))
    assert len(found) == 6 * len(known) == 30
    for key, test, wanted, ours, apart in found:
        assert abs(apart) < SIGMAS, f"{key}, {test}: {ours:.3f}, known {wanted:.3f}"
    closed = list(bmp_closed_form(known))
    assert [round(100 * rate, 1) for _, _, rate, _ in closed] == [30.4, 44.4]
    for key, ours, wanted, apart in closed:
        assert abs(apart) < SIGMAS, f"{key}: {ours:.3f}, closed form {wanted:.3f}"


def test_tests_off_their_level_are_not_in_the_headline() -> None:
    # Off by so much that a few samples show it, or known to be from the page.
    for key, test in (
        ("short20-rho.05", "kolari_pynnonen_bmp"),
        ("rho.05", "bmp"),
        ("rho.05", "patell_z"),
    ):
        rate, error = share(counts(key), 0, test)
        assert rate > 0.065 + SIGMAS * error, f"{key}, {test}: {rate:.3f}"
        assert counts(key).offered[0, all_tests().index(test)] == 0
    for key, test in (
        ("null-n5", "grank_t"),
        ("skewed-n10", "grank_t"),
        ("skewed-n10", "bmp"),
        ("thin.4-n10", "bmp"),
    ):
        assert counts(key).offered[0, all_tests().index(test)] == 0, f"{key}, {test}"


def test_the_page_claims_no_headline_test_off_its_level() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert "these are off" not in text
    assert "| **" not in text


def test_a_wrong_level_is_found() -> None:
    place, shape = all_tests().index("bmp"), (1, len(all_tests()))

    def of(rejected: int, offered: int) -> Counts:
        both, times = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        both[0, place], times[0, place] = rejected, offered
        return Counts(4000, times, both, times, both)

    assert not wrong_level(of(260, 4000), "null", 0, "bmp")
    assert wrong_level(of(261, 4000), "null", 0, "bmp")
    assert wrong_level(of(139, 4000), "null", 0, "bmp")
    assert not wrong_level(of(1899, 1899), "null", 0, "bmp")  # too seldom to judge
    assert not wrong_level(of(3600, 4000), "power1", 0, "bmp")


def test_samples_do_not_depend_on_how_they_are_shared_out() -> None:
    design = designs()["null-n5"]
    whole = count_design(design, seed=SEED, start=0, stop=30)
    parts = [count_design(design, seed=SEED, start=a, stop=a + 10) for a in (20, 0, 10)]
    summed = parts[0] + parts[1] + parts[2]
    for field in ("samples", "computed", "rejected", "offered", "both"):
        np.testing.assert_array_equal(getattr(summed, field), getattr(whole, field))


def test_returns_without_a_trade_come_with_the_next_one() -> None:
    returns = np.array([[0.1, 0.2, 0.3, 0.4, 0.5]])
    traded = np.array([[False, True, False, False, True]])
    np.testing.assert_allclose(thinned(returns, traded, missing=False), [[0, 0.3, 0, 0, 1.2]])
    np.testing.assert_allclose(
        thinned(returns, traded, missing=True), [[np.nan, 0.3, np.nan, np.nan, 1.2]]
    )


def test_the_draws_are_what_their_designs_say() -> None:
    rng = np.random.default_rng(1)
    shocks = rng.normal(size=(4100, 40))
    error = garch(shocks)
    assert error.shape == (40, 4000)
    # h_1 = .04 + .10 e_0^2 + .86 h_0 with h_0 = 1, by hand; the burn-in has the first hundred bars.
    h = [1.0]
    for shock in shocks[:100, 0]:
        h.append(0.04 + 0.10 * h[-1] * shock**2 + 0.86 * h[-1])
    assert error[0, 0] == pytest.approx(math.sqrt(h[100]) * shocks[100, 0], rel=1e-12)
    # Squares of GARCH(1,1) are correlated; with normal shocks their variance is one.
    assert (error**2).mean() == pytest.approx(1.0, abs=0.1)
    squares = error**2 - 1.0
    assert (squares[:, 1:] * squares[:, :-1]).mean() / (squares**2).mean() > 0.05
    one_date = draw_sample(designs()["rho.30-n10"], rng)
    assert len(set(one_date.position.tolist())) == 1
    resid = one_date.returns[:10] - one_date.returns[10]
    correlation = np.corrcoef(resid)[np.triu_indices(10, 1)]
    assert 0.15 < correlation.mean() < 0.45
    effects = [draw_sample(designs()[key], np.random.default_rng(2)) for key in ("null", "null+1")]
    moved = effects[1].returns - effects[0].returns
    np.testing.assert_allclose(moved[0, effects[0].position], 0.01, rtol=1e-9)
    assert np.count_nonzero(np.abs(moved) > 1e-12) == 50
