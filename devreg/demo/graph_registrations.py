"""What people sign in with, as Entra lists it: every enrolled device, and phones that nobody manages. Source: contracts/intune.md 3.3."""

from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from devreg.demo.city import City
from devreg.demo.graph_wire import moment
from devreg.demo.managed import Managed
from devreg.demo.people import Person

_UNMANAGED = 8
"""Phones with mail on them that never came to Intune."""


def registrations(city: City) -> list[dict[str, Any]]:
    """Each device once, by its own id, which is not the directory's object id."""
    known = {device.entra_id: device for device in city.managed if device.enrolled and device.entra_id.strip("0-")}
    staff = [person for person in city.people if not person.pupil]
    return [
        *(_managed(device, city) for device in known.values()),
        *(_unmanaged(number, person, city) for number, person in enumerate(staff[:_UNMANAGED])),
    ]


def _managed(device: Managed, city: City) -> dict[str, Any]:
    own = device.owner == "company"
    return _row(f"managed {device.entra_id}", city) | {
        "deviceId": device.entra_id,
        "displayName": device.name,
        "manufacturer": device.manufacturer,
        "model": device.model,
        "operatingSystem": device.os,
        "trustType": "AzureAd" if device.os == "Windows" else "Workplace",
        "deviceOwnership": "Company" if own else "Personal",
        "isManaged": True,
        "isCompliant": True,
    }


def _unmanaged(number: int, person: Person, city: City) -> dict[str, Any]:
    apple = number % 2 == 0
    owner = {
        "@odata.type": "#microsoft.graph.user",
        "id": person.id,
        "displayName": f"{person.given} {person.family}",
        "userPrincipalName": person.address,
        "mobilePhone": person.mobile,
    }
    return _row(f"unmanaged {person.id}", city) | {
        "deviceId": str(uuid5(NAMESPACE_OID, f"phone of {person.id}")),
        "displayName": f"{person.given}n puhelin",
        "manufacturer": "Apple" if apple else "samsung",
        "model": "iPhone 13" if apple else "SM-A546B",
        "operatingSystem": "IPhone" if number == 0 else "iOS" if apple else "Android",
        "registeredOwners": [owner],
        "isManaged": None if apple else False,
    }


def _row(seed: str, city: City) -> dict[str, Any]:
    return {
        "id": str(uuid5(NAMESPACE_OID, seed)),
        "deletedDateTime": None,
        "accountEnabled": True,
        "approximateLastSignInDateTime": moment(city.now - timedelta(days=1), 0),
        "complianceExpirationDateTime": None,
        "deviceOwnership": None,
        "isCompliant": None,
        "isRooted": None,
        "managementType": None,
        "mdmAppId": None,
        "operatingSystemVersion": "18.1",
        "physicalIds": ["[USER-GID]:invented"],
        "registrationDateTime": moment(city.now - timedelta(days=90), 0),
        "trustType": "Workplace",
        "registeredOwners": [],
    }
