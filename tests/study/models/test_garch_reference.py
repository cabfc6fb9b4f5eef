"""GARCH(1,1) on the S&P 500 and the Nasdaq against two programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from eventlab.study.models import garch
from eventlab.study.models.garch import VarianceModel
from eventlab.study.models.specs import StudySpec

if TYPE_CHECKING:
    from pathlib import Path

FITTED = 2e-4  # two runs of an optimiser on differently scaled series
SPEC = StudySpec(model="garch_market_model", windows=())


@pytest.mark.parametrize("name", ["SP500", "NASDAQ"])
def test_parameters_of_rugarch_and_of_arch(name: str, reference_dir: Path) -> None:
    # GARCH(1,1) with a constant mean on 1,258 daily percentages. The two programs begin the
    # recursion with another variance, which moves their parameters by up to 2e-3.
    folder = reference_dir / "contagion"
    y = pd.read_csv(folder / "arch_returns.csv")[name].to_numpy()
    sample = garch.EventSample(y / 100.0, np.empty((len(y), 0)), len(y), y[:3], np.empty((3, 0)))
    found = garch.fit_variance(sample, SPEC)
    assert isinstance(found, garch.VarianceFit)
    mu, (omega, alpha, _, beta, _) = 100.0 * found.coefficients[0], found.parameters
    other = json.loads((folder / "garch11_rugarch.json").read_text())[name]
    same = json.loads((folder / "garch11_arch.json").read_text())[name]
    for wanted, rtol in ((other["coef"], 5e-3), (same["params"], FITTED)):
        np.testing.assert_allclose([mu, 1e4 * omega, alpha, beta], list(wanted.values()), rtol=rtol)
    one = VarianceModel("garch", omega, alpha, 0.0, beta)
    after = one.after((other["sigma_last5"][-1] / 100.0) ** 2, (y[-1] - mu) / 100.0)
    assert found.variance[0] == pytest.approx(after, rel=2e-3)
