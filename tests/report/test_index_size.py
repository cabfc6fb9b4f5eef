"""The first page stays small however many events there are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.report.claims.make_claims import make_claims
from tests.report.make_study import make_study
from tests.report.test_store import make_run

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("altair", reason="needs the extra eventlab[report]")
pytest.importorskip("vl_convert", reason="needs the extra eventlab[report]")

from eventlab.report.pages import write_pages

EVENTS = 20
LARGEST = 1_000_000  # bytes, without the scripts that pages share


def test_the_index_of_twenty_events_is_under_a_megabyte(tmp_path: Path) -> None:
    study = make_study()
    studies = tuple(
        replace(study, event=study.event.model_copy(update={"event": f"event-{number}"}))
        for number in range(EVENTS)
    )
    write_pages(replace(make_run(), studies=studies, claims=make_claims()), tmp_path)
    index = (tmp_path / "index.html").read_bytes()
    assert index.count(b"events/event-") >= EVENTS
    assert len(index) < LARGEST
