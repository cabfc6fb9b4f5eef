"""The summary for a pull request: nothing that a file says is markup."""

from __future__ import annotations

import re
from pathlib import Path

from eventlab.definitions.baseline import BaselineDefinition
from eventlab.regression.check import Check, Checked
from eventlab.regression.markdown import check_markdown
from eventlab.regression.types import Causes, Change, Item, OrderMove, Subject

HOSTILE = "a|b `c` <script>x</script> [d](e) *f*\n# g @h #1"


def item(**said: object) -> Item:
    subject = Subject(
        "strategy", "x", Path("strategies/x.yaml"), Path("baselines/x.json"), BaselineDefinition()
    )
    return Item(subject, "", **said)  # type: ignore[arg-type] # the fields of an item


def hostile() -> Item:
    return item(
        status="moved",
        values={HOSTILE: 1.0},
        changes=(Change(HOSTILE, HOSTILE, 1.0, float("nan"), "exact"),),
        orders=OrderMove((f"- {HOSTILE}</pre>", f"+ {HOSTILE}"), 1, (1, "a" * 64), (1, "b" * 64)),
        causes=Causes(definition=(HOSTILE,)),
        reason=HOSTILE,
        exit_code=1,
        accept="eventlab check x --update",
    )


def checked(*items: Item, problems: tuple[str, ...] = ()) -> Check:
    return Check(tuple(Checked(each.subject, (each,)) for each in items), "prices", 0, problems)


def unescaped_bars(line: str) -> int:
    return line.replace("\\\\", "").replace("\\|", "").count("|")


def test_text_of_files_is_shown_as_it_is() -> None:
    text = check_markdown(checked(hostile()))
    outside = text[: text.index("<pre>")] + text[text.index("</pre>") :]
    assert "<script>" not in text
    assert text.count("</pre>") == 1
    told = [line for line in outside.splitlines() if "script" in line]
    assert len(told) == 3  # the reason, the cause and the metric
    for line in told:
        assert not re.findall(r"(?<!\\)[`*\[<@#]", line)
    rows = [line for line in outside.splitlines() if line.startswith("|")]
    assert {unescaped_bars(line) for line in rows} == {6}
    assert not [line for line in outside.splitlines() if line.startswith("# ")]


def test_it_reads_as_a_person_writes() -> None:
    moved = item(
        status="moved",
        values={"hedged.all.sharpe": 1.1, "orders": 3},
        changes=(Change("hedged.all.sharpe", 1.0, 1.1, 0.1, "rtol 1e-09"),),
        causes=Causes(definition=("strategy.costs.fee_bps: 5.0 -> 6.0",)),
        reason="numbers moved",
        exit_code=1,
        accept="eventlab check x --update",
    )
    assert check_markdown(checked(moved, item(status="same", values={"a": 1}))) == "\n".join(
        [
            "## \N{CROSS MARK} eventlab check",
            "",
            "**2 items\\: 1 the same, 1 moved**",
            "",
            "| item | verdict | metrics | moved | orders moved |",
            "| --- | --- | ---: | ---: | ---: |",
            "| strategies/x\\.yaml\\:\\:x | moved | 2 | 1 |  |",
            "| strategies/x\\.yaml\\:\\:x | same | 1 |  |  |",
            "",
            "### x: moved",
            "",
            "- numbers moved",
            "- the definition moved\\: strategy\\.costs\\.fee\\_bps\\: 5\\.0 \\-\\> 6\\.0",
            "",
            "| metric | baseline | now | change | tolerance |",
            "| --- | ---: | ---: | ---: | --- |",
            "| hedged\\.all\\.sharpe | 1 | 1\\.1 | \\+10\\.0000% | rtol 1e\\-09 |",
            "",
            "Accept it:",
            "",
            "    eventlab check x --update",
            "",
        ]
    )


def test_simulated_prices_are_named() -> None:
    assert "Simulated prices: nothing here happened." in check_markdown(checked(), simulated=True)


def test_errors_of_definitions_are_no_success() -> None:
    same = item(status="same", values={"a": 1})
    text = check_markdown(checked(same, problems=(f"events/x.yaml:3:1: {HOSTILE}",) * 14))
    assert text.startswith("## \N{CROSS MARK} eventlab check\n")
    assert "1 the same; 14 errors in definitions" in text
    assert text.count("- events/x\\.yaml\\:3\\:1") == 12
    assert "... and 2 errors more (eventlab validate)" in text
    assert "<script>" not in text
