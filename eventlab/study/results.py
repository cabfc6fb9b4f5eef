"""What a study of one event returns: plain tables, no layout."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from eventlab.study.drawing import draw
from eventlab.study.specifications.columns import no_specifications, no_summary

if TYPE_CHECKING:
    import pandas as pd

    from eventlab.definitions.event import EventDefinition
    from eventlab.market.types import DataStamp

__all__ = ["EventStudy"]


@dataclass(frozen=True, slots=True)
class EventStudy:
    """The study of one event file. Every table is tidy, one fact per row.

    Windows are written ``[0,1]``; returns are simple and in decimals; instants are zoned (UTC).

    Attributes
    ----------
    event
        The definition that was studied.
    stamp, seed
        Where the prices come from, and the seed of the placebo draws.
    occurrences
        occurrence, title, announced_at (UTC timestamp; NaT unless the minute is known), date
        (local), precision, event_session (datetime64; NaT without one), tags (tuple), note. One row
        per occurrence of the file, also of those left out.
    fits
        occurrence, symbol, event_session (the asset's own day 0), model, benchmark, alpha, beta,
        sigma, n_estimation; with factor_model beta_NAME for each regressor, with dimson beta_-1,
        beta_0, beta_+1 (and so on), whose sum beta is, with garch_market_model variance_omega,
        variance_alpha, variance_gamma, variance_beta and variance_nu; in bars inside sessions
        day0_sigma and n_day0, of the estimation rows of the slot of day 0, or of those that span a
        closure if it does (``sigma`` and n_estimation are of all that do not). There event_session
        is the UTC instant of the bar's close.
    abnormal_returns
        occurrence, symbol, tau, session, actual, ar, sar. Where ``study.measure`` is volume or
        volatility ``actual`` is its log, and every CAR is a sum of log ratios to the usual.
    cars
        occurrence, symbol, window, car, bhar, stderr, statistic, dof, pvalue, placebo_pvalue,
        placebo_rank (how many placebo dates were at least as extreme; -1 without), n_placebo.
    paths
        group, tag, tau, aar, caar, n_events, low, high: cumulative averages from the first bar of
        the event window with the 95% placebo band around zero (NaN without a placebo).
    aggregates
        group, tag, window, caar, n_events. ``group`` is a symbol, ``@group`` or ``all``; ``tag``
        is ``all`` or one of ``study.by_tag``.
    tests
        group, tag, window, test, statistic, dof, distribution, pvalue, n_events, headline
        (bool), note.
    aar_tests
        group, tag, tau, aar, n_events, test, statistic, dof, distribution, pvalue, headline, note:
        the same tests of the mean AR of each bar of the event window, placebo apart.
    bhar_tests
        group, tag, window, bhar, n_events, test, statistic, dof, distribution, pvalue, headline,
        note: tests of the mean buy-and-hold abnormal return; empty unless returns are studied.
    event_days
        symbol, basis, tag, n, mean, mean_statistic, mean_pvalue (t of the mean alone), n_other,
        mean_other, difference, statistic, pvalue: raw returns on event sessions against all other
        sessions, HC1 t of the difference; empty where no returns are measured.
    states
        occurrence, state, value (nullable boolean; missing where not known), reading, threshold,
        as_of (UTC timestamp since which the reading was known), note (why it is not known).
    splits
        state, group, window, caar_in, n_in, dates_in, caar_out, n_out, dates_out, n_unknown,
        difference, stderr (clustered by date), statistic, dof, pvalue, permutation_pvalue, note.
    cross_section
        group, window, feature (``constant`` first), coefficient (decimal return per unit), stderr
        (clustered by date), statistic, dof, pvalue, bootstrap_pvalue, n_events, n_dates, note.
    features
        occurrence, symbol, feature, value, as_of, note.
    exclusions
        occurrence, symbol, window ("" when the whole fit is left out), reason. "all" stands for
        every occurrence or every symbol.
    overlaps
        occurrence, other_event, other_occurrence, title, tau, window (event or estimation).
    sampling
        occurrence, symbol, basis, minutes_apart (median over the event window),
        max_minutes_apart, day0_shift (bars from the clock's event session to the asset's day 0),
        measured (what ``actual`` is: return, or which log volume or volatility of which bars).
    quality
        symbol, first, last, count, check, severity, detail.
    truth
        occurrence, symbol, window, true_car, car, stderr, inside (bool: within the interval of
        ``study.level``), true_beta, beta; empty for real prices.
    specifications
        group, model, benchmark, estimation_window, window, clock, sampling, overlaps, days,
        estimate, low, high, n_events, test, statistic, pvalue, score, placebo_pvalue, significant,
        joint, rank, null_low, null_high, same_as, note. One row per specification, as in
        `SpecificationCurve.specs`.
    specification_summary
        group, n_asked, n, n_same, n_without, median, q25, q75, least, most, share_positive,
        share_significant, share_dominant, mean_score, n_joint, median_pvalue, share_pvalue,
        score_pvalue, joint_median, joint_share, joint_score, n_draws, exact, n_dates,
        smallest_pool, seed, short, note. One row per curve.
        Empty where no curve was asked for.
    convention
        Whose numbers ``tests`` and ``aar_tests`` hold: ``paper``, ours, or a program's.
    """

    event: EventDefinition
    stamp: DataStamp
    seed: int
    occurrences: pd.DataFrame
    fits: pd.DataFrame
    abnormal_returns: pd.DataFrame
    cars: pd.DataFrame
    paths: pd.DataFrame
    aggregates: pd.DataFrame
    tests: pd.DataFrame
    aar_tests: pd.DataFrame
    bhar_tests: pd.DataFrame
    event_days: pd.DataFrame
    states: pd.DataFrame
    splits: pd.DataFrame
    cross_section: pd.DataFrame
    features: pd.DataFrame
    exclusions: pd.DataFrame
    overlaps: pd.DataFrame
    sampling: pd.DataFrame
    quality: pd.DataFrame
    truth: pd.DataFrame
    convention: str = "paper"
    specifications: pd.DataFrame = field(default_factory=no_specifications)
    specification_summary: pd.DataFrame = field(default_factory=no_summary)

    def plot(
        self,
        picture: str = "paths",
        *,
        group: str | None = None,
        window: str | None = None,
        tag: str | None = None,
    ) -> object:
        """Draw one picture of the event's page, as an altair chart.

        Parameters
        ----------
        picture
            ``paths`` (CAAR by bar with the placebo band), ``heat`` (assets by windows), ``events``
            (CAR of each occurrence over time), ``overlaps`` (other events in the windows) or
            ``curve`` (every specification, with its choices).
        group
            For paths, events and curve: a symbol, ``@group``, ``@issuer`` or ``all``; by default
            the one that the page speaks of.
        window
            For events: a CAR window, ``[0,1]``; by default the one that the page speaks of.
        tag
            For paths: occurrences with this tag only.

        Raises
        ------
        UsageError
            No such picture, group, window or tag, nothing to draw in it, or the ``report`` extra
            is not installed.
        """
        return draw(self, picture, group=group, window=window, tag=tag)

    def __repr__(self) -> str:
        """Name what was studied on which prices; a notebook would print two dozen tables."""
        used = int(self.occurrences["event_session"].notna().sum())
        symbols = self.fits["symbol"].nunique()
        return (
            f"EventStudy: {self.event.event}, {used} of {len(self.occurrences)} occurrences, "
            f"{symbols} symbols, prices {self.stamp.source}; tables in .cars, .tests, .paths, ..."
        )
