"""Identifiers that two devices lay claim to, seen over all records at once."""

from collections.abc import Sequence

import msgspec

from devreg.domain.nodes import Node
from devreg.domain.observation import IdKind


def taken_over(nodes: Sequence[Node]) -> set[str]:
    """Earlier serial numbers that another device says are its own now: swapped boards, a board put into another device."""
    had = {key.value for node in nodes for key in node.former}
    now = [
        (value, node)
        for node in nodes
        if node.live and not node.is_listed
        for value in node.values(IdKind.SERIAL) & had
    ]
    return {
        value
        for value, holder in now
        for node in nodes
        if any(key.value == value for key in node.former) and (node.pin is None or node.pin != holder.pin)
    }


def with_owners(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """The records, each row of a list with the serial numbers of the devices that have its IMEIs."""
    told: dict[str, set[str]] = {}
    for node in nodes:
        if not node.is_listed:
            for imei in node.values(IdKind.IMEI):
                told.setdefault(imei, set()).update(node.values(IdKind.SERIAL))
    return tuple(
        msgspec.structs.replace(node, owners=frozenset(owners))
        if node.is_listed and (owners := set().union(*(told.get(imei, ()) for imei in node.values(IdKind.IMEI))))
        else node
        for node in nodes
    )


def torn_between(nodes: Sequence[Node]) -> dict[int, tuple[int, ...]]:
    """Rows of lists with one device's serial number and another's IMEI, by the word of those devices themselves -> these."""
    told = [node for node in nodes if not node.is_listed and node.values(IdKind.SERIAL) and node.values(IdKind.IMEI)]
    found = {}
    for node in nodes:
        if node.is_listed and node.pin is None and node.values(IdKind.SERIAL) and node.values(IdKind.IMEI):
            by_serial = [other for other in told if node.values(IdKind.SERIAL) & other.values(IdKind.SERIAL)]
            by_imei = [other for other in told if node.values(IdKind.IMEI) & other.values(IdKind.IMEI)]
            both = {other.record_id for other in by_serial} & {other.record_id for other in by_imei}
            if by_serial and by_imei and not both:
                found[node.record_id] = tuple(other.record_id for other in by_serial + by_imei)
    return found
