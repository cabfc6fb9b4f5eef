"""What the claims of a workspace come to, in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventlab.report.claims.wording import ORDER
from eventlab.report.numbers import counted

if TYPE_CHECKING:
    import pandas as pd

    from eventlab.claims.results import Claims

__all__ = ["SpokenClaims", "spoken_claims"]


@dataclass(frozen=True, slots=True)
class SpokenClaims:
    """The answer, and the reasons for doubt, the strongest first."""

    sentence: str
    doubts: tuple[str, ...]


def spoken_claims(claims: Claims) -> SpokenClaims:
    """Say how many statements held, and why a reader should doubt it."""
    table = claims.claims
    counts = {verdict: int((table["verdict"] == verdict).sum()) for verdict in ORDER}
    total = len(table)
    held, narrow, wrong, open_ = (counts[verdict] for verdict in ORDER)
    be = "is" if held == 1 or total == 1 else "are"
    parts = [f"{held} of {counted(total, 'published statement')} {be} supported by these prices"]
    if narrow:
        parts.append(f"{narrow} only under readings that the page names")
    if wrong:
        parts.append(f"{wrong} contradicted")
    if open_:
        parts.append(f"{open_} cannot be tested with this data")
    return SpokenClaims(f"{', '.join(parts)}.", tuple(_doubts(table, claims)))


def _doubts(table: pd.DataFrame, claims: Claims) -> list[str]:
    said = []
    if claims.stamp.simulated:
        said.append("The prices are simulated: what was stated of real ones cannot be judged.")
    held = table[table["verdict"].isin(ORDER[:2])]
    spread = held[held["n_agreeing"] < held["n_readings"]]
    if len(spread):
        does = "does" if len(spread) == 1 else "do"
        said.append(
            f"{len(spread)} of {len(held)} that held {does} so under some readings and not under "
            "others; which reading was meant is our choice."
        )
    wide = held[(held["low"] < 0) & (held["high"] > 0)]
    if len(wide):
        be = "has an interval" if len(wide) == 1 else "have intervals"
        said.append(
            f"{len(wide)} of {len(held)} that held {be} on both sides of zero: chance alone could "
            "give such a figure."
        )
    if len(held):
        said.append(
            "How near is near enough is a tolerance of ours where the statement gives none; it "
            "stands beside every figure."
        )
    return said
