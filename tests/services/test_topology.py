"""What switches see around themselves, and where a device is plugged in; on both engines."""

from collections.abc import Sequence
from datetime import datetime

import pytest
from register_rig import NOON, later, row, rows, run

from devreg.domain.topology import Around, Certainty, Neighbour, Protocol, Station
from devreg.errors import NotFound
from devreg.ports import Page, Query, Record
from devreg.services.browse import Browser
from devreg.services.where import as_mac, locate, macs_of
from devreg.store import schema
from devreg.store.engine import Sessions

PHONE, PRINTER, CORE, EDGE = "001122334401", "001122334402", "0011223344c0", "0011223344e0"


def switch(name: str, mac: str, *ports: str) -> Record:
    """A switch whose ports are described as rooms."""
    said = [{"name": port, "if_index": number, "alias": f"room {port}"} for number, port in enumerate(ports, 1)]
    at = f"hall of {name}"
    return row(name, part=name, kind="switch", name=name, serial=f"SER-{name}", macs=[mac], ports=said, location=at)


CITY = (switch("core", CORE, "1", "2", "24"), switch("edge", EDGE, "1", "2", "24"))


def sees(name: str, *stations: tuple[str, str], neighbours: Sequence[Neighbour] | None = ()) -> Around:
    return Around(
        name,
        None if neighbours is None else tuple(neighbours),
        tuple(Station(port, mac, 10) for port, mac in stations),
    )


def uplink(port: str, to: str, mac: str | None) -> Neighbour:
    return Neighbour(port, Protocol.LLDP, f"{mac}|24", remote_name=to, remote_port="24", remote_mac=mac)


def read(sessions: Sessions, *around: Around, now: datetime = NOON) -> None:
    """A run of the network source."""
    run(sessions, Page(CITY, around=around), name="network", kind="snmp", now=now)


def found(sessions: Sessions, mac: str) -> list[tuple[str | None, str, str]]:
    return [(line.device, line.port, line.certainty) for line in locate(sessions, [mac]).lines]


def test_the_place_is_the_port_that_leads_to_no_other_switch(sessions: Sessions) -> None:
    read(
        sessions,
        sees("core", ("24", PHONE), ("24", EDGE), neighbours=[uplink("24", "edge", EDGE)]),
        sees("edge", ("1", PHONE), ("24", CORE), neighbours=[uplink("24", "core", CORE)]),
    )
    (line,) = locate(sessions, [PHONE]).lines
    assert (line.device, line.port, line.alias, line.location) == ("edge", "1", "room 1", "hall of edge")
    assert (line.certainty, line.vlan, line.current, line.others) == (Certainty.EDGE, 10, True, 0)


def test_a_neighbour_without_a_mac_is_known_by_its_name(sessions: Sessions) -> None:
    read(
        sessions,
        sees("core", ("24", PHONE), neighbours=[uplink("24", "edge", None)]),
        sees("edge", ("1", PHONE)),
    )
    assert found(sessions, PHONE) == [("edge", "1", "edge")]


def test_a_switch_that_says_nothing_is_known_by_its_address(sessions: Sessions) -> None:
    read(sessions, sees("core", ("24", PHONE), ("24", EDGE)), sees("edge", ("1", PHONE)))
    assert found(sessions, PHONE) == [("edge", "1", "edge")]


def test_of_several_edge_ports_the_one_with_the_fewest_addresses_comes_first(sessions: Sessions) -> None:
    read(sessions, sees("core", ("1", PHONE), ("1", PRINTER), ("1", "00112233aa01")), sees("edge", ("1", PHONE)))
    assert found(sessions, PHONE) == [("edge", "1", "likely"), ("core", "1", "likely")]


def test_an_address_only_on_ports_that_lead_on_is_behind_them(sessions: Sessions) -> None:
    read(sessions, sees("core", ("24", PHONE), neighbours=[uplink("24", "edge", EDGE)]), sees("edge"))
    (line,) = locate(sessions, [PHONE]).lines
    assert (line.device, line.certainty, line.neighbours) == ("core", Certainty.BEHIND, "edge")


def test_a_device_that_names_itself_is_surest(sessions: Sessions) -> None:
    named = Neighbour("2", Protocol.CDP, "SEP|1", remote_name="SEP001122334401", remote_mac=PHONE)
    read(sessions, sees("core", ("1", PHONE)), sees("edge", neighbours=[named]))
    assert found(sessions, PHONE)[0] == ("edge", "2", "announced")


def test_where_it_was_stays_known_after_it_is_unplugged(sessions: Sessions) -> None:
    read(sessions, sees("edge", ("1", PHONE)))
    read(sessions, sees("edge", ("2", PHONE)), now=later(60))
    assert found(sessions, PHONE) == [("edge", "2", "edge")]
    read(sessions, sees("edge"), now=later(120))
    lines = locate(sessions, [PHONE]).lines
    assert [(line.port, line.current, line.last_seen) for line in lines] == [
        ("2", False, later(60)),
        ("1", False, NOON),
    ]


def test_a_list_that_was_not_read_whole_takes_nothing_away(sessions: Sessions) -> None:
    read(sessions, sees("edge", ("1", PHONE), neighbours=[uplink("24", "core", CORE)]))
    read(sessions, Around("edge", None, None), now=later(60))
    assert found(sessions, PHONE) == [("edge", "1", "edge")]
    assert [line["current"] for line in rows(sessions, schema.neighbour)] == [True]


def test_first_seen_stays_and_last_seen_moves(sessions: Sessions) -> None:
    for minutes in (0, 60, 120):
        read(sessions, sees("edge", ("1", PHONE)), now=later(minutes))
    (line,) = rows(sessions, schema.station)
    assert (line["first_seen"], line["last_seen"]) == (NOON, later(120))


def test_past_places_are_forgotten_after_a_year_and_made_up_addresses_after_a_month(sessions: Sessions) -> None:
    random = "a6aabbccdd01"
    read(sessions, sees("edge", ("1", PHONE), ("2", random)))
    read(sessions, sees("edge"), now=later(60))
    read(sessions, sees("edge"), now=later(31 * 24 * 60))
    assert [line["mac"] for line in rows(sessions, schema.station)] == [PHONE]
    read(sessions, sees("edge"), now=later(366 * 24 * 60 + 60))
    assert rows(sessions, schema.station) == []


def test_neighbours_are_listed_with_the_device_they_are(sessions: Sessions) -> None:
    stranger = Neighbour("1", Protocol.LLDP, "x|1", remote_name="<private>", remote_mac="00aabbccddee")
    read(sessions, sees("edge", neighbours=[uplink("24", "core", CORE), stranger]))
    browser = Browser(sessions, "en")
    listed = browser.rows("neighbours", browser.keys("neighbours", Query()))
    said = [(line["port"], line["remote_name"], line["matched_device"], line["matched_kind"]) for line in listed]
    assert said == [("1", "<private>", None, None), ("24", "core", "D000001", "switch")]


def test_a_name_that_two_places_have_names_neither(sessions: Sessions) -> None:
    twins = (
        switch("core", CORE, "1"),
        switch("edge", EDGE, "24"),
        row("other", serial="SER-OTHER", name="core", part="b"),
    )
    around = sees("edge", neighbours=[uplink("24", "core", None)])
    run(sessions, Page(twins, around=(around,)), name="network", kind="snmp")
    browser = Browser(sessions, "en")
    (line,) = browser.rows("neighbours", browser.keys("neighbours", Query()))
    assert line["matched_device"] is None


def test_the_first_member_stands_for_a_stack(sessions: Sessions) -> None:
    stack = tuple(row(f"m{n}", serial=f"SER-{n}", name="core", kind="switch", part="10.0.0.1") for n in (1, 2, 3))
    around = sees("edge", neighbours=[uplink("24", "core", None)])
    run(sessions, Page((*stack, switch("edge", EDGE, "24")), around=(around,)), name="network", kind="snmp")
    browser = Browser(sessions, "en")
    (line,) = browser.rows("neighbours", browser.keys("neighbours", Query()))
    assert line["matched_device"] == "D000001"


def test_a_neighbour_makes_no_device(sessions: Sessions) -> None:
    read(sessions, sees("edge", ("1", PHONE), neighbours=[uplink("1", "somebody", "00aabbccddee")]))
    assert len(rows(sessions, schema.device)) == 2


def test_a_device_is_found_by_its_own_addresses(sessions: Sessions) -> None:
    run(sessions, Page((row("p", serial="PRN1", kind="printer", macs=[PRINTER]), row("q", serial="PRN2"))))
    read(sessions, sees("edge", ("2", PRINTER)))
    assert macs_of(sessions, 1) == [PRINTER]
    answer = locate(sessions, macs_of(sessions, 1))
    assert (answer.owners, answer.macs, answer.lines[0].port) == (("D000001",), ("00:11:22:33:44:02",), "2")
    with pytest.raises(NotFound, match="No MAC address of D000002"):
        macs_of(sessions, 2)


@pytest.mark.parametrize(
    "text", ["00:11:22:AA:bb:cc", "0011.22aa.bbcc", "00-11-22-aa-bb-cc", "001122AABBCC", "00 11 22 aa bb cc"]
)
def test_a_mac_is_taken_however_it_is_written(text: str) -> None:
    assert as_mac(text) == "001122aabbcc"


@pytest.mark.parametrize("text", ["PF3KX9AB", "00112233445", "0011223344556", "", "räksmörgås12"])
def test_what_is_no_mac_is_none(text: str) -> None:
    assert as_mac(text) is None


def test_a_port_is_listed_with_who_names_itself_on_it(sessions: Sessions) -> None:
    read(sessions, sees("edge", neighbours=[uplink("24", "core", CORE)]))
    browser = Browser(sessions, "en")
    listed = browser.rows("ports", browser.keys("ports", Query(where=(("device", "edge"),))))
    assert [(line["name"], line["neighbour"]) for line in listed] == [("1", None), ("2", None), ("24", "core")]
