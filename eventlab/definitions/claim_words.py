"""What each measure of a claim takes: symbols, keys, readings, and words or figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["AXES", "MEASURES", "MeasureRules"]

AXES: Final = ("of", "windows", "calendars", "baskets", "prices")  # of readings and beyond
_SIGNS: Final = ("positive", "negative")
_MOVES: Final = ("windows", "calendars", "baskets", "prices")
_LINKS: Final = ("of", "windows", "calendars", "baskets")
_PLACED: Final = frozenset({"window", "as_of", "occurrence"})


@dataclass(frozen=True, slots=True)
class MeasureRules:
    """What a claim with this measure may and must say.

    Attributes
    ----------
    symbols
        Fewest and most names; a lone @group counts as two. None: any number.
    words
        What ``published`` may be instead of a figure.
    figures
        What figures are, as in ``a correlation``; empty where it takes none.
    bounds
        Smallest and largest figure that makes sense.
    needs, reads
        Keys that it must have, and those that it may have as well, of those that not every measure
        reads.
    axes
        Keys of ``readings`` and ``beyond`` that it knows.
    of
        What of ``readings.of`` it can be measured of.
    whole
        Whether the names are symbols, no groups.
    """

    symbols: tuple[int, int | None]
    words: tuple[str, ...] = ()
    figures: str = ""
    bounds: tuple[float, float] = (float("-inf"), float("inf"))
    needs: frozenset[str] = frozenset()
    reads: frozenset[str] = _PLACED
    axes: tuple[str, ...] = ()
    of: tuple[str, ...] = ("returns", "log_returns", "levels", "log_levels")
    whole: bool = False


_RETURN: Final = (-1.0, 100.0)
_CHANGES: Final = ("returns", "log_returns")
_WINDOW: Final = frozenset({"window"})

MEASURES: Final[dict[str, MeasureRules]] = {
    "correlation": MeasureRules(
        (2, None), _SIGNS, "a correlation", (-1.0, 1.0), needs=_WINDOW, axes=_LINKS
    ),
    "rolling_correlation": MeasureRules(
        (2, None),
        _SIGNS,
        "a correlation",
        (-1.0, 1.0),
        needs=_WINDOW,
        reads=_PLACED | {"since"},
        axes=_LINKS,
    ),
    "beta": MeasureRules(
        (2, 3),
        (*_SIGNS, "above_one", "below_one", "first", "second"),
        "a beta",
        needs=_WINDOW,
        axes=_LINKS,
        of=_CHANGES,
    ),
    "asymmetric_beta": MeasureRules(
        (2, 2),
        ("larger_on_falls", "larger_on_rises", "equal"),
        "the beta on falls less that on rises",
        needs=_WINDOW,
        axes=_LINKS,
        of=_CHANGES,
    ),
    "realised_volatility": MeasureRules(
        (1, 1), (), "a volatility a year", (0.0, 10.0), needs=_WINDOW, axes=_LINKS[1:]
    ),
    "dispersion": MeasureRules(
        (2, 2),
        ("first_tighter", "second_tighter"),
        "the first group's mean correlation less the second's",
        (-2.0, 2.0),
        needs=_WINDOW,
        axes=_LINKS[:3],
        of=_CHANGES,
    ),
    "return": MeasureRules((1, None), _SIGNS, "a return", _RETURN, axes=_MOVES),
    "year_to_date": MeasureRules(
        (1, None),
        _SIGNS,
        "a return",
        _RETURN,
        needs=frozenset({"as_of"}),
        reads=frozenset(),
        axes=("calendars", "baskets", "prices"),
    ),
    "drawdown": MeasureRules((1, None), (), "a drawdown", (-1.0, 0.0), axes=_MOVES),
    "rebound": MeasureRules((1, None), (), "a rise from a low", (0.0, 100.0), axes=_MOVES),
    "relative_return": MeasureRules((2, None), _SIGNS, "a return", _RETURN, axes=_MOVES),
    "sector_ranking": MeasureRules(
        (2, None), ("worst", "best", "worst_first", "best_first"), axes=_MOVES
    ),
    "level_crossing": MeasureRules(
        (1, 1),
        needs=frozenset({"level", "direction"}),
        reads=_PLACED | {"after_level"},
        axes=("windows", "calendars", "prices"),
        whole=True,
    ),
    "funding_sign": MeasureRules(
        (1, 1),
        _SIGNS,
        needs=frozenset({"published"}),
        reads=_PLACED | {"since"},
        axes=("windows",),
        whole=True,
    ),
    "open_interest_change": MeasureRules(
        (1, 1), _SIGNS, "a change", _RETURN, axes=("windows",), whole=True
    ),
    "event_car": MeasureRules(
        (1, None),
        (*_SIGNS, "none"),
        "an abnormal return",
        _RETURN,
        needs=_WINDOW,
        reads=frozenset({"window", "event", "occurrence", "tag"}),
        axes=("windows",),
    ),
    "contagion_verdict": MeasureRules(
        (1, None),
        ("contagion", "interdependence", "common volatility shock", "underpowered", "no change"),
        reads=frozenset({"event", "occurrence", "tag"}),
    ),
    "bubble": MeasureRules(
        (1, 1), ("bubble", "no_bubble"), axes=_LINKS, of=("levels", "log_levels")
    ),
    "none": MeasureRules((0, None), needs=frozenset({"needs"}), reads=frozenset()),
}
