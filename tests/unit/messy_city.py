"""A seeded city whose registers are a mess, with the truth of every record: what is one device, what never is.

Written from contracts/, safety.md and what registers look like, not from the matcher. Records are rows as the sources give them and go
through the collectors' own readers. A record *shows* those of its device's identifiers that a careful person can read off it; a
record in *doubt* is one that such a person would not put with others without asking. Two records of one device are mergeable
when a chain of undoubted records leads from one to the other, each sharing an identifier with the next. Records of two devices
are never to be merged, doubt or no doubt.
"""

import re
import string
import unicodedata
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any, Final

import msgspec
from messy_catalogue import FIRST, KINDS, LAST, MAKERS, MODELS

from collectors import google_map, intune_map, sheet_map
from collectors.snmp.observe import observe as observe_snmp
from collectors.snmp.vendors import rules
from devreg.domain.observation import Subject
from devreg.ports import Record
from devreg.services.devices import HAND, by_hand
from devreg.services.ingest import Feed

NOW: Final = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
CONSOLES: Final = ("school", "upper", "library")
SHEETS: Final = ("purchases", "leases", "inventory", "autopilot", "corporate ids")

Where = tuple[str, str]
"""Source and native id."""


def feeds() -> dict[str, Feed]:
    """The city's sources by name."""
    made = {
        "network": Feed("network", "snmp", partial(observe_snmp, rules=rules()), (), "1"),
        HAND: by_hand("somebody"),
    }
    made |= {name: Feed(name, "intune", intune_map.observe, (), "1") for name in ("intune", "intune-edu")}
    made |= {name: Feed(name, "google", google_map.observe, (), "1") for name in CONSOLES}
    return made | {name: Feed(name, "sheet", _reader(name), (), "1") for name in SHEETS}


def _reader(name: str) -> Callable[[Record], Any]:
    return lambda record: sheet_map.observe(record, name)


class Device(msgspec.Struct):
    """One thing that can be held in the hand (or one virtual machine), as it really is."""

    number: int
    kind: str
    maker: str
    model: str
    serial: str
    """What stands on the label; "" for a device that has none."""
    imei: str = ""
    imei2: str = ""
    wifi: str = ""
    wired: str = ""
    tag: str = ""
    name: str = ""
    holder: str = ""

    @property
    def own(self) -> dict[str, str]:
        """Identifier as a careful person reads it -> the same with its kind before it."""
        found = {legible(self.serial): f"serial {self.serial}"} if self.serial else {}
        found |= {text[:14]: f"imei {text[:14]}" for text in (self.imei, self.imei2) if text}
        return found | {text: f"mac {text}" for text in (self.wifi, self.wired) if text}


class Entry(msgspec.Struct, frozen=True):
    """One record as a source gives it; a later one of the same source and id is its newer version."""

    source: str
    record: Record
    devices: frozenset[int]
    """The device it is about; several where papers may rightly lie with any of them."""
    shows: frozenset[str]
    doubt: bool
    family: str

    @property
    def where(self) -> Where:
        return self.source, self.record.native_id


class Situation(msgspec.Struct, frozen=True):
    """Something that a person has to be asked about."""

    family: str
    about: tuple[Where, ...]
    """One question about any of these records will do."""


class City:
    """Devices, records and the truth about them."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.dice = Random(seed)
        self.devices: list[Device] = []
        self.entries: list[Entry] = []
        self.situations: list[Situation] = []
        self.dropped: set[Where] = set()
        self.family = ""
        self._used: set[str] = set()
        self._rows = 0

    # -- what there is -------------------------------------------------------------------------------------------------------

    def fresh(self, make: Callable[[], str]) -> str:
        """A text that nothing in the city has."""
        while (text := make()) in self._used:
            pass
        self._used.add(text)
        return text

    def code(self, pattern: str) -> str:
        """`PF@@##` with letters (never O, I, S, B, which are typed wrong) and digits."""
        letters = {"@": "ACDEFGHJKLMNPQRTUVWXYZ", "#": "23456789", "%": string.digits, "^": "0123456789abcdef"}
        return self.fresh(lambda: "".join(self.dice.choice(letters.get(sign, sign)) for sign in pattern))

    def imei(self) -> str:
        body = self.code("35######%%%%#%")
        return body + luhn(body)

    def mac(self, prefix: str = "") -> str:
        return self.code((prefix or self.dice.choice(("a4c3f0", "9c2a83", "e4a7a0", "d89ef3"))).ljust(12, "^"))

    def random_mac(self) -> str:
        return self.code(self.dice.choice("26ae").rjust(2, "6") + "^" * 10)

    def add(self, device: Device) -> Device:
        self.devices.append(device)
        return device

    def make(self, kind: str) -> Device:
        """A device of a kind with everything that such a one has."""
        dice, number = self.dice, len(self.devices) + 1
        maker, model, pattern = dice.choice(MODELS[kind])
        made = Device(number, kind, maker, model, self.code(pattern) if pattern else "")
        made.tag, made.name = f"KHA-{number:05d}", f"{kind[:2]}-{number:05d}"
        made.holder = f"{dice.choice(FIRST)} {dice.choice(LAST)}"
        if kind in {"phone", "tablet"}:
            made.imei = self.imei()
            made.imei2 = self.imei() if kind == "phone" and dice.random() < 0.6 else ""
        if kind in {"laptop", "desktop", "mini", "chromebook", "tablet", "phone"}:
            made.wifi = self.mac()
        if kind in {"desktop", "mini", "switch", "printer", "ap"} or (kind == "laptop" and dice.random() < 0.3):
            made.wired = self.mac()
        return self.add(made)

    # -- what sources say ----------------------------------------------------------------------------------------------------

    def intune(
        self, device: Device, source: str = "intune", native_id: str = "", days: int = 300, synced: int = 0, **said: Any
    ) -> Where:  # fmt: skip
        """A managed device, enrolled and last synced so many days ago; `said` overrides what it would truly say."""
        imei = self.dice.choice([device.imei, device.imei2 or device.imei])
        row = {
            "id": native_id or self.guid(), "deviceName": device.name, "serialNumber": device.serial, "imei": imei,
            "meid": imei[:14], "wiFiMacAddress": device.wifi, "ethernetMacAddress": device.wired or None,
            "manufacturer": self.dice.choice(MAKERS.get(device.maker, (device.maker,))), "model": device.model,
            "operatingSystem": {"phone": "Android", "tablet": "iPadOS"}.get(device.kind, "Windows"), "managementState": "managed",
            "managementAgent": "mdm", "managedDeviceOwnerType": "company", "userDisplayName": device.holder,
            "enrolledDateTime": _ago(days), "lastSyncDateTime": _ago(synced),
        }  # fmt: skip
        doubt, devices = said.pop("doubt", False), said.pop("devices", ())
        whole = intune_map.with_details(intune_map.device_record(row | said, {}), row | said)
        return self._keep(source, whole, device, doubt, devices)

    def console(
        self, device: Device, source: str = "", status: str = "ACTIVE", days: int = 300, synced: int = 0, **said: Any
    ) -> Where:  # fmt: skip
        """A Chromebook in a console."""
        row = {
            "deviceId": self.guid(), "serialNumber": device.serial, "status": status, "lastSync": _ago(synced),
            "lastEnrollmentTime": _ago(days), "annotatedAssetId": device.tag, "annotatedUser": device.holder,
            "model": f"{device.maker} {device.model}", "macAddress": device.wifi, "orgUnitPath": "/Oppilaat",
        }  # fmt: skip
        doubt, devices = said.pop("doubt", False), said.pop("devices", ())
        record = google_map.device_record(row | said)
        return self._keep(source or self.dice.choice(CONSOLES), record, device, doubt, devices)

    def sheet(
        self, device: Device, source: str, *fields: str, doubt: bool = False, devices: Iterable[int] = (), **said: Any
    ) -> Where:  # fmt: skip
        """A row with these fields of the device, written as people write; `said` is written as it is."""
        truth = {
            "serial": self.written(device.serial), "imei": self.written_imei(device.imei), "imei2": self.written_imei(device.imei2),
            "mac": self.written_mac(device.wifi or device.wired), "asset_tag": device.tag, "name": device.name,
            "manufacturer": self.dice.choice(MAKERS.get(device.maker, (device.maker,))), "model": device.model,
            "holder": device.holder, "kind": KINDS.get(device.kind, device.kind),
        }  # fmt: skip
        self._rows += 1
        body = {name: truth[name] for name in fields} | said
        record = Record(Subject.DEVICE, f"row {self._rows}", {name: text for name, text in body.items() if text})
        return self._keep(source, record, device, doubt, devices)

    def snmp(self, device: Device, position: int | None = None, **said: Any) -> Where:
        """What a device on the network answers."""
        self._rows += 1
        address = f"10.{self._rows // 65536}.{self._rows // 256 % 256}.{self._rows % 256}"
        body = {
            "ip": address, "address": address, "serial": device.serial, "mac": device.wired, "name": device.name, "position": position,
            "entity": {"maker": device.maker, "model": device.model},
        } | said  # fmt: skip
        doubt = body.pop("doubt", False)
        native_id = body.pop("native_id", f"serial:{body['serial']}" if body["serial"] else f"target:{address}")
        kept = {name: value for name, value in body.items() if value}
        record = Record(Subject.DEVICE, native_id, kept, {"answered_at": NOW.isoformat()}, part=address)
        return self._keep("network", record, device, doubt, ())

    def hand(self, device: Device, **said: str) -> Where:
        """Typed in by a person."""
        self._rows += 1
        return self._keep(HAND, Record(Subject.DEVICE, f"added-{self._rows}", said), device, False, ())

    def papers(self, device: Device, *rows: tuple[str, ...]) -> None:
        """About half of these rows: a sheet and the fields it has."""
        for source, *fields in rows:
            if self.dice.random() < 0.5:
                self.sheet(device, source, *fields)

    def ask(self, *about: Where) -> None:
        """A person must be asked about one of these records."""
        self.situations.append(Situation(self.family, about))

    def drop(self, where: Where) -> None:
        """The source stops listing it."""
        self.dropped.add(where)

    def guid(self) -> str:
        return f"{self.dice.getrandbits(128):032x}"

    def written(self, serial: str) -> str:
        """A serial number as it is found in sheets: the same to anyone who reads it."""
        style = self.dice.randrange(12)
        middle = len(serial) // 2
        dash = self.dice.choice("\u2010\u2011\u2012\u2013\u2212\uff0d\ufe63")
        return {
            0: serial.lower(), 1: f"  {serial} ", 2: f"{serial[:middle]} {serial[middle:]}", 3: _wide(serial),
            4: f"{serial[:middle]}\u200b{serial[middle:]}", 5: f"{serial}\u00a0", 6: serial.swapcase(), 7: serial.replace("-", dash),
        }.get(style, serial) if serial else ""  # fmt: skip

    def written_imei(self, imei: str) -> str:
        parts = (imei[:2], imei[2:8], imei[8:14], imei[14:])
        forms = (
            imei,
            imei,
            imei[:14],
            " ".join(parts),
            "-".join(parts),
            "\u2013".join(parts),
            f"{imei[:14]}01",
            f"'{imei}",
            f"{imei}.0",
        )
        return self.dice.choice(forms) if imei else ""

    def written_mac(self, mac: str) -> str:
        pairs = [mac[i : i + 2] for i in range(0, len(mac), 2)]
        quads = (mac[:4], mac[4:8], mac[8:])
        forms = (
            mac,
            mac.upper(),
            ":".join(pairs),
            "-".join(pairs).upper(),
            ".".join(quads),
            "\u2011".join(pairs),
            f" {mac}\u00a0",
        )
        return self.dice.choice(forms)

    def _keep(self, source: str, record: Record, device: Device, doubt: bool, devices: Iterable[int]) -> Where:
        about = frozenset(devices) or frozenset({device.number})
        entry = Entry(source, record, about, _shown(record, device), doubt, self.family)
        self.entries.append(entry)
        return entry.where

    # -- the truth -----------------------------------------------------------------------------------------------------------

    def truth(self) -> dict[Where, frozenset[int]]:
        """Record -> the devices it may be put with."""
        return {entry.where: entry.devices for entry in self.entries}

    def mergeable(self) -> list[set[Where]]:
        """Records that a careful person puts together, device by device; at least two each."""
        shows: dict[Where, set[str]] = {}
        doubtful = {entry.where for entry in self.entries if entry.doubt or len(entry.devices) > 1}
        for entry in self.entries:
            shows.setdefault(entry.where, set()).update(f"{next(iter(entry.devices))} {key}" for key in entry.shows)
        groups: dict[str, set[Where]] = {}
        for where, keys in shows.items():
            if where in doubtful:
                continue
            joined = {where}.union(*(groups.get(key, set()) for key in keys))
            for key in {key for one in joined for key in shows[one]}:
                groups[key] = joined
        return [group for group in {id(group): group for group in groups.values()}.values() if len(group) > 1]

    def described(self, records: Iterable[Where]) -> str:
        """The records as a person would want to see them when they are in dispute."""
        wanted = set(records)
        lines = [f"city {self.seed}, family {'/'.join(sorted({e.family for e in self.entries if e.where in wanted}))}"]
        for entry in self.entries:
            if entry.where in wanted:
                dropped = " (listed no more)" if entry.where in self.dropped else ""
                said = {k: v for k, v in entry.record.body.items() if k in _TELLING}
                lines.append(
                    f"  device {sorted(entry.devices)} {entry.source} {entry.record.native_id}{dropped}: {said}"
                )
        return "\n".join(lines)


def luhn(digits: str) -> str:
    """The check digit of an IMEI."""
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def legible(text: str) -> str:
    """A text as a careful person reads it."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", text)).upper()


def _shown(record: Record, device: Device) -> frozenset[str]:
    texts = [str(value) for value in record.body.values()]
    read = [legible(text) for text in texts]
    read += [text[:14] for text in read] + [text.lower() for text in read]
    return frozenset(device.own[text] for text in read if text in device.own)


def _ago(days: int) -> str:
    return (NOW - timedelta(days=days)).isoformat()


def _wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if c.isalnum() else c for c in text)


_TELLING: Final = (
    "serialNumber", "imei", "imei2", "meid", "wiFiMacAddress", "ethernetMacAddress", "macAddress", "manufacturer", "model", "status",
    "managementState", "deviceName", "enrolledDateTime", "serial", "mac", "asset_tag", "name", "kind", "entity", "position",
)  # fmt: skip
