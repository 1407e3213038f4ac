"""Lists of the stand-in beside Chromebooks: phones, telemetry, the report of update ends. Source: google.md 6 and 7."""

import secrets
from collections.abc import Callable
from datetime import date
from typing import Any

from devreg.demo import google_fleet
from devreg.demo.google_customer import Customer
from devreg.demo.google_errors import Problem, failure
from devreg.demo.google_query import size_of
from devreg.demo.server import Request

Document = dict[str, Any]
Pages = Callable[[Request, list[Document], int], tuple[list[Document], str | None]]
"""The rows of the page that a request asks for, and the token of the next."""


def mobiles(page_of: Pages, request: Request, customer: Customer, _found: dict[str, str]) -> Document:
    """User-owned devices."""
    page, following = page_of(request, customer.mobiles, size_of(request.query, 100, 100))
    document: Document = {"kind": "admin#directory#mobiledevices", "etag": f'"stand-in/{secrets.token_hex(6)}"'}
    return document | ({"mobiledevices": page} if page else {}) | ({"nextPageToken": following} if following else {})


def one_mobile(_request: Request, customer: Customer, found: dict[str, str]) -> Document:
    """One user-owned device."""
    return _one(customer.mobiles, "resourceId", found["phone"])


def one_cloud(request: Request, customer: Customer, found: dict[str, str]) -> Document:
    """One device of Cloud Identity, or one user of one."""
    _known_only(request, "customer", paged=False)
    rows = customer.device_users if "/deviceUsers/" in found["name"] else customer.cloud_devices
    return _one(rows, "name", found["name"])


def cloud_devices(page_of: Pages, request: Request, customer: Customer, _found: dict[str, str]) -> Document:
    """Asset tags only in the inventory's view; that one has nobody's own device."""
    _known_only(request, "customer", "view", "filter", "orderBy")
    inventory = request.query.get("view") == "COMPANY_INVENTORY"
    used = {row["name"].partition("/deviceUsers/")[0] for row in customer.device_users}
    rows = [
        row if inventory else {name: value for name, value in row.items() if name != "assetTag"}
        for row in customer.cloud_devices
        if (row.get("ownerType") == "COMPANY" if inventory else row["name"] in used or row.get("ownerType") == "BYOD")
    ]
    return _newer_page(page_of, request, rows, "devices", 20, 100)


def device_users(page_of: Pages, request: Request, customer: Customer, found: dict[str, str]) -> Document:
    """Who uses which device of Cloud Identity; `-` stands for every device."""
    _known_only(request, "customer", "filter", "orderBy")
    of = "devices/" if found["device"] == "-" else f"devices/{found['device']}/"
    rows = [row for row in customer.device_users if row["name"].startswith(of)]
    return _newer_page(page_of, request, rows, "deviceUsers", 20, 20)


def telemetry(page_of: Pages, request: Request, customer: Customer, _found: dict[str, str]) -> Document:
    """Telemetry, only the fields of the mask."""
    _known_only(request, "readMask", "filter")
    mask = [name for name in request.query.get("readMask", "").split(",") if name]
    if not mask:
        raise Problem(failure(400, "badRequest", "Read mask is required."))
    rows = [
        {name: row[name] for name in mask if name in row}
        for row in google_fleet.telemetry(customer.devices, customer.id)
    ]
    return _newer_page(page_of, request, rows, "devices", 1000, 1000)


def update_ends(today: date, request: Request, customer: Customer, _found: dict[str, str]) -> Document:
    """The report of devices by month of their auto-update expiry."""
    _known_only(request, "minAueDate", "maxAueDate", "orgUnitId", paged=False)
    rows = google_fleet.update_ends(customer.devices, today)
    return {"deviceAueCountReports": rows} if rows else {}


def _one(rows: list[Document], key: str, wanted: str) -> Document:
    row = next((row for row in rows if row[key] == wanted), None)
    if row is None:
        raise Problem(failure(404, "resourceNotFound", f"Resource Not Found: {key}"))
    return row


def _newer_page(page_of: Pages, request: Request, rows: list[Document], key: str, default: int, most: int) -> Document:
    """A page of the newer services."""
    text = request.query.get("pageSize", str(default))
    if not text.isdigit() or int(text) > most:
        raise Problem(failure(400, "badRequest", f"Page size {text} is out of range."))
    page, following = page_of(request, rows, int(text) or default)
    return ({key: page} if page else {}) | ({"nextPageToken": following} if following else {})


def _known_only(request: Request, *names: str, paged: bool = True) -> None:
    """The newer services refuse a parameter they do not know."""
    known = {*names, "fields", "alt", "prettyPrint", *(("pageSize", "pageToken") if paged else ())}
    for name in request.query.keys() - known:
        text = f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter.'
        raise Problem(failure(400, "badRequest", text))
