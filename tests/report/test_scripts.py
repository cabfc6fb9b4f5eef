from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("altair", reason="needs the extra eventlab[report]")
pytest.importorskip("vl_convert", reason="needs the extra eventlab[report]")

from eventlab.report.scripts import figures_script, vega_script

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 2_000_000  # bytes; a page and its scripts have to open at once


def test_scripts_define_what_pages_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    vega = vega_script()
    assert "vegaEmbed" in vega
    assert len(vega) < LARGEST
    script = figures_script()
    first, _, rest = script.partition("\n")
    templates = json.loads(first.removeprefix("window.eventlabFigures = ").removesuffix(";"))
    of_studies = {"choices", "curve", "events", "heat", "overlaps", "paths"}
    of_contagion = {
        *("betas", "breaks", "conditional_beta", "connected", "dynamic", "lead", "matrix"),
        *("moves", "network"),
    }
    of_strategies = {
        *("equity", "equity_log", "exposure", "fall", "folds", "gains", "hedge_ratios"),
        *("logits", "sets", "spent"),
    }
    of_claims = {"readings", "readings_percent", "readings_share"}
    assert set(templates) == of_studies | of_contagion | of_strategies | of_claims
    assert "window.vegaEmbed(" in rest
    assert vega_script() == vega  # the kept copy
