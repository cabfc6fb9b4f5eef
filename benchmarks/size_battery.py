"""One sample through the engine: its fits, every test of every window, and what was headlined."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.study.inference.battery import Battery, placebo_test
from eventlab.study.inference.registry import TESTS, t_pvalue
from eventlab.study.models.fits import fit_events
from eventlab.study.placebo.pseudo_dates import prepare_placebo

if TYPE_CHECKING:
    from benchmarks.size_designs import Design
    from eventlab.study.models.specs import EventArrays

__all__ = ["CHEAP", "DRAWING", "SHORT_NAMES", "all_tests", "test_sample"]

SHORT_NAMES: Final = {
    "car_t": "CAR t",
    "cross_sectional_t": "cs t",
    "clm_j1": "J1",
    "clm_j2": "J2",
    "patell_z": "Patell",
    "patell_z_naive": "P naive",
    "bmp": "BMP",
    "bmp_naive": "B naive",
    "kolari_pynnonen_bmp": "KP-BMP",
    "kolari_pynnonen_patell": "KP-P",
    "corrado_rank": "Corrado",
    "corrado_zivney": "C-Zivney",
    "grank_t": "GRANK-T",
    "grank_z": "GRANK-Z",
    "sign": "sign",
    "generalized_sign": "g. sign",
    "skewness_t": "skew t",
    "wilcoxon": "Wilcoxon",
    "crude_dependence": "crude",
    "calendar_time": "calendar",
    "wild_bootstrap": "wild t",
    "wild_bootstrap_percentile": "wild %",
    "placebo": "placebo",
}

DRAWING: Final = ("wild_bootstrap", "wild_bootstrap_percentile")
CHEAP: Final = tuple(test for test in TESTS if test not in DRAWING)


def all_tests() -> tuple[str, ...]:
    """Names of the tests, and ``car_t``: the CAR t of the first event, printed for single ones."""
    return ("car_t", *CHEAP, *DRAWING, "placebo")


def test_sample(design: Design, arrays: EventArrays) -> list[list[tuple[str, float, bool]]]:
    """Return test, p-value and whether in the headline, for each window of ``design``."""
    spec = design.spec
    fits = fit_events(arrays, spec)
    members = np.flatnonzero(fits.fitted)
    table = Battery(arrays, fits, spec).table(
        members, (*CHEAP, *DRAWING) if design.history else CHEAP
    )
    found: list[list[tuple[str, float, bool]]] = []
    for w in range(len(spec.windows)):
        car_t = float(fits.car[0, w] / fits.car_error[0, w])
        row = [("car_t", t_pvalue(car_t, float(fits.dof[0])), False)]
        row += zip(table.tests, table.pvalue[w].tolist(), table.headline[w].tolist(), strict=True)
        found.append(row)
    if design.history:
        placebo = prepare_placebo(arrays, spec, fits.fitted)
        drawn = placebo.outcome(members, fits.car, fits.car_error)
        for w, row in enumerate(found):
            one = placebo_test(drawn, w, len(members))
            row.append((one.test, one.pvalue, one.headline))
    return found
