"""How much of what real devices say is found, field by field: `python tests/collectors/snmp_score.py [--misses]`.

Devices kept aside (`is_held_out`) are counted apart and never listed.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from snmp_recorded import RULES, is_held_out, observed, visited
from snmp_rig import recordings_folder

from collectors.snmp.kinds import known_kind
from devreg.domain import identifiers
from devreg.domain.device import Kind
from devreg.domain.observation import Observation
from devreg.ports import Record

OTHER_WITNESS: Final = {"iosxe_c9400-svl": "JAE214600ZR", "iosxr_asr9901": "FOC2211NMLZ"}
"""Devices whose expected serial is that of a board; the chassis is the device here, and the board one of its components."""
KINDS: Final[dict[str, set[Kind]]] = {
    "network": {Kind.SWITCH, Kind.ROUTER, Kind.CONTROLLER},
    "wireless": {Kind.ACCESS_POINT, Kind.CONTROLLER},
    "firewall": {Kind.FIREWALL},
    "printer": {Kind.PRINTER},
    "power": {Kind.UPS, Kind.OTHER},
    "server": {Kind.SERVER},
    "appliance": {Kind.OTHER, Kind.SERVER, Kind.FIREWALL, Kind.CONTROLLER},
    "storage": {Kind.STORAGE},
}
"""LibreNMS' types in our words; types that we have no word for are told from others by being known to be something else."""
UPS: Final = {
    "upsBatteryStatus": "battery_status", "upsEstimatedChargeRemaining": "charge", "upsOutputSource": "output_source",
    "upsEstimatedMinutesRemaining": "runtime", "upsSecondsOnBattery": "on_battery",
}  # fmt: skip
UPS_STATES: Final = {
    "battery_status": {2: "normal", 3: "low"},
    "output_source": {3: "mains", 4: "bypass", 5: "battery"},
}
Finding = tuple[str, bool, str]
"""Field, whether it was found, and what was wanted and given."""


class Score:
    """Hits and totals by field, for the devices seen and for those kept aside."""

    def __init__(self) -> None:
        self.tally: dict[str, list[list[int]]] = defaultdict(lambda: [[0, 0], [0, 0]])
        self.misses: list[str] = []

    def add(self, name: str, findings: Iterator[Finding]) -> None:
        """Counts one device."""
        for field, found, detail in findings:
            row = self.tally[field][is_held_out(name)]
            row[0] += found
            row[1] += 1
            if not found and not is_held_out(name):
                self.misses.append(f"{field:28} {name}: {detail}")

    def share(self, field: str, *, held_out: bool | None = None) -> float:
        """Part found, of all, or of the devices seen or kept aside; 1 where there is nothing to find."""
        rows = self.tally[field] if held_out is None else [self.tally[field][held_out]]
        total = sum(row[1] for row in rows)
        return sum(row[0] for row in rows) / total if total else 1.0

    def lines(self) -> Iterator[str]:
        """The table, one field a line."""
        yield f"{'field':28} {'all':>16} {'seen':>16} {'kept aside':>16}"
        for field, (seen, held) in sorted(self.tally.items()):
            parts = ([seen[0] + held[0], seen[1] + held[1]], seen, held)
            yield f"{field:28} " + " ".join(f"{_part(*part):>16}" for part in parts)


def _part(hits: int, total: int) -> str:
    return f"{hits}/{total} {hits / total:4.0%}" if total else "-"


def recordings(folder: Path) -> Score:
    """Every recorded device, read whole."""
    score = Score()
    for name, wanted in json.loads((folder / "expected.json").read_text()).items():
        found = visited(folder / "recordings" / f"{name}.snmprec")
        score.add(name, _device(name, wanted, found, observed(found)))
    return score


def identities(folder: Path) -> Score:
    """Every device of which the system group is known: what kind it is, and its model and version where sysDescr says them."""
    score = Score()
    for line in (folder / "identify.jsonl").read_text().splitlines():
        wanted = json.loads(line)
        score.add(wanted["name"], _identity(wanted))
    return score


def _identity(wanted: dict[str, Any]) -> Iterator[Finding]:
    descr = " ".join((wanted["sysDescr"] or "").split()) or None
    kind = known_kind(RULES, RULES.of(wanted["sysObjectID"]), " ".join(filter(None, (descr, wanted["sysObjectID"]))))
    right = KINDS.get(wanted["type"], {Kind.OTHER})
    detail = f"{wanted['type']} not {kind}: {wanted['sysObjectID']} {descr} [{wanted['os']}]"
    yield "type from system group", kind in right, detail
    yield "type not wrong", kind is None or kind in right, detail


def _device(name: str, wanted: dict[str, Any], found: list[Record], seen: list[Observation]) -> Iterator[Finding]:
    own = [one for record, one in zip(found, seen, strict=True) if "managed_through" not in one.claims]
    yield from _system(wanted["fields"], found, own)
    yield from _fields(name, wanted["fields"], found, own)
    serials = {str(one.claims.get("serial")) for one in seen}
    for serial in wanted.get("entity", {}).get("distinct_chassis_serials", ()):
        if identifiers.serial(serial) is not None:
            yield "stack members' serials", serial.strip() in serials, f"{serial} not in {serials}"
    for member in wanted.get("virtual_chassis", {}).get("items", ()):
        yield "virtual chassis", member["serial"] in serials, f"{member} not in {serials}"
    yield from _ports(wanted["ports"], own)
    yield from _gauges(wanted, own, serials)
    by_name = {str(one.claims.get("name")): one.claims for one in seen if "managed_through" in one.claims}
    for point in wanted.get("access_points", {}).get("items", ()):
        claims = by_name.get(point["name"], {})
        fields = {"serial": "serial", "mac": "mac", "model": "model"}
        right = all(_folded(point[key]) == _folded(claims.get(mine)) for key, mine in fields.items() if key in point)
        yield "access points", right, f"{point} not {claims}"


def _system(fields: dict[str, Any], found: list[Record], own: list[Observation]) -> Iterator[Finding]:
    for field, key in (
        ("sysName", "name"),
        ("sysDescr", "descr"),
        ("sysObjectID", "object_id"),
        ("sysLocation", "location"),
    ):
        if field in fields and _folded(fields[field]["value"]):
            said = [own[0].claims.get(key) if key in {"name", "location"} else found[0].body.get(key)]
            yield field, _folded(fields[field]["value"]) == _folded(said[0]), f"{fields[field]['value']!r} not {said}"


def _fields(name: str, fields: dict[str, Any], found: list[Record], own: list[Observation]) -> Iterator[Finding]:
    parts = {part["serial"] for record in found for part in record.body.get("components", ())}
    for field, claim in (("serial", "serial"), ("hardware", "model"), ("version", "os_version")):
        said = fields.get(field)
        if said is None or (field == "serial" and identifiers.serial(said["value"]) is None):
            continue
        texts = {str(one.claims[claim]).strip() for one in own if claim in one.claims}
        if field == "serial":
            right = said["value"].strip() in (parts if name in OTHER_WITNESS else texts)
        else:
            folded = _folded(said["value"])
            right = any(_folded(text) in folded or folded in _folded(text) for text in texts if _folded(text))
        label = f"{field}, {'standard' if said['standard'] else 'vendor'}"
        yield label, right, f"{said['value']!r} ({said['from']} {said['oids'][:2]}) not {texts}"
        if field == "hardware":
            yield "hardware, all", right, ""
    if "type" in fields:
        wanted, kinds = fields["type"]["value"], {one.claims["kind"] for one in own}
        yield "type", bool(kinds & KINDS.get(wanted, {Kind.OTHER})), f"{wanted} not {kinds}"


def _ports(wanted: dict[str, Any], own: list[Observation]) -> Iterator[Finding]:
    ports = {port.if_index: port for one in own for port in one.ports}
    yield "port count", len(ports) == wanted["recording_rows"], f"{wanted['recording_rows']} not {len(ports)}"
    for sample in wanted.get("sample", ()):
        port = ports.get(sample["ifIndex"])
        name = " ".join(str(sample.get("ifName") or sample.get("ifDescr") or "").split())
        alias = " ".join(str(sample.get("ifAlias") or "").split())
        right = port is not None and port.name.startswith(name) and (port.alias or "") == alias
        right = right and port is not None and port.speed_bps == (sample.get("speed_bps") or None)
        yield "ports sampled", right, f"{sample} not {port}"


def _gauges(wanted: dict[str, Any], own: list[Observation], serials: set[str]) -> Iterator[Finding]:
    printer = wanted.get("printer", {})
    if "prtGeneralSerialNumber" in printer:
        yield "printer serial", printer["prtGeneralSerialNumber"] in serials, f"{printer} not {serials}"
    if "prtMarkerLifeCount" in printer:
        pages = {one.claims.get("page_count") for one in own}
        yield "page count", printer["prtMarkerLifeCount"] in pages, f"{printer['prtMarkerLifeCount']} not {pages}"
    gauges = {gauge.index: gauge for one in own for gauge in one.gauges}
    for supply in printer.get("supplies", ()):
        gauge = gauges.get(f"supply.{supply['index']}")
        level, maximum = supply["level"], supply["max"]
        right = gauge is not None and gauge.value == (level if level >= 0 else None)
        right = right and gauge is not None and gauge.maximum == (maximum if maximum > 0 else None)
        yield "supplies", right, f"{supply} not {gauge}"
    for key, index in UPS.items():
        if key in wanted.get("ups", {}):
            gauge, said = gauges.get(f"ups.{index}"), wanted["ups"][key]
            right = gauge is not None and (
                gauge.state == UPS_STATES[index][said] if index in UPS_STATES else gauge.value == said
            )
            yield "UPS facts", right, f"{key} {said} not {gauge}"


def _folded(value: object) -> str:
    return "".join(c for c in str(value or "").lower() if c.isalnum())


def main() -> None:
    """The table on stdout; with --misses what was not found on the devices seen."""
    folder = recordings_folder()
    if folder is None:
        sys.exit("There are no recordings beside the project.")
    for score in (recordings(folder), identities(folder)):
        print("\n".join([*score.lines(), ""]))
        if "--misses" in sys.argv:
            print("\n".join([*sorted(score.misses), ""]))


if __name__ == "__main__":
    main()
