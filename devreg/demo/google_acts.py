"""Google's door for orders: which paths they come by, what scope they need, what they are in the ledger. Source: google.md 4, 6, 11."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from devreg.demo.deeds import Deed
from devreg.demo.google_commands import Commands, Unfit, told
from devreg.demo.google_customer import Customer
from devreg.demo.google_errors import Problem, failure
from devreg.demo.google_login import Token
from devreg.demo.google_phones import ERASING, Phones
from devreg.demo.google_status import change_status, move_to_unit, short_name
from devreg.demo.server import Reply, Request, json_reply

Document = dict[str, Any]
_CUSTOMER: Final = r"/admin/directory/v1/customer/(?P<customer>[^/]+)/devices"
_ISSUE: Final = re.compile(_CUSTOMER + r"/chromeos/(?P<device>[^/:]+):issueCommand")
_STATUS: Final = re.compile(_CUSTOMER + r"/chromeos:batchChangeStatus")
_MOVE: Final = re.compile(_CUSTOMER + r"/chromeos/moveDevicesToOu")
_COMMAND: Final = re.compile(_CUSTOMER + r"/chromeos/(?P<device>[^/:]+)/commands/(?P<command>[^/]+)")
_MOBILE: Final = re.compile(_CUSTOMER + r"/mobile/(?P<phone>[^/]+)/action")
_IDENTITY: Final = re.compile(r"/v1/(?P<name>devices/[^/:]+(?:/deviceUsers/[^/:]+)?):(?P<verb>\w+)")
CHROME_ACT: Final = ("admin.directory.device.chromeos",)
_CHROME_READ: Final = (*CHROME_ACT, "admin.directory.device.chromeos.readonly")
_MOBILE_ACT: Final = ("admin.directory.device.mobile", "admin.directory.device.mobile.action")
_IDENTITY_ACT: Final = ("cloud-identity.devices",)
_ERASING_COMMANDS: Final = frozenset(("WIPE_USERS", "REMOTE_POWERWASH"))

Allowed = Callable[[str, Token, Sequence[str]], Customer]
"""The customer that is asked for, when the token may; raises Problem."""


def is_modern(path: str) -> bool:
    """Whether a path of the Directory answers errors in the newer shape."""
    return bool(_ISSUE.fullmatch(path) or _STATUS.fullmatch(path) or _COMMAND.fullmatch(path))


class GoogleActs(Commands):
    """Orders to every console's devices, from the door to their end."""

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__(now)
        self.phones = Phones(self, now)

    def advance(self) -> None:
        """Bring every order as far as it has come by now."""
        with self.lock:
            super().advance()
            self.phones.advance()

    def respond(self, request: Request, token: Token, allowed: Allowed) -> Reply | None:
        """The answer; None when the request is no order and no question about one."""
        with self.lock:
            path = request.path
            if request.method == "GET" and (found := _COMMAND.fullmatch(path)):
                return self._show(allowed(found["customer"], token, _CHROME_READ), found["device"], found["command"])
            if request.method != "POST":
                return None
            if found := _ISSUE.fullmatch(path):
                return self._issue(allowed(found["customer"], token, CHROME_ACT), found["device"], _body(request))
            if found := _STATUS.fullmatch(path):
                customer = allowed(found["customer"], token, CHROME_ACT)
                return json_reply(200, change_status(customer, _body(request), self, self._now()))
            if found := _MOVE.fullmatch(path):
                customer = allowed(found["customer"], token, CHROME_ACT)
                move_to_unit(customer, request.query.get("orgUnitPath", ""), _body(request))
                return Reply(204, {}, b"")
            if found := _MOBILE.fullmatch(path):
                self.phones.act(allowed(found["customer"], token, _MOBILE_ACT), found["phone"], _body(request))
                return Reply(204, {}, b"")
            if found := _IDENTITY.fullmatch(path):
                customer = allowed("my_customer", token, _IDENTITY_ACT)
                return json_reply(200, self.phones.order(customer, found["name"], found["verb"], _body(request)))
            return None

    def deeds(self, request: Request, token: Token | None, at: float) -> list[Deed]:
        """The request as orders, one for each device of a batch."""
        if request.method != "POST":
            return []
        try:
            body = _body(request)
        except Problem:
            body = {}
        by = (token.subject or "") if token else ""
        headers = {"content-type": request.headers["content-type"]} if "content-type" in request.headers else {}
        return [
            Deed(
                device_id=device_id, act=act, destructive=destructive, by=by, method=request.method, target=request.target,
                body=request.body, headers=headers, at=at,
            )
            for device_id, act, destructive in _orders(request.path, body)
        ]  # fmt: skip

    def _issue(self, customer: Customer, device_id: str, body: Document) -> Reply:
        device = next((row for row in customer.devices if row["deviceId"] == device_id), None)
        if device is None:
            raise Problem(failure(404, "notFound", f"Resource Not Found: {device_id}"))
        try:
            command = self.issue(customer.id, device, str(body.get("commandType")), body.get("payload"))
        except Unfit as unfit:
            raise Problem(failure(400, "invalidArgument", str(unfit))) from None
        return json_reply(200, {"commandId": command.id})

    def _show(self, customer: Customer, device_id: str, command_id: str) -> Reply:
        command = self.find(device_id, command_id)
        if command is None or command.customer_id != customer.id:
            raise Problem(failure(404, "notFound", f"Resource Not Found: {command_id}"))
        return json_reply(200, told(command))


def was_taken(deed: Deed, reply: Reply) -> bool:
    """Whether the service took this order: a batch answers 200 and tells of each device inside."""
    if reply.status >= 300 or not reply.body:
        return reply.status < 300
    results = json.loads(reply.body).get("changeChromeOsDeviceStatusResults")
    if results is None:
        return True
    return any(result["deviceId"] == deed.device_id and "response" in result for result in results)


def _orders(path: str, body: Document) -> list[tuple[str, str, bool]]:
    """Device id, order, whether it erases or gives up."""
    if found := _ISSUE.fullmatch(path):
        kind = str(body.get("commandType"))
        return [(found["device"], kind, kind in _ERASING_COMMANDS)]
    if _STATUS.fullmatch(path):
        verb, ids = short_name(body.get("changeChromeOsDeviceStatusAction")), body.get("deviceIds")
        return [(str(one), verb, verb == "DEPROVISION") for one in (ids if isinstance(ids, list) else ())]
    if found := _MOBILE.fullmatch(path):
        action = str(body.get("action"))
        return [(found["phone"], action, action in ERASING)]
    if found := _IDENTITY.fullmatch(path):
        return [(found["name"], found["verb"], found["verb"] in ERASING)]
    return []


def _body(request: Request) -> Document:
    try:
        document = json.loads(request.body or b"{}")
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise Problem(failure(400, "parseError", "Invalid JSON payload received."))
    return document
