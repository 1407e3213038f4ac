"""What may be read of a console beside its Chromebooks: people, phones, batteries, and a second count of update ends."""

from collections.abc import Iterator
from typing import Any

from collectors import google_lists
from collectors.google_api import GoogleServices, Listing
from collectors.google_phones import (
    COMPANY_KEYS,
    PERSONAL_KEYS,
    company_record,
    is_company_phone,
    name_of,
    personal_record,
    users_by_device,
)
from collectors.google_reports import BATTERY_KEYS, UpdateEnds, battery_record, tells_battery
from collectors.rows import page_of
from devreg.errors import Broken, Refused, Retryable
from devreg.i18n import N_
from devreg.ports import Page, Record


def company_phones(services: GoogleServices) -> Iterator[Page]:
    """The city's phones and tablets: those in somebody's hands, then those only in the inventory."""
    inventory = {
        name: row
        for row in _all(services, google_lists.company_phones(google_lists.INVENTORY))
        if (name := name_of(row))
    }
    users = users_by_device(_all(services, google_lists.phone_users()))

    def read(row: Any) -> Record:
        return company_record(row, users)

    for rows, _ in services.rows(google_lists.company_phones(google_lists.ASSIGNED)):
        ours = [row for row in rows if is_company_phone(row, inventory)]
        yield page_of([inventory.pop(name_of(row), {}) | row for row in ours], read, COMPANY_KEYS, "name")
    yield page_of([row for row in inventory.values() if is_company_phone(row, inventory)], read, COMPANY_KEYS, "name")


def personal_phones(services: GoogleServices, listing: Listing) -> Iterator[Page]:
    """People's own phones."""
    for rows, _ in services.rows(listing):
        yield page_of(rows, personal_record, PERSONAL_KEYS, "resourceId")


def batteries(services: GoogleServices) -> Iterator[Page]:
    """Devices that tell of their battery. Many don't: their unit sends no reports."""
    for rows, _ in services.rows(google_lists.batteries()):
        yield page_of(filter(tells_battery, rows), battery_record, BATTERY_KEYS, "deviceId")


def compared(source: str, services: GoogleServices, ends: UpdateEnds) -> Iterator[Page]:
    """A warning when Google's own report counts otherwise, or can't be read: it is a second look, and no part of the source."""
    try:
        said = ends.disagreement(_all(services, google_lists.update_ends()))
    except (Retryable, Refused, Broken) as error:
        why = error.what.removeprefix(f"{source}: ")
        said = N_(f"The report of update ends could not be read: {why}")
    if said is not None:
        yield Page((), warnings=(said,))


def _all(services: GoogleServices, listing: Listing) -> Iterator[Any]:
    for rows, _ in services.rows(listing):
        yield from rows
