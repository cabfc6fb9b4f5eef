"""Claims in words, tables, JSON and rows of pictures; the page is tested where pages are."""

from __future__ import annotations

import io
import json
import math

import pytest

from eventlab.report.claims.document import claims_document, claims_text
from eventlab.report.claims.figure_rows import claim_rows
from eventlab.report.claims.spoken import spoken_claims
from eventlab.report.claims.text import print_claims
from eventlab.report.claims.views import overview, reading_view, rows_of_claims
from eventlab.report.claims.wording import published_words, value_words
from tests.report.claims.make_claims import HOSTILE, make_claims


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
    assert [row[2].text for row in rows] == ["does not", "agrees"]


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
