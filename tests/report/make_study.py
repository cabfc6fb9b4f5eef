"""Hand-made studies: every table of an EventStudy, small and with known values."""

from __future__ import annotations

import numpy as np
import pandas as pd

from eventlab.definitions.event import EventDefinition
from eventlab.market.types import DataStamp
from eventlab.study.results import EventStudy
from tests.report.make_conditions import (
    make_cross_section,
    make_features,
    make_splits,
    make_states,
)

WINDOWS = ((0, 0), (0, 1), (-1, 1), (0, 5))
TAUS = tuple(range(-5, 11))
HEADLINE = ("patell_z", "bmp", "kolari_pynnonen_bmp", "grank_t", "placebo")
DEMOTED = ("cross_sectional_t", "clm_j1", "patell_z_naive")


def make_event(
    symbols: tuple[str, ...] = ("ORCL", "NVDA", "BTC"),
    n_occurrences: int = 1,
    *,
    title: str = "Oracle quarterly earnings",
    by_tag: tuple[str, ...] = (),
) -> EventDefinition:
    """One earnings event with an occurrence per quarter up to December 2025."""
    days = [
        np.datetime64("2025-12-10") - np.timedelta64(91 * k, "D") for k in range(n_occurrences)
    ][::-1]
    return EventDefinition.model_validate(
        {
            "event": "oracle-earnings",
            "title": title,
            "kind": "earnings",
            "issuer": symbols[0],
            "occurrences": tuple(
                {
                    "id": f"q{k}",
                    "announced_at": f"{day} 16:05",
                    "zone": "America/New_York",
                    "title": f"Quarter {k}",
                    "tags": ("beat",) if k % 2 else ("miss",),
                }
                for k, day in enumerate(days)
            ),
            "study": {
                "assets": symbols,
                "benchmark": "SPY",
                "by_tag": by_tag,
                "car_windows": WINDOWS,
            },
        }
    )


def make_study(
    symbols: tuple[str, ...] = ("ORCL", "NVDA", "BTC"),
    n_occurrences: int = 1,
    *,
    title: str = "Oracle quarterly earnings",
    simulated: bool = False,
    by_tag: tuple[str, ...] = (),
) -> EventStudy:
    """A study of ``make_event`` whose CARs are those of a seeded draw around -11% on day 0."""
    event = make_event(symbols, n_occurrences, title=title, by_tag=by_tag)
    rng = np.random.default_rng(7)
    ar = rng.normal(0, 0.02, (n_occurrences, len(symbols), len(TAUS)))
    ar[:, 0, TAUS.index(0)] -= 0.109
    cars = _cars(event, ar)
    tags = ("all", *by_tag)
    return EventStudy(
        event=event,
        stamp=DataStamp("sample" if simulated else "prices/", "ab" * 32, simulated),
        seed=3,
        occurrences=_occurrences(event),
        fits=_fits(event, symbols),
        abnormal_returns=_abnormal_returns(event, ar),
        cars=cars,
        paths=_paths(event, ar, tags),
        aggregates=_aggregates(event, cars, tags),
        tests=_tests(event, cars, tags),
        aar_tests=_aar_tests(event, tags),
        bhar_tests=_bhar_tests(cars, tags),
        event_days=_event_days(symbols, n_occurrences, tags),
        states=make_states(event),
        splits=make_splits(symbols),
        cross_section=make_cross_section(symbols),
        features=make_features(event, symbols),
        exclusions=_exclusions(),
        overlaps=_overlaps(event),
        sampling=_sampling(event, symbols),
        quality=_quality(),
        truth=_truth(cars) if simulated else _truth(cars).head(0),
    )


def _sessions(event: EventDefinition) -> list[pd.Timestamp]:
    return [
        pd.Timestamp(occurrence.announced_at[:10]) + pd.Timedelta(days=1)
        for occurrence in event.occurrences
    ]


def _occurrences(event: EventDefinition) -> pd.DataFrame:
    announced = [
        pd.Timestamp(occurrence.announced_at, tz="America/New_York").tz_convert("UTC")
        for occurrence in event.occurrences
    ]
    return pd.DataFrame(
        {
            "occurrence": [each.id for each in event.occurrences],
            "title": [each.title for each in event.occurrences],
            "announced_at": announced,
            "precision": "minute",
            "event_session": _sessions(event),
            "tags": [each.tags for each in event.occurrences],
            "note": "",
        }
    )


def _fits(event: EventDefinition, symbols: tuple[str, ...]) -> pd.DataFrame:
    rows = [
        (each.id, symbol, session, "market_model", "SPY", 1e-4, 1.2, 0.02, 240)
        for each, session in zip(event.occurrences, _sessions(event), strict=True)
        for symbol in symbols
    ]
    names = "occurrence symbol event_session model benchmark alpha beta sigma n_estimation"
    return pd.DataFrame(rows, columns=names.split())


def _abnormal_returns(event: EventDefinition, ar: np.ndarray) -> pd.DataFrame:
    assert event.study is not None
    rows = [
        (
            each.id,
            symbol,
            tau,
            session + pd.Timedelta(days=tau),
            ar[i, j, k] + 0.001,
            ar[i, j, k],
            ar[i, j, k] / 0.02,
        )
        for i, (each, session) in enumerate(zip(event.occurrences, _sessions(event), strict=True))
        for j, symbol in enumerate(event.study.assets)
        for k, tau in enumerate(TAUS)
    ]
    return pd.DataFrame(
        rows, columns=["occurrence", "symbol", "tau", "session", "actual", "ar", "sar"]
    )


def _cars(event: EventDefinition, ar: np.ndarray) -> pd.DataFrame:
    assert event.study is not None
    rows = []
    for i, each in enumerate(event.occurrences):
        for j, symbol in enumerate(event.study.assets):
            for first, last in WINDOWS:
                car = ar[i, j, first + 5 : last + 6].sum()
                stderr = 0.02 * np.sqrt(last - first + 1)
                rank = int(2000 * np.exp(-abs(car / stderr)))
                rows.append(
                    (
                        each.id,
                        symbol,
                        f"[{first},{last}]",
                        car,
                        car,
                        stderr,
                        car / stderr,
                        238.0,
                        float(2 * np.exp(-abs(car / stderr)) / 2),
                        (1 + rank) / 2001,
                        rank,
                        2000,
                    )
                )
    names = (
        "occurrence symbol window car bhar stderr statistic dof pvalue placebo_pvalue "
        "placebo_rank n_placebo"
    )
    return pd.DataFrame(rows, columns=names.split())


def _paths(event: EventDefinition, ar: np.ndarray, tags: tuple[str, ...]) -> pd.DataFrame:
    assert event.study is not None
    rows = []
    for tag in tags:
        for j, symbol in enumerate(event.study.assets):
            aar = ar[:, j].mean(axis=0)
            for k, tau in enumerate(TAUS):
                band = 0.04 * np.sqrt((k + 1) / len(ar))
                caar = aar[: k + 1].sum()
                rows.append((symbol, tag, tau, aar[k], caar, len(ar), -band, band))
    return pd.DataFrame(
        rows, columns=["group", "tag", "tau", "aar", "caar", "n_events", "low", "high"]
    )


def _aggregates(event: EventDefinition, cars: pd.DataFrame, tags: tuple[str, ...]) -> pd.DataFrame:
    grouped = cars.groupby(["symbol", "window"], sort=False)["car"]
    table = grouped.agg(caar="mean", n_events="count").reset_index()
    table = table.rename(columns={"symbol": "group"})
    return pd.concat([table.assign(tag=tag) for tag in tags], ignore_index=True)[
        ["group", "tag", "window", "caar", "n_events"]
    ]


def _tests(event: EventDefinition, cars: pd.DataFrame, tags: tuple[str, ...]) -> pd.DataFrame:
    rows = []
    for tag in tags:
        for (symbol, window), part in cars.groupby(["symbol", "window"], sort=False):
            n = len(part)
            for test in (*HEADLINE, *DEMOTED):
                alone = n < 2 and test != "placebo"
                statistic = np.nan if alone else part["statistic"].mean() * np.sqrt(n)
                pvalue = np.nan if alone else part["placebo_pvalue"].mean() ** np.sqrt(n)
                note = f"needs two events, has {n}" if alone else ""
                if test in DEMOTED and not alone:
                    note = "events share dates"
                rows.append(
                    (
                        symbol,
                        tag,
                        window,
                        test,
                        statistic,
                        np.nan if test == "placebo" else n - 1.0,
                        "empirical" if test == "placebo" else "t",
                        pvalue,
                        n,
                        test in HEADLINE and not alone,
                        note,
                    )
                )
    names = "group tag window test statistic dof distribution pvalue n_events headline note"
    return pd.DataFrame(rows, columns=names.split())


def _aar_tests(event: EventDefinition, tags: tuple[str, ...]) -> pd.DataFrame:
    assert event.study is not None
    n = len(event.occurrences)
    rows = [
        (symbol, tag, tau, 0.001 * tau, n, "bmp", 0.5 * tau, n - 1.0, "t", 0.6, n > 1, "")
        for tag in tags
        for symbol in event.study.assets
        for tau in TAUS
    ]
    names = "group tag tau aar n_events test statistic dof distribution pvalue headline note"
    return pd.DataFrame(rows, columns=names.split())


def _bhar_tests(cars: pd.DataFrame, tags: tuple[str, ...]) -> pd.DataFrame:
    """The headline test of each window, and one that is not relied on."""
    rows = []
    for tag in tags:
        for (symbol, window), part in cars.groupby(["symbol", "window"], sort=False):
            n, mean = len(part), part["bhar"].mean()
            place = (symbol, tag, window, mean, n)
            rows.append((*place, "cross_sectional_t", 2.0, n - 1.0, "t", 0.07, n > 1, ""))
            rows.append((*place, "sign", 1.0, np.nan, "normal", 0.3, False, "tests the median"))
    names = "group tag window bhar n_events test statistic dof distribution pvalue headline note"
    return pd.DataFrame(rows, columns=names.split())


def _event_days(
    symbols: tuple[str, ...], n_occurrences: int, tags: tuple[str, ...]
) -> pd.DataFrame:
    rows = [
        (
            symbol,
            "own close",
            tag,
            n_occurrences,
            0.0028,
            2.4,
            0.017,
            4000,
            0.00013,
            0.00267,
            2.78,
            0.0055,
        )
        for tag in tags
        for symbol in symbols
    ]
    names = (
        "symbol basis tag n mean mean_statistic mean_pvalue n_other mean_other difference "
        "statistic pvalue"
    )
    return pd.DataFrame(rows, columns=names.split())


def _exclusions() -> pd.DataFrame:
    rows = [
        ("q0", "TAO", "", "48 estimation rows, 60 are needed"),
        ("q0", "FET", "", "no prices"),
        ("q0", "RENDER", "[0,5]", "an abnormal return is missing"),
    ]
    names = "occurrence symbol window reason"
    return pd.DataFrame(rows, columns=names.split())


def _overlaps(event: EventDefinition) -> pd.DataFrame:
    own = event.occurrences[-1].id
    rows = [
        (own, "fomc", "2025-12-10", "FOMC statement: cut", -1, "event"),
        (own, "us-payrolls", "2025-09-05", "Payrolls", -69, "estimation"),
    ]
    names = "occurrence other_event other_occurrence title tau window"
    return pd.DataFrame(rows, columns=names.split())


def _sampling(event: EventDefinition, symbols: tuple[str, ...]) -> pd.DataFrame:
    rows = [
        (
            each.id,
            symbol,
            "nearest close" if symbol == "BTC" else "own close",
            180.0 if symbol == "BTC" else 0.0,
            180.0 if symbol == "BTC" else 0.0,
            -1 if symbol == "BTC" else 0,
            "return",
        )
        for each in event.occurrences
        for symbol in symbols
    ]
    names = "occurrence symbol basis minutes_apart max_minutes_apart day0_shift measured"
    return pd.DataFrame(rows, columns=names.split())


def _quality() -> pd.DataFrame:
    rows = [("AIOZ", "2025-11-12", "2025-11-12", 1, "ends_early", "warning", "ends 2025-11-12")]
    return pd.DataFrame(
        rows, columns=["symbol", "first", "last", "count", "check", "severity", "detail"]
    )


def _truth(cars: pd.DataFrame) -> pd.DataFrame:
    table = cars[["occurrence", "symbol", "window", "car", "stderr"]].copy()
    table.insert(3, "true_car", np.where(table["symbol"] == "ORCL", -0.109, 0.0))
    table["inside"] = (table["car"] - table["true_car"]).abs() <= 1.96 * table["stderr"]
    table["true_beta"], table["beta"] = 1.2, 1.25
    return table
