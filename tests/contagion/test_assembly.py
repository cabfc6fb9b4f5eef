"""Series, systems and admissible rows against plain loops."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from eventlab.contagion.assembly import Assembly, assemble
from eventlab.contagion.baskets import basket
from eventlab.contagion.scales import scales_of
from tests.contagion.worlds import CLOCK, ROWS, home, hourly_world, news, other, world

if TYPE_CHECKING:
    from eventlab.definitions import EventDefinition
    from eventlab.market.types import Market

NAN = np.nan


def assembled(asked: EventDefinition | None = None, given: Market | None = None) -> Assembly:
    event = news() if asked is None else asked
    assert event.contagion is not None
    scale = scales_of(event, event.contagion)[-1]
    return assemble(event, home(event), world() if given is None else given, scale)


def test_a_basket_is_the_mean_of_the_members_that_have_a_return() -> None:
    members = np.array(
        [
            [0.1, 0.2, NAN, NAN, 0.1, 0.2],
            [0.3, 0.4, 0.5, NAN, 0.3, NAN],
            [NAN, 0.6, 0.1, 0.1, NAN, NAN],
            [NAN, NAN, NAN, NAN, 0.8, NAN],
        ]
    )
    # Rows: two of two listed; three; two of three; one alone; three of four; one of four.
    wanted = [0.2, 0.4, 0.3, NAN, 0.4, NAN]
    np.testing.assert_allclose(basket(members), wanted, rtol=1e-12)


def test_half_of_those_listed_so_far_are_needed() -> None:
    members = np.full((5, 3), NAN)
    members[:, 0] = 0.1
    members[:2, 1] = 0.2
    members[:3, 2] = 0.3
    np.testing.assert_allclose(basket(members), [0.1, NAN, 0.3], rtol=1e-12)


def test_a_basket_does_not_look_ahead() -> None:
    members = np.random.default_rng(0).normal(size=(4, 60))
    members[np.random.default_rng(1).random((4, 60)) < 0.3] = NAN
    whole = basket(members)
    for last in (5, 20, 41):
        later = members.copy()
        later[:, last + 1 :] = 9.0
        np.testing.assert_array_equal(basket(later)[: last + 1], whole[: last + 1])
        np.testing.assert_array_equal(basket(members[:, : last + 1]), whole[: last + 1])


def test_a_system_holds_the_source_first_and_a_basket_before_its_members() -> None:
    system = assembled().system("n3")
    assert system.names == ("SRC", "AAA", "BBB", "@tokens", "T1", "T2", "T3")
    assert system.members == {"@tokens": ("T1", "T2", "T3")}
    assert (system.source, system.anchor, system.occurrence) == ("SRC", ROWS[3], "n3")
    assert dict(system.anchors) == dict(zip(("n0", "n1", "n2", "n3"), ROWS, strict=True))
    assert (system.calm, system.crisis) == ((-60, -6), (0, 10))
    held = {name: system.returns[at] for at, name in enumerate(system.names)}
    later = slice(ROWS[1], ROWS[3] + 11)
    mean = np.mean([held[name][later] for name in ("T1", "T2", "T3")], axis=0)
    np.testing.assert_allclose(held["@tokens"][later], mean, rtol=1e-12)
    assert system.news is not None
    assert system.returns.flags.c_contiguous
    assert system.spans is None


def test_a_system_leaves_out_what_has_no_return_in_the_windows() -> None:
    system = assembled().system("n0")
    assert "T3" not in system.names
    assert system.members["@tokens"] == ("T1", "T2", "T3")


def test_the_source_is_no_member_of_a_basket() -> None:
    built = assembled(news(source="T1"))
    system = built.system("n3")
    assert system.names == ("T1", "AAA", "BBB", "@tokens", "T2", "T3")
    assert system.members == {"@tokens": ("T2", "T3")}
    at, later = system.names.index("@tokens"), slice(ROWS[2], ROWS[3] + 11)
    np.testing.assert_allclose(
        system.returns[at, later], system.returns[at + 1 :, later].mean(axis=0), rtol=1e-12
    )


def test_a_group_of_one_is_no_basket() -> None:
    built = assembled(given=world(without=["T1", "T2"]))
    assert ("n3", "@tokens", "prices of 1 of its members; a basket needs two") in built.left_out
    assert "T3" in built.names["n3"]


def naive_admissible(T: int, real: list[int], last: int) -> list[bool]:
    """Whether each row may hold a pseudo-event with windows [-60,-6] and [0,10]."""
    found = []
    for at in range(T):
        inside = at - 60 >= 0 and at + 10 < T and at <= last
        crisis = set(range(at, at + 11))
        apart = all(not crisis & set(range(row, row + 11)) for row in real)
        found.append(inside and apart)
    return found


def test_admissible_rows_keep_away_from_every_occurrence() -> None:
    built = assembled()
    T = len(built.schedule.clock)
    wanted = naive_admissible(T, list(ROWS), ROWS[3])
    np.testing.assert_array_equal(built.admissible("n1"), wanted)


def test_occurrences_that_are_not_asked_for_are_kept_away_from_too() -> None:
    event = news()
    asked = event.model_copy(update={"occurrences": event.occurrences[:2]})
    assert asked.contagion is not None
    scale = scales_of(asked, asked.contagion)[0]
    built = assemble(asked, home(event), world(), scale)
    assert dict(built.anchors) == {"n0": ROWS[0], "n1": ROWS[1]}
    wanted = naive_admissible(len(built.schedule.clock), list(ROWS), ROWS[1])
    np.testing.assert_array_equal(built.admissible("n1"), wanted)


def test_admissible_rows_lie_within_since_and_until() -> None:
    built = assembled(news(since="2023-01-01", until="2024-01-31"))
    free = built.admissible("n2")
    days = built.schedule.clock.sessions[free]
    assert days.min() >= np.datetime64(date(2023, 1, 1))
    assert built.schedule.clock.sessions[ROWS[3]] > np.datetime64(date(2024, 1, 31))
    assert days.max() <= built.schedule.clock.sessions[ROWS[2]]


def test_different_sources_keep_away_from_their_own_occurrences() -> None:
    times = [
        {"announced_at": f"{CLOCK.sessions[at - 1]} 16:05", "issuer": name}
        for at, name in zip(ROWS, ("AAA", "BBB", "AAA", "BBB"), strict=True)
    ]
    built = assembled(news(times, source="@issuer", targets=["SRC"]))
    T = len(built.schedule.clock)
    mine, theirs = [ROWS[0], ROWS[2]], [ROWS[1], ROWS[3]]
    np.testing.assert_array_equal(built.admissible("n0"), naive_admissible(T, mine, ROWS[2]))
    np.testing.assert_array_equal(built.admissible("n1"), naive_admissible(T, theirs, ROWS[3]))
    assert set(built.system("n0").anchors) == {"n0", "n2"}


def test_pseudo_dates_inside_sessions_are_on_the_bar_of_the_event() -> None:
    times = ["2022-04-06 16:05", "2022-06-08 11:20"]
    section: dict[str, Any] = {"intraday": {"bar": "60min"}, "calm_window": [-50, -6]}
    built = assembled(news(times, **section), hourly_world())
    clock = built.schedule.clock
    for name, slot in (("n0", 0), ("n1", 2)):
        assert clock.slots[built.anchors[name]] == slot
        free = built.admissible(name)
        assert free.any()
        assert set(clock.slots[free]) == {slot}
    system = built.system("n1")
    assert system.spans is not None
    first = clock.slots == 0
    np.testing.assert_array_equal(system.spans[system.names.index("T1")][1:], first[1:])


@pytest.mark.parametrize(
    ("section", "bar", "calm", "crisis"),
    [
        ({"intraday": {"bar": "60min"}}, "60min", (-147, -8), (0, 20)),
        ({"intraday": {"bar": "5min"}}, "5min", (-1638, -79), (0, 233)),
        ({"intraday": {"bar": "60min", "clock": "24/7"}}, "60min", (-504, -25), (0, 71)),
        ({"intraday": {"bar": "60min", "crisis_window": [0, 6]}}, "60min", (-147, -8), (0, 6)),
        ({}, "session", (-60, -6), (0, 10)),
    ],
)
def test_windows_of_bars_count_sessions(
    section: dict[str, Any], bar: str, calm: tuple[int, int], crisis: tuple[int, int]
) -> None:
    event = news(**section)
    assert event.contagion is not None
    scale = scales_of(event, event.contagion)[-1]
    assert (scale.bar, scale.calm, scale.crisis) == (bar, calm, crisis)


def test_the_clock_is_that_of_the_study_unless_the_section_has_one() -> None:
    study = {"assets": ["AAA"], "clock": "24/7", "benchmark": "MKT"}
    event = news(study=study)
    assert event.contagion is not None
    assert scales_of(event, event.contagion)[0].code == "24/7"
    own = news(study=study, clock="XNYS")
    assert own.contagion is not None
    assert scales_of(own, own.contagion)[0].code == "XNYS"
    assert scales_of(news(), news().contagion)[0].code == "XNYS"  # type: ignore[arg-type]


def test_other_news_does_not_move_admissible_rows() -> None:
    event = news()
    assert event.contagion is not None
    scale = scales_of(event, event.contagion)[0]
    fed = other("fed", "2023-06-14 14:00")
    alone, beside = (
        assemble(event, home(event, *others), world(), scale).admissible("n2")
        for others in ((), (fed,))
    )
    np.testing.assert_array_equal(alone, beside)
