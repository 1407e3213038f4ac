"""Records as identity sees them, and those found to be one device so far."""

import re
from collections.abc import Collection, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from devreg.domain.observation import Identifier, IdKind


class Rung(StrEnum):
    """Why a record was put with others, strongest first; shown with the match."""

    DECISION = "a person's decision"
    SERIAL = "serial number"
    FORMER = "earlier serial number"
    IMEI = "IMEI"
    MEID = "MEID"
    MAC = "MAC address"


LADDER: Final = (
    (Rung.SERIAL, IdKind.SERIAL),
    (Rung.FORMER, IdKind.SERIAL),
    (Rung.IMEI, IdKind.IMEI),
    (Rung.MEID, IdKind.MEID),
    (Rung.MAC, IdKind.MAC),
)
"""Identifiers in the order they are tried. The asset tag is not here: it is a label that people reuse."""

MATCHING: Final = tuple(dict.fromkeys(kind for _, kind in LADDER))
"""Kinds of identifier that devices are matched by, strongest first."""

_VIRTUAL: Final = re.compile(
    r"vmware|virtual ?(machine|box|platform)|\b(kvm|qemu|xen|bochs|hvm)\b|parallels", re.IGNORECASE
)


class Node(msgspec.Struct, frozen=True):
    """One record, as far as identity needs it."""

    record_id: int
    name: str
    """Source and native id as one text: what ordering goes by, so that it does not hang on who came first."""
    source: str
    keys: frozenset[Identifier]
    """Every identifier the record has now."""
    maker: str | None = None
    """Folded manufacturer (`makers.maker`)."""
    model: str | None = None
    live: bool = True
    """The source lists it now, and not as history."""
    pin: int | None = None
    """The device that a person put it in."""
    managed_as: str | None = None
    """Kind of its source when that manages the device now."""
    former: frozenset[Identifier] = frozenset()
    """Serial numbers it had before and has no more."""
    is_listed: bool = False
    """Somebody's list (papers, typed in by hand): its source never talks to the device."""
    is_typed: bool = False
    """A person entered the device: it stays one, whatever sources make of its identifiers."""
    tags: frozenset[str] = frozenset()
    """Asset tags it has now."""
    owners: frozenset[str] = frozenset()
    """Of a listed row: serial numbers that the devices with its IMEIs say they have."""
    since: datetime | None = None
    """When the record's hold on the device began (enrolment)."""
    until: datetime | None = None
    """When its source last heard from the device."""

    @property
    def has_new_serial(self) -> bool:
        """Whether the serial number it has now is not the one it began with."""
        return bool(self.former) and any(key.kind is IdKind.SERIAL for key in self.keys)

    @property
    def is_virtual(self) -> bool:
        """A virtual machine; its clones have its identifiers."""
        return _VIRTUAL.search(f"{self.maker or ''} {self.model or ''}") is not None

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """From when until when the device is known to have answered to this record; None where nobody says since when."""
        return None if self.since is None else (self.since, max(self.since, self.until or self.since))

    @property
    def models(self) -> frozenset[str]:
        """Its model, folded, where it says one."""
        return frozenset({self.model.casefold()}) if self.model else frozenset()

    def values(self, kind: IdKind) -> frozenset[str]:
        """Its identifiers of a kind."""
        return frozenset(key.value for key in self.keys if key.kind is kind)


class Cluster:
    """Records found to be one device so far."""

    def __init__(self, node: Node) -> None:
        self.nodes = [node]
        self.pin = node.pin
        self.rungs: dict[int, Rung] = {}
        self.makers = {node.maker} if node.maker is not None else set[str]()
        self.former = {key.value for key in node.former}
        self._values: dict[IdKind, set[str]] = {}
        for key in node.keys:
            self._values.setdefault(key.kind, set()).add(key.value)

    @property
    def first(self) -> Node:
        """The record that stands for it in questions."""
        return self.nodes[0]

    def values(self, kind: IdKind) -> set[str]:
        """Identifiers of a kind that its records have now."""
        return self._values.get(kind, set())

    def is_known_beside(self, macs: Collection[str]) -> bool:
        """Whether it has any identifier but these MACs."""
        return any(values if kind is not IdKind.MAC else values - set(macs) for kind, values in self._values.items())

    def serials(self) -> set[str]:
        """Serial numbers that its records have or had."""
        return self.values(IdKind.SERIAL) | self.former

    def live_sources(self) -> set[str]:
        """Sources that list it now."""
        return {node.source for node in self.nodes if node.live}

    def take(self, other: "Cluster", rung: Rung) -> None:
        """The other's records are about the same device."""
        if len(self.nodes) == 1:
            self.rungs[self.first.record_id] = rung
        for node in other.nodes:
            self.rungs[node.record_id] = other.rungs.get(node.record_id, rung)
        self.nodes = sorted(self.nodes + other.nodes, key=lambda node: node.name)
        self.pin = self.pin if self.pin is not None else other.pin
        self.makers |= other.makers
        self.former |= other.former
        for kind, values in other._values.items():
            self._values.setdefault(kind, set()).update(values)


def all_values(clusters: Iterable[Cluster], kind: IdKind) -> set[str]:
    """Identifiers of a kind that any of them has."""
    return set().union(*(cluster.values(kind) for cluster in clusters))
