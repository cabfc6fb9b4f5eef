"""Text of strangers, made visible: nothing hides in it, and JSON means what it meant."""

from __future__ import annotations

import json

import pytest

from eventlab.visible import visible, visible_json

UNSEEN = [
    "\x1b",
    "\x9b",
    "\xad",
    "\u200b",
    "\u202e",
    "\u2066",
    "\ufeff",
    "\U000e0041",
    "\U000e007f",
]


@pytest.mark.parametrize("unseen", UNSEEN)
def test_what_cannot_be_seen_is_written_out(unseen: str) -> None:
    assert visible(f"a{unseen}b\tc\n") == f"a{ascii(unseen)[1:-1]}b\tc\n"
    text = json.dumps({"title": f"a{unseen}b"}, ensure_ascii=False)
    assert unseen not in visible_json(text)
    assert json.loads(visible_json(text)) == json.loads(text)


@pytest.mark.parametrize("text", ["##vso[task.complete]", "a ##[error] b", "::error::b", " ::a"])
def test_no_line_is_a_command_of_ci(text: str) -> None:
    shown = visible(text)
    assert shown != text
    assert "##[" not in shown
    assert "##vso[" not in shown
    assert not shown.lstrip().startswith("::")
    assert json.loads(visible_json(json.dumps(text))) == text
    assert "##[" not in visible_json(json.dumps(text))


def test_plain_text_stays() -> None:
    for text in ("Umsätze: +3 %", "a::b", "# heading", "line\n\tindented"):
        assert visible(text) == text
