from __future__ import annotations

import pytest

from eventlab.report.pdf.blocks import (
    Anchor,
    Block,
    Code,
    Facts,
    Heading,
    Items,
    Panels,
    Paragraph,
    Table,
    Text,
)
from eventlab.report.pdf.reader import read_sheet
from eventlab.report.rendered import RenderedPage

NAMES = frozenset({"index.html", "events/one.html"})


def page(body: str) -> RenderedPage:
    return RenderedPage(
        name="events/one.html",
        title="One",
        marks=(("simulated", "yes"), ("unit", "log")),
        style="",
        body=body,
        scripts=(),
    )


def blocks(body: str) -> tuple[Block, ...]:
    return read_sheet(page(body), NAMES).blocks


def test_words_stay_words_and_spaces_are_those_of_a_browser() -> None:
    (found,) = blocks("<p class='verdict'>It  <strong>rose</strong>\n &lt;b&gt; #{1+1} </p>")
    assert found == Paragraph(
        (Text("It "), Text("rose", "strong"), Text(" <b> #{1+1} ")), role="verdict"
    )


def test_what_a_block_holds_is_kept_in_its_order() -> None:
    found = blocks(
        "<main><h1>One</h1><div class='doubt'><strong>Doubt:</strong> few"
        "<ul><li>a</li><li>b</li></ul></div>"
        "<dl class='facts'><div><dt>Seed</dt><dd>7</dd></div></dl><pre>run  it</pre></main>"
    )
    assert found == (
        Heading(1, (Text("One"),)),
        Paragraph((Text("Doubt:", "strong"), Text(" few")), role="doubt"),
        Items(((Text("a"),), (Text("b"),)), role="doubt"),
        Facts((((Text("Seed"),), (Text("7"),)),), role="facts"),
        Code("run  it"),
    )


def test_links_lead_to_pages_and_files_are_named() -> None:
    found = blocks(
        "<section id='more'><p><a href='../index.html'>all</a> <a href='#more'>here</a> "
        "<a href='../tables/x.csv'>open</a></p></section>"
    )
    assert found == (
        Anchor("events/one.html#more"),
        Paragraph(
            (
                Text("all", place="index.html"),
                Text(" "),
                Text("here", place="events/one.html#more"),
                Text(" "),
                Text("tables/x.csv", "code"),
            )
        ),
    )


def test_tables_keep_numbers_and_what_stands_below_them() -> None:
    (table,) = blocks(
        "<table><caption class='unseen'>T</caption><thead><tr><th scope='col'>a</th>"
        "<th scope='col' class='number'>b</th></tr></thead><tbody><tr><th scope='row'>x</th>"
        "<td class='number loud'>+1%<span class='below'>p 0.01</span></td></tr></tbody></table>"
    )
    assert isinstance(table, Table)
    assert [cell.number for cell in table.header] == [False, True]
    (row,) = table.rows
    assert row[1].texts == (Text("+1%"), Text("p 0.01", "below"))
    assert (row[1].loud, row[1].width) == (True, 6)
    assert table.hidden
    assert table.widths() == [(1, False), (6, False)]


def test_folded_parts_are_named_where_they_are_not_printed() -> None:
    sheet = read_sheet(
        page(
            "<details><summary>Every test</summary><p>gone</p></details>"
            "<details data-print><summary>By tag</summary><p>kept</p></details>"
            "<div class='panels folded'><div data-figure='paths' data-name='A' data-title='A' "
            "aria-label='A'></div></div>"
        ),
        NAMES,
    )
    assert sheet.folded == ("Every test", "pictures of A")
    assert sheet.blocks == (
        Paragraph((Text("By tag"),), role="summary"),
        Paragraph((Text("kept"),)),
    )


def test_pictures_know_their_rows_and_the_occurrences_shown_first() -> None:
    sheet = read_sheet(
        page(
            "<label><select id='tag'><option value='all'>all</option><option value='b'>b</option>"
            "</select></label><div class='panels'><figure><div data-figure='paths' data-name='A' "
            "data-title='A' aria-label='path of A'></div></figure></div>"
            '<script type="application/json" id="figure-rows">{"paths":{"A":[]}}</script>'
        ),
        NAMES,
    )
    (panels,) = sheet.blocks
    assert isinstance(panels, Panels)
    assert panels.figures[0].label == "path of A"
    assert (sheet.tag, sheet.rows) == ("all", {"paths": {"A": []}})


@pytest.mark.parametrize("body", ["<marquee>x</marquee>", "<p>a <blink>b</blink></p>"])
def test_an_unknown_element_is_refused_not_lost(body: str) -> None:
    with pytest.raises(ValueError, match="nobody said how to print"):
        blocks(body)
