"""Every mistake in the choices of a specification curve: the whole report is compared."""

from __future__ import annotations

from collections.abc import Callable

import pytest

EVENT = "events/oracle-earnings.yaml"
MODEL = "  model: market_model\n"

Edited = Callable[[str, str, str], list[str]]

EDITS = {
    "unknown model": (
        "models: [market_modle]",
        "study.specifications.models[0]: 'market_modle' is no model; did you mean 'market_model'?",
    ),
    "listed twice": (
        "car_windows: [[0, 0], [0, 0]]",
        "study.specifications.car_windows[1]: [0, 0] is listed twice; keep one",
    ),
    "outside the event window": (
        "car_windows: [[0, 20]]",
        "study.specifications.car_windows[0]: [0, 20] is no window inside event_window [-5, 10]",
    ),
    "estimation reaches into the event": (
        "estimation_windows: [[-250, -3]]",
        (
            "study.specifications.estimation_windows[0]: [-250, -3] reaches into event_window; "
            "end it at -6 or earlier"
        ),
    ),
    "estimation too short": (
        "estimation_windows: [[-40, -11]]",
        "study.specifications.estimation_windows[0]: [-40, -11] has 30 bars, min_estimation is 60",
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_choices(edited: Edited, name: str) -> None:
    text, wanted = EDITS[name]
    found = edited(EVENT, MODEL, f"{MODEL}  specifications: {{{text}}}\n")
    assert [line.split(": ", 1)[1] for line in found] == [wanted]
    assert all(line.startswith(f"{EVENT}:") for line in found)


def test_symbols_must_be_known(edited: Edited) -> None:
    found = edited(EVENT, MODEL, f"{MODEL}  specifications: {{benchmarks: [SPYY]}}\n")
    assert len(found) == 1
    assert "study.specifications.benchmarks[0]: 'SPYY' is no symbol of universes/" in found[0]


def test_good_choices_are_no_problem(edited: Edited) -> None:
    text = "{models: [dimson], overlaps: [flag, exclude], days: [certain], factors: [[SPY, QQQ]]}"
    assert edited(EVENT, MODEL, f"{MODEL}  specifications: {text}\n") == []
