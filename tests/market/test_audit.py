"""The checks over markets that come from no file."""

from __future__ import annotations

from datetime import date

from eventlab.market.audit import audit
from tests.market.series import MINUTE, daily, intraday, market, ns

START = date(2025, 12, 1)


def test_audit_finds_what_files_would_be_told() -> None:
    good = daily("GOOD", "XNYS", START, [100, 101, 102, 103, 104])
    holed = daily("HOLED", "XNYS", START, [100, 101, 102, 103, 104], drop=[2])
    zero = daily("ZERO", "24/7", START, [100, 0, 100])
    ends = [ns("2025-12-01T01:00") + hour * 60 * MINUTE for hour in (0, 1, 3)]
    bars = intraday("BARS", "24/7", ends, [1, 1, 1], 60)
    found = audit(market(good, holed, zero, bars))
    assert [(one.symbol, one.check, one.severity, one.first, one.count) for one in found] == [
        ("HOLED", "gap", "warning", "2025-12-03", 1),
        ("ZERO", "non_positive", "refused", "2025-12-02", 1),
        ("BARS", "gap", "warning", "2025-12-01", 1),
    ]
