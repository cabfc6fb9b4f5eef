"""Every number of `event_study` against the naive formulas, on complete and on gappy panels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests import naive
from tests import naive_battery as slow
from tests.study.panels import ESTIMATION, EVENT, WINDOWS, Array, PanelCase, panel

if TYPE_CHECKING:
    from eventlab.study import StudyResult

# Eleven additions of CARs on fits of 75 rows; the kernels themselves are held to 1e-12.
RTOL = 1e-10
MODELS = ("constant_mean", "market_adjusted", "market_model", "factor_model")
LABELS = [f"[{a},{b}]" for a, b in WINDOWS]


def numbers(case: PanelCase, model: str) -> list[naive.EventNumbers]:
    """Naive numbers of every event."""
    names = {"market_model": ["MKT"], "factor_model": ["MKT", "SEC"]}.get(model, [])
    X = case.returns[names].to_numpy()
    found = []
    for symbol, position in zip(case.events["symbol"], case.positions, strict=True):
        own = case.returns[symbol].to_numpy()
        y = own - case.returns["MKT"].to_numpy() if model == "market_adjusted" else own
        found.append(
            naive.event_numbers(
                y,
                X,
                position,
                ESTIMATION,
                EVENT,
                WINDOWS,
                intercept=model != "market_adjusted",
                min_rows=30,
                own=own,
            )
        )
    return found


def study(case: PanelCase, model: str) -> StudyResult:
    return case.study(model=model, **({"factors": ["MKT", "SEC"]} if model[0] == "f" else {}))


@pytest.mark.parametrize("holes", [0.0, 0.03])
@pytest.mark.parametrize("model", MODELS)
def test_every_table(model: str, holes: float) -> None:
    case = panel(1, holes=holes)
    found, wanted = study(case, model), numbers(case, model)
    ar = np.stack([one.ar for one in wanted])
    np.testing.assert_allclose(found.ar, ar, rtol=RTOL, atol=1e-14)
    np.testing.assert_allclose(
        found.sar, np.stack([one.sar for one in wanted]), rtol=RTOL, atol=1e-12
    )
    car = np.stack([one.car for one in wanted])
    np.testing.assert_allclose(found.car, car, rtol=RTOL, atol=1e-14)
    bhar = np.stack([one.bhar for one in wanted])
    np.testing.assert_allclose(found.bhar, bhar, rtol=RTOL, atol=1e-14)
    sigma = np.array([one.fit.sigma if one.fit else np.nan for one in wanted])
    np.testing.assert_allclose(found.fits["sigma"], sigma, rtol=RTOL)
    assert found.fits["n_estimation"].tolist() == [one.n_rows for one in wanted]
    known = np.isfinite(ar)
    aar = np.where(known, ar, 0.0).sum(axis=0) / known.sum(axis=0)
    np.testing.assert_allclose(found.aggregate["aar"], aar, rtol=RTOL, atol=1e-14)
    assert found.aggregate["n_events"].tolist() == known.sum(axis=0).tolist()
    path = np.cumsum(ar, axis=1)
    np.testing.assert_allclose(
        found.aggregate["caar"], np.nanmean(path, axis=0), rtol=RTOL, atol=1e-14
    )


@pytest.mark.parametrize("model", MODELS)
def test_coefficients(model: str) -> None:
    case = panel(2)
    columns = ["alpha", "beta", *(["beta_SEC"] if model == "factor_model" else [])]
    for row, one in zip(
        study(case, model).fits[columns].to_numpy(), numbers(case, model), strict=True
    ):
        assert one.fit is not None
        wanted = {
            "market_adjusted": np.array([0.0, 1.0]),
            "constant_mean": np.array([one.fit.coefficients[:1].sum(), np.nan]),
        }.get(model, one.fit.coefficients)
        np.testing.assert_allclose(row, wanted, rtol=RTOL, atol=1e-14)


def more_statistics(inside: list[tuple[naive.EventNumbers, int]], w: int) -> dict[str, float]:
    """Ranks, signs, portfolio and bootstrap over the events that have window w's CAR."""
    first, last = WINDOWS[w]
    bars = [t - EVENT[0] for t in range(first, last + 1)]
    fits = [one.fit for one, _ in inside if one.fit is not None]
    position = [p for _, p in inside]
    past = [slow.past_bars(fit.resid, p, ESTIMATION) for fit, p in zip(fits, position, strict=True)]
    sigma = [fit.sigma for fit in fits]
    ar, sar = [one.ar for one, _ in inside], [one.sar for one, _ in inside]
    car = [float(one.car[w]) for one, _ in inside]
    scar = [
        c / (s * math.sqrt(one.car_variance[w]))
        for c, s, (one, _) in zip(car, sigma, inside, strict=True)
    ]
    grank_t, grank_z = slow.grank(past, sigma, scar)
    return {
        "corrado_rank": slow.corrado_rank(past, ar, bars),
        "corrado_zivney": slow.corrado_zivney(past, sigma, sar, bars),
        "grank_t": grank_t,
        "grank_z": grank_z,
        "sign": slow.sign(car),
        "generalized_sign": slow.generalized_sign(car, past),
        "skewness_t": slow.skewness_t(car),
        "wilcoxon": slow.wilcoxon(car)[1],
        "crude_dependence": slow.crude_dependence(car, past, last - first + 1),
        "calendar_time": slow.calendar_time(ar, position, (first, last), EVENT[0]),
        "wild_bootstrap": slow.cluster_t(scar, position),
        "wild_bootstrap_percentile": sum(scar) / len(scar),
    }


def statistics(
    wanted: list[naive.EventNumbers], positions: list[int], w: int
) -> tuple[dict[str, float], int]:
    """Naive statistics of window w over the events that have its CAR."""
    first, last = WINDOWS[w]
    inside = [(one, p) for one, p in zip(wanted, positions, strict=True) if np.isfinite(one.car[w])]
    fits = [one.fit for one, _ in inside if one.fit is not None]
    car = np.array([one.car[w] for one, _ in inside])
    sigma = np.array([fit.sigma for fit in fits])
    variance = sigma**2 * np.array([one.car_variance[w] for one, _ in inside])
    dof = np.array([fit.M - fit.k for fit in fits], dtype=float)
    sar: Array = np.stack([one.sar[first - EVENT[0] : last - EVENT[0] + 1] for one, _ in inside])
    scar = car / np.sqrt(variance)
    r, overlapping = naive.overlap_r(
        [fit.resid for fit in fits], [p for _, p in inside], last - first + 1
    )
    short = naive.naive_scar(sar)
    return more_statistics(inside, w) | {
        "cross_sectional_t": naive.cross_sectional_t(car),
        "clm_j1": naive.clm_j1(car, variance),
        "clm_j2": naive.clm_j2(scar, dof),
        "patell_z": naive.patell_z(scar, dof),
        "patell_z_naive": naive.patell_z(short, dof),
        "bmp": naive.bmp(scar),
        "bmp_naive": naive.bmp(short),
        "kolari_pynnonen_bmp": naive.kolari_pynnonen_bmp(scar, r),
        "kolari_pynnonen_patell": naive.kolari_pynnonen_patell(scar, dof, r),
        "placebo": naive.studentised(car.tolist(), variance.tolist()),
    }, overlapping


@pytest.mark.parametrize("holes", [0.0, 0.02])
@pytest.mark.parametrize("model", MODELS)
def test_every_statistic(model: str, holes: float) -> None:
    case = panel(3, holes=holes)
    tests = study(case, model).tests
    wanted = numbers(case, model)
    for w, label in enumerate(LABELS):
        expected, overlapping = statistics(wanted, case.positions, w)
        assert overlapping > 0
        own = tests[tests["window"] == label]
        got = dict(zip(own["test"], own["statistic"], strict=True))
        assert got == pytest.approx(expected, rel=RTOL)


def test_placebo_of_one_date_is_the_enumeration() -> None:
    case = panel(4, positions=(180, 180, 180))
    self_contained(case, [0, 1, 2], 180)


def self_contained(case: PanelCase, assets: list[int], position: int) -> None:
    """Compare with tables refitted row by row."""
    found = case.study().placebo
    X = case.returns[["MKT"]].to_numpy()
    tables = [
        naive.placebo_table(case.returns[f"A{a}"].to_numpy(), X, ESTIMATION, WINDOWS, min_rows=30)
        for a in assets
    ]
    pools = [naive.admissible_rows(car, [position], EVENT, position) for car, _ in tables]
    rows = sorted(set.intersection(*map(set, pools)))
    wanted = [
        [
            naive.studentised([car[t, w] for car, _ in tables], [var[t, w] for _, var in tables])
            for w in range(len(WINDOWS))
        ]
        for t in rows
    ]
    assert found.exact
    np.testing.assert_allclose(found.draws, wanted, rtol=RTOL, atol=1e-12)
    for w in range(len(WINDOWS)):
        draws = [one[w] for one in wanted]
        p = naive.placebo_pvalue(float(found.statistic[w]), draws)
        assert found.pvalue[w] == pytest.approx(p, rel=1e-15)


def test_placebo_of_several_dates_is_drawn_jointly() -> None:
    case = panel(5, T=400, assets=3, positions=(300, 300, 300, 350, 250))
    found = case.study(seed=11, draws=50).placebo
    X = case.returns[["MKT"]].to_numpy()
    tables = [
        naive.placebo_table(case.returns[f"A{a}"].to_numpy(), X, ESTIMATION, WINDOWS, min_rows=30)
        for a in range(3)
    ]
    own = [[300, 350], [300, 250], [300]]  # events of A0, A1, A2
    rows = [
        set(naive.admissible_rows(car, own[a], EVENT, 350)) for a, (car, _) in enumerate(tables)
    ]
    series = [[1], [0, 1, 2], [0]]  # by date: 250, 300, 350
    pools = [sorted(set.intersection(*(rows[s] for s in one))) for one in series]
    car, variance = (np.stack([table[i] for table in tables]) for i in (0, 1))
    wanted = naive.joint_draws(car, variance, series, pools, 11, 50)
    assert not found.exact
    np.testing.assert_allclose(found.draws, wanted, rtol=RTOL, atol=1e-12)


@pytest.mark.parametrize("dates", [(300, 300, 300), (300, 300, 300, 350, 250)])
def test_placebo_leaves_out_of_a_window_whoever_has_no_car_there(dates: tuple[int, ...]) -> None:
    case = panel(5, T=400, assets=3, positions=dates)
    case.returns.loc[case.returns.index[303], "A2"] = np.nan  # no CAR in [-5,5] and [2,4]
    found = case.study(seed=11, draws=50)
    assert found.car.iloc[2].isna().tolist() == [False, False, True, True]
    X = case.returns[["MKT"]].to_numpy()
    tables = [
        naive.placebo_table(case.returns[f"A{a}"].to_numpy(), X, ESTIMATION, WINDOWS, min_rows=30)
        for a in range(3)
    ]
    own = [[p for i, p in enumerate(dates) if i % 3 == a] for a in range(3)]
    rows = [
        set(naive.admissible_rows(car, own[a], EVENT, max(dates)))
        for a, (car, _) in enumerate(tables)
    ]
    by_date = [[a for a in range(3) if date in own[a]] for date in sorted(set(dates))]
    pools = [sorted(set.intersection(*(rows[a] for a in one))) for one in by_date]
    car, variance = (np.stack([table[i] for table in tables]) for i in (0, 1))
    for w, missing in enumerate(found.car.iloc[2].isna()):
        series = [[a for a in one if not (missing and a == 2)] for one in by_date]
        if len(by_date) == 1:
            wanted = [
                naive.studentised(car[series[0], t, w].tolist(), variance[series[0], t, w].tolist())
                for t in pools[0]
            ]
        else:
            wanted = naive.joint_draws(car, variance, series, pools, 11, 50)[:, w].tolist()
        np.testing.assert_allclose(found.placebo.draws[:, w], wanted, rtol=RTOL, atol=1e-12)


def test_placebo_of_a_factor_model_refits_all_factors() -> None:
    case = panel(6, T=180, positions=(150,))
    found = case.study(model="factor_model", factors=["MKT", "SEC"]).placebo
    X = case.returns[["MKT", "SEC"]].to_numpy()
    car, variance = naive.placebo_table(
        case.returns["A0"].to_numpy(), X, ESTIMATION, WINDOWS, min_rows=30
    )
    rows = naive.admissible_rows(car, [150], EVENT, 150)
    np.testing.assert_allclose(
        found.draws, car[rows] / np.sqrt(variance[rows]), rtol=1e-9, atol=1e-12
    )
    assert found.n_draws == len(rows)


def test_placebo_keeps_away_from_an_event_without_a_fit() -> None:
    # A0 has an event on row 60 with too few rows before it: it has no fit, but it happened.
    case = panel(7, positions=(180, 60))
    case.events.loc[1, "symbol"] = "A0"
    both = case.study(estimation_window=(-80, -6), min_estimation=60, car_windows=[(0, 0)])
    alone = PanelCase(case.returns, case.events.iloc[:1]).study(
        estimation_window=(-80, -6), min_estimation=60, car_windows=[(0, 0)]
    )
    assert both.fits["sigma"].isna().tolist() == [False, True]
    assert both.placebo.n_draws == alone.placebo.n_draws - 6  # rows 65 to 70
