"""The demo city shows phones of every sort: what is served and written is so that the register must tell of each."""

from datetime import UTC, datetime

from devreg.demo import graph_lists
from devreg.demo.city import build

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


def test_one_enrolled_phone_of_the_city_is_on_no_paper_and_on_no_list() -> None:
    city = build(now=NOW)
    listed = {row["importedDeviceIdentifier"] for row in graph_lists.identifiers(city)}
    papers = {line.imei for line in (*city.leases, *city.purchases)}
    phones = [d for d in city.managed if d.os == "Android" and d.enrolled and d.owner == "company"]
    known = [{"".join(filter(str.isdigit, d.imei))[:14], d.serial} & listed for d in phones]
    assert len([d for d, names in zip(phones, known, strict=True) if not names and d.imei not in papers]) == 1


def test_papers_say_that_phones_are_lost_in_stock_and_out_of_use_and_only_of_phones_never_enrolled() -> None:
    city = build(now=NOW)
    said = {line.imei: line.state for line in city.purchases if line.state}
    assert sorted(said.values()) == ["in_stock", "lost", "retired"]
    assert not [d for d in city.managed if d.enrolled and d.imei in said]


def test_three_phones_are_held_otherwise_than_they_should_be_and_one_enrolment_failed() -> None:
    city = build(now=NOW)
    leased = {line.imei for line in city.leases}
    phones = [d for d in city.managed if d.os == "Android" and d.imei in leased]
    assert [d.agent for d in phones].count("eas") == 1
    assert [d.owner for d in phones].count("personal") == 1
    assert "retireIssued" in [d.state for d in phones]
    assert [row["enrollmentState"] for row in graph_lists.identifiers(city)].count("failed") == 1


def test_intune_shows_chromebooks_that_a_console_manages() -> None:
    city = build(now=NOW)
    shown = [d for d in city.managed if d.os == "ChromeOS"]
    active = {book.serial for book in city.consoles[0].chromebooks if book.status == "ACTIVE"}
    assert len(shown) == 3
    assert {d.serial for d in shown} <= active
    assert {d.agent for d in shown} == {"google"}
