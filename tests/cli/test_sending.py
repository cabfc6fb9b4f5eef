from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from eventlab.cli import sending
from eventlab.cli.main import run
from eventlab.cli.sending import PAGES_ONLY, Sending
from eventlab.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_pdf_without_its_packages_is_refused_before_anything_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sending, "find_spec", lambda name: None if name == "typst" else object())
    with pytest.raises(UsageError, match=r'needs typst, which is not .*"eventlab\[report\]"'):
        Sending(pdf=True).check()
    Sending(single_file=True).check()
    PAGES_ONLY.check()
    for command in (["run"], ["report", str(tmp_path)]):
        assert run(["-C", str(tmp_path), *command, "--pdf"]) == 2
        assert "--pdf needs typst" in capsys.readouterr().err


def test_what_was_asked_for_is_named_with_its_size(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "report.html").write_bytes(b"x" * 1_250_000)
    Sending(single_file=True).say_where(tmp_path)
    assert capsys.readouterr().err == f"{tmp_path / 'report.html'}, 1.2 MB\n"
    PAGES_ONLY.say_where(tmp_path)
    assert capsys.readouterr().err == ""
