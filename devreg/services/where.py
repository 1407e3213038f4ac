"""Where a device is plugged in, from what the switches saw."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from devreg.domain import identifiers
from devreg.domain.device import device_ref
from devreg.domain.topology import Certainty, Place, places
from devreg.errors import NotFound
from devreg.store import topology
from devreg.store.engine import Sessions, told_plainly

_DIGITS: Final = 12


class PlaceLine(msgspec.Struct, frozen=True):
    """One port, the best first."""

    mac: str
    device_id: int
    """The switch."""
    device: str | None
    port: str
    alias: str | None
    location: str | None
    vlan: int | None
    first_seen: datetime
    last_seen: datetime
    current: bool
    certainty: Certainty
    others: int
    neighbours: str
    """What names itself on the port."""


class Whereabouts(msgspec.Struct, frozen=True):
    """An answer to "where is it"."""

    macs: tuple[str, ...]
    owners: tuple[str, ...]
    """References of the devices that have these addresses."""
    lines: tuple[PlaceLine, ...]


def locate(sessions: Sessions, macs: Sequence[str]) -> Whereabouts:
    """On which ports these addresses (12 hex digits) are now; of one that is on none, where it was."""
    lines: list[PlaceLine] = []
    with told_plainly("read the register"), sessions.read.begin() as session:
        for mac in macs:
            told = {on.seen: on for on in topology.described(session, topology.seen(session, mac))}
            lines.extend(_line(mac, told[place.seen], place) for place in places(told))
        owners = sorted({number for mac in macs for number in topology.owners(session, mac)})
    lines.sort(key=lambda line: not line.current)
    return Whereabouts(tuple(map(identifiers.mac_text, macs)), tuple(map(device_ref, owners)), tuple(lines))


def macs_of(sessions: Sessions, device_id: int) -> list[str]:
    """The device's addresses. Raises NotFound when none is known."""
    with told_plainly("read the register"), sessions.read.begin() as session:
        macs = topology.addresses(session, device_id)
    if not macs:
        raise NotFound(
            f"No MAC address of {device_ref(device_id)} is known.",
            next_step="`devreg show` tells which identifiers a device has.",
        )
    return macs


def as_mac(text: str) -> str | None:
    """12 hex digits of what looks like a MAC address however it is written; None for anything else."""
    digits = "".join(c for c in text.lower() if c not in ":-." and not c.isspace())
    return digits if len(digits) == _DIGITS and set(digits) <= set("0123456789abcdef") else None


def _line(mac: str, on: topology.OnPort, place: Place) -> PlaceLine:
    return PlaceLine(
        mac=identifiers.mac_text(mac),
        device_id=on.seen.device_id,
        device=on.device,
        port=on.seen.port,
        alias=on.alias,
        location=on.location,
        vlan=on.seen.vlan,
        first_seen=on.seen.first_seen,
        last_seen=on.seen.last_seen,
        current=on.seen.current,
        certainty=place.certainty,
        others=on.seen.others,
        neighbours=", ".join(on.neighbours),
    )
