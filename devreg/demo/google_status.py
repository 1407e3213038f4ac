"""batchChangeStatus: disable, re-enable, deprovision up to fifty Chromebooks, each with an answer of its own. Source: google.md 4.2."""

from collections.abc import Mapping
from typing import Any, Final

from devreg.demo.google_commands import Commands, moment
from devreg.demo.google_customer import Customer, unit_path
from devreg.demo.google_errors import Problem, failure

Document = dict[str, Any]
MOST: Final = 50
_PREFIX: Final = "CHANGE_CHROME_OS_DEVICE_STATUS_ACTION_"
_FROM: Final[Mapping[str, frozenset[str]]] = {
    "DISABLE": frozenset(("ACTIVE",)),
    "REENABLE": frozenset(("DISABLED",)),
    "DEPROVISION": frozenset(("ACTIVE", "DISABLED", "DELINQUENT")),
}
_TO: Final = {"DISABLE": "DISABLED", "REENABLE": "ACTIVE", "DEPROVISION": "DEPROVISIONED"}
_REASONS: Final = frozenset(
    f"DEPROVISION_REASON_{reason}"
    for reason in ("SAME_MODEL_REPLACEMENT", "DIFFERENT_MODEL_REPLACEMENT", "RETIRING_DEVICE", "UPGRADE_TRANSFER")
)
"""Those that can be sent; others are only ever read."""
_NOT_FOUND: Final = 5
_FAILED_PRECONDITION: Final = 9


def short_name(action: Any) -> str:
    """DISABLE for CHANGE_CHROME_OS_DEVICE_STATUS_ACTION_DISABLE; as it is when it is none of these."""
    return str(action).removeprefix(_PREFIX)


def change_status(customer: Customer, body: Document, commands: Commands, now: float) -> Document:
    """200 whatever becomes of the single devices; raises Problem when the whole call is wrong."""
    ids, action = body.get("deviceIds"), str(body.get("changeChromeOsDeviceStatusAction"))
    verb, reason = short_name(action), body.get("deprovisionReason")
    if not isinstance(ids, list) or not ids or len(ids) > MOST or not all(isinstance(one, str) for one in ids):
        raise Problem(failure(400, "invalid", f"Between 1 and {MOST} device ids are required."))
    if not action.startswith(_PREFIX) or verb not in _FROM:
        raise Problem(failure(400, "invalid", "Invalid value at 'change_chrome_os_device_status_action'"))
    if (verb == "DEPROVISION") is not (reason in _REASONS):
        raise Problem(
            failure(400, "invalid", "A deprovision reason is required for deprovisioning, and for nothing else.")
        )
    return {"changeChromeOsDeviceStatusResults": [_one(customer, one, verb, reason, commands, now) for one in ids]}


def move_to_unit(customer: Customer, asked: str, body: Document) -> None:
    """Chromebooks under another unit; ids that the console does not have are passed over in silence, as Google does."""
    ids = body.get("deviceIds")
    if not isinstance(ids, list) or not 1 <= len(ids) <= MOST:
        raise Problem(failure(400, "invalid", f"Between 1 and {MOST} device ids are required."))
    path = unit_path(customer, asked)
    number = next((unit["orgUnitId"] for unit in customer.units if unit["orgUnitPath"] == path), customer.root_unit)
    for device in customer.devices:
        if device["deviceId"] in ids:
            device |= {"orgUnitPath": path, "orgUnitId": str(number).removeprefix("id:")}


def _one(customer: Customer, device_id: str, verb: str, reason: Any, commands: Commands, now: float) -> Document:
    device = next((row for row in customer.devices if row["deviceId"] == device_id), None)
    if device is None:
        return _error(device_id, _NOT_FOUND, f"Resource Not Found: {device_id}")
    if device["status"] not in _FROM[verb]:
        return _error(device_id, _FAILED_PRECONDITION, "Illegal device state transition.")
    if verb == "REENABLE" and customer.licences is not None:
        if customer.licences < 1:
            return _error(device_id, _FAILED_PRECONDITION, "Delinquent account.")
        customer.licences -= 1
    device["status"] = _TO[verb]
    if verb == "DEPROVISION":
        device |= {"deprovisionReason": reason, "lastDeprovisionTimestamp": moment(now)}
    else:
        commands.expect_contact(device)
    return {"deviceId": device_id, "response": {}}


def _error(device_id: str, code: int, message: str) -> Document:
    return {"deviceId": device_id, "error": {"code": code, "message": message}}
