"""What the contagion of one event returns: plain tables, no layout."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from eventlab.study.drawing import draw

if TYPE_CHECKING:
    from eventlab.definitions.event import EventDefinition
    from eventlab.market.types import DataStamp

__all__ = ["EventContagion"]


def _none() -> pd.DataFrame:
    return pd.DataFrame()


@dataclass(frozen=True, slots=True)
class EventContagion:
    """The contagion of one event file. Every table is tidy, one fact per row.

    ``bar`` is ``session``, or the width of the bars for what was measured inside sessions; ``kind``
    is ``raw`` or ``adjusted`` (returns, or their residuals on the factors); windows are written
    ``[0,10]``; a p-value of NaN comes with its reason in ``note``; correlations are of returns.

    Attributes
    ----------
    event, stamp, seed
        The definition, where the prices come from, the seed of draws and bootstraps.
    occurrences
        bar, occurrence, title, announced_at (UTC), date, event_session (of bars when it closes, UTC
        without a zone), source, tags (tuple), confounders (other news within two sessions before
        the event or inside the crisis window, in words, nearest first), note (also which are
        described in full).
    pairs
        bar, occurrence, source, target, n_calm, n_crisis, rho_calm, rho_crisis, rho_adjusted (the
        correlation of the crisis window at the calm variance of the source), rho_factor_calm,
        rho_factor_crisis (of residuals), variance_ratio_source, variance_ratio_target,
        placebo_source, placebo_target (share of pseudo-dates on which those are as high),
        detectable (smallest rise, or fall where that is a stronger link, that the windows would
        have shown with 80% power; NaN where none would), n_placebo, verdict, rule (which gave it,
        in words), confounded (bool), note.
    tests
        bar, occurrence, source, target, kind, test, statistic, pvalue, placebo_pvalue,
        transmission_pvalue (pseudo-dates given the variances of the event), adjusted_pvalue
        (Benjamini-Hochberg), romano_wolf_pvalue, romano_wolf_transmission (of tests that are held
        against such dates alone; else NaN), note. Adjusted over the targets that the definition
        names, baskets of groups among them, or over the members of its groups.
    averages
        bar, tag (``all``, a tag, or ``state=yes``/``state=no``), source, target, n_events,
        rho_calm, rho_crisis, change, variance_ratio_source, variance_ratio_target, detectable,
        n_placebo, verdict, rule, note. Members of groups are averaged over ``all`` only.
    average_tests
        bar, tag, source, target, kind, test, statistic, placebo_pvalue, transmission_pvalue,
        adjusted_pvalue, romano_wolf_pvalue, romano_wolf_transmission, note.
    spillover
        occurrence, estimator, period (calm, crisis, change), measure (tci, to, from, net,
        pairwise, band_tci, quantile_tci), series, other (or band or quantile), value, low, high,
        pvalue, placebo_pvalue, note. Percent.
    spillover_paths
        occurrence (or ``average``), tau, measure (tci, net), series, value, low, high (95% band of
        placebo dates; NaN without), n_events, note.
    correlation_paths
        occurrence, source, target, model (dcc, cdcc, adcc), tau, session, correlation, beta
        (conditional beta of the target on the source), calm_mean.
    dcc_fits
        occurrence, source, target, model (dcc, cdcc, adcc; gjr for the variance of one series),
        parameter (a, b, g; change and beta_change from the calm to the crisis window; those of the
        variance), value, stderr, placebo_pvalue, n_placebo, loglik, n, note.
    volatility
        occurrence, source, target, measure (range, realised or absolute return of the target's
        volatility, and the source's where it is another), test (innovation_correlation,
        excess_volatility, excess_over_link), calm, crisis, statistic, pvalue, placebo_pvalue,
        n_placebo, note.
    tails
        occurrence, source, target, measure (see `tails.part.tail_tables`), value, low, high,
        statistic, pvalue, placebo_pvalue, n, note.
    lead_lag
        occurrence, source, target, bar, window (calm or crisis), lag_minutes (positive: the source
        leads; a session counts as a day), correlation, stderr (of unrelated series), n.
    lead_lag_peaks
        occurrence, source, target, bar, window, peak_minutes, peak_correlation, pvalue (of no
        correlation at any lag), placebo_pvalue (of the peak's size), llr (lead-lag ratio),
        llr_placebo_pvalue, n_placebo, resolution_minutes, reading (in words), note.
    chain
        occurrence, link, symbol, first_move (UTC close of the first bar that moved more than
        placebo days do by then), since (close of the bar before, or the news: it moved after that),
        minutes_after, move, threshold, placebo_pvalue (of going so far), n_placebo, bar_minutes,
        previous (first name of the link before), order (against each name of that link),
        lead_minutes (of ``previous``), lead_correlation, note. Members of baskets come last. The
        first note begins with what the data say of the whole order.
    mediation
        occurrence, source, middle, last, horizon, n, total, total_pvalue, placebo_total,
        total_placebo_pvalue, direct, share, low, high, placebo_share, placebo_pvalue, n_placebo,
        note.
    marks
        occurrence, symbol, direction, price, first_crossing (UTC opening of the bar),
        minutes_after, bar_minutes, extreme, note.
    network
        occurrence, period (calm, event, after), cause, effect, lags, statistic, pvalue,
        adjusted_pvalue, edge (bool), note.
    network_density
        occurrence, period, window, n_series, n_rows, pairs (tested), edges (after adjusting),
        density (share of pairs with p at most the level, before), placebo_pvalue, n_placebo, note.
    buckets
        occurrence, bucket (top, rest, difference), period (before, after, change), n_series,
        mean_correlation, absorption_ratio, low, high (of the mean correlation), placebo_pvalue (of
        its change), absorption_placebo_pvalue, n_placebo, note.
    betas
        occurrence, symbol, factor, tau, session, beta, low, high, share (of the symbol's variance),
        note; from returns up to each bar.
    beta_changes
        occurrence, symbol, factor, beta_calm, beta_crisis, change (from the end of the calm to the
        end of the crisis window), share_calm, share_crisis, step (standard deviation of the beta's
        step per bar), statistic (change over its standard deviation), placebo_pvalue, n_placebo,
        note. A symbol without betas is a row with the reason.
    bubbles
        occurrence, symbol, test (sadf, gsadf), statistic, critical_90, critical_95, critical_99,
        pvalue (by a wild bootstrap), simulated_pvalue (by normal random walks, as published),
        first, last (of an explosive stretch; NaT without), n, note.
    exclusions
        bar, occurrence, symbol, part, reason.
    overlaps
        bar, occurrence, other_event, other_occurrence, title, tau, window (calm, gap, crisis),
        minutes (from the news, negative before), confounds (bool).
    sampling
        bar, occurrence, symbol, basis, minutes_apart, max_minutes_apart, n_members, note.
    truth
        bar, occurrence, source, target, kind (contagion, common, volatility, none), verdict;
        empty for real prices.
    """

    event: EventDefinition
    stamp: DataStamp
    seed: int
    occurrences: pd.DataFrame
    pairs: pd.DataFrame
    tests: pd.DataFrame
    averages: pd.DataFrame
    average_tests: pd.DataFrame
    spillover: pd.DataFrame = field(default_factory=_none)
    spillover_paths: pd.DataFrame = field(default_factory=_none)
    correlation_paths: pd.DataFrame = field(default_factory=_none)
    dcc_fits: pd.DataFrame = field(default_factory=_none)
    volatility: pd.DataFrame = field(default_factory=_none)
    tails: pd.DataFrame = field(default_factory=_none)
    lead_lag: pd.DataFrame = field(default_factory=_none)
    lead_lag_peaks: pd.DataFrame = field(default_factory=_none)
    chain: pd.DataFrame = field(default_factory=_none)
    mediation: pd.DataFrame = field(default_factory=_none)
    marks: pd.DataFrame = field(default_factory=_none)
    network: pd.DataFrame = field(default_factory=_none)
    network_density: pd.DataFrame = field(default_factory=_none)
    buckets: pd.DataFrame = field(default_factory=_none)
    betas: pd.DataFrame = field(default_factory=_none)
    beta_changes: pd.DataFrame = field(default_factory=_none)
    bubbles: pd.DataFrame = field(default_factory=_none)
    exclusions: pd.DataFrame = field(default_factory=_none)
    overlaps: pd.DataFrame = field(default_factory=_none)
    sampling: pd.DataFrame = field(default_factory=_none)
    truth: pd.DataFrame = field(default_factory=_none)

    def __repr__(self) -> str:
        """Say of which event, and how many pairs got which verdict."""
        n = self.occurrences["occurrence"].nunique()
        counts = self.pairs["verdict"].replace("", "not tested").value_counts()
        said = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
        return f"EventContagion: {self.event.event}, {n} occurrences, pairs: {said or 'none'}"

    def plot(
        self, picture: str = "matrix", *, panel: str | None = None, occurrence: str | None = None
    ) -> object:
        """Draw one picture of the contagion's page, as an altair chart.

        Parameters
        ----------
        picture
            ``matrix`` (correlations of every pair), ``breaks`` (before and after every occurrence),
            ``moves`` (who moved first), ``lead`` (correlation by lag), ``connected`` (total and NET
            connectedness by bar), ``network`` (Granger causality), ``dynamic`` (conditional
            correlation), ``conditional_beta`` or ``betas`` (through time).
        panel
            Which of several alike: a width of bars for matrix, a target, a symbol, a period; by
            default the first. An unknown one is answered with the list.
        occurrence
            By default the latest that is described in full.

        Raises
        ------
        UsageError
            No such picture, panel or occurrence, nothing to draw in it, or the ``report`` extra is
            not installed.
        """
        return draw(self, picture, panel=panel, occurrence=occurrence)
