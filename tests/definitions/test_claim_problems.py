"""Every mistake of a claim: the whole report is compared, line by line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args

import pytest

from eventlab.definitions import check_workspace
from eventlab.definitions.calendar_check import CalendarCheck
from eventlab.definitions.claim import ClaimDefinition, Measure, ReadingsDefinition
from eventlab.definitions.claim_words import AXES, MEASURES

Problems = Callable[..., list[str]]
Write = Callable[[str, str], object]
HERE = Path(__file__).parent
# A claim each, from its measure on.
SOUND = (HERE / "claims_sound.txt").read_text(encoding="utf-8").strip().split("\n\n")
# Name, claim and problems (`>`, continued by `|`), with line and column in the file.
FAULTY = (HERE / "claims_faulty.txt").read_text(encoding="utf-8").strip().split("\n\n")
NAME = "events/claims-press.yaml"
HEAD = """\
title: What was said
source: A newspaper
claims:
- id: a
  statement: It was said.
"""


@pytest.fixture
def found(root: object, write: Write, problems: Problems) -> Callable[[str], list[str]]:
    """Problems of one claim, its keys from line 6 on."""

    def check(body: str) -> list[str]:
        write(NAME, HEAD + "".join(f"  {line}\n" for line in body.splitlines()))
        return [each.removeprefix(f"{NAME}:") for each in problems()]

    return check


@pytest.mark.parametrize("body", SOUND, ids=lambda body: body.partition("\n")[0])
def test_sound_claims(found: Callable[[str], list[str]], body: str) -> None:
    assert found(body) == []


def faulty() -> Iterator[tuple[str, str, list[str]]]:
    """Name, claim and expected problems of every case."""
    for block in FAULTY:
        lines = block.splitlines()
        body = [line for line in lines[1:] if line[0] not in ">|"]
        said = [line[2:] for line in lines if line.startswith(("> ", "|   "))]
        joined = re.sub(r"\n  ", " ", "\n".join(said)).splitlines()
        yield lines[0].removeprefix("# "), "\n".join(body), joined


CASES = list(faulty())


@pytest.mark.parametrize(
    ("body", "expected"), [one[1:] for one in CASES], ids=[one[0] for one in CASES]
)
def test_faulty_claims(found: Callable[[str], list[str]], body: str, expected: list[str]) -> None:
    assert found(body) == expected


def test_a_claim_of_an_event_file_is_about_its_event(edited: Callable[..., list[str]]) -> None:
    event = "events/nvidia-earnings.yaml"
    claim = (
        "claims:\n- id: a\n  statement: s\n  measure: contagion_verdict\n  occurrence: fy2026-q2\n"
        "  symbols: [ORCL]\n  published: contagion\n"
    )
    end = "  - {id: fy2026-q3, announced_at: 2025-11-19}\n"
    assert edited(event, end, end + claim) == [
        (
            f"{event}:11:12: claims[0].measure: contagion_verdict needs a contagion section, which "
            "nvidia-earnings lacks; add one"
        ),
        (
            f"{event}:12:15: claims[0].occurrence: 'fy2026-q2' is no occurrence of "
            "nvidia-earnings; did you mean 'fy2026-q3'?"
        ),
    ]


def test_ids_are_unique_in_a_file(write: Write, problems: Problems) -> None:
    claim = "  measure: none\n  needs: x\n"
    write(NAME, f"{HEAD}{claim}- id: a\n  statement: It was said again.\n{claim}")
    assert problems() == [
        f"{NAME}:8:7: claims[1].id: 'a' is used by claims[0] as well; ids are unique"
    ]


def test_files_of_claims_have_names_of_their_own(
    found: Callable[[str], list[str]], write: Write, problems: Problems
) -> None:
    assert found("measure: none\nneeds: x") == []
    write("events/more/claims-press.yaml", HEAD + "  measure: none\n  needs: x\n")
    assert problems() == [
        (
            "events/more/claims-press.yaml:3:1: claims: 'claims-press' is the name of "
            "claims-press.yaml as well; ids are unique"
        )
    ]


def test_calendars_of_readings_are_checked(root: object, write: Write) -> None:
    body = SOUND[0] + "\nreadings: {calendars: [XNYS, NYSE]}"
    write(NAME, HEAD + "".join(f"  {line}\n" for line in body.splitlines()))
    check = CalendarCheck(
        code=lambda code: None if code == "XNYS" else f"{code} is none", occurrences=lambda _: ()
    )
    _, problems = check_workspace(str(root), (), check)
    assert [each.message for each in problems if each.key.startswith("claims[0].readings")] == [
        "NYSE is none"
    ]


def test_every_measure_says_what_it_takes() -> None:
    assert set(MEASURES) == set(get_args(Measure))
    assert set(ReadingsDefinition.model_fields) == set(AXES)
    for name, rules in MEASURES.items():
        assert rules.needs | rules.reads <= set(ClaimDefinition.model_fields), name
        assert set(rules.axes) <= set(AXES), name
        assert not rules.figures or rules.bounds[0] < rules.bounds[1], name
