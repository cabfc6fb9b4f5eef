"""The designs under which the tests are tried: what each one draws, in numbers and in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from eventlab.study.models.specs import StudySpec

if TYPE_CHECKING:
    from eventlab.timeline.windows import Window

__all__ = ["KNOWN", "KNOWN_TESTS", "SECTIONS", "Design", "Section", "designs"]

Dates = Literal["own", "one", "staggered", "clusters", "apart"]
Errors = Literal["normal", "t5", "garch_t4", "skewed"]


@dataclass(frozen=True, slots=True)
class Design:
    """One way to draw a sample of N events.

    Attributes
    ----------
    key
        Name; the seeds hang on it, so rows can be added without a change of the others.
    n, bars
        Events, and bars of the estimation window, which ends at the event window.
    windows
        CAR windows; the event window is their union.
    dates
        ``own``: every event has a date and a market of its own. The others share one market and
        are N assets: ``one`` date; ``staggered``: ten dates, two bars apart; ``clusters``: five
        dates, thirty bars apart; ``apart``: random dates with no common bar of event windows.
    rho
        Correlation of the errors of two assets in the same bar.
    variance
        Factor on the variance of the errors of day 0.
    errors
        Their distribution, of unit variance before scaling by the asset's sigma.
    trading, missing
        Chance that an asset trades in a bar. Without a trade its return is zero (missing, if
        ``missing``), and the next trade has the whole return since the last one.
    effect
        Added to the return of day 0, in decimals.
    history
        Bars before the estimation window, for pseudo-dates. More than zero: the tests that draw
        (placebo, wild bootstrap) are run too.
    not_null_for
        Tests whose null hypothesis does not hold here although the mean is zero. The placebo asks
        whether the day was like others, and a day of twice the variance is not.
    """

    key: str
    n: int = 50
    bars: int = 239
    windows: tuple[Window, ...] = ((0, 0),)
    dates: Dates = "own"
    rho: float = 0.0
    variance: float = 1.0
    errors: Errors = "t5"
    trading: float = 1.0
    missing: bool = False
    effect: float = 0.0
    history: int = 0
    not_null_for: tuple[str, ...] = ()

    @property
    def spec(self) -> StudySpec:
        """The study of a sample: a market model."""
        first = min(first for first, _ in self.windows)
        last = max(last for _, last in self.windows)
        return StudySpec(
            estimation_window=(first - self.bars, first - 1),
            event_window=(first, last),
            windows=self.windows,
            # A thinly traded asset keeps a part of its rows only.
            min_estimation=max(7, round(self.bars * self.trading * 0.6)),
            draws=999 if self.history else 0,
        )

    @property
    def is_null(self) -> bool:
        """Whether nothing happens on day 0."""
        return self.effect == 0.0


@dataclass(frozen=True, slots=True)
class Section:
    """Designs that stand in one table."""

    title: str
    words: str
    rows: dict[str, Design]


# Rates in percent at nominal 5% of 2,000 samples, from the definitions this project works from.
KNOWN_TESTS: Final = (
    "cross_sectional_t",
    "patell_z",
    "bmp",
    "kolari_pynnonen_bmp",
    "corrado_rank",
    "grank_t",
)
KNOWN: Final = {
    "null": (4.4, 4.2, 4.8, 4.9, 4.6, 4.9),
    "rho.02": (15.2, 17.5, 17.3, 5.9, 5.8, 6.4),
    "rho.05": (26.0, 28.7, 30.0, 5.0, 4.4, 5.4),
    "rho.10": (40.6, 42.8, 44.8, 5.3, 4.6, 5.7),
    "variance2": (4.6, 17.4, 5.2, 5.3, 9.1, 5.5),
    "power1": (72.5, 92.2, 89.6, 89.4, 95.2, 94.2),
}
KNOWN_SAMPLES: Final = 2000

ONE_BAR: Final[tuple[Window, ...]] = ((0, 0),)
WINDOWS: Final[tuple[Window, ...]] = ((0, 0), (0, 5), (-10, 10))


def designs() -> dict[str, Design]:
    """Return every design of every section by its key."""
    return {row.key: row for section in SECTIONS for row in section.rows.values()}


def _correlated(rho: float, n: int = 50) -> Design:
    tail = "" if n == 50 else f"-n{n}"
    return Design(f"rho.{round(100 * rho):02d}{tail}", n=n, dates="one", rho=rho)


def _sized(base: Design, n: int) -> Design:
    return replace(base, key=f"{base.key}-n{n}", n=n)


NULL = Design("null")
VARIANCE = Design("variance2", variance=2.0)
FAT = Design("fat", errors="garch_t4")
SKEWED = Design("skewed", errors="skewed")
LONG = Design("long", windows=WINDOWS)
DRAWN = Design("drawn", n=10, dates="one", rho=0.05, history=260)

BASE = Section(
    "The known table",
    "50 events, one-bar windows, 239 estimation bars, errors t5. Uncorrelated events have a date "
    "and a market of their own; correlated ones share both.",
    {
        "nothing happens": NULL,
        "correlation .02, one date": _correlated(0.02),
        "correlation .05, one date": _correlated(0.05),
        "correlation .10, one date": _correlated(0.10),
        "event variance x 2": VARIANCE,
        "+1% on day 0": Design("power1", effect=0.01),
    },
)

FEW = Section(
    "Numbers of events",
    "As above with 1, 5, 10, 20 and 200 events, and event variances of 2 and 4 times the usual.",
    {
        "N = 1": _sized(NULL, 1),
        "N = 5": _sized(NULL, 5),
        "N = 10": _sized(NULL, 10),
        "N = 20": _sized(NULL, 20),
        "N = 200": _sized(NULL, 200),
        "N = 200, normal errors": Design("normal-n200", n=200, errors="normal"),
        "N = 200, event variance x 2": _sized(VARIANCE, 200),
        "N = 5, correlation .05, one date": _correlated(0.05, 5),
        "N = 5, correlation .10, one date": _correlated(0.10, 5),
        "N = 10, correlation .05, one date": _correlated(0.05, 10),
        "N = 10, correlation .10, one date": _correlated(0.10, 10),
        "N = 10, correlation .30, one date": _correlated(0.30, 10),
        "N = 5, event variance x 2": _sized(VARIANCE, 5),
        "N = 10, event variance x 2": _sized(VARIANCE, 10),
        "N = 20, event variance x 2": _sized(VARIANCE, 20),
        "N = 5, event variance x 4": Design("variance4-n5", n=5, variance=4.0),
        "N = 10, event variance x 4": Design("variance4-n10", n=10, variance=4.0),
        "N = 50, event variance x 4": Design("variance4", variance=4.0),
        "N = 10, event variance x 2, correlation .10, one date": Design(
            "variance2-rho.10-n10", n=10, variance=2.0, rho=0.10, dates="one"
        ),
        "N = 50, event variance x 2, correlation .10, one date": Design(
            "variance2-rho.10", variance=2.0, rho=0.10, dates="one"
        ),
    },
)

DATA = Section(
    "Thin trading, fat tails, skewness",
    "Thin: an asset trades in a bar with the chance given; the next trade carries the whole return "
    "since the last one. Fat tails: GARCH(1,1) errors, h = .04 + .10 e^2 + .86 h, with shocks t4: "
    "volatility clusters of every asset's own. Skewed: errors are a centred gamma variable of "
    "shape 2 (skewness 1.4).",
    {
        "trades 70% of bars": Design("thin.7", trading=0.7),
        "trades 40% of bars": Design("thin.4", trading=0.4),
        "trades 70% of bars, others missing": Design("thin.7-missing", trading=0.7, missing=True),
        "trades 40% of bars, others missing": Design("thin.4-missing", trading=0.4, missing=True),
        "N = 10, trades 40% of bars": Design("thin.4-n10", n=10, trading=0.4),
        "trades 70%, correlation .05, one date": Design(
            "thin.7-rho.05", trading=0.7, rho=0.05, dates="one"
        ),
        "trades 70%, missing, correlation .05, one date": Design(
            "thin.7-missing-rho.05", trading=0.7, missing=True, rho=0.05, dates="one"
        ),
        "trades 40%, missing, correlation .05, one date": Design(
            "thin.4-missing-rho.05", trading=0.4, missing=True, rho=0.05, dates="one"
        ),
        "GARCH-t4": FAT,
        "N = 5, GARCH-t4": _sized(FAT, 5),
        "N = 10, GARCH-t4": _sized(FAT, 10),
        "GARCH-t4, correlation .05, one date": Design(
            "fat-rho.05", errors="garch_t4", rho=0.05, dates="one"
        ),
        "N = 10, GARCH-t4, correlation .10, one date": Design(
            "fat-rho.10-n10", n=10, errors="garch_t4", rho=0.10, dates="one"
        ),
        "skewed": SKEWED,
        "N = 5, skewed": _sized(SKEWED, 5),
        "N = 10, skewed": _sized(SKEWED, 10),
    },
)

SHORT = Section(
    "Short histories",
    "60, 30 and 20 estimation bars in place of 239.",
    {
        "60 bars": Design("short60", bars=60),
        "30 bars": Design("short30", bars=30),
        "20 bars": Design("short20", bars=20),
        "N = 5, 60 bars": Design("short60-n5", n=5, bars=60),
        "N = 10, 60 bars": Design("short60-n10", n=10, bars=60),
        "N = 10, 30 bars": Design("short30-n10", n=10, bars=30),
        "60 bars, correlation .05, one date": Design(
            "short60-rho.05", bars=60, rho=0.05, dates="one"
        ),
        "30 bars, correlation .05, one date": Design(
            "short30-rho.05", bars=30, rho=0.05, dates="one"
        ),
        "20 bars, correlation .05, one date": Design(
            "short20-rho.05", bars=20, rho=0.05, dates="one"
        ),
        "N = 10, 60 bars, correlation .10, one date": Design(
            "short60-rho.10-n10", n=10, bars=60, rho=0.10, dates="one"
        ),
        "N = 10, 30 bars, correlation .10, one date": Design(
            "short30-rho.10-n10", n=10, bars=30, rho=0.10, dates="one"
        ),
    },
)

WIDE = Section(
    "Longer windows and shared bars",
    "CAR windows of 1, 6 and 21 bars. Staggered: ten dates two bars apart, so that windows overlap "
    "in part. Clusters: five dates thirty bars apart, N/5 assets on each.",
    {
        "nothing happens": LONG,
        "N = 10": _sized(LONG, 10),
        "60 bars": Design("long-short60", bars=60, windows=WINDOWS),
        "30 bars": Design("long-short30", bars=30, windows=WINDOWS),
        "correlation .05, one date": Design("long-rho.05", windows=WINDOWS, rho=0.05, dates="one"),
        "N = 10, correlation .10, one date": Design(
            "long-rho.10-n10", n=10, windows=WINDOWS, rho=0.10, dates="one"
        ),
        "N = 50, correlation .10, staggered": Design(
            "staggered", windows=((0, 0), (0, 5)), rho=0.10, dates="staggered"
        ),
        "N = 10, correlation .30, staggered": Design(
            "staggered-n10", n=10, windows=((0, 0), (0, 5)), rho=0.30, dates="staggered"
        ),
        "N = 50, correlation .10, clusters": Design(
            "clusters", windows=((0, 0), (0, 5)), rho=0.10, dates="clusters"
        ),
    },
)

DRAWS = Section(
    "Tests that draw",
    "260 more bars of history for pseudo-dates, one market for all. The tests that draw cost more, "
    "so their rows have fewer samples.",
    {
        "N = 1": Design("drawn-n1", n=1, dates="one", history=260),
        "N = 1, GARCH-t4": Design("drawn-fat-n1", n=1, dates="one", errors="garch_t4", history=260),
        "N = 5, correlation .10, one date": replace(DRAWN, key="drawn-rho.10-n5", n=5, rho=0.1),
        "N = 10, correlation .05, one date": DRAWN,
        "N = 50, correlation .05, one date": replace(DRAWN, key="drawn-n50", n=50),
        "N = 10, correlation .05, one date, [0, 5]": replace(
            DRAWN, key="drawn-long", windows=((0, 5),)
        ),
        "N = 10, GARCH-t4, correlation .05, one date": replace(
            DRAWN, key="drawn-fat", errors="garch_t4"
        ),
        "N = 10, trades 40%, correlation .05, one date": replace(
            DRAWN, key="drawn-thin", trading=0.4
        ),
        "N = 10, 60 bars, correlation .05, one date": replace(DRAWN, key="drawn-short60", bars=60),
        "N = 5, dates apart": replace(DRAWN, key="drawn-apart-n5", n=5, dates="apart"),
        "N = 10, dates apart": replace(DRAWN, key="drawn-apart", dates="apart"),
        "N = 10, clusters, correlation .10": replace(
            DRAWN, key="drawn-clusters", dates="clusters", rho=0.10
        ),
        "N = 10, dates apart, event variance x 2": replace(
            DRAWN,
            key="drawn-variance2",
            dates="apart",
            variance=2.0,
            not_null_for=("placebo",),
        ),
    },
)

POWER = Section(
    "Power",
    "An abnormal return is added to day 0, as Brown & Warner (1985) do.",
    {
        f"{words}, +{100 * effect:g}%": replace(
            base, key=f"{base.key}+{100 * effect:g}", effect=effect
        )
        for words, base in {
            "N = 50": NULL,
            "N = 10": _sized(NULL, 10),
            "N = 5": _sized(NULL, 5),
            "N = 50, event variance x 2": VARIANCE,
            "N = 50, correlation .05, one date": _correlated(0.05),
            "N = 10, correlation .05, one date": _correlated(0.05, 10),
            "N = 1": Design("drawn-n1", n=1, dates="one", history=260),
            "N = 10, correlation .05, one date, draws": DRAWN,
        }.items()
        for effect in (0.005, 0.01, 0.02)
    },
)

SECTIONS: Final = (BASE, FEW, DATA, SHORT, WIDE, DRAWS, POWER)
