"""What is wrong with data or arguments is a reason, of every public function of frames."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from eventlab import contagion
from eventlab.errors import DataError, EventlabError, UsageError
from tests.contagion.calls import CALLS, VARS, numbers, reasons

if TYPE_CHECKING:
    from collections.abc import Callable

# Those of frames and series that need no test of a frame: numbers, or the fit of a dcc.
OTHERS = {"EventContagion", "run_contagion", "delta_covar_dcc", "gaussian_delta_covar"}
# Order of the rows is of no consequence to these.
UNORDERED = {"correlation_tests", "exceedance_correlation", "mediated_share", "tail_dependence"}
# Series that are multiples of each other are nothing out of the ordinary to these.
TAKES_MULTIPLES = {
    "absorption_ratio",
    "bucket_change",
    "bucket_correlations",
    "chain_order",
    "delta_covar",
    "factor_betas",
    "granger_network",
    "gsadf",
    "hayashi_yoshida",
    "lead_lag",
    "mediated_share",
    "range_volatility",
    "rolling_correlation",
    "sadf",
    "tail_dependence",
    "volatility_contagion",
}
every = pytest.mark.parametrize("name", sorted(CALLS))


def test_every_public_function_is_here() -> None:
    assert set(CALLS) | OTHERS == set(contagion.__all__)


def attempt(name: str, frame: pd.DataFrame) -> tuple[Any, str]:
    """Return the result, or the words of the DataError."""
    try:
        return CALLS[name].run(frame), ""
    except DataError as error:
        return None, str(error)


# ---------------------------------------------------------------- data that no statistic is made of

LABELLED = {"chain_order", "volatility_contagion"}  # these calls name labels of rows, and need some


@pytest.mark.parametrize("name", sorted(set(CALLS) - LABELLED - {"range_volatility"}))
@pytest.mark.parametrize("rows", [0, 1, 2, 3, 5])
def test_too_few_rows(name: str, rows: int) -> None:
    try:
        found = CALLS[name].run(CALLS[name].frame.iloc[:rows])
    except EventlabError:
        return
    if name in {"hayashi_yoshida", "lead_lag"} and rows > 2:
        return  # two increments have a correlation, and a standard error that says what it is worth
    assert reasons(found)


@pytest.mark.parametrize("name", sorted(LABELLED))
def test_too_few_rows_to_name(name: str) -> None:
    frame = CALLS[name].frame
    with pytest.raises((EventlabError, IndexError)):
        CALLS[name].run(frame.iloc[:8])
    short = frame.iloc[:85] if name == "chain_order" else frame.iloc[:60]
    assert reasons(CALLS[name].run(short))


@every
@pytest.mark.parametrize("level", [0.0, 0.01])
def test_a_constant_series(name: str, level: float) -> None:
    value = level + (1.0 if name in {"chain_order", "range_volatility"} else 0.0)
    found, refused = attempt(name, CALLS[name].frame.assign(A=value))
    if refused:
        assert "A is constant" in refused or "vary" in refused
    elif name in {"absorption_ratio", "rolling_correlation"}:  # NaN, as their docstrings say
        table = found.path if name == "absorption_ratio" else found.filter(like="A")
        assert table.isna().to_numpy().all()
    elif name == "range_volatility":
        assert np.ptp(found["A"]) == 0.0
    else:
        assert reasons(found)


@every
@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_collinear_series(name: str, factor: float) -> None:
    found, refused = attempt(name, CALLS[name].frame.assign(B=lambda f: factor * f["A"]))
    if refused:
        assert any(word in refused for word in ("mixture", "as one", "collinear"))
    else:
        assert name in TAKES_MULTIPLES or reasons(found)


@pytest.mark.parametrize("name", sorted(VARS))
def test_an_explosive_var(name: str) -> None:
    level, path = 0.0, []
    for step in CALLS[name].frame["A"]:
        level = 1.05 * level + step
        path.append(level)
    found, refused = attempt(name, CALLS[name].frame.assign(A=path))
    said = refused or reasons(found)
    assert "explosive" in said or "mixture" in said


@every
def test_missing_rows_are_counted_or_named(name: str) -> None:
    frame = CALLS[name].frame.copy()
    frame.iloc[[40, 90, 160], 0] = np.nan
    found, refused = attempt(name, frame)
    if refused:
        assert "2024" in refused
    elif name == "correlation_tests":
        assert found.attrs["n_missing"] == 3
    elif name == "spillover_change":
        assert found.before.fit.n_missing + found.after.fit.n_missing == 3
    elif hasattr(found, "left_out"):
        assert "A" in found.left_out
    elif hasattr(found, "n_missing"):
        assert found.n_missing == 3
    else:  # NaN in every window with a missing value, or rows that are left out of means
        assert name in {
            "absorption_ratio",
            "chain_order",
            "range_volatility",
            "rolling_correlation",
            "volatility_contagion",
        }


@every
@pytest.mark.parametrize("bad", [np.inf, -np.inf])
def test_an_infinite_value_is_refused_or_a_missing_one(name: str, bad: float) -> None:
    frame, gone = CALLS[name].frame.copy(), CALLS[name].frame.copy()
    frame.iloc[120, 0], gone.iloc[120, 0] = bad, np.nan
    found, refused = attempt(name, frame)
    if refused:
        assert "finite" in refused or "price" in refused
    else:
        assert np.array_equal(numbers(found), numbers(CALLS[name].run(gone)), equal_nan=True)


@every
@pytest.mark.parametrize("series", [["A"], None])
def test_nothing_but_nan(name: str, series: list[str] | None) -> None:
    frame = CALLS[name].frame.copy()
    frame[series or frame.columns] = np.nan
    found, refused = attempt(name, frame)
    if name in {"absorption_ratio", "range_volatility", "rolling_correlation"}:
        table = found.path.to_frame("A") if name == "absorption_ratio" else found
        assert table.filter(like="A").isna().to_numpy().all()
    else:
        assert refused or reasons(found)


@pytest.mark.parametrize(
    "name", sorted(set(CALLS) - {"gsadf", "sadf", "volatility_contagion", "chain_order"})
)
@pytest.mark.parametrize("unit", [1e200, 1e-200])
def test_units_whose_squares_overflow(name: str, unit: float) -> None:
    with pytest.raises(DataError, match="check its unit"):
        CALLS[name].run(CALLS[name].frame * unit)


# ------------------------------------------------------------------------------- what is no frame


@every
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f.astype(object).assign(A="x"), "no numbers"),
        (lambda f: f.astype(str), "no numbers"),
        (lambda f: f > f.mean(), "no numbers"),
        (lambda f: f.astype(complex), "no numbers"),
        (lambda f: f.assign(A=f.index), "no numbers"),
        (lambda f: f.assign(A=pd.Categorical(["u", "v"] * (len(f) // 2))), "no numbers"),
    ],
    ids=["text", "texts", "bool", "complex", "dates", "category"],
)
def test_what_is_no_number(
    name: str, change: Callable[[pd.DataFrame], pd.DataFrame], words: str
) -> None:
    call = CALLS[name]
    if name == "range_volatility":
        call = call._replace(run=lambda f: contagion.range_volatility(f, f))
    with pytest.raises(UsageError, match=words):
        call.run(change(call.frame))


@every
@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.astype(object),
        lambda f: f.astype("Float64"),
        lambda f: pd.DataFrame(np.asfortranarray(f.to_numpy()), f.index, f.columns),
        lambda f: f.tz_localize("UTC"),
        lambda f: f.rename_axis("day").rename_axis("series", axis=1),
    ],
    ids=["object", "Float64", "fortran", "zone", "names"],
)
def test_the_same_numbers_in_another_dress(
    name: str, change: Callable[[pd.DataFrame], pd.DataFrame]
) -> None:
    call = CALLS[name]
    if name == "range_volatility":
        call = call._replace(run=lambda f: contagion.range_volatility(f, f.shift()))
    first, second = numbers(call.run(call.frame)), numbers(call.run(change(call.frame)))
    assert np.array_equal(first, second, equal_nan=True)


@every
def test_whole_numbers_are_numbers(name: str) -> None:
    call = CALLS[name]
    call.run((call.frame * 1_000).round().astype(int) + (2 if name == "chain_order" else 0))


@pytest.mark.parametrize("name", sorted(set(CALLS) - UNORDERED))
@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.iloc[::-1],
        lambda f: f.sample(frac=1, random_state=1),
        lambda f: pd.concat([f.iloc[:10], f.iloc[9:]]),
        lambda f: f.set_axis(f.index.where(f.index != f.index[100])),
    ],
    ids=["backwards", "shuffled", "repeated", "unlabelled"],
)
def test_rows_out_of_order(name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    call = CALLS[name]
    words = r"ascend|twice|no label|no row of the frame|repeats|is missing"
    with pytest.raises(EventlabError, match=words):
        call.run(change(call.frame))


@every
def test_columns(name: str) -> None:
    call = CALLS[name]
    twice = pd.concat([call.frame, call.frame[["A"]]], axis=1)
    with pytest.raises(EventlabError, match=r"twice|its own name|DataFrame"):
        call.run(twice)


@pytest.mark.parametrize("name", sorted({*VARS, "granger_network", "rolling_correlation", "dcc"}))
@pytest.mark.parametrize("columns", [["A"], []])
def test_fewer_than_two_series(name: str, columns: list[str]) -> None:
    with pytest.raises(UsageError, match=r"at least (two series|[12] are needed)"):
        CALLS[name].run(CALLS[name].frame[columns])


@pytest.mark.parametrize("given", [None, 3, [[1.0, 2.0]], np.zeros((30, 2)), "frame"])
@pytest.mark.parametrize(
    "name",
    [
        "absorption_ratio",
        "bucket_correlations",
        "correlation_tests",
        "dcc",
        "granger_network",
        "rolling_correlation",
        *sorted(VARS - {"spillover_change"}),
    ],
)
def test_no_frame(name: str, given: object) -> None:
    function = getattr(contagion, name)
    needed: dict[str, dict[str, Any]] = {
        "absorption_ratio": {},
        "bucket_correlations": {"top": ["A"], "rest": ["B"]},
        "correlation_tests": {"crisis": given, "source": "A", "target": "B"},
        "rolling_correlation": {"window": 5},
    }
    with pytest.raises(UsageError, match="pass a pandas DataFrame"):
        function(given, **needed.get(name, {}))


# --------------------------------------------------------------------------------------- results


@every
def test_results_keep_their_numbers(name: str) -> None:
    """Neither are the caller's frames changed, nor do results follow their changes."""
    call = CALLS[name]
    frame = call.frame.copy()
    found = call.run(frame)
    pd.testing.assert_frame_equal(frame, call.frame)
    before = numbers(found)
    frame.iloc[:] = 7.0
    assert np.array_equal(numbers(found), before, equal_nan=True)


@every
def test_results_are_frozen_and_fit_a_line(name: str) -> None:
    found = CALLS[name].run(CALLS[name].frame)
    if isinstance(found, pd.DataFrame):
        assert not isinstance(found.columns, pd.RangeIndex)
        return
    assert dataclasses.is_dataclass(found)
    field = dataclasses.fields(found)[0].name
    with pytest.raises((dataclasses.FrozenInstanceError, TypeError)):
        setattr(found, field, None)
    assert not hasattr(found, "__dict__")
    assert "\n" not in repr(found)
    assert len(repr(found)) < 320
