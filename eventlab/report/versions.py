"""Versions of everything a number can depend on."""

import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from eventlab import __version__

__all__ = ["PACKAGES", "dependency_versions"]

PACKAGES = (
    "numpy",
    "pandas",
    "numba",
    "scipy",
    "pyarrow",
    "pydantic",
    "pyyaml",
    "exchange-calendars",
    "rich",
    "typer",
    "arch",
    "vectorbt",
    "vectorbt-rust",
    "altair",
    "jinja2",
    "vl-convert-python",
)


def dependency_versions() -> dict[str, str]:
    """Return package name to version, eventlab and Python first; what is missing is left out."""
    return dict(_found())


@cache
def _found() -> dict[str, str]:
    found = {"eventlab": __version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
