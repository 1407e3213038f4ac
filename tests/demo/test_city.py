import re
import time
from collections import Counter
from datetime import timedelta

import pytest
from demo_clients import NOW
from stdnum import imei

from devreg.demo.city import City, build
from devreg.demo.plan import Family
from devreg.domain.device import Stage, Use


@pytest.fixture(scope="module")
def whole() -> City:
    return build(now=NOW)


def physical_devices(city: City) -> int:
    managed = {device.id for device in city.managed if device.os != "ChromeOS"} - re_enrolled(city)
    chromebooks = {book.serial.strip().upper() for console in city.consoles for book in console.chromebooks}
    return len(managed) + len(chromebooks) + sum(len(item.members) for item in city.network)


def re_enrolled(city: City) -> set[str]:
    newest = {}
    for device in city.managed:
        newest.setdefault((device.wifi_mac.lower(), device.model), []).append(device)
    return {old.id for records in newest.values() for old in records[1:]}


def test_the_same_seed_and_moment_give_the_same_city(whole: City) -> None:
    assert build(now=NOW) == whole


def test_another_seed_gives_other_devices(whole: City) -> None:
    other = build(seed=7, now=NOW)
    assert {device.serial for device in other.managed} & {device.serial for device in whole.managed} <= {
        "", "0", "To be filled by O.E.M.", "Default string",
    }  # fmt: skip


def test_a_city_of_2600_devices_is_made_within_a_second() -> None:
    began = time.perf_counter()
    build(now=NOW)
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize("devices", [200, 2600, 9000])
def test_the_city_has_as_many_devices_as_asked_for(devices: int) -> None:
    # One soiled Chromebook serial is a placeholder: its two records no longer share a serial.
    assert abs(physical_devices(build(devices, now=NOW)) - devices) <= 2


def test_a_city_too_small_to_be_one_is_refused() -> None:
    with pytest.raises(ValueError, match="ask for 200 or more"):
        build(50, now=NOW)


def test_pupils_grow_with_the_devices(whole: City) -> None:
    half = build(1300, now=NOW)
    assert sum(row.pupils for row in half.headcounts) == pytest.approx(
        sum(row.pupils for row in whole.headcounts) / 2, rel=0.03
    )


def test_no_address_could_be_anybodys(whole: City) -> None:
    addresses = [person.address for person in whole.people] + [console.subject for console in whole.consoles]
    assert all(address.endswith(".example") for address in addresses)
    assert len(addresses) == len(set(addresses))


def test_dates_lie_before_the_citys_moment(whole: City) -> None:
    moments = [moment for device in whole.managed for moment in (device.enrolled_at, device.synced_at) if moment]
    moments += [book.synced_at for console in whole.consoles for book in console.chromebooks]
    assert max(moments) <= NOW
    assert sum(NOW - moment > timedelta(days=100) for moment in moments) > 100


def test_every_kind_of_dirt_is_there(whole: City) -> None:
    serials = Counter(device.serial for device in whole.managed)
    assert serials["0"] == 2
    assert serials["To be filled by O.E.M."] == 1
    assert serials[""] >= 1
    assert {"[/]", "=1+1", "Åsa's iPad"} <= {device.name for device in whole.managed}
    assert any(re.match(r"[0-9a-f]{32}\w+\.\w+@", device.upn) for device in whole.managed)
    assert any(device.synced_at is None for device in whole.managed)
    assert any(device.wifi_mac.isupper() for device in whole.managed)
    assert any(device.wifi_mac.islower() for device in whole.managed)
    assert any(device.agent == "intuneAosp" for device in whole.managed)
    assert any(device.owner == "personal" for device in whole.managed)
    assert any(not device.enrolled for device in whole.managed)
    assert re_enrolled(whole)
    assert any(book.aue and book.aue < NOW.date() for console in whole.consoles for book in console.chromebooks)


def test_every_imei_has_a_right_check_digit(whole: City) -> None:
    clean = [device.imei for device in whole.managed if device.imei.isdigit() and device.imei.strip("0")]
    assert len(clean) > 250
    assert all(imei.is_valid(number) for number in clean)


def test_moved_chromebooks_are_deprovisioned_in_the_old_console_and_a_few_live_in_both(whole: City) -> None:
    city, swedish, old = whole.consoles
    live = {book.serial: book for console in (city, swedish) for book in console.chromebooks}
    twice = [book for book in old.chromebooks if book.serial in live]
    assert len(twice) > 40
    assert {book.status for book in twice} == {"DEPROVISIONED", "ACTIVE"}
    assert all(book.device_id != live[book.serial].device_id for book in twice)
    assert sum(book.status == "ACTIVE" for book in twice) < 12


def test_one_school_is_clearly_worst_and_swedish_lower_secondary_is_behind(whole: City) -> None:
    coverage = {
        unit: share for (unit, stage), share in pupil_coverage(whole).items() if stage in ("3-6", "7-9", "upper")
    }
    worst, second = sorted(coverage, key=coverage.__getitem__)[:2]
    assert worst == "hagelstamska"
    assert coverage["hagelstamska"] < 0.7 < 0.85 < coverage[second]
    assert coverage["kasavuori"] - coverage["hagelstamska"] > 0.2
    assert max(coverage.values()) > 1


def pupil_coverage(city: City) -> dict[tuple[str, Stage], float]:
    places = [device.place for device in city.managed if device.enrolled]
    places += [
        book.place for console in city.consoles for book in console.chromebooks if book.status != "DEPROVISIONED"
    ]
    stock = Counter((place.unit, place.stage) for place in places if place.use is Use.PUPIL)
    return {(row.unit, row.stage): stock[row.unit, row.stage] / row.pupils for row in city.headcounts}


def test_a_day_care_centre_with_devices_has_sent_no_numbers(whole: City) -> None:
    assert "grankotten" not in {row.unit for row in whole.headcounts}
    assert any(device.place.unit == "grankotten" for device in whole.managed)
    assert {row.day.isoformat() for row in whole.headcounts} == {"2026-09-20"}


def test_the_network_has_a_stack_of_three_and_every_role(whole: City) -> None:
    assert max(len(item.members) for item in whole.network) == 3
    assert {item.role for item in whole.network} == {"switch", "access_point", "printer", "ups", "server"}


def test_leases_and_purchases_name_devices_of_the_city(whole: City) -> None:
    known = {device.serial for device in whole.managed} | {
        book.serial for c in whole.consoles for book in c.chromebooks
    }
    written = [line.serial.strip().upper() for line in whole.purchases if line.serial.strip()]
    assert sum(serial in known for serial in written) / len(written) > 0.99
    assert any(lease.end < NOW.date() for lease in whole.leases)
    books = [device for device in whole.managed if device.place.family is Family.CHROMEBOOK]
    assert all(device.agent == "google" for device in books)  # shown through the connector only
