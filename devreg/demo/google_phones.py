"""Orders to phones: Directory's for people's own ones, Cloud Identity's for the city's and for accounts on them. Source: google.md 6."""

import secrets
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from devreg.demo.google_commands import Commands
from devreg.demo.google_customer import Customer
from devreg.demo.google_errors import Problem, failure

Document = dict[str, Any]
_TYPES: Final = "type.googleapis.com/google.apps.cloudidentity.devices.v1."
_DIRECTORY: Final[Mapping[str, str]] = {
    "admin_remote_wipe": "WIPING",
    "admin_account_wipe": "ACCOUNT_WIPING",
    "approve": "APPROVED",
    "block": "BLOCKED",
    "cancel_remote_wipe_then_activate": "APPROVED",
    "cancel_remote_wipe_then_block": "BLOCKED",
}
_ENDS: Final = {"WIPING": "WIPED", "ACCOUNT_WIPING": "ACCOUNT_WIPED"}
_IDENTITY: Final[Mapping[str, str]] = {
    "wipe": "WIPING",
    "cancelWipe": "APPROVED",
    "approve": "APPROVED",
    "block": "BLOCKED",
}
ERASING: Final = frozenset(("admin_remote_wipe", "admin_account_wipe", "wipe"))


class _Wiping(msgspec.Struct, frozen=True):
    """A wipe that waits for its phone."""

    row: Document
    field: str
    key: str
    asked_at: float


class Phones:
    """Wipes on their way. They share the Chromebooks' time, pace and who is offline, by resource id or name."""

    def __init__(self, commands: Commands, now: Callable[[], float]) -> None:
        self.operations_done = True
        """Operations come back done, which says nothing of the phone; False: they come back as begun."""
        self.actions_a_second = 20
        """Of Directory's actions; more are refused for this second."""
        self._commands, self._now = commands, now
        self._wiping: list[_Wiping] = []
        self._recent: list[float] = []

    def act(self, customer: Customer, resource_id: str, body: Document) -> None:
        """Directory's action on somebody's own phone; it has no id to follow, only the status."""
        self._throttle()
        action = str(body.get("action"))
        rows = [row for row in customer.mobiles if row["resourceId"] == resource_id]
        if not rows:
            raise Problem(failure(404, "resourceNotFound", "Resource Not Found: resourceId"))
        if action not in _DIRECTORY:
            raise Problem(failure(400, "invalid", f"Invalid value for action: {action}"))
        if action.startswith("cancel_") and rows[0]["status"] != "WIPING":
            raise Problem(failure(412, "conditionNotMet", "Illegal device state transition."))
        self._change(rows[0], "status", _DIRECTORY[action], resource_id)

    def order(self, customer: Customer, name: str, verb: str, body: Document) -> Document:
        """Cloud Identity's order, as an Operation."""
        asked = str(body.get("customer", "customers/my_customer"))
        if asked.removeprefix("customers/") not in ("my_customer", customer.id):
            raise Problem(failure(403, "forbidden", "Not Authorized to access this resource/api"))
        is_user = "/deviceUsers/" in name
        rows = customer.device_users if is_user else customer.cloud_devices
        row = next((row for row in rows if row["name"] == name), None)
        if row is None:
            raise Problem(failure(404, "notFound", f"Requested entity was not found: {name}"))
        if verb not in _IDENTITY or (verb in ("approve", "block") and not is_user):
            raise Problem(failure(404, "notFound", f"Method {verb} is not known."))
        state = row.get("managementState", "UNPROVISIONED")
        if (verb == "cancelWipe" and state != "WIPING") or (verb == "wipe" and state in ("WIPING", "WIPED")):
            raise Problem(failure(400, "failedPrecondition", "Precondition check failed."))
        self._change(row, "managementState", _IDENTITY[verb], name)
        return self._operation(row, verb, is_user=is_user)

    def advance(self) -> None:
        """Let the phones that are online carry out what they were told."""
        for wiping in [*self._wiping]:
            ended = self._commands.reached_at(wiping.key, wiping.asked_at) + self._commands.pace.run_s
            state = wiping.row[wiping.field]
            if state not in _ENDS:
                self._wiping.remove(wiping)
            elif wiping.key not in self._commands.offline and self._now() >= ended:
                wiping.row[wiping.field] = _ENDS[state]
                self._wiping.remove(wiping)

    def _change(self, row: Document, field: str, state: str, key: str) -> None:
        row[field] = state
        if state in _ENDS:
            self._wiping.append(_Wiping(row, field, key, self._now()))

    def _operation(self, row: Document, verb: str, *, is_user: bool) -> Document:
        document: Document = {"name": f"operations/{secrets.token_urlsafe(18)}", "done": self.operations_done}
        if self.operations_done:
            kind = f"{verb[0].upper()}{verb[1:]}{'DeviceUser' if is_user else 'Device'}Response"
            document["response"] = {"@type": _TYPES + kind, "deviceUser" if is_user else "device": row}
        return document

    def _throttle(self) -> None:
        now = self._now()
        self._recent = [at for at in self._recent if at > now - 1]
        if len(self._recent) >= self.actions_a_second:
            raise Problem(failure(403, "userRateLimitExceeded", "User Rate Limit Exceeded", "usageLimits"))
        self._recent.append(now)
