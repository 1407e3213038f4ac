"""The vendors' data file: the city's own goes over it, and a slip in either is told with its place."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from register_rig import NOON, actor, devices
from snmp_rig import Misbehaving, collector, switch

from collectors.snmp import SnmpCollector, SnmpOptions
from collectors.snmp.kinds import known_kind
from collectors.snmp.vendors import rules
from devreg.domain.device import Kind
from devreg.domain.policy import AS_SHIPPED
from devreg.errors import Misconfigured
from devreg.services.collect import collect
from devreg.settings import Loaded, Settings
from devreg.store.engine import Sessions
from devreg.wiring import Source


def own(folder: Path, text: str) -> Path:
    path = folder / "vendors.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_vendor_of_ones_own_is_known_beside_the_shipped_ones(tmp_path: Path) -> None:
    found = rules(own(tmp_path, '[99999]\nname = "Oma"\nkind = "switch"\nserial = { "1.2.0" = "OMA-MIB omaSerial" }\n'))
    vendor = found.of("1.3.6.1.4.1.99999.7")
    assert vendor is not None
    assert (vendor.name, vendor.kind, vendor.rules[0].oid) == ("Oma", Kind.SWITCH, (1, 3, 6, 1, 4, 1, 99999, 1, 2, 0))
    assert found.of("1.3.6.1.4.1.9.1.2494") == rules().of("1.3.6.1.4.1.9.1.2494")


def test_what_ones_own_file_leaves_unsaid_of_a_shipped_vendor_stays(tmp_path: Path) -> None:
    before, after = rules().vendors["9"], rules(own(tmp_path, '[9]\nname = "Cisco Systems"\n')).vendors["9"]
    assert (after.name, after.rules, after.kinds) == ("Cisco Systems", before.rules, before.kinds)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[9]\nkind = "swich"', "swich"),
        ('[9]\nkindd = "switch"', "kindd"),
        ("[9]\nkinds = [['(', \"switch\"]]", "is no pattern"),
        ('[9]\nserial = { "1.x.0" = "A-MIB a" }', "is no object name"),
        ('[cisco]\nname = "Cisco"', "a vendor is a table [N]"),
        ('[99999]\nkind = "switch"', "name"),
        ("9 = ", "can't be read"),
    ],
)
def test_a_slip_in_ones_own_file_is_told_with_file_and_vendor(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(Misconfigured, match="vendors.toml") as error:
        rules(own(tmp_path, text))
    assert told in error.value.what


def test_the_settings_name_the_option_whose_file_has_a_slip(tmp_path: Path) -> None:
    ranges: Any = [{"targets": ["10.20.0.1"], "credentials": ["main"]}]
    options = SnmpOptions.model_validate({"kind": "snmp", "ranges": ranges, "vendors": "vendors.toml"})
    loaded = Loaded(Settings.model_validate({}), tmp_path / "devreg.toml")
    assert [key for key, _ in SnmpCollector.faults(options, loaded)] == ["vendors"]
    own(tmp_path, "")
    assert list(SnmpCollector.faults(options, loaded)) == []
    assert collector(tmp_path, ["127.0.0.1:1"], vendors="vendors.toml")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Some Gigabit Ethernet Switch", Kind.SWITCH),
        ("Rack PDU, metered", Kind.OTHER),
        ("Acme UPS 3000", Kind.UPS),
        ("Acme NGFW", Kind.FIREWALL),
        ("Outdoor wireless access point", Kind.ACCESS_POINT),
        ("GPON OLT 8 ports", Kind.SWITCH),
        ("PTP 670 backhaul", Kind.ACCESS_POINT),
        ("Colour MFP 45 ppm", Kind.PRINTER),
        ("Dual controller RAID subsystem", Kind.STORAGE),
        ("SIP phone 7.2", Kind.OTHER),
        ("Something", None),
        ("", None),
    ],
)
def test_an_unknown_vendors_device_is_what_its_own_words_say_and_else_unknown(text: str, kind: Kind | None) -> None:
    found = rules()
    assert known_kind(found, found.of("1.3.6.1.4.1.99999.1"), text) is kind


def test_words_that_tell_a_kind_are_no_vendor() -> None:
    assert rules().of("1.3.6.1.4.1.0") is None
    assert all(vendor.name for vendor in rules().vendors.values())


def test_changed_rules_reach_a_device_that_says_what_it_said_before(sessions: Sessions, tmp_path: Path) -> None:
    agent = Misbehaving(switch("FOC1111X0AA"))

    def gone_through(minutes: int) -> tuple[int, int]:
        reader = collector(tmp_path, [agent.target], vendors="vendors.toml")
        feed = Source("network", reader._options, SnmpCollector, AS_SHIPPED, ()).feed(reader)
        counts = collect(sessions, actor(), reader, feed, lambda: NOON + timedelta(minutes=minutes)).counts
        return counts.changed, counts.same

    own(tmp_path, "")
    gone_through(0)
    assert gone_through(1) == (0, 1)
    own(tmp_path, '[9]\nname = "Oma"\n')
    assert gone_through(2) == (1, 0)
    assert [device["manufacturer"] for device in devices(sessions)] == ["Oma"]
    assert gone_through(3) == (0, 1)
    agent.stop()


def test_the_rules_differ_in_the_order_of_a_vendors_objects_too(tmp_path: Path) -> None:
    marks = [
        rules(own(tmp_path, f"[99999]\nname = 'Oma'\nserial = {{ {', '.join(order)} }}\n")).mark
        for order in (("'1.0' = 'A'", "'2.0' = 'B'"), ("'2.0' = 'B'", "'1.0' = 'A'"))
    ]
    assert len({rules().mark, *marks}) == 3


@pytest.mark.parametrize(
    ("number", "text", "kind"),
    [
        (6876, "VMware ESXi 8.0.2 build-22380479", Kind.SERVER),
        (3097, "Firebox M390", Kind.FIREWALL),
        (3097, "AP325", Kind.ACCESS_POINT),
        (29671, "Meraki MS225 Cloud Managed Switch", Kind.SWITCH),
        (29671, "Meraki MX68 Security Appliance", Kind.FIREWALL),
        (211, "ETERNUS DX100 S5", Kind.STORAGE),
    ],
)
def test_what_a_vendor_usually_makes_is_its_kind_unless_the_model_says_otherwise(
    number: int, text: str, kind: Kind
) -> None:
    found = rules()
    assert known_kind(found, found.of(f"1.3.6.1.4.1.{number}.1"), text) is kind
