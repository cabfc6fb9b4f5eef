"""How often a step is compiled for the kernels that call it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba.core import config

from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_step_is_compiled_once_for_all_literals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path))  # what is kept is not compiled

    @kernel
    def step_nb(x: Any, place: int, half: bool) -> Any:
        return x[place] / 2.0 if half else x[place]

    @kernel
    def whole_nb(x: Any) -> Any:
        last = step_nb(x, place=len(x) - 1, half=len(x) > 2)
        return step_nb(x, 0, half=True) + step_nb(x, 1, False) + last

    compiled: Any = step_nb
    assert whole_nb(np.array([2.0, 10.0, 200.0])) == 111.0
    assert len(compiled.signatures) == 1
