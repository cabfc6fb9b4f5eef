"""Clock times on the wall of a time zone, and the instants that they stand for."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from eventlab.definitions.problem import hint

__all__ = ["find_zone", "parse_offset", "readings", "written_offset", "zone_hint"]

_FIXED = re.compile(r"UTC([+-](?:0[0-9]|1[0-4]):[0-5][0-9])")  # as timezone(offset) prints itself


def readings(local: datetime, tzinfo: ZoneInfo | timezone) -> list[datetime]:
    """Return the instants that show ``local`` on the wall: none, one or two."""
    both = [local.replace(tzinfo=tzinfo, fold=fold) for fold in (0, 1)]
    real = [each for each in both if _wall(each.astimezone(UTC), tzinfo) == local]
    return real[:1] if len(real) == 2 and real[0].utcoffset() == real[1].utcoffset() else real


def _wall(instant: datetime, tzinfo: ZoneInfo | timezone) -> datetime:
    return instant.astimezone(tzinfo).replace(tzinfo=None, fold=0)


def written_offset(instant: datetime) -> str:
    """Write the offset of a zoned time as ``-05:00``."""
    text = instant.strftime("%z")
    return f"{text[:3]}:{text[3:]}"


def parse_offset(text: str | None) -> timedelta | None:
    """Read ``Z``, ``-05:00`` or ``-0500``; None stays None."""
    if text is None:
        return None
    text = text.strip()
    if text == "Z":
        return timedelta(0)
    sign = -1 if text[0] == "-" else 1
    return sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))


@lru_cache(maxsize=256)
def find_zone(name: str) -> ZoneInfo | timezone | None:
    """Look a zone up: an IANA name or ``UTC-05:00``; None where there is no such zone."""
    fixed = _FIXED.fullmatch(name)
    if fixed:
        offset = parse_offset(fixed[1])
        return None if offset is None else timezone(offset)
    if name == "localtime":  # where it exists, another zone on every machine
        return None
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # a folder of the database, a path, an unknown key
        return None


@lru_cache(maxsize=256)
def zone_hint(name: str) -> str:
    """Name the zone that may have been meant, from a near name or from its city alone."""
    known = _zone_names()
    by_city = {each.rsplit("/", 1)[-1].casefold(): each for each in known}
    city = name.strip().replace(" ", "_").casefold()
    if city in by_city:
        return f"; did you mean {by_city[city]!r}?"
    # Among six hundred names a near one takes milliseconds: look where it begins alike.
    alike = [each for each in known if each[:1].casefold() == name.strip()[:1].casefold()]
    return hint(name, alike) or "; write it as in America/New_York, Europe/London or UTC"


@lru_cache(maxsize=1)
def _zone_names() -> tuple[str, ...]:
    return tuple(sorted(available_timezones()))
