"""What Google's Chrome Management reports add: a second count of update ends, and the batteries' health. Source: contracts/google.md 7."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, Final

import msgspec

from collectors.rows import claim_set, day, stored
from devreg.domain import identifiers
from devreg.domain.device import Battery
from devreg.domain.observation import Observation, Subject
from devreg.errors import Broken
from devreg.i18n import N_
from devreg.ports import Record
from devreg.text import clean

BATTERY_PART: Final = "telemetry"
TELEMETRY_MASK: Final = "name,deviceId,serialNumber,batteryStatusReport"
_HEALTH: Final = {
    "BATTERY_HEALTH_NORMAL": Battery.NORMAL,
    "BATTERY_REPLACE_SOON": Battery.REPLACE_SOON,
    "BATTERY_REPLACE_NOW": Battery.REPLACE_NOW,
}
_MONTHS: Final = (
    "JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE", "JULY", "AUGUST", "SEPTEMBER", "OCTOBER", "NOVEMBER", "DECEMBER",
)  # fmt: skip
_SHOWN: Final = 3
_PERHAPS: Final = frozenset({"DISABLED", "DELINQUENT"})
"""Whether Google's report counts these as provisioned is not documented."""
Month = tuple[int, int]
"""Year and month."""


class BatteryState(msgspec.Struct, frozen=True, rename="camel"):
    """What is kept of a device's telemetry."""

    device_id: str
    serial_number: str | None = None
    battery_health: str | None = None
    """Ours: of the newest report."""


BATTERY_KEYS: Final = ("deviceId", "serialNumber")


def tells_battery(row: Any) -> bool:
    """Whether a row of telemetry says how a battery is, and of which device."""
    return _health(row) in _HEALTH and identifiers.serial(clean(row.get("serialNumber"))) is not None


def battery_record(row: Any) -> Record:
    """A row of telemetry as a record of its own, tied to its Chromebook by the serial number. Raises Broken when it is not one.

    Apart from the device's own record, so that telemetry that can't be read one night takes nothing away.
    """
    kept = stored(row, BatteryState, BATTERY_KEYS) | {"batteryHealth": _health(row)}
    return Record(Subject.DEVICE, f"{BATTERY_PART}/{kept['deviceId']}", kept, part=BATTERY_PART)


def _health(row: Any) -> str | None:
    """The word of the newest report."""
    reports = row.get("batteryStatusReport") if isinstance(row, dict) else None
    said = [report for report in reports if isinstance(report, dict)] if isinstance(reports, list) else []
    newest: dict[str, Any] = max(said, key=lambda report: str(report.get("reportTime", "")), default={})
    return clean(newest.get("batteryHealth"), 100)


def observe_battery(state: BatteryState) -> Observation:
    """The health of a Chromebook's battery."""
    serial = identifiers.serial(state.serial_number)
    health = _HEALTH.get(state.battery_health or "")
    return Observation(
        Subject.DEVICE, keys=(serial,) if serial else (), claims=claim_set(battery=health.value if health else None)
    )


def update_end(through: object, expiration: object) -> date | None:
    """The auto-update expiry. Milliseconds are read as a UTC day: local time would move it (contracts/google.md section 3)."""
    if (named := day(clean(through))) is not None:
        return named
    try:
        millis = int(str(expiration))
        return datetime.fromtimestamp(millis / 1000, UTC).date() if millis > 0 else None
    except (OverflowError, OSError, ValueError):
        return None


class UpdateEnds:
    """When updates end, counted from the devices as they are read, to be compared with Google's own report."""

    def __init__(self, today: date) -> None:
        self._now: Month = (today.year, today.month)
        self._listed: Counter[Month] = Counter()
        self._perhaps: Counter[Month] = Counter()

    def add(self, rows: Iterable[Any]) -> None:
        """A page of chromeosdevices."""
        for row in rows:
            if isinstance(row, dict):
                end = update_end(row.get("autoUpdateThrough"), row.get("autoUpdateExpiration"))
                self.count(clean(row.get("status")), end)

    def count(self, status: str | None, end: date | None) -> None:
        """One device of the list. Devices that are not provisioned, or of which the end is not known, are in neither count."""
        if end is None:
            return
        if status == "ACTIVE":
            self._listed[self._bucket((end.year, end.month))] += 1
        elif status in _PERHAPS:
            self._perhaps[self._bucket((end.year, end.month))] += 1

    def disagreement(self, rows: Iterable[Any]) -> str | None:
        """A sentence when the report counts otherwise than the list; None when they agree. Raises Broken for another shape.

        The report tells months; this month and all before it are one sum, because only some of this month's devices are over.
        """
        reported: Counter[Month] = Counter()
        for row in rows:
            month, count = self._reported(row)
            reported[self._bucket(month)] += count
        apart = sorted(month for month in {*reported, *self._listed} if not self._fits(month, reported[month]))
        if not apart:
            return None
        shown = ", ".join(
            f"{year}-{month:02d}: {reported[year, month]} / {self._listed[year, month]}"
            for year, month in apart[:_SHOWN]
        )
        more = len(apart) - _SHOWN
        shown += f", +{more}" if more > 0 else ""
        return N_(
            f"Google's report of update ends counts other devices than its list has, by month (report / list): {shown}."
        )

    def _fits(self, month: Month, reported: int) -> bool:
        return self._listed[month] <= reported <= self._listed[month] + self._perhaps[month]

    def _bucket(self, month: Month) -> Month:
        return max(month, self._now)

    def _reported(self, row: Any) -> tuple[Month, int]:
        try:
            count = int(row.get("count", 0))
            if row.get("expired") or not row.get("aueYear"):
                return self._now, count
            return (int(row["aueYear"]), _MONTHS.index(str(row["aueMonth"]).upper()) + 1), count
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise Broken(N_("The report of update ends has another shape than documented.")) from error
