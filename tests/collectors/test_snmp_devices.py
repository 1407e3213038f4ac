"""From a reading to devices: who the members are, which serial counts, what ports are called, what the claims say."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.snmp.devices import records
from collectors.snmp.members import units
from collectors.snmp.observe import observe
from collectors.snmp.ports import named_ports
from collectors.snmp.reading import Entity, Interface, Member, Reading, mac, text
from collectors.snmp.vendors import rules
from devreg.domain.device import Kind
from devreg.domain.observation import Observation

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
CHASSIS, STACK, CONTAINER, MODULE, PORT = 3, 11, 5, 9, 10
RULES = rules()
CISCO = "1.3.6.1.4.1.9.1.2494"


def reading(**said: Any) -> Reading:
    return Reading("10.20.0.7", "10.20.0.7", **said)


def seen(found: Reading) -> list[Observation]:
    return [observe(record, RULES) for record in records(found, NOW, RULES)]


def one(**said: Any) -> Observation:
    return seen(reading(**said))[0]


def stack(*serials: str) -> tuple[Entity, ...]:
    members = [
        Entity(1000 * n, kind=CHASSIS, parent=1, place=n, name=f"Switch {n}", serial=serial, model="C9200L-48P-4G")
        for n, serial in enumerate(serials, 1)
    ]
    ports = [Entity(m.index + 1, kind=PORT, parent=m.index) for m in members]
    return (Entity(1, kind=STACK, parent=0, serial=serials[0]), *members, *ports)


def test_each_chassis_of_a_stack_is_a_device_and_the_container_is_none() -> None:
    found = seen(reading(entities=stack("FOC2001X001", "FOC2001X002", "FOC2001X003"), name="sw-koulu"))
    assert [(s.claims["serial"], s.claims["position"], s.claims["name"]) for s in found] == [
        ("FOC2001X001", 1, "sw-koulu"),
        ("FOC2001X002", 2, "sw-koulu"),
        ("FOC2001X003", 3, "sw-koulu"),
    ]


def test_one_serial_repeated_by_two_chassis_rows_is_one_device() -> None:
    rows = tuple(Entity(n, kind=CHASSIS, parent=0, serial="FOC2001X001") for n in (1, 2))
    assert len(units(reading(entities=rows), RULES)) == 1


def test_a_member_whose_parts_carry_the_serial_is_found_through_the_stack_rows() -> None:
    rows = (
        Entity(1, kind=STACK, parent=0),
        Entity(2, kind=STACK, parent=1),
        Entity(3, kind=CONTAINER, parent=2, place=0, serial="A0488A0001"),
        Entity(4, kind=MODULE, parent=2, place=1, serial="A0488B0001"),
        Entity(7, kind=STACK, parent=1),
        Entity(8, kind=CONTAINER, parent=7, place=0, serial="A0488A0002"),
    )
    assert [unit.serial for unit in units(reading(entities=rows), RULES)] == ["A0488A0001", "A0488A0002"]


def test_members_come_from_the_vendors_table_where_entity_mib_has_none() -> None:
    members = (Member(0, "PE3712345678", "ex3400-48p", "21.4R3"), Member(1, "PE3712345679", "ex3400-48p", "21.4R3"))
    found = seen(
        reading(
            object_id="1.3.6.1.4.1.2636.1.1.1.4.131.3",
            members=members,
            interfaces=(Interface(501, "ge-0/0/1"), Interface(601, "ge-1/0/1")),
        )
    )
    assert [(s.claims["serial"], s.claims["model"], s.ports[0].name) for s in found] == [
        ("PE3712345678", "ex3400-48p", "ge-0/0/1"),
        ("PE3712345679", "ex3400-48p", "ge-1/0/1"),
    ]


def test_a_port_goes_to_the_member_that_holds_its_hardware_then_by_its_name_then_to_the_first() -> None:
    ports = (Interface(1, "Gi2/0/1"), Interface(2, "Odd name"), Interface(3, "Vlan1"), Interface(4, "Gi2/0/2"))
    found = seen(
        reading(entities=stack("FOC2001X001", "FOC2001X002"), entity_ports=((1001, 4), (2001, 2)), interfaces=ports)
    )
    assert [[port.name for port in s.ports] for s in found] == [["Vlan1", "Gi2/0/2"], ["Gi2/0/1", "Odd name"]]


def test_a_stack_has_no_mac_of_its_own_to_be_matched_by() -> None:
    found = seen(reading(entities=stack("FOC2001X001", "FOC2001X002"), base_mac="a0239f000001"))
    assert [key.kind for s in found for key in s.keys] == ["serial", "serial"]


@pytest.mark.parametrize(
    ("said", "native_id"),
    [
        ({"entities": (Entity(1, kind=CHASSIS, serial="foc 2001x001"),)}, "serial:FOC2001X001"),
        ({"base_mac": "a0239f000001"}, "mac:a0239f000001"),
        ({"entities": (Entity(1, kind=CHASSIS, serial="To be filled by O.E.M."),)}, "target:10.20.0.7"),
        ({"interfaces": (Interface(1, mac="a0239f000009"), Interface(2, mac="a0239f000003"))}, "mac:a0239f000003"),
        ({"interfaces": (Interface(1, mac="00005e000101"), Interface(2, mac="525400000003"))}, "target:10.20.0.7"),
        ({}, "target:10.20.0.7"),
    ],
)
def test_the_native_id_is_the_serial_else_the_mac_else_the_address(said: dict[str, Any], native_id: str) -> None:
    assert records(reading(**said), NOW, RULES)[0].native_id == native_id


def test_a_serial_equal_to_the_model_or_to_a_mac_yields_to_a_better_one() -> None:
    row = Entity(1, kind=CHASSIS, parent=0, serial="ES-24-250W", model="ES-24-250W")
    assert one(entities=(row,), vendor={"serial": "REAL0001"}).claims["serial"] == "REAL0001"
    disguised = Entity(1, kind=CHASSIS, parent=0, serial="A0239F000001")
    assert one(entities=(disguised,), base_mac="a0239f000001").claims["serial"] == "A0239F000001"
    assert (
        one(entities=(disguised,), base_mac="a0239f000001", vendor={"serial": "REAL0001"}).claims["serial"]
        == "REAL0001"
    )


def test_a_dell_switch_goes_by_its_service_tag() -> None:
    row = Entity(1, kind=CHASSIS, parent=0, serial="CN0123456789ABC")
    dell = one(object_id="1.3.6.1.4.1.674.10895.3065", entities=(row,), vendor={"serial": "7WQ1R92"}, vendor_rule="674")
    assert dell.claims["serial"] == "7WQ1R92"


def test_a_placeholder_serial_is_neither_key_nor_claim() -> None:
    found = one(entities=(Entity(1, kind=CHASSIS, serial="000000000000"),), printer_serial="N/A")
    assert found.keys == ()
    assert "serial" not in found.claims


def test_a_power_supplys_serial_is_a_component_and_not_the_device() -> None:
    rows = (Entity(1, kind=CHASSIS, parent=0), Entity(2, kind=6, parent=1, serial="PSU0001X", name="PSU 1"))
    (record,) = records(reading(entities=rows), NOW, RULES)
    assert record.native_id == "target:10.20.0.7"
    assert record.body["components"] == [{"kind": "power supply", "name": "PSU 1", "serial": "PSU0001X"}]


def test_what_moves_by_itself_is_outside_the_comparison() -> None:
    def read(up_time: int, oper: str, pages: int) -> Any:
        port = Interface(1, "Gi1/0/1", oper=oper)
        return records(reading(up_time=up_time, interfaces=(port,), page_count=pages, is_printer=True), NOW, RULES)[0]

    before, after = read(100, "up", 7), read(900, "down", 9)
    assert before.body == after.body
    assert observe(after, RULES).ports[0].oper == "down"
    assert observe(after, RULES).claims["page_count"] == 9
    assert observe(after, RULES).as_of == NOW


def test_port_names_are_unique_and_keep_ifdescr_where_it_tells_them_apart() -> None:
    rows = (
        Interface(1, "eth", "left"),
        Interface(2, "eth", "right"),
        Interface(3, "lag"),
        Interface(4, "lag"),
        Interface(5),
    )
    assert [port["name"] for port in named_ports(rows)] == ["eth (left)", "eth (right)", "lag (1)", "lag (2)", "if5"]


@given(st.lists(st.tuples(st.sampled_from(["a", "a (1)", "a'", None]), st.sampled_from(["x", "y", None])), max_size=12))
def test_port_names_never_collide(rows: list[tuple[str | None, str | None]]) -> None:
    ports = named_ports([Interface(index, name, descr) for index, (name, descr) in enumerate(rows)])
    assert len({port["name"] for port in ports}) == len(rows)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"is_printer": True, "object_id": "1.3.6.1.4.1.11.2.3.9.1"}, Kind.PRINTER),
        ({"ups": {"model": "X 1500"}, "object_id": "1.3.6.1.4.1.99999.1"}, Kind.UPS),
        ({"object_id": "1.3.6.1.4.1.318.1.3.4.6", "descr": "APC MN:AP8641 HR:02 SN: X", "ups": {}}, Kind.OTHER),
        ({"object_id": CISCO, "descr": "Cisco IOS Software, C2960X Software"}, Kind.SWITCH),
        ({"object_id": CISCO, "descr": "Cisco Adaptive Security Appliance Version 9.8"}, Kind.FIREWALL),
        ({"object_id": CISCO, "descr": "Cisco AP Software, C9120AXI-E"}, Kind.ACCESS_POINT),
        ({"object_id": "1.3.6.1.4.1.8072.3.2.10", "descr": "Linux srv 6.1.0 x86_64"}, Kind.SERVER),
        ({"object_id": "1.3.6.1.4.1.8072.3.2.10", "vendor": {"model": "DS220"}, "vendor_rule": "6574"}, Kind.STORAGE),
        ({"object_id": "1.3.6.1.4.1.99999.1", "is_bridge": True}, Kind.SWITCH),
        ({"object_id": "1.3.6.1.4.1.99999.1", "services": 4}, Kind.ROUTER),
        ({"object_id": "1.3.6.1.4.1.99999.1", "services": 72}, Kind.OTHER),
        ({}, Kind.OTHER),
    ],
)
def test_the_kind_follows_the_tables_then_the_vendors_patterns_then_what_it_forwards(
    said: dict[str, Any], kind: Kind
) -> None:
    assert one(**said).claims["kind"] == kind


def test_an_order_number_is_not_the_model_while_something_better_is_said() -> None:
    row = Entity(1, kind=CHASSIS, parent=0, serial="SG00KMX0MQ", model="JL679A", descr="6100 12G Class4 PoE Switch")
    assert (
        one(object_id="1.3.6.1.4.1.47196.4.1.1.1.254", entities=(row,)).claims["model"] == "6100 12G Class4 PoE Switch"
    )


def test_the_contact_is_never_kept() -> None:
    assert "contact" not in {field.name for field in msgspec.structs.fields(Reading)}


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        (b"Gi1/0/1\0", "Gi1/0/1"),
        (b"caf\xe9", "café"),
        ("Mäntymäki".encode(), "Mäntymäki"),
        (b"evil\x1b[31m", "evil[31m"),
        (b"\0\0", None),
        (b"", None),
        (42, "42"),
        (None, None),
    ],
)
def test_strings_are_decoded_late_and_cleaned(raw: Any, kept: str | None) -> None:
    assert text(raw) == kept


def test_a_mac_is_six_bytes_or_their_text_and_all_zeros_are_none() -> None:
    assert mac(bytes.fromhex("a0239f000001")) == "a0239f000001"
    assert mac(b"A0:23:9F:00:00:01") == "a0239f000001"
    assert mac(bytes(6)) is None
    assert mac(b"sw-koulu-001") is None


def test_every_vendor_rule_names_the_mib_object_it_comes_from() -> None:
    for vendor in RULES.vendors.values():
        for rule in vendor.rules:
            assert " " in rule.source, (vendor.key, rule)
