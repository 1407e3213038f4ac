"""Stand-in for Microsoft Graph: Intune devices and orders to them, what a city owns, Entra users, over TLS on loopback.

It behaves as intune.md sections 1 to 11 and 13 tell, where that is inconvenient too: blank fields in lists, filters
ignored without a word, page-local counts, errors wrapped in errors.
"""

import base64
import json
import re
import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import quote, unquote, urlencode
from uuid import UUID

from devreg.demo import graph_lists
from devreg.demo.city import City
from devreg.demo.deeds import Deed
from devreg.demo.entra import Account, App, Entra, Grant
from devreg.demo.graph_acts import PRIVILEGED, WRITE_DEVICES, Acts
from devreg.demo.graph_answers import NO_PRIVILEGE, Problem, error, intune_error, nested, only, selection
from devreg.demo.graph_approvals import Approvals
from devreg.demo.graph_batch import answer_batch
from devreg.demo.graph_evidence import Evidence
from devreg.demo.graph_filter import Quirks, intune_filter
from devreg.demo.graph_lists import APPLE_COLLECTION, APPLE_DEVICES, COLLECTIONS, PUSH_CERTIFICATE, Collection
from devreg.demo.graph_registrations import registrations
from devreg.demo.graph_second_source import READ_APPROVALS, SecondSource
from devreg.demo.graph_wire import SINGLE_ONLY, USER_DEFAULTS, list_row, managed_device, user
from devreg.demo.server import Fault, FaultKind, Reply, Request, StandIn, json_reply
from devreg.demo.tls import server_context

TENANT: Final = "7c3e5a10-0d51-4e0a-9c2d-de5e9d3a0001"
READ_DEVICES: Final = "DeviceManagementManagedDevices.Read.All"
READ_USERS: Final = "User.Read.All"
READ_LEAVE_DATES: Final = "User-LifeCycleInfo.Read.All"
ACTS: Final = (READ_DEVICES, PRIVILEGED, WRITE_DEVICES, READ_APPROVALS)
"""Delegated permissions consented to for the operators' app in the demo."""
READS: Final = (
    READ_DEVICES,
    READ_USERS,
    graph_lists.READ_SERVICE,
    graph_lists.READ_APPS,
    graph_lists.READ_REGISTRATIONS,
    READ_APPROVALS,
)
"""What the collector's app is granted in the demo."""
_DEVICE_READERS: Final = (
    READ_DEVICES,
    WRITE_DEVICES,
    "DeviceManagementConfiguration.Read.All",
)
_USER_READERS: Final = (READ_USERS, "User.ReadWrite.All", "Directory.Read.All")
_BASIC_READER: Final = "User.ReadBasic.All"
_BASIC: Final = frozenset(("displayName", "givenName", "mail", "surname", "userPrincipalName", "id"))
_DEVICES: Final = "/v1.0/deviceManagement/managedDevices"
_BETA_DEVICES: Final = "/beta/deviceManagement/managedDevices"
_DELETED: Final = "/v1.0/directory/deletedItems/microsoft.graph.user"


class Graph(StandIn):
    """The tenant of the city. Change `devices`, `users`, `entra.apps` and the knobs at any time."""

    about: ClassVar[str] = (
        "This is a loopback stand-in of devreg's demo for Microsoft Graph and its sign-in.\n"
        "It is not Microsoft's, knows invented data only, and what it locks or wipes exists nowhere.\n"
    )

    def __init__(
        self, city: City, apps: Sequence[App], folder: Path, *, host: str = "127.0.0.1", tenant_id: str = TENANT
    ) -> None:
        super().__init__(host, tls=server_context(folder))
        self.ca_bundle = folder / "ca.pem"
        self.entra = Entra(self.url, tenant_id, list(apps), lambda: self.clock(), accounts(city))
        self.devices: list[dict[str, Any]] = [managed_device(device) for device in city.managed if device.enrolled]
        self.users: list[dict[str, Any]] = [user(person) for person in city.people]
        self.deleted_users: list[dict[str, Any]] = []
        """The recycle bin, which keeps them for 30 days; each with its deletedDateTime."""
        self.autopilot = graph_lists.autopilot(city)
        self.identifiers = graph_lists.identifiers(city)
        self.registrations = registrations(city)
        self.apple_tokens = graph_lists.apple_tokens(city)
        self.apple_devices = graph_lists.apple_devices(city)
        self.vpp_tokens = graph_lists.vpp_tokens(city)
        self.push_certificate: dict[str, Any] | None = graph_lists.push_certificate(city)
        self.audit_events: list[dict[str, Any]] = []
        self.approvals = Approvals(self.world_time)
        """Multi Admin Approval, off at first."""
        self.evidence = Evidence(self.world_time, lambda: self.audit_events)
        self.acts = Acts(self.world_time, lambda: self.devices, self._leave, self.approvals, self.evidence)
        """Orders to devices."""
        self._second_source = SecondSource(self.evidence, self.approvals, self.url)
        self._settle_in(city)
        self.page_size = 1000
        """Devices a page; a smaller `$top` is honoured."""
        self.overlap = 0
        """Rows of the page before that a page repeats, as when devices are added during a run."""
        self.quirks = Quirks()
        self.forbidden_as_401 = False
        """Intune answers a missing permission with 401 and "Forbidden" inside, as it is seen to do."""
        self.refused: tuple[str, ...] = ()
        """Paths that are forbidden although the app has the permission: no licence, a scope that is too narrow."""
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
        except Problem as problem:
            reply = problem.reply
        own = {"request-id": secrets.token_hex(16), "client-request-id": request.headers.get("client-request-id", "")}
        return Reply(reply.status, reply.headers | {name: value for name, value in own.items() if value}, reply.body)

    def deeds_of(self, request: Request) -> list[Deed]:
        """An order to a device, with who gave it."""
        deed = self.acts.deed(request, self.entra.grant(request.headers.get("authorization")), self.world_time())
        return [deed] if deed else []

    def misdirect(self, document: dict[str, Any], request: Request, fault: Fault) -> None:
        """Send the continuation elsewhere, or back to where it came from."""
        link = document.get("@odata.nextLink", "")
        repeated = fault.kind is FaultKind.REPEAT_NEXTLINK
        document["@odata.nextLink"] = self.url + request.target if repeated else link.replace(self.url, fault.location)

    def _call(self, request: Request) -> Reply:
        grant = self.entra.grant(request.headers.get("authorization"))
        if grant is None:
            raise Problem(self._unauthenticated(request))
        self.acts.advance()
        self.evidence.settle()
        for part in (self.acts, self._second_source):
            reply = part.respond(request, grant, self._need)
            if reply is not None:
                return reply
        path = request.path.rstrip("/")
        routes: dict[str, Callable[[Request, Grant], Reply]] = {
            _DEVICES: self._list_devices,
            "/v1.0/deviceManagement/managedDeviceOverview": self._overview,
            "/v1.0/users": self._list_users,
            _DELETED: self._list_users,
            PUSH_CERTIFICATE: self._push_certificate,
        }
        if request.method == "GET" and path in routes:
            return routes[path](request, grant)
        if request.method == "GET" and path in COLLECTIONS:
            return self._list(request, grant, COLLECTIONS[path])
        if request.method == "GET" and (apple := re.fullmatch(APPLE_DEVICES, path)):
            return self._list_apple_devices(request, grant, unquote(apple[1]))
        if request.method == "POST" and path in {"/v1.0/$batch", "/beta/$batch"}:
            return answer_batch(request, self.handle)
        single = re.fullmatch(f"({_DEVICES}|{_BETA_DEVICES}|/v1.0/users)/([^/]+)", path)
        if request.method == "GET" and single:
            one = self._one_user if single[1].endswith("users") else self._one_device
            return one(request, grant, unquote(single[2]))
        text = f"This loopback stand-in does not offer {request.method} {path}; nothing was done."
        return json_reply(404, error("NotOfferedByStandIn", text, request))

    def _leave(self, row: dict[str, Any]) -> None:
        """The record is gone; lists being read meanwhile keep theirs."""
        self.devices = [device for device in self.devices if device is not row]

    def _settle_in(self, city: City) -> None:
        """Devices that were silent for a week are off; a shared Android phone has a place that nobody asked for."""
        silent = [d.id for d in city.managed if d.synced_at is None or city.now - d.synced_at > timedelta(days=7)]
        self.acts.offline.update(silent)
        for row in self.devices:
            if row["deviceEnrollmentType"] == "androidEnterpriseDedicatedDevice":
                self.acts.remember(row, "locateDevice", "done", city.now.timestamp() - 86400)

    def _list_devices(self, request: Request, grant: Grant) -> Reply:
        self._need(request, grant, _DEVICE_READERS)
        query = request.query
        chosen = selection(query, self.devices[0] if self.devices else None, "managedDevice", request)
        rows = intune_filter(self.devices, query.get("$filter"), self.quirks)
        start = self._start(query, request)
        if query.get("$skip", "0") != "0" and "$skiptoken" not in query:
            rows = []
        size = self._size(query, self.page_size, 1000, request)
        first = max(0, start - self.overlap) if start else 0
        value = [only(list_row(device), chosen) for device in rows[first : start + size]]
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
            raise Problem(json_reply(400, intune_error("BadRequest", "An error has occurred", request))) from None
        device = next((device for device in self.devices if device["id"] == device_id.lower()), None)
        if device is None:
            raise Problem(json_reply(404, intune_error("ResourceNotFound", "An error has occurred", request)))
        if request.path.startswith(_BETA_DEVICES):
            lost = device["id"] in self.acts.in_lost_mode
            device = device | {"lostModeState": "enabled" if lost else "disabled"}
        chosen = selection(request.query, device, "managedDevice", request)
        # The bypass code is given only when asked for by name.
        row = (
            only(device, chosen)
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
            "unknownCount": systems.count("ChromeOS"),
        }
        context = self._context("deviceManagement/managedDeviceOverview/$entity", None)
        document = {
            "@odata.context": context,
            "enrolledDeviceCount": len(systems),
            "deviceOperatingSystemSummary": summary,
        }
        return json_reply(200, document)

    def _list(self, request: Request, grant: Grant, collection: Collection) -> Reply:
        self._need(request, grant, collection.any_of)
        rows: list[dict[str, Any]] = getattr(self, collection.holder)
        query = request.query
        chosen = selection(query, rows[0] if rows else None, collection.kind, request)
        if "$filter" in query:
            asked = re.fullmatch(r"(\w+) gt ([0-9T:.Z-]+)", query["$filter"])
            if asked is None or asked[1] != collection.filtered:
                raise Problem(json_reply(400, intune_error("BadRequest", "An error has occurred", request)))
            rows = [row for row in rows if self.quirks.log_ignored or row[asked[1]] > asked[2]]
        start, size = self._start(query, request), self._size(query, self.page_size, 1000, request)
        if collection.expands and not query.get("$expand", "").startswith(collection.expands):
            rows = [{name: value for name, value in row.items() if name != collection.expands} for row in rows]
        elif collection.expands and chosen is not None:
            chosen = [*chosen, collection.expands]
        document: dict[str, Any] = {"@odata.context": self._context(collection.kind, chosen)}
        if start + size < len(rows):
            document["@odata.nextLink"] = self._next_link(request, start + size)
        return json_reply(200, document | {"value": [only(row, chosen) for row in rows[start : start + size]]})

    def _list_apple_devices(self, request: Request, grant: Grant, token_id: str) -> Reply:
        if token_id not in {token["id"] for token in self.apple_tokens}:
            self._need(request, grant, APPLE_COLLECTION.any_of)
            raise Problem(json_reply(404, intune_error("ResourceNotFound", "An error has occurred", request)))
        return self._list(request, grant, APPLE_COLLECTION)

    def _push_certificate(self, request: Request, grant: Grant) -> Reply:
        self._need(request, grant, _DEVICE_READERS)
        if self.push_certificate is None:
            raise Problem(json_reply(404, intune_error("ResourceNotFound", "An error has occurred", request)))
        context = self._context("deviceManagement/applePushNotificationCertificate/$entity", None)
        return json_reply(200, {"@odata.context": context} | self.push_certificate)

    def _list_users(self, request: Request, grant: Grant) -> Reply:
        query = request.query
        chosen = self._user_fields(request, grant)
        rows = self.deleted_users if request.path == _DELETED else self.users
        if "$filter" in query:
            wanted = {"accountEnabled eq true": True, "accountEnabled eq false": False}.get(query["$filter"])
            if wanted is None:
                text = "This loopback stand-in filters users by accountEnabled only."
                raise Problem(json_reply(400, error("Request_UnsupportedQuery", text, request)))
            rows = [row for row in rows if row["accountEnabled"] is wanted]
        start, size = self._start(query, request), self._size(query, 100, 999, request)
        document: dict[str, Any] = {"@odata.context": self._context("users", chosen if "$select" in query else None)}
        if start + size < len(rows):
            document["@odata.nextLink"] = self._next_link(request, start + size)
        return json_reply(200, document | {"value": [only(row, chosen) for row in rows[start : start + size]]})

    def _one_user(self, request: Request, grant: Grant, key: str) -> Reply:
        chosen = self._user_fields(request, grant)
        row = next((row for row in self.users if key.lower() in (row["id"], row["userPrincipalName"])), None)
        if row is None:
            text = f"Resource '{key}' does not exist or one of its queried reference-property objects are not present."
            raise Problem(json_reply(404, error("Request_ResourceNotFound", text, request)))
        return json_reply(200, {"@odata.context": self._context("users", chosen, "/$entity")} | only(row, chosen))

    def _user_fields(self, request: Request, grant: Grant) -> list[str]:
        """The fields to tell, when the permissions reach that far."""
        sample = self.users[0] | {"deletedDateTime": None} if self.users else None
        chosen = selection(request.query, sample, "user", request) or list(USER_DEFAULTS)
        basic = _BASIC_READER in grant.rights and not {*chosen} - _BASIC and request.path != _DELETED
        if not basic and not {*_USER_READERS} & {*grant.rights}:
            raise Problem(json_reply(403, error("Authorization_RequestDenied", NO_PRIVILEGE, request)))
        if "signInActivity" in chosen and "AuditLog.Read.All" not in grant.rights:
            raise Problem(json_reply(403, error("Authentication_MSGraphPermissionMissing", NO_PRIVILEGE, request)))
        if "employeeLeaveDateTime" in chosen and READ_LEAVE_DATES not in grant.rights:
            raise Problem(json_reply(403, error("Authorization_RequestDenied", NO_PRIVILEGE, request)))
        return chosen

    def _need(self, request: Request, grant: Grant, any_of: Sequence[str]) -> None:
        if {*any_of} & {*grant.rights} and not any(path in request.path for path in self.refused):
            return
        text = "Application is not authorized to perform this operation. Application must have one of the following scopes: "
        wrapped = nested(text + ", ".join(any_of), request)
        if self.forbidden_as_401:
            inner = json.dumps({"ErrorCode": "Forbidden", "Message": wrapped})
            raise Problem(json_reply(401, error("UnknownError", inner, request)))
        raise Problem(json_reply(403, error("Forbidden", wrapped, request)))

    def _unauthenticated(self, request: Request) -> Reply:
        claims = self.entra.challenge(request.headers.get("authorization"))
        if claims is not None:
            text = "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp"  # noqa: E501
            authenticate = f'Bearer realm="", authorization_uri="{self.entra.authority}/oauth2/v2.0/authorize", error="insufficient_claims", claims="{claims}"'  # noqa: E501
            return json_reply(401, error("InvalidAuthenticationToken", text, request), WWW_Authenticate=authenticate)
        missing = "authorization" not in request.headers
        text = "Access token is empty." if missing else "Lifetime validation failed, the token is expired."
        return json_reply(
            401,
            error("InvalidAuthenticationToken", text, request),
            WWW_Authenticate='Bearer realm="", error="invalid_token"',
        )

    def _start(self, query: dict[str, str], request: Request) -> int:
        token = query.get("$skiptoken")
        if token is None:
            return 0
        if token not in self._tokens:
            raise Problem(json_reply(400, error("BadRequest", "The skip token is not valid.", request)))
        return self._tokens[token]

    def _size(self, query: dict[str, str], default: int, most: int, request: Request) -> int:
        top = query.get("$top", str(default))
        if not top.isdigit() or not 1 <= int(top) <= most:
            text = f"Invalid page size specified: '{top}'. Must be between 1 and {most} inclusive."
            raise Problem(json_reply(400, error("Request_UnsupportedQuery", text, request)))
        return int(top) if most == 999 else min(int(top), default)

    def _next_link(self, request: Request, start: int) -> str:
        token = base64.b64encode(secrets.token_bytes(24)).decode()
        self._tokens[token] = start
        query = {name: value for name, value in request.query.items() if name != "$skiptoken"} | {"$skiptoken": token}
        return f"{self.url}{request.path}?{urlencode(query, safe='$', quote_via=quote)}"

    def _context(self, what: str, chosen: Sequence[str] | None, suffix: str = "") -> str:
        names = f"({','.join(chosen)})" if chosen else ""
        return f"{self.url}/v1.0/$metadata#{what}{names}{suffix}"


def accounts(city: City) -> list[Account]:
    """Everybody of the city as they sign in: in IT with the Intune roles for everything, elsewhere with none."""
    return [
        Account(
            oid=person.id,
            upn=person.address,
            name=person.name,
            intune=None if person.unit == "it" and not person.pupil else frozenset(),
            enabled=person.enabled,
        )
        for person in city.people
    ]
