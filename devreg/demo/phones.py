"""Phones and Chromebooks that stand otherwise than they should: one of each sort that the register tells of."""

from collections.abc import Sequence
from typing import Final

import msgspec

from devreg.demo.chromebooks import Console
from devreg.demo.invent import Dice
from devreg.demo.managed import Managed
from devreg.demo.papers import Lease, Purchase
from devreg.domain.device import State

RETIRED, MAIL_ONLY, PRIVATE, FORGOTTEN = 2, 5, 8, 12
"""Which of the city's enrolled Android phones: retirement was ordered; only mail is on it; its user enrolled it as their own; no
paper and no list of the city names it."""
_STATES: Final = (State.LOST, State.IN_STOCK, State.RETIRED)


def lead_astray(devices: Sequence[Managed]) -> tuple[Managed, ...]:
    """The records with three phones held otherwise than they should be."""
    changed = {
        RETIRED: {"state": "retireIssued"},
        MAIL_ONLY: {"agent": "eas"},
        PRIVATE: {"owner": "personal", "enrollment": "userEnrollment"},
    }
    phones = {_chosen(devices, place).id: change for place, change in changed.items()}
    return tuple(msgspec.structs.replace(device, **phones.get(device.id, {})) for device in devices)


def without_paper(devices: Sequence[Managed], leases: Sequence[Lease]) -> tuple[Lease, ...]:
    """The leases without the line of the phone that nobody wrote down."""
    forgotten = _chosen(devices, FORGOTTEN)
    return tuple(lease for lease in leases if lease.imei != forgotten.imei)


def with_states(devices: Sequence[Managed], purchases: Sequence[Purchase]) -> tuple[Purchase, ...]:
    """The purchases with what somebody wrote beside three phones that were never enrolled."""
    states, boxed = iter(_STATES), {device.imei for device in devices if not device.enrolled}
    return tuple(
        msgspec.structs.replace(line, state=next(states, "")) if line.imei in boxed else line for line in purchases
    )


def connected(dice: Dice, devices: Sequence[Managed], console: Console) -> tuple[Managed, ...]:
    """The records with a few Chromebooks of one console, which Intune shows and takes orders for through its connector."""
    like = next(device for device in devices if device.os == "Android")
    books = [book for book in console.chromebooks if book.status == "ACTIVE" and len(book.serial) > 9][:3]
    shown = (
        msgspec.structs.replace(
            like,
            id=dice.guid(),
            place=book.place,
            person=None,
            upn="",
            name=f"Chromebook {book.serial}",
            serial=book.serial,
            imei="",
            meid="",
            iccid=None,
            phone_number="",
            carrier="",
            wifi_mac=book.mac,
            manufacturer=book.model.name.partition(" ")[0],
            model=book.model.name,
            os="ChromeOS",
            os_version=book.os_version,
            owner="company",
            state="managed",
            compliance="unknown",
            agent="google",
            enrollment="unknown",
            category="",
            patch_level="",
            enrolled_at=book.enrolled_last,
            synced_at=book.synced_at,
            enrolled=True,
        )  # fmt: skip
        for book in books
    )
    return (*devices, *shown)


def _chosen(devices: Sequence[Managed], place: int) -> Managed:
    """One of the city's enrolled, leased Android phones, by its place among them; a small city has fewer."""
    phones = [d for d in devices if d.os == "Android" and d.enrolled and d.person is not None and d.owner == "company"]
    return phones[place % len(phones)]
