"""Every path through time: its rows up to an instant do not depend on what comes after it."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab import contagion as ev
from eventlab.definitions.hedge_definition import RatioDefinition, RatioMethod
from eventlab.definitions.study import Measure, Sampling
from eventlab.hedge.ratios.many import ratios_at
from eventlab.market import measures
from eventlab.market.measures import measure_panel
from eventlab.market.panel import build_panel
from eventlab.market.types import NO_BAR
from tests.lookahead.ahead_world import (
    SYMBOLS,
    Seen,
    assert_same,
    few,
    instant_after,
    others,
    seeds,
    stamps,
    world,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Table = pd.DataFrame | pd.Series
    Tables = Mapping[str, Table]

METHODS: Final = tuple(name for name in get_args(RatioMethod) if name != "put")
OPTIONS: Final[Mapping[str, Mapping[str, float]]] = {
    "fixed": {"value": 0.5},
    "ewma": {"half_life": 10},
}
MEASURED: Final = tuple(name for name in get_args(Measure) if name != "returns")
FITTED: Final = 118  # row up to which parameters are estimated; every instant lies behind
FIRST, LAST = 135, 215  # rows that the future begins after


def volatility_paths(seen: Seen) -> Tables:
    frame = seen.complete.iloc[:, [0, 3, 4]]
    found = ev.dcc(frame, fit_until=world().complete.index[FITTED], stderr=False)
    shock = ev.delta_covar_dcc(found, frame.columns[0], frame.columns[1])
    sigma = found.volatilities
    return {
        "correlations": found.correlations,
        "volatilities": sigma,
        "delta-CoVaR": shock,
        "of numbers": ev.gaussian_delta_covar(0.5, sigma.iloc[:, 0], sigma.iloc[:, 1]),
    }


def kalman_paths(seen: Seen) -> Tables:
    frame = seen.complete
    until = world().complete.index[FITTED]
    found = ev.factor_betas(frame.iloc[:, 0], frame.iloc[:, 3:5], window=40, fit_until=until)
    return {"filtered": found.filtered, "stderr": found.stderr, "shares": found.shares}


def bubble_paths(seen: Seen) -> Tables:
    levels = np.log(seen.column("BTC", "prices"))
    options: dict[str, Any] = {"min_window": 40, "draws": 99, "null": "simulated"}
    # Critical values under `wild` use the mean step of all rows, and say so.
    return {
        test.__name__: test(levels, **options).path["statistic"] for test in (ev.sadf, ev.gsadf)
    }


def spillover_paths(seen: Seen) -> Tables:
    frame = seen.complete.iloc[:, :3]
    rolled = ev.rolling_spillover(frame, 60, 1)
    drifting = ev.tvp_spillover(frame, prior_rows=60)
    return {
        name: pd.DataFrame(each.tables.reshape(len(each.tables), -1), index=each.index).assign(
            stable=each.stable.to_numpy(), reasons=each.reasons.to_numpy()
        )
        for name, each in (("rolling", rolled), ("tvp", drifting))
    }


def bucket_paths(seen: Seen) -> Tables:
    frame = seen.complete
    names = list(frame.columns)
    found = ev.bucket_correlations(frame, names[:3], names[3:], window=30)
    return {"buckets": found.path, "absorption": ev.absorption_ratio(frame, window=30).path}


def panel_paths(seen: Seen) -> Tables:
    """Volatility of daily bars is by their range throughout, as in files of some years."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measures, "RANGE_BARS", FIRST // 2)
        return measured_paths(seen)


def measured_paths(seen: Seen) -> Tables:
    found = {name: measure_panel(seen.panel, seen.market, name) for name in MEASURED}
    return {"returns": seen.laid_out(seen.panel)} | {
        name: seen.laid_out(each) for name, each in found.items()
    }


def ratio_paths(seen: Seen, method: str) -> Tables:
    frame = seen.returns
    definition = RatioDefinition.model_validate(
        {"method": method, "lookback": 100 if method == "dcc" else 40, **OPTIONS.get(method, {})}
    )
    rows = np.arange(0, len(frame), 40 if method == "dcc" else 1)
    columns = [3] if method in {"min_es", "downside_beta"} else [3, 4]
    values, n, notes = ratios_at(
        definition, frame.iloc[:, 0].to_numpy(), frame.iloc[:, columns].to_numpy(), rows
    )
    return {"ratio": pd.DataFrame(values, index=frame.index[rows]).assign(n=n, notes=list(notes))}


PATHS: Final[Mapping[str, Callable[[Seen], Tables]]] = {
    "dcc, delta_covar_dcc, gaussian_delta_covar": volatility_paths,
    "factor_betas": kalman_paths,
    "sadf, gsadf": bubble_paths,
    "rolling_spillover, tvp_spillover": spillover_paths,
    "bucket_correlations, absorption_ratio": bucket_paths,
    "rolling_correlation": lambda seen: {"pairs": ev.rolling_correlation(seen.returns, 30)},
    "range_volatility": lambda seen: {
        "ranges": ev.range_volatility(
            *(seen.column("BTC", side).to_frame() for side in ("high", "low"))
        )
    },
    "build_panel, measure_panel": panel_paths,
    **{f"ratio {name}": partial(ratio_paths, method=name) for name in METHODS},
}  # fmt: skip


@cache
def before(name: str) -> Tables:
    return PATHS[name](world())


@pytest.mark.parametrize("name", PATHS)
@few
@given(row=st.integers(FIRST, LAST), share=st.floats(0, 1), seed=seeds)
def test_a_path_does_not_look_ahead(name: str, row: int, share: float, seed: int) -> None:
    end = stamps(np.array([instant_after(world().clock, row, share)]))[0]
    for future, seen in others(row, share, seed).items():
        after = PATHS[name](seen)
        for table, whole in before(name).items():
            mine, theirs = (each[each.index <= end] for each in (whole, after[table]))
            assert pd.DataFrame(mine).notna().any(axis=None)
            assert_same(mine, theirs, f"{table}, {future} after {end}")


@pytest.mark.parametrize("sampling", get_args(Sampling))
@few
@given(row=st.integers(FIRST, LAST), share=st.floats(0, 1), seed=seeds)
def test_a_sample_is_of_bars_that_have_closed(
    sampling: Literal["nearest", "previous"], row: int, share: float, seed: int
) -> None:
    """A nearest close may lie after its session's: its own close says from when on it is known."""
    clock = world().clock
    instant = instant_after(clock, row, share)
    whole = build_panel(world().market, SYMBOLS, clock, sampling)
    due = (whole.closes != NO_BAR) & (whole.closes <= instant)
    for name, seen in others(row, share, seed).items():
        other = build_panel(seen.market, SYMBOLS, clock, sampling)
        assert [each.basis for each in other.columns] == [each.basis for each in whole.columns]
        for mine, theirs in (
            (whole.returns, other.returns),
            (whole.minutes_apart, other.minutes_apart),
            (whole.closes, other.closes),
        ):
            np.testing.assert_array_equal(mine[due], theirs[due], err_msg=name)
