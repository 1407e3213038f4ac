"""Stand-in for Google Workspace: several customers with Chromebooks, units, users, phones, telemetry and a report, and orders to devices.

It behaves as google.md sections 1 to 9 and 11 tell, where that is inconvenient too: short pages, empty pages that
carry a token, lists without their key, deprovisioned devices among the others.
"""

import json
import re
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import unquote

from devreg.demo import google_newer
from devreg.demo.chromebooks import Console
from devreg.demo.deeds import Deed
from devreg.demo.google_acts import GoogleActs, is_modern, was_taken
from devreg.demo.google_customer import Customer, customer_of, unit_path
from devreg.demo.google_errors import Problem, failure, modern, scope_missing, unauthenticated
from devreg.demo.google_login import (
    MANAGE_SCOPES,
    READ_SCOPES,
    SCOPE_PREFIX,
    GoogleLogin,
    ServiceAccount,
    Token,
    new_account,
    write_key,
)
from devreg.demo.google_mask import apply_mask, parse_mask
from devreg.demo.google_query import matches, size_of
from devreg.demo.google_wire import BASIC
from devreg.demo.server import Fault, FaultKind, Reply, Request, StandIn, json_reply

_BASE: Final = "/admin/directory/v1"
_CHROME: Final = ("admin.directory.device.chromeos", "admin.directory.device.chromeos.readonly")
_UNITS: Final = ("admin.directory.orgunit", "admin.directory.orgunit.readonly")
_USERS: Final = ("admin.directory.user", "admin.directory.user.readonly")
_MOBILE: Final = tuple(f"admin.directory.device.mobile{kind}" for kind in ("", ".action", ".readonly"))
_IDENTITY: Final = ("cloud-identity.devices", "cloud-identity.devices.readonly")
_TELEMETRY: Final = ("chrome.management.telemetry.readonly",)
_REPORTS: Final = ("chrome.management.reports.readonly",)
_NEWER: Final = "/v1/"
_CUSTOMER: Final = ("admin.directory.customer", "admin.directory.customer.readonly")
_ORDERS: Final = ("annotatedLocation", "annotatedUser", "lastSync", "notes", "serialNumber", "status")
Document = dict[str, Any]


class Google(StandIn):
    """Google Workspace with the city's consoles. `customers` is by customer id; `login` issues the tokens."""

    about: ClassVar[str] = (
        "This is a loopback stand-in of devreg's demo for Google's sign-in and Directory API.\n"
        "It is not Google's, knows invented data only, and what it disables or wipes exists nowhere.\n"
    )

    def __init__(self, consoles: Sequence[Console], folder: Path, *, host: str = "127.0.0.1") -> None:
        super().__init__(host)
        self.customers = {console.customer_id: customer_of(console) for console in consoles}
        self.keys = {console.source: folder / f"{console.source}.json" for console in consoles}
        """Service account key files by source name."""
        accounts = [new_account(console.source, {console.customer_id: READ_SCOPES}) for console in consoles]
        directory = {row["primaryEmail"]: customer.id for customer in self.customers.values() for row in customer.users}
        directory |= {console.subject: console.customer_id for console in consoles}
        self.login = GoogleLogin(accounts, directory, lambda: self.clock())
        for account, path in zip(accounts, self.keys.values(), strict=True):
            write_key(account, path, f"{self.url}/token")
        self.acts = GoogleActs(self.world_time)
        """Orders to devices."""
        self.acts.offline.update(_silent(consoles))
        self._folder = folder
        self.page_size: int | None = None
        """Most rows a page, below what is asked for; None: as asked."""
        self._chains: dict[str, tuple[str, int, int]] = {}

    def account(self, source: str) -> ServiceAccount:
        """The service account of a source."""
        return next(account for account in self.login.accounts if account.email.startswith(f"{source}@"))

    def manage_key(self, console: Console) -> Path:
        """The key file of a second service account, which may act on a console's devices."""
        account = new_account(f"{console.source}-manage", {console.customer_id: MANAGE_SCOPES})
        self.login.accounts.append(account)
        path = self._folder / f"{console.source}-manage.json"
        write_key(account, path, f"{self.url}/token")
        return path

    def deeds_of(self, request: Request) -> list[Deed]:
        """Orders to devices, with the account they were given by."""
        return self.acts.deeds(request, self.login.token(request.headers.get("authorization")), self.world_time())

    def was_taken(self, deed: Deed, reply: Reply) -> bool:
        """Whether the service took the order."""
        return was_taken(deed, reply)

    def respond(self, request: Request) -> Reply:
        """Sign-in, or a call of the Directory API."""
        if request.method == "POST" and request.path == "/token":
            return self.login.respond(request)
        try:
            return self._call(request)
        except Problem as problem:
            newer = request.path.startswith(_NEWER) or is_modern(request.path)
            return modern(problem.reply) if newer else problem.reply

    def misdirect(self, document: Document, request: Request, fault: Fault) -> None:
        """Give the token of this very page again; Google's pages name no address that could point elsewhere."""
        if fault.kind is FaultKind.REPEAT_NEXTLINK:
            document["nextPageToken"] = request.query.get("pageToken") or self._token(request, 0, 0)

    def _call(self, request: Request) -> Reply:
        token = self.login.token(request.headers.get("authorization"))
        if token is None:
            raise Problem(unauthenticated())
        self.acts.advance()
        reply = self.acts.respond(request, token, self._customer)
        if reply is not None:
            return reply
        for pattern, scopes, answer in self._routes():
            found = re.fullmatch(pattern, request.path)
            if found and request.method == "GET":
                asked = found.groupdict().get("customer") or request.query.get("customer", "my_customer")
                customer = self._customer(asked.removeprefix("customers/"), token, scopes)
                return self._masked(answer(request, customer, found.groupdict()), request)
        text = f"This loopback stand-in does not offer {request.method} {request.path}; nothing was done."
        return json_reply(404, {"error": {"code": 404, "message": text}})

    def _routes(self) -> tuple[tuple[str, Sequence[str], Callable[[Request, Customer, dict[str, str]], Document]], ...]:
        customer = _BASE + r"/customer/(?P<customer>[^/]+)"
        devices = customer + "/devices/chromeos"
        today = datetime.fromtimestamp(self.clock(), UTC).date()
        chrome = r"/v1/customers/(?P<customer>[^/]+)"
        return (
            (_BASE + r"/customers/(?P<customer>[^/]+)", _CUSTOMER, self._show_customer),
            (customer + "/orgunits", _UNITS, self._list_units),
            (customer + "/orgunits/(?P<unit>.+)", _UNITS, self._show_unit),
            (devices, _CHROME, self._list_devices),
            (devices + ":countChromeOsDevices", _CHROME, self._count_devices),
            (devices + "/(?P<device>[^/:]+)", _CHROME, self._show_device),
            (customer + "/devices/mobile", _MOBILE, partial(google_newer.mobiles, self._page)),
            (customer + "/devices/mobile/(?P<phone>[^/]+)", _MOBILE, google_newer.one_mobile),
            (_BASE + "/users", _USERS, self._list_users),
            (_BASE + "/users/(?P<user>[^/]+)", _USERS, self._show_user),
            ("/v1/devices", _IDENTITY, partial(google_newer.cloud_devices, self._page)),
            ("/v1/devices/(?P<device>[^/:]+)/deviceUsers", _IDENTITY, partial(google_newer.device_users, self._page)),
            ("/v1/(?P<name>devices/[^/:]+(?:/deviceUsers/[^/:]+)?)", _IDENTITY, google_newer.one_cloud),
            (chrome + "/telemetry/devices", _TELEMETRY, partial(google_newer.telemetry, self._page)),
            (
                chrome + "/reports:countChromeDevicesReachingAutoExpirationDate",
                _REPORTS,
                partial(google_newer.update_ends, today),
            ),
        )

    def _customer(self, asked: str, token: Token, scopes: Sequence[str]) -> Customer:
        """The customer of the token, when it is the one asked for and the caller may."""
        own = self.customers.get(token.customer_id or "")
        if not {SCOPE_PREFIX + scope for scope in scopes} & token.scopes:
            raise Problem(scope_missing())
        if own is not None and not own.api_enabled:
            text = "Admin SDK API has not been used in project or it is disabled."
            raise Problem(failure(403, "accessNotConfigured", text, "usageLimits"))
        if own is not None and scopes[0].partition(".management")[0].partition("-")[0] in own.disabled:
            raise Problem(failure(403, "accessNotConfigured", "The API is disabled in project 1.", "usageLimits"))
        if asked != "my_customer" and asked not in self.customers:
            raise Problem(failure(400, "invalid", "Invalid Customer Id"))
        if own is None or token.subject not in own.admins or asked not in ("my_customer", own.id):
            raise Problem(failure(403, "forbidden", "Not Authorized to access this resource/api"))
        return own

    def _masked(self, document: Document, request: Request) -> Reply:
        fields = request.query.get("fields")
        if not fields:
            return json_reply(200, document)
        try:
            return json_reply(200, apply_mask(document, parse_mask(fields)))
        except ValueError:
            return failure(400, "invalidParameter", f"Invalid field selection {fields}", location="fields")

    def _show_customer(self, _request: Request, customer: Customer, _found: dict[str, str]) -> Document:
        return {
            "kind": "admin#directory#customer", "etag": f'"stand-in/{customer.id}"', "id": customer.id,
            "customerDomain": customer.domain, "language": "fi", "customerCreationTime": "2014-08-01T06:00:00.000Z",
        }  # fmt: skip

    def _list_units(self, request: Request, customer: Customer, _found: dict[str, str]) -> Document:
        kind = request.query.get("type", "children")
        if kind not in ("all", "children", "allIncludingParent"):
            raise Problem(failure(400, "invalidParameter", f"Invalid value '{kind}'.", location="type"))
        top = request.query.get("orgUnitPath", "/")
        units = [
            unit
            for unit in customer.units
            if (unit["parentOrgUnitPath"] == top if kind == "children" else below(unit["orgUnitPath"], top))
            and unit["orgUnitPath"] != top
        ]
        document: Document = {"kind": "admin#directory#orgUnits", "etag": f'"stand-in/{customer.id}/{len(units)}"'}
        if kind == "allIncludingParent":
            root = {
                "name": customer.domain,
                "orgUnitPath": "/",
                "orgUnitId": f"id:{customer.root_unit}",
                "description": "",
            }
            units = [root, *units]
        return document | ({"organizationUnits": units} if units else {})

    def _show_unit(self, _request: Request, customer: Customer, found: dict[str, str]) -> Document:
        asked = unquote(found["unit"])
        for unit in customer.units:
            if asked in (unit["orgUnitId"], unit["orgUnitPath"].lstrip("/")):
                return unit
        if asked.startswith("id:"):
            raise Problem(failure(400, "invalid", "Invalid Input: INVALID_OU_ID"))
        raise Problem(failure(404, "notFound", "Org unit not found"))

    def _list_devices(self, request: Request, customer: Customer, _found: dict[str, str]) -> Document:
        query = request.query
        size = size_of(query, 100, 200)
        rows = self._selected(customer, query, query.get("query", ""))
        order = query.get("orderBy")
        if order is not None:
            if order not in _ORDERS:
                raise Problem(failure(400, "invalidParameter", f"Invalid value '{order}'.", location="orderBy"))
            rows = sorted(rows, key=lambda row: str(row.get(order, "")), reverse=query.get("sortOrder") == "DESCENDING")
        projection = query.get("projection", "BASIC")
        if projection not in ("BASIC", "FULL"):
            raise Problem(failure(400, "invalidParameter", f"Invalid value '{projection}'.", location="projection"))
        page, following = self._page(request, rows, size)
        document: Document = {"kind": "admin#directory#chromeosdevices", "etag": f'"stand-in/{secrets.token_hex(6)}"'}
        if page:
            document["chromeosdevices"] = [row if projection == "FULL" else _basic(row) for row in page]
        return document | ({"nextPageToken": following} if following else {})

    def _show_device(self, request: Request, customer: Customer, found: dict[str, str]) -> Document:
        row = next((row for row in customer.devices if row["deviceId"] == found["device"]), None)
        if row is None:
            raise Problem(failure(404, "resourceNotFound", f"Resource Not Found: {found['device']}"))
        return row if request.query.get("projection") == "FULL" else _basic(row)

    def _count_devices(self, request: Request, customer: Customer, _found: dict[str, str]) -> Document:
        rows = self._selected(customer, request.query, request.query.get("filter", ""))
        return {"count": str(len(rows))}

    def _selected(self, customer: Customer, query: dict[str, str], terms: str) -> list[Document]:
        """Devices under the unit asked for that fit the search; without a status all of them, deprovisioned ones too."""
        children = query.get("includeChildOrgunits", "false").lower() == "true"
        asked = query.get("orgUnitPath")
        if children and not asked:
            raise Problem(failure(400, "invalid", "Invalid Input: includeChildOrgunits requires orgUnitPath"))
        rows = customer.devices
        if asked:
            path = unit_path(customer, asked)
            rows = [
                row
                for row in rows
                if (below(row["orgUnitPath"], path) if children else row["orgUnitPath"].lower() == path.lower())
            ]
        try:
            return [row for row in rows if matches(row, terms)] if terms else rows
        except ValueError as error:
            raise Problem(failure(400, "invalid", f"Invalid Input: {error}")) from None

    def _list_users(self, request: Request, customer: Customer, _found: dict[str, str]) -> Document:
        query = request.query
        if query.get("customer", customer.id) not in ("my_customer", customer.id) or not (
            {"customer", "domain"} & {*query}
        ):
            raise Problem(failure(400, "badRequest", "Bad Request"))
        page, following = self._page(request, customer.users, size_of(query, 100, 500))
        document: Document = {"kind": "admin#directory#users", "etag": f'"stand-in/{secrets.token_hex(6)}"'}
        return document | ({"users": page} if page else {}) | ({"nextPageToken": following} if following else {})

    def _show_user(self, _request: Request, customer: Customer, found: dict[str, str]) -> Document:
        key = unquote(found["user"]).lower()
        row = next((row for row in customer.users if key in (row["id"], row["primaryEmail"])), None)
        if row is None:
            raise Problem(failure(404, "notFound", "Resource Not Found: userKey"))
        return row

    def _page(self, request: Request, rows: list[Document], size: int) -> tuple[list[Document], str | None]:
        """The page a token stands for. The second page of every chain is empty, and every third one short."""
        start, number = self._position(request)
        size = min(size, self.page_size or size)
        count = 0 if number == 1 else max(1, size - 3) if number % 3 == 2 and size > 3 else size
        following = self._token(request, start + count, number + 1) if start + count < len(rows) else None
        return rows[start : start + count], following

    def _position(self, request: Request) -> tuple[int, int]:
        text = request.query.get("pageToken")
        if text is None:
            return 0, 0
        if text == "":
            raise Problem(failure(503, "backendError", "Service unavailable. Please try again"))
        chain, start, number = self._chains.get(text, ("", 0, 0))
        if chain != _chain(request):
            raise Problem(failure(400, "invalid", f"Invalid Input: {text}"))
        return start, number

    def _token(self, request: Request, start: int, number: int) -> str:
        text = secrets.token_urlsafe(30)
        self._chains[text] = (_chain(request), start, number)
        return text


def below(path: str, top: str) -> bool:
    """Whether a unit is `top` or under it, case put aside."""
    path, top = path.lower(), "/" + top.lower().strip("/")
    return top == "/" or path == top or path.startswith(top + "/")


def _basic(row: Document) -> Document:
    return {name: row[name] for name in BASIC if name in row}


def _chain(request: Request) -> str:
    """All parameters but the token: they must stay the same along a chain."""
    return request.path + json.dumps(
        sorted((name, value) for name, value in request.query.items() if name != "pageToken")
    )


def _silent(consoles: Sequence[Console]) -> set[str]:
    """Chromebooks that were off for over a week when the newest one synced."""
    books = [book for console in consoles for book in console.chromebooks]
    newest = max((book.synced_at for book in books), default=None)
    return {book.device_id for book in books if newest and newest - book.synced_at > timedelta(days=7)}
