"""What is asked for in each list of Google's services: paths, parameters, fields. Source: contracts/google.md 2, 5 to 7."""

from typing import Final

from collectors import google_api
from collectors.google_api import Listing
from collectors.google_map import device_fields
from collectors.google_people import USER_FIELDS, USERS
from collectors.google_phones import COMPANY_KEYS, PERSONAL_KEYS
from collectors.google_reports import TELEMETRY_MASK

DEVICES_KEY: Final = "chromeosdevices"
INVENTORY: Final = "COMPANY_INVENTORY"
ASSIGNED: Final = "USER_ASSIGNED_DEVICES"
_MINE: Final = "customers/my_customer"
_HUNDRED: Final = 100
"""Most rows a page of phones, by the contract."""


def devices(customer_id: str, size: int, *, recent_users: bool) -> Listing:
    """Every Chromebook of the console, deprovisioned ones too."""
    fields = f"nextPageToken,{DEVICES_KEY}({device_fields(recent_users)})"
    params = {"projection": "FULL", "fields": fields}
    path = f"/customer/{customer_id}/devices/chromeos"
    return Listing(google_api.DEVICES, path, params, DEVICES_KEY, size, "maxResults")


def people(customer_id: str, size: int) -> Listing:
    """The console's accounts."""
    fields = f"nextPageToken,{USERS}({USER_FIELDS})"
    params = {"customer": customer_id, "projection": "basic", "fields": fields}
    return Listing(google_api.PEOPLE, "/users", params, USERS, size, "maxResults")


def company_phones(view: str, size: int = _HUNDRED) -> Listing:
    """Devices of Cloud Identity. Asset tags stand in the view INVENTORY, everything else in ASSIGNED."""
    fields = f"nextPageToken,devices({','.join(COMPANY_KEYS)})"
    params = {"customer": _MINE, "view": view, "fields": fields}
    return Listing(google_api.COMPANY_PHONES, "/devices", params, "devices", size)


def phone_users() -> Listing:
    """Who uses which device of Cloud Identity; twenty a page is all it gives."""
    params = {"customer": _MINE, "fields": "nextPageToken,deviceUsers(name,userEmail)"}
    return Listing(google_api.COMPANY_PHONES, "/devices/-/deviceUsers", params, "deviceUsers", 20)


def personal_phones(customer_id: str, size: int = _HUNDRED) -> Listing:
    """User-owned devices with a work account."""
    fields = f"nextPageToken,mobiledevices({','.join(PERSONAL_KEYS)})"
    params = {"projection": "FULL", "fields": fields}
    path = f"/customer/{customer_id}/devices/mobile"
    return Listing(google_api.PERSONAL_PHONES, path, params, "mobiledevices", size, "maxResults")


def batteries(size: int = 1000) -> Listing:
    """Telemetry, cut down to the batteries."""
    return Listing(google_api.BATTERIES, f"/{_MINE}/telemetry/devices", {"readMask": TELEMETRY_MASK}, "devices", size)


def update_ends() -> Listing:
    """The report of devices by month of their auto-update expiry; it comes whole."""
    path = f"/{_MINE}/reports:countChromeDevicesReachingAutoExpirationDate"
    return Listing(google_api.REPORTS, path, {}, "deviceAueCountReports", 0, None)
