"""The file or folder that a source names."""

from __future__ import annotations

from pathlib import Path

from eventlab.errors import DataError

__all__ = ["place_of"]


def place_of(source: str) -> tuple[Path, bool]:
    """Return the path that a source names, and whether there is anything.

    Raises
    ------
    DataError
        No path can be called that, or nobody may look.
    """
    try:
        path = Path(source).expanduser()
        return path, path.exists()
    except (OSError, ValueError, RuntimeError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise DataError(
            f"{source[:200]!r}: cannot be looked at ({said}). Give --data a folder or file "
            "of prices"
        ) from error
