"""Normal-return models against compositions of statsmodels, with and without missing returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.tsa.stattools import acf

from eventlab.errors import UsageError
from eventlab.study.models.fits import prepare
from eventlab.study.placebo.pseudo_dates import prepare_placebo
from tests.study.panels import ESTIMATION, EVENT, WINDOWS, Array, PanelCase, panel

if TYPE_CHECKING:
    from eventlab.study import StudyResult

Rows = npt.NDArray[np.int64]

RTOL = 1e-9  # statsmodels inverts X'X, whose condition is some 1e5 here
GARCH: dict[str, Any] = {"estimation_window": (-110, -6), "positions": (180, 190)}


def rows_of(case: PanelCase, i: int) -> tuple[Array, Array, Rows]:
    """Return of the asset and of MKT, and the rows of the estimation window, of event ``i``."""
    y = case.returns[case.events["symbol"].iloc[i]].to_numpy()
    rows = case.positions[i] + np.arange(ESTIMATION[0], ESTIMATION[1] + 1)
    return y, case.returns["MKT"].to_numpy(), rows


def shifted(m: Array, bars: list[int]) -> Array:
    """Columns of ``m``, each so many bars later."""
    values: Array = pd.concat([pd.Series(m).shift(-bar) for bar in bars], axis=1).to_numpy()
    return values


def forecast(y: Array, X: Array, rows: Rows, bars: Rows) -> tuple[Any, Array, Array]:
    """Fit the complete ``rows`` by OLS; abnormal returns of ``bars`` and their errors."""
    known = rows[np.isfinite(y[rows]) & np.isfinite(X[rows]).all(axis=1)]
    fitted = sm.OLS(y[known], X[known]).fit()
    ahead = fitted.get_prediction(np.where(np.isfinite(X[bars]), X[bars], 0.0))
    missing = ~(np.isfinite(y[bars]) & np.isfinite(X[bars]).all(axis=1))
    ar = np.where(missing, np.nan, y[bars] - ahead.predicted_mean)
    return fitted, ar, np.where(missing, np.nan, ahead.se_obs)


def compare(found: StudyResult, i: int, ar: Array, error: Array) -> None:
    np.testing.assert_allclose(found.ar.iloc[i], ar, rtol=RTOL, atol=1e-13)
    np.testing.assert_allclose(found.ar.iloc[i] / found.sar.iloc[i], error, rtol=RTOL)
    for a, b in WINDOWS:
        inside = ar[a - EVENT[0] : b - EVENT[0] + 1]
        np.testing.assert_allclose(found.car[f"[{a},{b}]"].iloc[i], inside.sum(), rtol=RTOL)


@pytest.mark.parametrize("holes", [0.0, 0.03])
@pytest.mark.parametrize("lags", [1, 2, 5])
def test_dimson_is_least_squares_on_the_benchmark_and_its_neighbours(
    lags: int, holes: float
) -> None:
    case = panel(21, holes=holes)
    found = case.study(model="dimson", lags=lags)
    names = [f"beta_{bar:+d}" if bar else "beta_0" for bar in range(-lags, lags + 1)]
    for i, position in enumerate(case.positions):
        y, m, rows = rows_of(case, i)
        X = sm.add_constant(shifted(m, list(range(-lags, lags + 1))), has_constant="add")
        bars = position + np.arange(EVENT[0], EVENT[1] + 1)
        fitted, ar, error = forecast(y, X, rows, bars)
        if fitted.nobs < 30:
            assert np.isnan(found.fits["sigma"].iloc[i])
            continue
        compare(found, i, ar, error)
        own = found.fits.iloc[i]
        assert own["n_estimation"] == fitted.nobs
        np.testing.assert_allclose(own[names].astype(float), fitted.params[1:], rtol=1e-8)
        assert own["beta"] == pytest.approx(fitted.params[1:].sum(), rel=RTOL)
        assert own["sigma"] == pytest.approx(np.sqrt(fitted.scale), rel=RTOL)
        assert found.estimates.dof[i] == fitted.df_resid


def test_dimson_has_one_lag_unless_told_otherwise() -> None:
    case = panel(22)
    pd.testing.assert_frame_equal(
        case.study(model="dimson").fits, case.study(model="dimson", lags=1).fits
    )


def test_dimson_is_the_factor_model_on_shifted_columns() -> None:
    case = panel(23, holes=0.02)
    bars = {"before": 1, "MKT": 0, "after": -1}
    returns = case.returns.assign(
        **{name: case.returns["MKT"].shift(by) for name, by in bars.items()}
    )
    factors = PanelCase(returns, case.events).study(model="factor_model", factors=list(bars))
    found = case.study(model="dimson")
    for name in ("ar", "sar", "car", "car_error", "bhar", "tests"):
        pd.testing.assert_frame_equal(
            getattr(found, name), getattr(factors, name), check_exact=True
        )
    np.testing.assert_array_equal(found.placebo.draws, factors.placebo.draws)


@pytest.mark.parametrize("holes", [0.0, 0.02])
def test_scholes_williams_is_three_regressions(holes: float) -> None:
    case = panel(24, holes=holes)
    found = case.study(model="scholes_williams")
    for i, position in enumerate(case.positions):
        y, m, rows = rows_of(case, i)
        before, here, after = shifted(m, [-1, 0, 1]).T
        known = rows[np.isfinite(y + before + here + after)[rows]]
        own = found.fits.iloc[i]
        assert own["n_estimation"] == len(known)
        if len(known) < 30:
            continue
        slopes = [
            sm.OLS(y[known], sm.add_constant(x[known])).fit().params[1]
            for x in (before, here, after)
        ]
        rho = (
            sm.OLS(
                (here[known] - here[known].mean()) / here[known].std(),
                (before[known] - before[known].mean()) / before[known].std(),
            )
            .fit()
            .params[0]
        )
        beta = sum(slopes) / (1.0 + 2.0 * rho)
        alpha = y[known].mean() - beta * here[known].mean()
        assert own["beta"] == pytest.approx(beta, rel=RTOL)
        assert own["alpha"] == pytest.approx(alpha, rel=RTOL, abs=1e-13)
        resid = y[known] - alpha - beta * here[known]
        assert own["sigma"] == pytest.approx(np.sqrt(resid @ resid / (len(known) - 2)), rel=RTOL)
        # The forecast errors are those of the market model on the same rows, at this sigma.
        X = sm.add_constant(here, has_constant="add")
        bars = position + np.arange(EVENT[0], EVENT[1] + 1)
        market, _, error = forecast(y, X, known, bars)
        error *= own["sigma"] / np.sqrt(market.scale)
        compare(found, i, (y - alpha - beta * here)[bars], error)


def test_rho_is_near_the_first_autocorrelation_of_the_benchmark() -> None:
    # statsmodels divides by the variance of all rows and leaves out one product of 74: the two
    # differ by the ends of the window alone.
    case = panel(25, positions=(120,))
    y, m, rows = rows_of(case, 0)
    slopes = [np.polyfit(m[rows + bar], y[rows], 1)[0] for bar in (-1, 0, 1)]
    rho = (sum(slopes) / case.study(model="scholes_williams").fits["beta"].iloc[0] - 1.0) / 2.0
    assert rho == pytest.approx(acf(m[rows], nlags=1)[1], abs=0.03)


@pytest.mark.parametrize("holes", [0.0, 0.03])
def test_three_factors_of_the_kind_of_fama_and_french(holes: float) -> None:
    case = panel(26)
    rng = np.random.default_rng(1)
    returns = case.returns.assign(
        SMB=0.3 * case.returns["MKT"] + rng.normal(0.0, 0.005, len(case.returns)),
        HML=-0.2 * case.returns["MKT"] + rng.normal(0.0, 0.004, len(case.returns)),
    )
    returns = returns.mask(rng.random(returns.shape) < holes)
    case, names = PanelCase(returns, case.events), ["MKT", "SMB", "HML"]
    found = case.study(model="factor_model", factors=names)
    for i, position in enumerate(case.positions):
        y, _, rows = rows_of(case, i)
        X = sm.add_constant(returns[names].to_numpy(), has_constant="add")
        bars = position + np.arange(EVENT[0], EVENT[1] + 1)
        fitted, ar, error = forecast(y, X, rows, bars)
        compare(found, i, ar, error)
        columns = ["alpha", *(f"beta_{name}" for name in names)]
        np.testing.assert_allclose(
            found.fits[columns].iloc[i].astype(float), fitted.params, rtol=1e-8
        )


def test_constant_mean_with_missing_returns() -> None:
    case = panel(27, holes=0.05)
    found = case.study(model="constant_mean")
    for i, position in enumerate(case.positions):
        y, _, rows = rows_of(case, i)
        bars = position + np.arange(EVENT[0], EVENT[1] + 1)
        fitted, ar, error = forecast(y, np.ones((len(y), 1)), rows, bars)
        compare(found, i, ar, error)
        assert found.fits["n_estimation"].iloc[i] == fitted.nobs


def test_market_adjusted_with_missing_returns() -> None:
    case = panel(28, holes=0.05)
    found = case.study(model="market_adjusted")
    for i, position in enumerate(case.positions):
        y, m, rows = rows_of(case, i)
        known = rows[np.isfinite((y - m)[rows])]
        # Nothing is fitted: the residuals are the differences, not those about their mean.
        fitted = sm.OLS((y - m)[known], np.ones(len(known))).fit()
        scale = fitted.uncentered_tss / fitted.nobs
        bars = position + np.arange(EVENT[0], EVENT[1] + 1)
        ar = (y - m)[bars]
        compare(found, i, ar, np.where(np.isnan(ar), np.nan, np.sqrt(scale)))
        assert found.fits["n_estimation"].iloc[i] == len(known)
        assert (found.fits["alpha"].iloc[i], found.fits["beta"].iloc[i]) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("model", "options"),
    [("scholes_williams", {}), ("dimson", {}), ("dimson", {"lags": 3}), ("factor_model", {})],
)
def test_the_fits_of_events_are_rows_of_the_placebo(model: str, options: dict[str, Any]) -> None:
    case = panel(29, holes=0.01)
    more = {"factors": ["MKT", "SEC"]} if model == "factor_model" else options
    found = case.study(model=model, **more)
    table = prepare_placebo(found.arrays, found.spec, found.estimates.fitted)
    for i in np.flatnonzero(found.estimates.fitted):
        at = (table.series[i], case.positions[i])
        np.testing.assert_allclose(table.car[at], found.estimates.car[i], rtol=RTOL, atol=1e-14)
        np.testing.assert_allclose(
            np.sqrt(table.variance[at]), found.estimates.car_error[i], rtol=RTOL
        )


def test_a_bar_after_the_last_counts_as_missing() -> None:
    # Returns end with the event window: dimson has no next benchmark return on its last bar.
    case = panel(30, T=126, positions=(120,))
    found = case.study(model="dimson")
    assert found.ar.iloc[0].isna().tolist() == [False] * 10 + [True]
    assert found.exclusions[["window", "reason"]].to_numpy().tolist() == [
        ["[-5,5]", "the benchmark's returns end on 2023-06-26"]
    ]
    assert case.study(model="scholes_williams").ar.iloc[0].notna().all()


def test_reasons_name_the_missing_neighbour() -> None:
    case = panel(31, positions=(120,))
    returns = case.returns.copy()
    returns.iloc[119, 0] = np.nan
    [reason, *_] = PanelCase(returns, case.events).study(model="dimson").exclusions["reason"]
    assert reason == f"the benchmark's return is missing on {returns.index[119].date()}"
    returns.iloc[40:115:2, 0] = np.nan
    few = PanelCase(returns, case.events).study(model="scholes_williams").exclusions
    assert few["reason"].item() == (
        "estimation_window [-80,-6] has 0 usable bars, min_estimation is 30: the others lack a "
        "return, or the benchmark's on a bar beside them"
    )


def test_a_benchmark_that_swings_back_is_named() -> None:
    case = panel(32, positions=(120,))
    returns = case.returns.copy()
    returns["MKT"] = np.where(np.arange(len(returns)) % 2, 0.01, -0.01) + 0.1 * returns["MKT"]
    found = PanelCase(returns, case.events).study(model="scholes_williams")
    assert "1 + 2 rho is not positive" in found.exclusions["reason"].item()


def test_garch_in_a_study() -> None:
    case = panel(33, positions=GARCH["positions"])
    found = case.study(
        model="garch_market_model", estimation_window=GARCH["estimation_window"], volatility="gjr"
    )
    names = [f"variance_{name}" for name in ("omega", "alpha", "gamma", "beta", "nu")]
    assert found.fits.columns.tolist()[-5:] == names
    assert found.fits[names[:4]].notna().all(axis=None)
    assert found.fits["variance_nu"].isna().all()
    placebo = found.tests[found.tests["test"] == "placebo"]
    assert placebo["statistic"].notna().all()
    assert placebo["pvalue"].isna().all()
    assert placebo["note"].str.startswith("no placebo: each pseudo-date would need").all()
    assert not placebo["headline"].any()
    short = panel(33, T=150, positions=(90,)).study(
        model="garch_market_model", estimation_window=(-120, -6)
    )
    assert short.exclusions["reason"].item() == (
        "its returns begin on 2023-01-02; estimation_window [-120,-6] has 85 usable bars, "
        "garch_market_model needs 100"
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"model": "dimsom"}, ["model: 'dimsom'", "Did you mean dimson?"]),
        ({"lags": 2}, ["lags: 2 goes with dimson, not market_model; drop it"]),
        ({"model": "dimson", "lags": 0}, ["lags: 0", "from 1 to 5"]),
        ({"model": "dimson", "lags": 6}, ["lags: 6", "from 1 to 5"]),
        ({"model": "dimson", "lags": 1.5}, ["lags: 1.5", "from 1 to 5"]),
        ({"model": "dimson", "lags": 5, "min_estimation": 16}, ["dimson", "at least 17"]),
        ({"errors": "t"}, ["errors: 't' goes with garch_market_model"]),
        ({"model": "dimson", "volatility": "gjr"}, ["volatility: 'gjr' goes with garch_market"]),
        (
            {"model": "garch_market_model", "volatility": "egrach"},
            ["volatility: 'egrach' is none of garch, gjr, egarch", "Did you mean egarch?"],
        ),
        ({"model": "garch_market_model", "errors": "ged"}, ["errors: 'ged' is none of normal, t"]),
        ({"model": "garch_market_model"}, ["[-80, -6] has 75 bars", "needs 100; lengthen it"]),
        ({"model": "scholes_williams", "benchmark": None}, ["benchmark: scholes_williams needs"]),
    ],
)
def test_wrong_options(options: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        panel().study(**options)
    for word in words:
        assert word in str(caught.value)


def test_arrays_keep_their_columns() -> None:
    case = panel(34, holes=0.02)
    found = case.study(model="dimson", lags=2)
    own, arrays = found.own, prepare(found.own, found.spec)
    np.testing.assert_array_equal(arrays.returns[: len(own.returns)], own.returns)
    np.testing.assert_array_equal(
        arrays.returns[arrays.factors[0]], shifted(own.returns[0], [-2, -1, 0, 1, 2]).T
    )
    assert len(arrays.returns) == len(own.returns) + 5  # one benchmark, however many events
