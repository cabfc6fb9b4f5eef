"""What a study on DataFrames returns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import special

from eventlab.study.conventions.battery import choose_battery
from eventlab.study.drawing import draw
from eventlab.study.exclusions import explain
from eventlab.study.inference.battery import Battery, placebo_test
from eventlab.study.inference.bhar_tests import BuyAndHold
from eventlab.study.inference.outcome_frames import (
    AAR_COLUMNS,
    BHAR_COLUMNS,
    OUTCOME_COLUMNS,
    tests_frame,
)
from eventlab.study.measures import are_returns, without_buy_and_hold
from eventlab.study.models.fits import buy_and_hold, model_alpha, model_beta, parameter_columns
from eventlab.study.paths import caar_path
from eventlab.study.placebo.pseudo_dates import prepare_placebo
from eventlab.timeline.windows import window_label

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.study.models.fits import Fits
    from eventlab.study.models.specs import EventArrays, StudySpec
    from eventlab.study.placebo.outcome import PlaceboOutcome

__all__ = ["StudyResult"]

TEST_COLUMNS = ["test", "window", *OUTCOME_COLUMNS[1:]]


@dataclass(frozen=True)
class StudyResult:
    """What `event_study` found. Tables are computed when first looked at, and kept.

    Events keep the order they were given in, also those that were excluded (NaN; the reason is in
    ``exclusions``). Frames with a row per event are indexed by ``event_id``; where an id stands
    for several symbols its rows are told apart by ``fits["symbol"]``, in the same order.
    """

    spec: StudySpec
    events: pd.DataFrame
    regressors: tuple[str, ...]
    test_names: tuple[str, ...]
    sessions: pd.Index
    own: EventArrays
    arrays: EventArrays
    estimates: Fits
    measure: str = "returns"
    convention: str = "paper"

    @cached_property
    def fits(self) -> pd.DataFrame:
        """Symbol, event_session, alpha, beta, sigma (per bar), n_estimation; a row per event.

        ``beta`` is that of the first regressor; a factor model has ``beta_NAME`` for each. A
        market-adjusted return imposes alpha 0 and beta 1. dimson has ``beta_-1``, ``beta_0``,
        ``beta_+1`` and so on for the benchmark's earlier and later bars, and ``beta`` is their sum.
        garch_market_model has the parameters of its variance, ``variance_omega`` and so on.
        """
        found = self.estimates
        table = {
            "symbol": self.events["symbol"].to_numpy(),
            "event_session": self.events["session"].to_numpy(),
            "alpha": model_alpha(found),
            "beta": model_beta(found, self.spec),
            "sigma": found.sigma,
            "n_estimation": found.n_rows,
            **parameter_columns(found, self.spec, self.regressors),
        }
        return pd.DataFrame(table, index=self.event_index)

    @cached_property
    def event_index(self) -> pd.Index:
        """The event ids, in the order given."""
        index: pd.Index = pd.Index(self.events["event_id"], name="event_id")
        return index

    @cached_property
    def ar(self) -> pd.DataFrame:
        """Abnormal returns in decimals, event by tau; NaN where the return is missing."""
        return self.by_tau(self.estimates.ar)

    @cached_property
    def sar(self) -> pd.DataFrame:
        """Abnormal returns over their forecast standard errors, event by tau."""
        return self.by_tau(self.estimates.sar)

    @cached_property
    def car(self) -> pd.DataFrame:
        """Cumulative abnormal returns in decimals, event by window (``[0,1]``)."""
        return self.by_window(self.estimates.car)

    @cached_property
    def car_error(self) -> pd.DataFrame:
        """Forecast standard error of each CAR (Campbell, Lo & MacKinlay 1997, eq. 4.4.12)."""
        return self.by_window(self.estimates.car_error)

    @cached_property
    def bhar(self) -> pd.DataFrame:
        """Buy-and-hold abnormal returns in decimals, event by window (Barber & Lyon 1997).

        NaN where volume or volatility was measured: logs do not compound.
        """
        held = buy_and_hold(self.own, self.estimates, self.spec)
        return self.by_window(without_buy_and_hold(held, self.measure))

    @cached_property
    def car_tests(self) -> pd.DataFrame:
        """Each single CAR: statistic (t with ``dof``) and pvalue; a row per event and window."""
        found, windows = self.estimates, self.windows
        statistic = found.car / found.car_error
        dof = np.repeat(np.where(found.fitted, found.dof, np.nan), len(windows))
        return pd.DataFrame(
            {
                "event_id": np.repeat(self.events["event_id"].to_numpy(), len(windows)),
                "symbol": np.repeat(self.events["symbol"].to_numpy(), len(windows)),
                "window": np.tile(np.array(windows, dtype=object), len(self.events)),
                "car": found.car.reshape(-1),
                "stderr": found.car_error.reshape(-1),
                "statistic": statistic.reshape(-1),
                "dof": dof,
                "pvalue": 2.0 * special.stdtr(dof, -np.abs(statistic.reshape(-1))),
            }
        )

    @cached_property
    def aggregate(self) -> pd.DataFrame:
        """By tau: aar, caar (cumulated from the first bar), n_events and n_cumulated.

        ``aar`` is the mean over the ``n_events`` that have an AR at tau; ``caar`` the mean CAR of
        the ``n_cumulated`` events that have all ARs up to tau.
        """
        ar = self.estimates.ar
        known = np.isfinite(ar)
        path = np.cumsum(ar, axis=1)
        complete = np.isfinite(path)
        return pd.DataFrame(
            {
                "aar": masked_mean(ar, known),
                "caar": masked_mean(path, complete),
                "n_events": known.sum(axis=0),
                "n_cumulated": complete.sum(axis=0),
            },
            index=pd.Index(self.spec.taus, name="tau"),
        )

    @cached_property
    def tests(self) -> pd.DataFrame:
        """A row per test and window, of the mean CAR over events.

        Columns test, window, statistic, dof, distribution, pvalue (two-sided), n_events, headline
        and note: why a test is not available or not relied on.
        """
        table = self.battery.table(self.everyone, self.asked)
        if "placebo" in self.test_names and self.convention == "paper":
            known = enumerate(table.n_events)
            placebos = [placebo_test(self.placebo, w, int(n)) for w, n in known]
            table = table.joined("placebo", placebos)
        return tests_frame([table], {}, each={"window": self.windows}, columns=TEST_COLUMNS)

    @cached_property
    def aar_tests(self) -> pd.DataFrame:
        """A row per test and bar of the event window, of the mean AR over events.

        Columns tau, aar, n_events, test, statistic, dof, distribution, pvalue, headline and note.
        There is no placebo of single bars: name them as windows to have one.
        """
        table = self.battery.bars(self.everyone, self.asked)
        return tests_frame([table], {}, each={"tau": self.spec.taus.tolist()}, columns=AAR_COLUMNS)

    @cached_property
    def bhar_tests(self) -> pd.DataFrame:
        """A row per test and window, of the mean BHAR over events; only where returns are studied.

        Columns window, bhar, n_events, test, statistic, dof, distribution, pvalue, headline and
        note.
        """
        if not are_returns(self.measure):
            return tests_frame([], {}, each={}, columns=BHAR_COLUMNS)
        hold = BuyAndHold(
            self.bhar.to_numpy(), self.battery.windows[: len(self.windows)], self.battery.history
        )
        found = hold.table(self.everyone)
        return tests_frame([found], {}, each={"window": self.windows}, columns=BHAR_COLUMNS)

    @cached_property
    def battery(self) -> Battery:
        """The tests of any of the events, given by their rows, as ``convention`` has them."""
        return choose_battery(self.convention, self.own, self.arrays, self.estimates, self.spec)

    @property
    def everyone(self) -> npt.NDArray[np.intp]:
        """Rows of all events."""
        return np.arange(len(self.events))

    @property
    def asked(self) -> tuple[str, ...]:
        """Names of the tests asked for; our own placebo apart, which is drawn elsewhere."""
        apart = {"placebo"} if self.convention == "paper" else set()
        return tuple(name for name in self.test_names if name not in apart)

    @cached_property
    def placebo(self) -> PlaceboOutcome:
        """The placebo distribution of the studentised CAAR, by window."""
        prepared = prepare_placebo(self.arrays, self.spec, self.estimates.fitted)
        everyone = np.arange(len(self.events))
        return prepared.outcome(everyone, self.estimates.car, self.estimates.car_error)

    @cached_property
    def exclusions(self) -> pd.DataFrame:
        """event_id, symbol, window (empty when the whole event is left out) and the reason."""
        rows = explain(self.estimates, self.own, self.spec, self.sessions)
        return pd.DataFrame(
            [
                (self.events["event_id"].iloc[i], self.events["symbol"].iloc[i], window, reason)
                for i, window, reason in rows
            ],
            columns=["event_id", "symbol", "window", "reason"],
        )

    @cached_property
    def path(self) -> pd.DataFrame:
        """CAAR by tau with its placebo band: tau, aar, caar, n_events, low, high.

        ``low`` and ``high`` enclose zero: 1 - ``level`` of the placebo dates stay between them.
        """
        return caar_path(self.arrays, self.spec)

    def plot(self, picture: str = "paths") -> object:
        """Draw the CAAR path with its placebo band, as an altair chart.

        Frames of returns know no titles, calendars or groups: there is only ``paths``.

        Raises
        ------
        UsageError
            Another picture, no path to draw, or the ``report`` extra is not installed.
        """
        return draw(self, picture)

    @property
    def windows(self) -> tuple[str, ...]:
        """Labels of the CAR windows."""
        return tuple(window_label(window) for window in self.spec.windows)

    def __repr__(self) -> str:
        """Give the summary, which a notebook shows for the last line of a cell."""
        return f"StudyResult: {self.summary()}"

    def summary(self) -> str:
        """Readable text: the mean CAR and the headline tests of each window."""
        missing = int((~self.estimates.fitted).sum())
        nothing = "no test has its assumptions met"
        if self.convention != "paper":
            nothing = f"tests as {self.convention} has them, none a headline"
        what = "" if are_returns(self.measure) else f"log {self.measure}, "
        lines = [f"{what}{self.spec.model}, {len(self.events)} events, {missing} without a fit"]
        for window in self.windows:
            tests = self.tests[(self.tests["window"] == window) & self.tests["headline"]]
            known = self.car[window].dropna()
            said = ", ".join(
                f"{row.test} {row.statistic:.2f} (p {row.pvalue:.4f})" for row in tests.itertuples()
            )
            lines.append(
                f"CAAR{window} {self.written(known.mean())} over {len(known)} events: "
                f"{said or nothing}"
            )
        return "\n".join(lines)

    def written(self, value: float) -> str:
        """Write an average: returns in percent, logs as they are."""
        return f"{value:+.4%}" if are_returns(self.measure) else f"{value:+.4f}"

    def by_tau(self, values: npt.NDArray[np.float64]) -> pd.DataFrame:
        """Label (N, L) values with events and taus."""
        columns = pd.Index(self.spec.taus, name="tau")
        return pd.DataFrame(values, index=self.event_index, columns=columns)

    def by_window(self, values: npt.NDArray[np.float64]) -> pd.DataFrame:
        """Label (N, W) values with events and windows."""
        columns = pd.Index(self.windows, name="window")
        return pd.DataFrame(values, index=self.event_index, columns=columns)


def masked_mean(
    values: npt.NDArray[np.float64], known: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """Column means over the known entries; NaN where there are none."""
    count = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    mean: npt.NDArray[np.float64] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return mean
