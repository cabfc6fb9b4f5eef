"""Published statements put to the data, under every reading that their words allow."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventlab.claims.results import Claims
    from eventlab.claims.run import run_claims

__all__ = ["Claims", "run_claims"]

_HOMES = {
    "Claims": "eventlab.claims.results",
    "run_claims": "eventlab.claims.run",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
