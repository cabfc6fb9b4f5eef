"""Claims in words, tables, JSON and rows of pictures; the page is tested where pages are."""

from __future__ import annotations

import io
import json
import math
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from eventlab.report.claims.document import claims_document, claims_text
from eventlab.report.claims.figure_rows import claim_rows
from eventlab.report.claims.spoken import spoken_claims
from eventlab.report.claims.text import print_claims
from eventlab.report.claims.views import overview, reading_view, rows_of_claims
from eventlab.report.claims.wording import measured_words, published_words, value_words
from tests.report.claims.make_claims import HOSTILE, make_claims, reading


def test_the_sentence_counts_every_verdict() -> None:
    said = spoken_claims(make_claims())
    assert said.sentence == (
        "1 of 4 published statements is supported by these prices, 1 only under readings that the "
        "page names, 1 contradicted, 1 cannot be tested with this data."
    )


def test_simulated_prices_are_the_first_doubt() -> None:
    assert "simulated" in spoken_claims(make_claims(simulated=True)).doubts[0]
    assert not any("simulated" in doubt for doubt in spoken_claims(make_claims()).doubts)


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (-0.108, "return", "\N{MINUS SIGN}10.8%"),
        (0.5, "volatility", "50.0%"),
        (89950.0, "level", "89,950"),
        (-0.004, "correlation", "0.00"),
        (0.537, "correlation", "0.54"),
        (3.0, "count", "3"),
        (math.nan, "return", "\N{EN DASH}"),
    ],
)
def test_a_value_is_written_in_its_unit(value: float, unit: str, words: str) -> None:
    assert value_words(value, unit) == words


@pytest.mark.parametrize(
    ("published", "unit", "words"),
    [
        ("-0.249", "return", "\N{MINUS SIGN}24.9%"),
        ("0.1781", "return", "+17.81%"),
        ("-0.2 to 0.06", "return", "\N{MINUS SIGN}20% to +6%"),
        ("0.96", "correlation", "0.96"),
        ("worst_first", "ratio", "worst first"),
        ("2025-12-11", "level", "2025-12-11"),
        ("", "", ""),
    ],
)
def test_the_published_figure_keeps_its_digits(published: str, unit: str, words: str) -> None:
    assert published_words({"published": published, "unit": unit}) == words


@pytest.mark.parametrize(
    ("measure", "given", "words"),
    [
        ("return", {"value": -0.032, "word": "negative"}, "\N{MINUS SIGN}3.2%"),
        ("return", {"value": 0.024, "at": "2025-12-11"}, "+2.4% on 2025-12-11"),
        (
            "level_crossing",
            {"unit": "level", "value": 89820.0, "word": "crossed on 2025-12-11",
             "at": "2025-12-11 03:00 UTC"},
            "89,820 by 2025-12-11 03:00 UTC",
        ),
        ("return", {"value": 0.024, "at": "2025-12-11 03:00 UTC"}, "+2.4% at 2025-12-11 03:00 UTC"),
        ("level_crossing", {"unit": "level", "value": 89820.0, "at": "2025-12-11"},
         "89,820 on 2025-12-11"),
        ("level_crossing", {"unit": "level", "value": math.nan, "word": "not crossed"},
         "not crossed"),
        ("bubble", {"unit": "ratio", "value": 1.4, "word": "no_bubble"},
         "no bubble (statistic 1.40)"),
        ("sector_ranking", {"unit": "count", "value": 6.0, "word": "worst in 1 of 3 weeks"},
         "worst in 1 of 3 weeks (rank 6)"),
        ("sector_ranking", {"unit": "correlation", "value": 0.6, "word": "another order"},
         "another order (rank correlation 0.60)"),
        ("beta", {"unit": "beta", "value": 0.08, "word": "first"}, "BTC (0.08)"),
        ("dispersion", {"unit": "correlation", "value": -0.05, "word": "second_tighter"},
         "NVDA tighter (difference \N{MINUS SIGN}0.05)"),
        ("funding_sign", {"unit": "count", "value": 24.0, "word": "negative for 24 hours"},
         "negative for 24 hours"),
        ("relative_return", {"value": -0.263, "note": "BTC-USD -20.1%, QQQ +6.3%; at noon"},
         "BTC-USD \N{MINUS SIGN}20.1%, QQQ +6.3% (\N{MINUS SIGN}26.3%)"),
    ],
)  # fmt: skip
def test_what_was_measured_is_a_number_with_its_name(
    measure: str, given: dict[str, Any], words: str
) -> None:
    found = {"unit": "return", "word": "", "at": "", "note": ""} | given
    assert measured_words(found, {"measure": measure, "symbols": "@miners, BTC, NVDA"}) == words


def test_the_overview_names_the_reading_that_holds() -> None:
    rows = overview(rows_of_claims(make_claims())).rows
    assert [row[3].text for row in rows] == [
        "supported",
        "supported only as intraday",
        "contradicted",
        "cannot be tested with this data",
    ]
    assert rows[1][2].below == "2 readings: \N{MINUS SIGN}16.5% to \N{MINUS SIGN}10.8%"
    assert rows[2][2].below == "95%: 0.05 to 0.50"


def test_readings_say_which_is_literal_and_which_is_beyond_the_words() -> None:
    claims = make_claims()
    rows = reading_view(claims, rows_of_claims(claims)[2]).rows
    assert [row[0].below for row in rows] == [
        "the most literal",
        "beyond the words of the statement",
    ]
    assert [row[1].text for row in rows] == ["no", "yes"]


def test_the_document_has_an_interval_or_null() -> None:
    claims = make_claims()
    document = claims_document(claims, "eventlab claims")
    assert document["schema"] == "eventlab.claims/1"
    first, _, third, fourth = document["claims"]
    assert first["measured"][0]["interval"] is None
    assert third["measured"][0]["interval"] == [0.05, 0.5]
    assert third["interval"] == [0.05, 0.5]
    assert fourth["measured"] == []
    assert fourth["value"] is None
    assert fourth["published"] is None
    assert {"claim", "event", "published", "measured", "verdict", "note"} <= first.keys()
    assert {"definition", "value", "interval"} <= first["measured"][0].keys()
    json.dumps(document, allow_nan=False)
    assert json.loads(claims_text(claims, "eventlab claims")) == document


def test_a_picture_holds_the_published_figure_with_its_tolerance() -> None:
    rows = claim_rows(make_claims())
    assert set(rows) == {"fomc/two", "fomc/three"}  # one reading is no picture
    published = rows["fomc/two"][0]
    assert published["kind"] == "published"
    assert (published["from"], published["to"]) == pytest.approx((-0.17, -0.15))
    assert [row["answer"] for row in rows["fomc/two"][1:]] == ["does not", "agrees"]


def test_readings_are_named_by_what_they_read_otherwise() -> None:
    made = make_claims()
    words = [
        ("equal weights", "1 month to 2025-12-11", "XNYS"),
        ("median", "1 month to 2025-12-11", "XNYS"),
        ("equal weights", "2025-11-10 to 2025-12-11", "24/7"),
    ]
    rows = pd.DataFrame(
        reading(claim="two", basket=basket, window=window, calendar=calendar, principal=place == 0)
        for place, (basket, window, calendar) in enumerate(words)
    )
    drawn = claim_rows(replace(made, readings=rows))["fomc/two"]
    assert [row["label"] for row in drawn[1:]] == [
        "most literal: equal weights, 1 month, XNYS",
        "median",
        "from 2025-11-10, 24/7",
    ]
    # Two that would have one name, and a literal one without a value: each in full.
    for odd in (rows.assign(calendar="XNYS", window="1 day"), rows.assign(principal=False)):
        drawn = claim_rows(replace(made, readings=odd))["fomc/two"]
        assert {row["label"] for row in drawn[1:]} == {"close to close"}


def test_a_published_sign_is_drawn_as_zero() -> None:
    made = make_claims()
    signed = replace(made, claims=made.claims.assign(published="negative", unit="return"))
    assert claim_rows(signed)["fomc/two"][0] == {
        "kind": "published", "label": "zero", "low": 0.0, "high": 0.0, "from": None, "to": None,
    }  # fmt: skip
    hours = replace(made, claims=made.claims.assign(published="negative", unit="count"))
    assert claim_rows(hours)["fomc/two"][0]["kind"] == "reading"


def test_the_terminal_shows_every_statement_and_its_verdict() -> None:
    stream = io.StringIO()
    print_claims(make_claims(simulated=True), stream)
    said = stream.getvalue()
    assert "SIMULATED PRICES" in said
    assert HOSTILE in said.replace("\n", "")
    assert "it needs share counts" in said
    assert "--claim ID" in said


def test_strict_claims_fail_where_contradicted() -> None:
    assert make_claims().failed["claim"].tolist() == ["three"]
