"""What a device measures of itself: a level nobody knows is never a number, and never a reason to warn."""

from typing import Any

import pytest

from collectors.snmp.gauges import METERS
from devreg.domain.observation import Gauge

SUPPLIES, TRAYS, PRINTER, UPS, LOAD, STORAGE, SENSORS = METERS


def measured(meter: Any, **row: Any) -> list[Gauge]:
    return list(meter.read({(1, 1): {meter.columns[name]: value for name, value in row.items()}}))


@pytest.mark.parametrize(
    ("level", "full", "value", "maximum", "state"),
    [
        (40, 100, 40, 100, None),
        (0, 100, 0, 100, "empty"),
        (-3, -2, None, None, "some left"),
        (-3, 100, None, 100, "some left"),
        (-2, 100, None, 100, None),
        (-1, -1, None, None, "unlimited"),
        (-100, 100, 0, 100, "empty"),
        (150, 100, 100, 100, None),
        (11_501, 12_000, 11_501, 12_000, None),
        (None, 100, None, 100, None),
    ],
)
def test_a_supplys_level_is_a_number_only_where_the_printer_knows_it(
    level: int | None, full: int, value: int | None, maximum: int | None, state: str | None
) -> None:
    (found,) = measured(SUPPLIES, type=3, descr=b"Black Toner", level=level, full=full, unit=19)
    assert found == Gauge("supply.1.1", "toner", "Black Toner", value, maximum, "percent", state)


def test_a_supply_row_without_level_and_maximum_is_none() -> None:
    assert measured(SUPPLIES, type=3, descr=b"Black Toner") == []


def test_each_fault_of_a_printer_is_told_and_its_work_only_without_one() -> None:
    assert [g.state for g in measured(PRINTER, status=3, errors=b"\x00")] == ["idle"]
    assert [g.state for g in measured(PRINTER, status=3, errors=b"\x44\x80")] == ["no paper", "jammed", "no input tray"]
    assert measured(PRINTER, status=1, errors=b"") == []


def test_a_ups_on_battery_says_so_and_what_it_does_not_know_is_left_out() -> None:
    found = {
        g.index: (g.value, g.state) for g in measured(UPS, battery_status=3, output_source=5, charge=31, runtime=-1)
    }
    assert found == {
        "ups.battery_status": (None, "low"),
        "ups.output_source": (None, "battery"),
        "ups.charge": (31, None),
    }
    assert [(g.value, g.maximum) for g in measured(LOAD, load=45)] == [(45, 100)]


def test_storage_is_counted_in_bytes_and_only_the_devices_own() -> None:
    own, network = (1, 3, 6, 1, 2, 1, 25, 2, 1, 4), (1, 3, 6, 1, 2, 1, 25, 2, 1, 10)
    (found,) = measured(STORAGE, type=own, descr=b"/", block=4096, size=1000, used=250)
    assert (found.kind, found.value, found.maximum, found.unit) == ("storage", 1_024_000, 4_096_000, "bytes")
    assert measured(STORAGE, type=network, descr=b"/mnt", block=4096, size=1000, used=250) == []
    assert measured(STORAGE, type=own, descr=b"/", block=4096, size=0, used=0) == []


@pytest.mark.parametrize(
    ("scale", "precision", "value", "status", "shown"),
    [
        (9, 0, 41, 1, [41.0]),
        (9, 1, 415, 1, [41.5]),
        (8, 0, 41_500, 1, [41.5]),
        (9, 0, 41, 2, []),
        (9, 0, -1_000, 1, []),
    ],
)
def test_a_sensor_is_read_with_its_scale_and_only_while_it_works(
    scale: int, precision: int, value: int, status: int, shown: list[float]
) -> None:
    found = measured(SENSORS, type=8, scale=scale, precision=precision, value=value, status=status, name=b"Inlet")
    assert [gauge.value for gauge in found] == shown
