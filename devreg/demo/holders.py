"""Who leaves the city soon, and what a leasing company's list says of holders who have changed since."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

import msgspec

from devreg.demo.managed import Managed
from devreg.demo.papers import Lease
from devreg.demo.people import Person

_LEAVES_IN: Final = timedelta(days=12)
_EVERY: Final = 37
"""One lease in so many still names who had the phone before."""


def leaving(people: Sequence[Person], managed: Sequence[Managed], today: date) -> tuple[Person, ...]:
    """The people, one of whom has a device and a last day soon."""
    holders = {device.person.id for device in managed if device.person is not None and device.enrolled}
    leaver = next((person for person in people if person.enabled and not person.pupil and person.id in holders), None)
    return tuple(
        msgspec.structs.replace(person, leaves=today + _LEAVES_IN) if person is leaver else person for person in people
    )


def earlier_holders(leases: Sequence[Lease], managed: Sequence[Managed]) -> Mapping[int, Person]:
    """Lease, by its place in the list -> somebody else than who has the device now."""
    now = {device.imei: device.person for device in managed if device.imei and device.person is not None}
    held = [(number, now[lease.imei]) for number, lease in enumerate(leases) if lease.imei in now]
    others = zip(held[::_EVERY], held[1::_EVERY], strict=False)
    return {number: other for (number, holder), (_, other) in others if other.id != holder.id}
