"""What devices measure of themselves: printers' supplies and trays, UPS batteries, memory and storage, temperatures.

Sources: Printer-MIB (RFC 3805), UPS-MIB (RFC 1628), HOST-RESOURCES-MIB (RFC 2790), ENTITY-SENSOR-MIB (RFC 3433). A level nobody knows is
no number here: -3 is "some left" and never half, -2 is unknown and never empty.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

import msgspec

from collectors.snmp import reading
from collectors.snmp.wire import Oid, Value
from devreg.domain.observation import Gauge

Rows = Mapping[Oid, Mapping[Oid, Value]]
_MIB2: Final[Oid] = (1, 3, 6, 1, 2, 1)
_MOST: Final = 200
"""Gauges kept of one table: a chassis full of optics has thousands of sensors."""


class Meter(msgspec.Struct, frozen=True):
    """One table, or one group of scalars (a table with the single row 0)."""

    name: str
    columns: dict[str, Oid]
    gauge: Callable[[str, Mapping[str, Value]], Iterable[Gauge]]

    def read(self, rows: Rows) -> Iterator[Gauge]:
        """The rows as gauges, in the order of the table."""
        for index, row in sorted(rows.items())[:_MOST]:
            at = {name: row.get(oid) for name, oid in self.columns.items()}
            yield from self.gauge(".".join(map(str, index)), at)


_SUPPLY_TYPES: Final = {
    3: "toner", 4: "waste toner", 5: "ink", 6: "ink", 8: "waste ink", 9: "drum", 10: "developer", 15: "fuser", 20: "transfer unit",
    21: "toner",
}  # fmt: skip
"""prtMarkerSuppliesType; the others are told by their description."""
_LEVEL_STATES: Final = {-1: "unlimited", -2: None, -3: "some left"}
_EMPTY: Final = -100
"""What Ricoh says for an empty one."""
_UNITS: Final = {
    7: "impressions",
    8: "sheets",
    11: "hours",
    13: "g",
    15: "ml",
    16: "feet",
    17: "m",
    18: "items",
    19: "percent",
}
"""prtMarkerSuppliesSupplyUnit and prtInputCapacityUnit."""


def _supply(index: str, at: Mapping[str, Value]) -> Iterator[Gauge]:
    if reading.number(at["level"]) is None and reading.number(at["full"]) is None:
        return
    kind = _SUPPLY_TYPES.get(reading.number(at["type"]) or 0, "supply")
    yield _filled(f"supply.{index}", kind, reading.text(at["descr"]) or kind, at)


def _tray(index: str, at: Mapping[str, Value]) -> Iterator[Gauge]:
    name = reading.text(at["descr"]) or reading.text(at["name"])
    if name and reading.number(at["level"]) is not None:
        yield _filled(f"tray.{index}", "tray", name, at)


def _filled(index: str, kind: str, name: str, at: Mapping[str, Value]) -> Gauge:
    level, full = reading.number(at["level"]), reading.number(at["full"])
    value, state = level, None
    if level == _EMPTY:
        value, state = 0, "empty"
    elif level is not None and level < 0:
        value, state = None, _LEVEL_STATES.get(level)
    elif level == 0:
        state = "empty"
    most = full if full is not None and full > 0 else None
    if value is not None and most is not None and value > most:
        value = most  # some report 150 % of a refilled cartridge
    return Gauge(index, kind, name, value, most, _UNITS.get(reading.number(at["unit"]) or 0), state)


_PRINTER_STATES: Final = {3: "idle", 4: "printing", 5: "warming up"}
_PRINTER_ERRORS: Final = (
    "paper low", "no paper", "toner low", "no toner", "door open", "jammed", "offline", "service requested",
    "no input tray", "no output tray", "cartridge missing", "output near full", "output full", "input tray empty", "overdue maintenance",
)  # fmt: skip
"""hrPrinterDetectedErrorState, bit 0 first."""


def _printer_state(index: str, at: Mapping[str, Value]) -> Iterator[Gauge]:
    bits = at["errors"] if isinstance(at["errors"], bytes) else b""
    faults = [
        name for bit, name in enumerate(_PRINTER_ERRORS) if bit // 8 < len(bits) and bits[bit // 8] & (0x80 >> bit % 8)
    ]
    for fault in faults:
        yield Gauge(f"printer.{index}.{fault}", "printer", "printer", state=fault)
    state = _PRINTER_STATES.get(reading.number(at["status"]) or 0)
    if state and not faults:
        yield Gauge(f"printer.{index}", "printer", "printer", state=state)


_BATTERY_STATES: Final = {2: "normal", 3: "low", 4: "depleted"}
_OUTPUT_SOURCES: Final = {2: "none", 3: "mains", 4: "bypass", 5: "battery", 6: "booster", 7: "reducer"}


def _ups(index: str, at: Mapping[str, Value]) -> Iterator[Gauge]:
    del index
    battery, output = reading.number(at["battery_status"]), reading.number(at["output_source"])
    if battery is not None:
        yield Gauge("ups.battery_status", "battery", "battery", state=_BATTERY_STATES.get(battery))
    if output is not None:
        yield Gauge("ups.output_source", "power", "output source", state=_OUTPUT_SOURCES.get(output))
    measured = (
        ("charge", "battery", "charge", 100, "percent"), ("runtime", "battery", "runtime", None, "min"),
        ("on_battery", "battery", "time on battery", None, "s"), ("temperature", "temperature", "battery", None, "celsius"),
    )  # fmt: skip
    for key, kind, name, most, unit in measured:
        value = reading.number(at[key])
        if value is not None and value >= 0:
            yield Gauge(f"ups.{key}", kind, name, value, most, unit)


def _load(index: str, at: Mapping[str, Value]) -> Iterator[Gauge]:
    value = reading.number(at["load"])
    if value is not None and value >= 0:
        yield Gauge(f"ups.load.{index}", "load", f"output {index}", value, 100, "percent")


_MEMORY: Final[dict[Oid, str]] = {
    (*_MIB2, 25, 2, 1, 2): "memory",
    (*_MIB2, 25, 2, 1, 3): "virtual memory",
    (*_MIB2, 25, 2, 1, 4): "storage",
    (*_MIB2, 25, 2, 1, 9): "flash",
}
"""hrStorageType; removable and network ones are not the device's own."""


def _storage(index: str, at: Mapping[str, Value]) -> Iterator[Gauge]:
    kind = _MEMORY.get(at["type"]) if isinstance(at["type"], tuple) else None
    block, size, used = (reading.number(at[key]) for key in ("block", "size", "used"))
    if kind is None or not block or not size or block < 0 or size < 0:
        return
    yield Gauge(
        f"storage.{index}", kind, reading.text(at["descr"]) or kind,
        None if used is None or used < 0 else min(used, size) * block, size * block, "bytes",
    )  # fmt: skip


_SENSORS: Final = {8: ("temperature", "celsius"), 9: ("humidity", "percent")}
"""entPhySensorType; volts, amperes and light of every optic would be thousands."""
_SENSOR_WORKS: Final = 1
_UNSCALED: Final = 9
"""entPhySensorScale units(9); each step is a thousand."""


def _sensor(index: str, at: Mapping[str, Value]) -> Iterator[Gauge]:
    what = _SENSORS.get(reading.number(at["type"]) or 0)
    value, digits = reading.number(at["value"]), reading.number(at["precision"]) or 0
    scale = reading.number(at["scale"]) or _UNSCALED
    if what is None or value is None or reading.number(at["status"]) != _SENSOR_WORKS:
        return
    kind, unit = what
    amount = value * 10.0 ** (3 * (scale - _UNSCALED) - digits)
    if -273 < amount < 1_000:  # noqa: PLR2004  outside of it the sensor is not there, whatever it says
        yield Gauge(
            f"sensor.{index}",
            kind,
            reading.text(at["name"]) or reading.text(at["descr"]) or index,
            round(amount, 2),
            None,
            unit,
        )


def _columns(*table: int, **arcs: int) -> dict[str, Oid]:
    return {name: (*_MIB2, *table, arc) for name, arc in arcs.items()}


METERS: Final = (
    Meter("supplies", _columns(43, 11, 1, 1, type=5, descr=6, unit=7, full=8, level=9), _supply),
    Meter("trays", _columns(43, 8, 2, 1, unit=8, full=9, level=10, name=13, descr=18), _tray),
    Meter("printer state", _columns(25, 3, 5, 1, status=1, errors=2), _printer_state),
    Meter(
        "UPS",
        {
            **_columns(33, 1, 2, battery_status=1, on_battery=2, runtime=3, charge=4, temperature=7),
            "output_source": (*_MIB2, 33, 1, 4, 1),
        },
        _ups,
    ),
    Meter("UPS load", _columns(33, 1, 4, 4, 1, load=5), _load),
    Meter("storage", _columns(25, 2, 3, 1, type=2, descr=3, block=4, size=5, used=6), _storage),
    Meter(
        "sensors",
        {
            **_columns(99, 1, 1, 1, type=1, scale=2, precision=3, value=4, status=5),
            **_columns(47, 1, 1, 1, 1, descr=2, name=7),
        },
        _sensor,
    ),
)
