"""Access points behind a controller: devices of their own, unless they answer themselves."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pysnmp.proto import rfc1902
from snmp_rig import SYSTEM, Gathered, Misbehaving, collector, switch, text

from collectors.snmp.devices import records
from collectors.snmp.observe import observe
from collectors.snmp.reading import AccessPoint, Reading
from collectors.snmp.vendors import rules
from devreg.domain.device import Kind
from devreg.domain.observation import Observation

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
RULES = rules()
TABLE = "1.3.6.1.4.1.14179.2.2.1.1"
INDEX = "0.11.134.129.78.168"


def behind(*points: AccessPoint, name: str | None = "wlc-1") -> list[Observation]:
    reading = Reading("10.20.0.7", "10.20.0.7", name=name, points=points)
    return [observe(record, RULES) for record in records(reading, NOW, RULES)][1:]


def controller(called: str, **columns: Any) -> dict[str, Any]:
    at = {"name": 3, "status": 6, "model": 16, "serial": 17, "ip": 19, "ethernet_mac": 33}
    return {
        f"{SYSTEM}.2.0": rfc1902.ObjectIdentifier("1.3.6.1.4.1.9.1.1069"),
        f"{SYSTEM}.3.0": rfc1902.TimeTicks(1),
        f"{SYSTEM}.5.0": text(called),
        "1.3.6.1.2.1.17.1.1.0": rfc1902.OctetString(hexValue="a0239f000777"),
        **{f"{TABLE}.{at[column]}.{INDEX}": value for column, value in columns.items()},
    }


def test_an_access_point_is_a_device_managed_through_its_controller() -> None:
    (found,) = behind(
        AccessPoint("ap-1", "FGL1738S234", "AIR-CAP1602I", maker="Cisco", mac="000b86814ea8", ip="10.20.9.4")
    )
    assert found.claims == {
        "name": "ap-1",
        "kind": Kind.ACCESS_POINT,
        "manufacturer": "Cisco",
        "model": "AIR-CAP1602I",
        "serial": "FGL1738S234",
        "mac": "00:0b:86:81:4e:a8",
        "address": "10.20.9.4",
        "managed_through": "wlc-1",
    }
    assert found.facts == {"subnet": "10.20.9.4"}


def test_an_access_point_is_known_by_what_switches_see_of_it_too() -> None:
    (found,) = behind(AccessPoint("ap-1", mac="000b86814ea8", ethernet_mac="000b86c14ea8"))
    assert [key.value for key in found.keys] == ["000b86c14ea8", "000b86814ea8"]


def test_an_access_point_that_the_controller_lost_was_not_seen_now_and_is_not_gone() -> None:
    there, lost = behind(AccessPoint("a", "SER00001", is_up=True), AccessPoint("b", "SER00002", is_up=False))
    assert (there.as_of, lost.as_of) == (NOW, None)


def test_a_row_without_serial_and_mac_is_nobody_and_a_nameless_controller_goes_by_its_address() -> None:
    assert behind(AccessPoint("ap-1", serial="N/A")) == []
    assert behind(AccessPoint(serial="SER00001"), name=None)[0].claims["managed_through"] == "10.20.0.7"


def test_the_table_is_read_whoever_made_the_controller_and_whatever_columns_it_has(tmp_path: Path) -> None:
    agent = Misbehaving(controller("wlc-1", name=text("ap-1")))
    run = Gathered(collector(tmp_path, [agent.target]))
    agent.stop()
    assert [(one.claims["name"], one.claims.get("managed_through")) for one in run.observed] == [
        ("wlc-1", None),
        ("ap-1", "wlc-1"),
    ]
    assert [record.native_id for record in run.records][1] == "mac:000b86814ea8"


def test_an_access_point_that_answers_itself_is_told_once_and_by_itself(tmp_path: Path) -> None:
    row = {"name": text("ap-1"), "serial": text("FOC2001X777")}
    agents = [Misbehaving(controller("wlc-1", **row)), Misbehaving(switch("FOC2001X777", name="ap-1-itself"))]
    run = Gathered(collector(tmp_path, [agent.target for agent in agents]))
    for agent in agents:
        agent.stop()
    assert [one.claims["name"] for one in run.observed] == ["wlc-1", "ap-1-itself"]
    assert run.warnings == [
        text for text in run.warnings if "public" in text or "community" in text or "v2c" in text.lower()
    ]


def test_an_access_point_of_two_controllers_is_one_device(tmp_path: Path) -> None:
    row = {"name": text("ap-1"), "serial": text("FGL1738S234")}
    one, other = (
        Misbehaving(controller("wlc-1", **row)),
        Misbehaving(
            controller("wlc-2", **row) | {"1.3.6.1.2.1.17.1.1.0": rfc1902.OctetString(hexValue="a0239f000778")}
        ),
    )
    run = Gathered(collector(tmp_path, [one.target, other.target]))
    one.stop()
    other.stop()
    assert [one.claims["name"] for one in run.observed] == ["wlc-1", "wlc-2", "ap-1"]
