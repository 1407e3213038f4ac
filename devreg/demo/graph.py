"""Stand-in for Microsoft Graph's reads: Intune devices and Entra users, over TLS on loopback.

It behaves as intune.md sections 1 to 5, 9 and 13 tell, where that is inconvenient too: blank fields in lists, filters
ignored without a word, page-local counts, errors wrapped in errors.
"""

import base64
import json
import re
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import quote, unquote, urlencode
from uuid import UUID

from devreg.demo.city import City
from devreg.demo.entra import App, Entra, Grant
from devreg.demo.graph_filter import Quirks, intune_filter
from devreg.demo.graph_wire import SINGLE_ONLY, USER_DEFAULTS, list_row, managed_device, user
from devreg.demo.server import Fault, FaultKind, Reply, Request, StandIn, json_reply
from devreg.demo.tls import server_context

TENANT: Final = "7c3e5a10-0d51-4e0a-9c2d-de5e9d3a0001"
READ_DEVICES: Final = "DeviceManagementManagedDevices.Read.All"
READ_USERS: Final = "User.Read.All"
_DEVICE_READERS: Final = (
    READ_DEVICES,
    "DeviceManagementManagedDevices.ReadWrite.All",
    "DeviceManagementConfiguration.Read.All",
)
_USER_READERS: Final = (READ_USERS, "User.ReadWrite.All", "Directory.Read.All")
_BASIC_READER: Final = "User.ReadBasic.All"
_BASIC: Final = frozenset(("displayName", "givenName", "mail", "surname", "userPrincipalName", "id"))
_DEVICES: Final = "/v1.0/deviceManagement/managedDevices"


class _Problem(Exception):
    def __init__(self, reply: Reply) -> None:
        super().__init__(str(reply.status))
        self.reply = reply


class Graph(StandIn):
    """The tenant of the city. Change `devices`, `users`, `entra.apps` and the knobs at any time."""

    about: ClassVar[str] = (
        "This is a loopback stand-in of devreg's demo for Microsoft Graph and its sign-in.\n"
        "It is not Microsoft's, knows invented data only, and can lock or wipe nothing.\n"
    )

    def __init__(
        self, city: City, apps: Sequence[App], folder: Path, *, host: str = "127.0.0.1", tenant_id: str = TENANT
    ) -> None:
        super().__init__(host, tls=server_context(folder))
        self.ca_bundle = folder / "ca.pem"
        self.entra = Entra(self.url, tenant_id, list(apps), lambda: self.clock())
        self.devices: list[dict[str, Any]] = [managed_device(device) for device in city.managed if device.enrolled]
        self.users: list[dict[str, Any]] = [user(person) for person in city.people]
        self.page_size = 1000
        """Devices a page; a smaller `$top` is honoured."""
        self.overlap = 0
        """Rows of the page before that a page repeats, as when devices are added during a run."""
        self.quirks = Quirks()
        self.forbidden_as_401 = False
        """Intune answers a missing permission with 401 and "Forbidden" inside, as it is seen to do."""
        self._tokens: dict[str, int] = {}

    @property
    def url(self) -> str:
        """Root of both Graph and sign-in; msal wants a name and https."""
        return f"https://localhost:{self.port}"

    def respond(self, request: Request) -> Reply:
        """Sign-in, or a call of Graph with the headers Graph adds."""
        reply = self.entra.respond(request)
        if reply is not None:
            return reply
        try:
            reply = self._call(request)
        except _Problem as problem:
            reply = problem.reply
        own = {"request-id": secrets.token_hex(16), "client-request-id": request.headers.get("client-request-id", "")}
        return Reply(reply.status, reply.headers | {name: value for name, value in own.items() if value}, reply.body)

    def misdirect(self, document: dict[str, Any], request: Request, fault: Fault) -> None:
        """Send the continuation elsewhere, or back to where it came from."""
        link = document.get("@odata.nextLink", "")
        repeated = fault.kind is FaultKind.REPEAT_NEXTLINK
        document["@odata.nextLink"] = self.url + request.target if repeated else link.replace(self.url, fault.location)

    def _call(self, request: Request) -> Reply:
        grant = self.entra.grant(request.headers.get("authorization"))
        if grant is None:
            raise _Problem(self._unauthenticated(request))
        path = request.path.rstrip("/")
        routes: dict[str, Callable[[Request, Grant], Reply]] = {
            _DEVICES: self._list_devices,
            "/v1.0/deviceManagement/managedDeviceOverview": self._overview,
            "/v1.0/users": self._list_users,
        }
        if request.method == "GET" and path in routes:
            return routes[path](request, grant)
        single = re.fullmatch(f"({_DEVICES}|/v1.0/users)/([^/]+)", path)
        if request.method == "GET" and single:
            one = self._one_device if single[1] == _DEVICES else self._one_user
            return one(request, grant, unquote(single[2]))
        text = f"This loopback stand-in does not offer {request.method} {path}; nothing was done."
        return json_reply(404, _error("NotOfferedByStandIn", text, request))

    def _list_devices(self, request: Request, grant: Grant) -> Reply:
        self._need(request, grant, _DEVICE_READERS)
        query = request.query
        chosen = _selection(query, self.devices[0] if self.devices else None, "managedDevice", request)
        rows = intune_filter(self.devices, query.get("$filter"), self.quirks)
        start = self._start(query, request)
        if query.get("$skip", "0") != "0" and "$skiptoken" not in query:
            rows = []
        size = self._size(query, self.page_size, 1000, request)
        first = max(0, start - self.overlap) if start else 0
        value = [_only(list_row(device), chosen) for device in rows[first : start + size]]
        document: dict[str, Any] = {
            "@odata.context": self._context("deviceManagement/managedDevices", chosen),
            "@odata.count": len(value),
        }
        if start + size < len(rows):
            document["@odata.nextLink"] = self._next_link(request, start + size)
        return json_reply(200, document | {"value": value})

    def _one_device(self, request: Request, grant: Grant, device_id: str) -> Reply:
        self._need(request, grant, _DEVICE_READERS)
        try:
            UUID(device_id)
        except ValueError:
            raise _Problem(json_reply(400, _intune_error("BadRequest", "An error has occurred", request))) from None
        device = next((device for device in self.devices if device["id"] == device_id.lower()), None)
        if device is None:
            raise _Problem(json_reply(404, _intune_error("ResourceNotFound", "An error has occurred", request)))
        chosen = _selection(request.query, device, "managedDevice", request)
        # The bypass code is given only when asked for by name.
        row = (
            _only(device, chosen)
            if chosen
            else device | {"activationLockBypassCode": SINGLE_ONLY["activationLockBypassCode"]}
        )
        return json_reply(
            200, {"@odata.context": self._context("deviceManagement/managedDevices", chosen, "/$entity")} | row
        )

    def _overview(self, request: Request, grant: Grant) -> Reply:
        self._need(request, grant, _DEVICE_READERS)
        systems = [device["operatingSystem"] for device in self.devices]
        summary = {
            "androidCount": systems.count("Android"),
            "iosCount": systems.count("iOS") + systems.count("iPadOS"),
            "windowsCount": systems.count("Windows"),
            "macOSCount": 0,
            "windowsMobileCount": 0,
            "unknownCount": 0,
        }
        context = self._context("deviceManagement/managedDeviceOverview/$entity", None)
        document = {
            "@odata.context": context,
            "enrolledDeviceCount": len(systems),
            "deviceOperatingSystemSummary": summary,
        }
        return json_reply(200, document)

    def _list_users(self, request: Request, grant: Grant) -> Reply:
        query = request.query
        chosen = self._user_fields(request, grant)
        rows = self.users
        if "$filter" in query:
            wanted = {"accountEnabled eq true": True, "accountEnabled eq false": False}.get(query["$filter"])
            if wanted is None:
                text = "This loopback stand-in filters users by accountEnabled only."
                raise _Problem(json_reply(400, _error("Request_UnsupportedQuery", text, request)))
            rows = [row for row in rows if row["accountEnabled"] is wanted]
        start, size = self._start(query, request), self._size(query, 100, 999, request)
        document: dict[str, Any] = {"@odata.context": self._context("users", chosen if "$select" in query else None)}
        if start + size < len(rows):
            document["@odata.nextLink"] = self._next_link(request, start + size)
        return json_reply(200, document | {"value": [_only(row, chosen) for row in rows[start : start + size]]})

    def _one_user(self, request: Request, grant: Grant, key: str) -> Reply:
        chosen = self._user_fields(request, grant)
        row = next((row for row in self.users if key.lower() in (row["id"], row["userPrincipalName"])), None)
        if row is None:
            text = f"Resource '{key}' does not exist or one of its queried reference-property objects are not present."
            raise _Problem(json_reply(404, _error("Request_ResourceNotFound", text, request)))
        return json_reply(200, {"@odata.context": self._context("users", chosen, "/$entity")} | _only(row, chosen))

    def _user_fields(self, request: Request, grant: Grant) -> list[str]:
        """The fields to tell, when the permissions reach that far."""
        sample = self.users[0] if self.users else None
        chosen = _selection(request.query, sample, "user", request) or list(USER_DEFAULTS)
        basic = _BASIC_READER in grant.roles and not {*chosen} - _BASIC
        if not basic and not {*_USER_READERS} & {*grant.roles}:
            raise _Problem(json_reply(403, _error("Authorization_RequestDenied", _NO_PRIVILEGE, request)))
        if "signInActivity" in chosen and "AuditLog.Read.All" not in grant.roles:
            raise _Problem(json_reply(403, _error("Authentication_MSGraphPermissionMissing", _NO_PRIVILEGE, request)))
        return chosen

    def _need(self, request: Request, grant: Grant, any_of: Sequence[str]) -> None:
        if {*any_of} & {*grant.roles}:
            return
        text = "Application is not authorized to perform this operation. Application must have one of the following scopes: "
        nested = _nested(text + ", ".join(any_of), request)
        if self.forbidden_as_401:
            inner = json.dumps({"ErrorCode": "Forbidden", "Message": nested})
            raise _Problem(json_reply(401, _error("UnknownError", inner, request)))
        raise _Problem(json_reply(403, _error("Forbidden", nested, request)))

    def _unauthenticated(self, request: Request) -> Reply:
        missing = "authorization" not in request.headers
        text = "Access token is empty." if missing else "Lifetime validation failed, the token is expired."
        return json_reply(
            401,
            _error("InvalidAuthenticationToken", text, request),
            WWW_Authenticate='Bearer realm="", error="invalid_token"',
        )

    def _start(self, query: dict[str, str], request: Request) -> int:
        token = query.get("$skiptoken")
        if token is None:
            return 0
        if token not in self._tokens:
            raise _Problem(json_reply(400, _error("BadRequest", "The skip token is not valid.", request)))
        return self._tokens[token]

    def _size(self, query: dict[str, str], default: int, most: int, request: Request) -> int:
        top = query.get("$top", str(default))
        if not top.isdigit() or not 1 <= int(top) <= most:
            text = f"Invalid page size specified: '{top}'. Must be between 1 and {most} inclusive."
            raise _Problem(json_reply(400, _error("Request_UnsupportedQuery", text, request)))
        return int(top) if most == 999 else min(int(top), default)

    def _next_link(self, request: Request, start: int) -> str:
        token = base64.b64encode(secrets.token_bytes(24)).decode()
        self._tokens[token] = start
        query = {name: value for name, value in request.query.items() if name != "$skiptoken"} | {"$skiptoken": token}
        return f"{self.url}{request.path}?{urlencode(query, safe='$', quote_via=quote)}"

    def _context(self, what: str, chosen: Sequence[str] | None, suffix: str = "") -> str:
        names = f"({','.join(chosen)})" if chosen else ""
        return f"{self.url}/v1.0/$metadata#{what}{names}{suffix}"


_NO_PRIVILEGE: Final = "Insufficient privileges to complete the operation."


def _selection(query: dict[str, str], sample: dict[str, Any] | None, kind: str, request: Request) -> list[str] | None:
    """Names in `$select`; None when there is none. An unknown name is refused, as names of beta are on v1.0."""
    if not query.get("$select"):
        return None
    names = [name.strip() for name in query["$select"].split(",")]
    unknown = [name for name in names if sample is not None and name not in sample]
    if unknown:
        text = f"Parsing OData Select and Expand failed: Could not find a property named '{unknown[0]}' on type 'microsoft.graph.{kind}'."
        raise _Problem(json_reply(400, _error("BadRequest", text, request)))
    return names


def _only(row: dict[str, Any], chosen: Sequence[str] | None) -> dict[str, Any]:
    return row if chosen is None else {name: row[name] for name in chosen}


def _error(code: str, message: str, request: Request) -> dict[str, Any]:
    own = request.headers.get("client-request-id", secrets.token_hex(16))
    inner = {
        "date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}",
        "request-id": secrets.token_hex(16),
        "client-request-id": own,
    }
    return {"error": {"code": code, "message": message, "innerError": inner}}


def _intune_error(code: str, message: str, request: Request) -> dict[str, Any]:
    return _error(code, _nested(message, request), request)


def _nested(message: str, request: Request) -> str:
    """Intune's message: a string that holds JSON. Source: intune.md 9 and 12."""
    activity = request.headers.get("client-request-id", secrets.token_hex(16))
    told = (
        f"{message} - Operation ID (for customer support): 00000000-0000-0000-0000-000000000000 - Activity ID: {activity} - "
        f"Url: https://fef.stand-in.invalid/DeviceFE{request.path}"
    )
    inner = {
        "_version": 3, "Message": told, "CustomApiErrorPhrase": "", "RetryAfter": None, "ErrorSourceService": "", "HttpHeaders": "{}",
    }  # fmt: skip
    return json.dumps(inner, indent=2).replace("\n", "\r\n")
