"""What stands beside what on the network, and where a device is plugged in. Source: contracts/snmp.md "Where is it".

A MAC address is seen on many switches: on the port it is plugged into, and on every port that leads there. The place is the
edge: a port that leads to no other switch, and of those the one with the fewest addresses behind it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

import msgspec


class Protocol(StrEnum):
    """How a neighbour told its name."""

    LLDP = "lldp"
    CDP = "cdp"


class Neighbour(msgspec.Struct, frozen=True):
    """What stands at the other end of a port's cable, as it says of itself: a sighting, no device."""

    port: str
    """Name of our port."""
    protocol: Protocol
    remote: str
    """What tells it from others on this port: its chassis, else its name, and its port."""
    remote_name: str | None = None
    remote_port: str | None = None
    remote_mac: str | None = None
    """12 hex digits: of the chassis, else of the port."""
    remote_address: str | None = None
    platform: str | None = None


class Station(msgspec.Struct, frozen=True):
    """An address that a switch has learnt on a port."""

    port: str
    mac: str
    """12 hex digits."""
    vlan: int | None = None


class Around(msgspec.Struct, frozen=True):
    """What stands around the ports of one address in one visit. None: not looked at, or not whole; then nothing is forgotten."""

    part: str
    """The part of the source whose records have the ports: an address stands for every member of a stack."""
    neighbours: tuple[Neighbour, ...] | None = None
    stations: tuple[Station, ...] | None = None


class Certainty(StrEnum):
    """How sure a place is."""

    ANNOUNCED = "announced"
    """The device itself told the switch who it is."""
    EDGE = "edge"
    """The only port with this address that leads to no other switch."""
    LIKELY = "likely"
    """Several such ports; this one has the fewest addresses behind it."""
    BEHIND = "behind"
    """Only ports that lead on: it is behind something that can't be asked."""


class Seen(msgspec.Struct, frozen=True):
    """An address on a port of a known switch."""

    device_id: int
    port: str
    vlan: int | None
    first_seen: datetime
    last_seen: datetime
    current: bool
    """In the switch's newest whole list."""
    others: int
    """Other addresses on the port now."""
    leads_on: bool
    """A neighbour that is itself a switch, or the address of one, is on the port."""
    announced: bool = False
    """The address is that of the neighbour which named itself on the port."""


class Place(msgspec.Struct, frozen=True):
    """Where an address is, or was."""

    seen: Seen
    certainty: Certainty


def places(seen: Iterable[Seen]) -> list[Place]:
    """Every port the address is on now, best first; where it is on none, the ports it was on, newest first.

    The first is where to look.
    """
    found = list(seen)
    now = [item for item in found if item.current]
    at_edge = [item for item in now if not item.leads_on or item.announced]
    chosen = at_edge or now or found
    ranked = sorted(chosen, key=lambda item: (not item.announced, item.others, -item.last_seen.timestamp(), item.port))
    if not now:
        ranked = sorted(ranked, key=lambda item: (-item.last_seen.timestamp(), item.leads_on, item.others))
    return [Place(item, _certainty(item, at_edge)) for item in ranked]


def _certainty(item: Seen, at_edge: Sequence[Seen]) -> Certainty:
    if item.announced:
        return Certainty.ANNOUNCED
    if item.leads_on:
        return Certainty.BEHIND
    alone = len({(other.device_id, other.port) for other in at_edge}) <= 1
    return Certainty.EDGE if alone else Certainty.LIKELY
