"""Stand-in for Google Workspace's Directory API: several customers, reads of Chromebooks, units and users.

It behaves as google.md sections 1 to 3, 5, 8, 9 and 11 tell, where that is inconvenient too: short pages, empty pages that
carry a token, lists without their key, deprovisioned devices among the others.
"""

import json
import re
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import unquote

import msgspec

from devreg.demo.chromebooks import Console
from devreg.demo.google_login import (
    READ_SCOPES,
    SCOPE_PREFIX,
    GoogleLogin,
    ServiceAccount,
    Token,
    new_account,
    write_key,
)
from devreg.demo.google_mask import apply_mask, parse_mask
from devreg.demo.google_query import matches
from devreg.demo.google_wire import BASIC, chromeos_device, org_unit, user
from devreg.demo.server import Fault, FaultKind, Reply, Request, StandIn, json_reply

_BASE: Final = "/admin/directory/v1"
_CHROME: Final = ("admin.directory.device.chromeos", "admin.directory.device.chromeos.readonly")
_UNITS: Final = ("admin.directory.orgunit", "admin.directory.orgunit.readonly")
_USERS: Final = ("admin.directory.user", "admin.directory.user.readonly")
_CUSTOMER: Final = ("admin.directory.customer", "admin.directory.customer.readonly")
_ORDERS: Final = ("annotatedLocation", "annotatedUser", "lastSync", "notes", "serialNumber", "status")
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
    api_enabled: bool = True


class _Problem(Exception):
    def __init__(self, reply: Reply) -> None:
        super().__init__(str(reply.status))
        self.reply = reply


class Google(StandIn):
    """Google Workspace with the city's consoles. `customers` is by customer id; `login` issues the tokens."""

    about: ClassVar[str] = (
        "This is a loopback stand-in of devreg's demo for Google's sign-in and Directory API.\n"
        "It is not Google's, knows invented data only, and can disable or wipe nothing.\n"
    )

    def __init__(self, consoles: Sequence[Console], folder: Path, *, host: str = "127.0.0.1") -> None:
        super().__init__(host)
        self.customers = {console.customer_id: _customer(console) for console in consoles}
        self.keys = {console.source: folder / f"{console.source}.json" for console in consoles}
        """Service account key files by source name."""
        accounts = [new_account(console.source, {console.customer_id: READ_SCOPES}) for console in consoles]
        directory = {row["primaryEmail"]: customer.id for customer in self.customers.values() for row in customer.users}
        directory |= {console.subject: console.customer_id for console in consoles}
        self.login = GoogleLogin(accounts, directory, lambda: self.clock())
        for account, path in zip(accounts, self.keys.values(), strict=True):
            write_key(account, path, f"{self.url}/token")
        self.page_size: int | None = None
        """Most rows a page, below what is asked for; None: as asked."""
        self._chains: dict[str, tuple[str, int, int]] = {}

    def account(self, source: str) -> ServiceAccount:
        """The service account of a source."""
        return next(account for account in self.login.accounts if account.email.startswith(f"{source}@"))

    def respond(self, request: Request) -> Reply:
        """Sign-in, or a call of the Directory API."""
        if request.method == "POST" and request.path == "/token":
            return self.login.respond(request)
        try:
            return self._call(request)
        except _Problem as problem:
            return problem.reply

    def misdirect(self, document: Document, request: Request, fault: Fault) -> None:
        """Give the token of this very page again; Google's pages name no address that could point elsewhere."""
        if fault.kind is FaultKind.REPEAT_NEXTLINK:
            document["nextPageToken"] = request.query.get("pageToken") or self._token(request, 0, 0)

    def _call(self, request: Request) -> Reply:
        token = self.login.token(request.headers.get("authorization"))
        if token is None:
            raise _Problem(_unauthenticated())
        for pattern, scopes, answer in self._routes():
            found = re.fullmatch(_BASE + pattern, request.path)
            if found and request.method == "GET":
                customer = self._customer(found.groupdict().get("customer", "my_customer"), token, scopes)
                return self._masked(answer(request, customer, found.groupdict()), request)
        text = f"This loopback stand-in does not offer {request.method} {request.path}; nothing was done."
        return json_reply(404, {"error": {"code": 404, "message": text}})

    def _routes(self) -> tuple[tuple[str, Sequence[str], Callable[[Request, Customer, dict[str, str]], Document]], ...]:
        devices = r"/customer/(?P<customer>[^/]+)/devices/chromeos"
        return (
            (r"/customers/(?P<customer>[^/]+)", _CUSTOMER, self._show_customer),
            (r"/customer/(?P<customer>[^/]+)/orgunits", _UNITS, self._list_units),
            (r"/customer/(?P<customer>[^/]+)/orgunits/(?P<unit>.+)", _UNITS, self._show_unit),
            (devices, _CHROME, self._list_devices),
            (devices + r":countChromeOsDevices", _CHROME, self._count_devices),
            (devices + r"/(?P<device>[^/:]+)", _CHROME, self._show_device),
            (r"/users", _USERS, self._list_users),
            (r"/users/(?P<user>[^/]+)", _USERS, self._show_user),
        )

    def _customer(self, asked: str, token: Token, scopes: Sequence[str]) -> Customer:
        """The customer of the token, when it is the one asked for and the caller may."""
        own = self.customers.get(token.customer_id or "")
        if not {SCOPE_PREFIX + scope for scope in scopes} & token.scopes:
            raise _Problem(_scope_missing())
        if own is not None and not own.api_enabled:
            text = "Admin SDK API has not been used in project or it is disabled."
            raise _Problem(failure(403, "accessNotConfigured", text, "usageLimits"))
        if asked != "my_customer" and asked not in self.customers:
            raise _Problem(failure(400, "invalid", "Invalid Customer Id"))
        if own is None or token.subject not in own.admins or asked not in ("my_customer", own.id):
            raise _Problem(failure(403, "forbidden", "Not Authorized to access this resource/api"))
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
            raise _Problem(failure(400, "invalidParameter", f"Invalid value '{kind}'.", location="type"))
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
            raise _Problem(failure(400, "invalid", "Invalid Input: INVALID_OU_ID"))
        raise _Problem(failure(404, "notFound", "Org unit not found"))

    def _list_devices(self, request: Request, customer: Customer, _found: dict[str, str]) -> Document:
        query = request.query
        size = _size(query, 100, 200)
        rows = self._selected(customer, query, query.get("query", ""))
        order = query.get("orderBy")
        if order is not None:
            if order not in _ORDERS:
                raise _Problem(failure(400, "invalidParameter", f"Invalid value '{order}'.", location="orderBy"))
            rows = sorted(rows, key=lambda row: str(row.get(order, "")), reverse=query.get("sortOrder") == "DESCENDING")
        projection = query.get("projection", "BASIC")
        if projection not in ("BASIC", "FULL"):
            raise _Problem(failure(400, "invalidParameter", f"Invalid value '{projection}'.", location="projection"))
        page, following = self._page(request, rows, min(size, self.page_size or size))
        document: Document = {"kind": "admin#directory#chromeosdevices", "etag": f'"stand-in/{secrets.token_hex(6)}"'}
        if page:
            document["chromeosdevices"] = [row if projection == "FULL" else _basic(row) for row in page]
        return document | ({"nextPageToken": following} if following else {})

    def _show_device(self, request: Request, customer: Customer, found: dict[str, str]) -> Document:
        row = next((row for row in customer.devices if row["deviceId"] == found["device"]), None)
        if row is None:
            raise _Problem(failure(404, "resourceNotFound", f"Resource Not Found: {found['device']}"))
        return row if request.query.get("projection") == "FULL" else _basic(row)

    def _count_devices(self, request: Request, customer: Customer, _found: dict[str, str]) -> Document:
        rows = self._selected(customer, request.query, request.query.get("filter", ""))
        return {"count": str(len(rows))}

    def _selected(self, customer: Customer, query: dict[str, str], terms: str) -> list[Document]:
        """Devices under the unit asked for that fit the search; without a status all of them, deprovisioned ones too."""
        children = query.get("includeChildOrgunits", "false").lower() == "true"
        asked = query.get("orgUnitPath")
        if children and not asked:
            raise _Problem(failure(400, "invalid", "Invalid Input: includeChildOrgunits requires orgUnitPath"))
        rows = customer.devices
        if asked:
            path = _unit_path(customer, asked)
            rows = [
                row
                for row in rows
                if (below(row["orgUnitPath"], path) if children else row["orgUnitPath"].lower() == path.lower())
            ]
        try:
            return [row for row in rows if matches(row, terms)] if terms else rows
        except ValueError as error:
            raise _Problem(failure(400, "invalid", f"Invalid Input: {error}")) from None

    def _list_users(self, request: Request, customer: Customer, _found: dict[str, str]) -> Document:
        query = request.query
        if query.get("customer", customer.id) not in ("my_customer", customer.id) or not (
            {"customer", "domain"} & {*query}
        ):
            raise _Problem(failure(400, "badRequest", "Bad Request"))
        page, following = self._page(request, customer.users, _size(query, 100, 500))
        document: Document = {"kind": "admin#directory#users", "etag": f'"stand-in/{secrets.token_hex(6)}"'}
        return document | ({"users": page} if page else {}) | ({"nextPageToken": following} if following else {})

    def _show_user(self, _request: Request, customer: Customer, found: dict[str, str]) -> Document:
        key = unquote(found["user"]).lower()
        row = next((row for row in customer.users if key in (row["id"], row["primaryEmail"])), None)
        if row is None:
            raise _Problem(failure(404, "notFound", "Resource Not Found: userKey"))
        return row

    def _page(self, request: Request, rows: list[Document], size: int) -> tuple[list[Document], str | None]:
        """The page a token stands for. The second page of every chain is empty, and every third one short."""
        start, number = self._position(request)
        count = 0 if number == 1 else max(1, size - 3) if number % 3 == 2 and size > 3 else size
        following = self._token(request, start + count, number + 1) if start + count < len(rows) else None
        return rows[start : start + count], following

    def _position(self, request: Request) -> tuple[int, int]:
        text = request.query.get("pageToken")
        if text is None:
            return 0, 0
        if text == "":
            raise _Problem(failure(503, "backendError", "Service unavailable. Please try again"))
        chain, start, number = self._chains.get(text, ("", 0, 0))
        if chain != _chain(request):
            raise _Problem(failure(400, "invalid", f"Invalid Input: {text}"))
        return start, number

    def _token(self, request: Request, start: int, number: int) -> str:
        text = secrets.token_urlsafe(30)
        self._chains[text] = (_chain(request), start, number)
        return text


def failure(status: int, reason: str, message: str, domain: str = "global", location: str | None = None) -> Reply:
    """An error in the shape of the old calls."""
    detail = {"message": message, "domain": domain, "reason": reason}
    if location:
        detail |= {"location": location, "locationType": "parameter"}
    return json_reply(status, {"error": {"code": status, "message": message, "errors": [detail]}})


def below(path: str, top: str) -> bool:
    """Whether a unit is `top` or under it, case put aside."""
    path, top = path.lower(), "/" + top.lower().strip("/")
    return top == "/" or path == top or path.startswith(top + "/")


def _customer(console: Console) -> Customer:
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
    )


def _unit_path(customer: Customer, asked: str) -> str:
    """The path of a unit given by path (leading slash or not) or id."""
    wanted = asked.removeprefix("id:").strip("/").lower()
    if wanted in ("", customer.root_unit):
        return "/"
    for unit in customer.units:
        if wanted in (unit["orgUnitPath"].strip("/").lower(), unit["orgUnitId"].removeprefix("id:")):
            return str(unit["orgUnitPath"])
    raise _Problem(failure(400, "invalid", "Invalid Input: INVALID_OU_ID"))


def _size(query: dict[str, str], default: int, most: int) -> int:
    text = query.get("maxResults", str(default))
    if not text.isdigit() or not 1 <= int(text) <= most:
        message = f"Invalid value '{text}'. Values must be within the range: [1, {most}]"
        raise _Problem(failure(400, "invalidParameter", message, location="maxResults"))
    return int(text)


def _basic(row: Document) -> Document:
    return {name: row[name] for name in BASIC if name in row}


def _chain(request: Request) -> str:
    """All parameters but the token: they must stay the same along a chain."""
    return request.path + json.dumps(
        sorted((name, value) for name, value in request.query.items() if name != "pageToken")
    )


def _unauthenticated() -> Reply:
    message = "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid credential."
    where = {"location": "Authorization", "locationType": "header"}
    detail = {"message": "Invalid Credentials", "domain": "global", "reason": "authError"} | where
    document = {"error": {"code": 401, "message": message, "errors": [detail], "status": "UNAUTHENTICATED"}}
    return json_reply(
        401, document, WWW_Authenticate='Bearer realm="https://accounts.google.com/", error="invalid_token"'
    )


def _scope_missing() -> Reply:
    message = "Request had insufficient authentication scopes."
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com",
    }
    detail = {"message": "Insufficient Permission", "domain": "global", "reason": "insufficientPermissions"}
    error = {"code": 403, "message": message, "errors": [detail], "status": "PERMISSION_DENIED", "details": [info]}
    challenge = 'Bearer realm="https://accounts.google.com/", error="insufficient_scope"'
    return json_reply(403, {"error": error}, WWW_Authenticate=challenge)
