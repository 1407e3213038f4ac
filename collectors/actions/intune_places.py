"""Where a device is, out of Intune's answer to who asked for it. Source: contracts/intune.md 6 and 7; safety.md 29 and 33."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from collectors.rows import moment
from devreg.action_ports import Location
from devreg.domain.followed import SKEW


def location_of(row: dict[str, Any], since: datetime) -> Location | None:
    """The newest place that was asked for since then; kiosks carry an older entry that nobody asked for. None: not told yet."""
    found = sorted(_told(row.get("deviceActionResults"), since), key=lambda pair: pair[0], reverse=True)
    return found[0][1] if found else None


def _told(entries: Any, since: datetime) -> Iterator[tuple[datetime, Location]]:
    for entry in entries if isinstance(entries, list) else []:
        if not isinstance(entry, dict) or str(entry.get("actionName")).casefold() != "locatedevice":
            continue
        started, told = moment(_text(entry.get("startDateTime"))), entry.get("deviceLocation")
        if started is None or started < since - SKEW or not isinstance(told, dict):
            continue
        latitude, longitude = _number(told.get("latitude")), _number(told.get("longitude"))
        if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
            continue
        seen = moment(_text(told.get("lastCollectedDateTime")))
        yield started, Location(latitude, longitude, _number(told.get("horizontalAccuracy")), seen)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
