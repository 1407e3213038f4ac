"""One console as the stand-in serves it."""

from typing import Any

import msgspec

from devreg.demo import google_fleet
from devreg.demo.chromebooks import Console
from devreg.demo.google_errors import Problem, failure
from devreg.demo.google_wire import chromeos_device, org_unit, user

Document = dict[str, Any]


class Customer(msgspec.Struct, kw_only=True):
    """One console as served; change it at any time."""

    id: str
    domain: str
    admins: set[str]
    """Lower-case addresses that may use the API."""
    root_unit: str
    units: list[Document]
    devices: list[Document]
    users: list[Document]
    mobiles: list[Document]
    cloud_devices: list[Document]
    device_users: list[Document]
    api_enabled: bool = True
    licences: int | None = None
    """Free ones, of which re-enabling takes one; None: enough."""
    disabled: set[str] = set()
    """Of the newer services: cloud (Cloud Identity), chrome (Chrome Management)."""


def customer_of(console: Console) -> Customer:
    """The console as it is served at first."""
    ids = {unit.path: unit.id for unit in console.org_units}
    root = "03ph0root" + console.customer_id.lower()
    return Customer(
        id=console.customer_id,
        domain=console.domain,
        admins={console.subject},
        root_unit=root,
        units=[org_unit(unit, ids, root) for unit in console.org_units],
        devices=[chromeos_device(book) for book in console.chromebooks],
        users=[user(person, "/Oppilaat") for person in console.users],
        mobiles=google_fleet.mobile_devices(console),
        cloud_devices=google_fleet.company_devices(console),
        device_users=google_fleet.device_users(console),
    )


def unit_path(customer: Customer, asked: str) -> str:
    """The path of a unit given by path (leading slash or not) or id."""
    wanted = asked.removeprefix("id:").strip("/").lower()
    if wanted in ("", customer.root_unit):
        return "/"
    for unit in customer.units:
        if wanted in (unit["orgUnitPath"].strip("/").lower(), unit["orgUnitId"].removeprefix("id:")):
            return str(unit["orgUnitPath"])
    raise Problem(failure(400, "invalid", "Invalid Input: INVALID_OU_ID"))
