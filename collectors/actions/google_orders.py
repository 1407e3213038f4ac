"""Orders as Google takes them, and what its answers to them mean. Source: contracts/google.md 4.1, 4.2, 6 and 8."""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import msgspec

from collectors.actions.once import Request
from collectors.google_api import explain, reason_of
from collectors.http import Answer
from devreg.action_ports import Accepted, Order, Rejected, Sent, Unclear
from devreg.domain.platforms import OFFERS, Mode, RemoteAct
from devreg.i18n import N_
from devreg.text import clean

_A: Final = RemoteAct
COMMANDS: Final[Mapping[RemoteAct, str]] = {
    _A.WIPE: "REMOTE_POWERWASH",
    _A.WIPE_USERS: "WIPE_USERS",
    _A.REBOOT: "REBOOT",
}
_STATUSES: Final[Mapping[RemoteAct, str]] = {
    _A.DISABLE: "DISABLE",
    _A.ENABLE: "REENABLE",
    _A.DEPROVISION: "DEPROVISION",
}
REASONS: Final = ("SAME_MODEL_REPLACEMENT", "DIFFERENT_MODEL_REPLACEMENT", "RETIRING_DEVICE", "UPGRADE_TRANSFER")
"""Why a device is deprovisioned: decides whether its licence is freed."""
_PRIVATE: Final[Mapping[RemoteAct, str]] = {
    _A.WIPE_ACCOUNT: "admin_account_wipe",
    _A.BLOCK: "block",
    _A.UNBLOCK: "approve",
}
_COMPANY: Final[Mapping[RemoteAct, str]] = {
    _A.WIPE: "wipe",
    _A.WIPE_ACCOUNT: "wipe",
    _A.BLOCK: "block",
    _A.UNBLOCK: "approve",
}


_ID: Final = re.compile(r"[A-Za-z0-9_=-]+")
_NAME: Final = re.compile(rf"devices/{_ID.pattern}")


class Roots(msgspec.Struct, frozen=True):
    """Where a console's services are, and which console it is."""

    admin: str
    identity: str
    customer_id: str

    @property
    def devices(self) -> str:
        """Address of the console's devices in the Directory API."""
        return f"{self.admin}/admin/directory/v1/customer/{quote(self.customer_id, safe='')}/devices"

    def company(self, name: str) -> str:
        """Address of `devices/…` or `devices/…/deviceUsers/…` in Cloud Identity."""
        return f"{self.identity}/v1/{quote(name, safe='/')}"


def unsendable(order: Order) -> str | None:
    """Why the order can't be put to Google at all; None: it can."""
    mode, native_id = order.target.mode, order.target.native_id
    if mode not in _ORDERS or OFFERS[mode].allows(order.act) is not True:
        return N_("Google does not offer this for such a device")
    if not (_NAME if mode is Mode.GOOGLE_COMPANY else _ID).fullmatch(native_id):
        return N_("the device's id is not one of Google's")
    if order.act is RemoteAct.DEPROVISION and order.options.get("reason") not in REASONS:
        return N_("Google wants to know why it is deprovisioned: reason is missing or none of Google's")
    return None


def request_of(order: Order, roots: Roots, user: str | None = None) -> Request:
    """The request. `user`: `devices/…/deviceUsers/…`, for what is done to a work account on a phone of the city."""
    url, body = _ORDERS[order.target.mode](order, roots, user)
    return Request("POST", url, {}, msgspec.json.encode(body))


def sent_of(answer: Answer, order: Order) -> Sent:
    """What a 2xx or 4xx means. A 200 is read entry by entry where there are entries."""
    if not 200 <= answer.status < 300:
        return Rejected(_cause(answer))
    try:
        told = msgspec.json.decode(answer.body) if answer.body.strip() else {}
    except msgspec.DecodeError:
        told = None
    if not isinstance(told, dict):
        return Unclear(N_("Google's answer can't be read, so it is not known what it took"))
    if order.target.mode is Mode.GOOGLE_COMPANY:
        return _operation(told)
    if order.act in _STATUSES and order.target.mode is Mode.CHROMEOS:
        return _entry(told, order)
    if order.target.mode is Mode.CHROMEOS:
        return _command(told)
    return Accepted()


def _chromebook(order: Order, roots: Roots, user: str | None) -> tuple[str, dict[str, Any]]:
    native_id = order.target.native_id
    if command := COMMANDS.get(order.act):
        return f"{roots.devices}/chromeos/{quote(native_id, safe='')}:issueCommand", {"commandType": command}
    body: dict[str, Any] = {
        "deviceIds": [native_id],
        "changeChromeOsDeviceStatusAction": f"CHANGE_CHROME_OS_DEVICE_STATUS_ACTION_{_STATUSES[order.act]}",
    }
    if order.act is RemoteAct.DEPROVISION:
        body["deprovisionReason"] = f"DEPROVISION_REASON_{order.options['reason']}"
    return f"{roots.devices}/chromeos:batchChangeStatus", body


def _company(order: Order, roots: Roots, user: str | None) -> tuple[str, dict[str, Any]]:
    name = order.target.native_id if order.act is RemoteAct.WIPE else user or ""
    body = {"customer": f"customers/{roots.customer_id}"}
    return f"{roots.company(name)}:{_COMPANY[order.act]}", body


def _private(order: Order, roots: Roots, user: str | None) -> tuple[str, dict[str, Any]]:
    url = f"{roots.devices}/mobile/{quote(order.target.native_id, safe='')}/action"
    return url, {"action": _PRIVATE[order.act]}


_ORDERS: Final = {Mode.CHROMEOS: _chromebook, Mode.GOOGLE_COMPANY: _company, Mode.GOOGLE_PRIVATE: _private}


def _command(told: dict[str, Any]) -> Sent:
    number = clean(told.get("commandId"), 100)
    if number is None:
        return Accepted(said="Google took it without a number to follow it by.")
    return Accepted(number)


def _entry(told: dict[str, Any], order: Order) -> Sent:
    """The one entry that is about our device; a 200 by itself says nothing."""
    listed = told.get("changeChromeOsDeviceStatusResults")
    entries = [
        entry
        for entry in (listed if isinstance(listed, list) else [])
        if isinstance(entry, dict) and entry.get("deviceId") == order.target.native_id
    ]
    if len(entries) != 1:
        return Unclear(N_("Google's answer says nothing of this device"))
    if (error := entries[0].get("error")) is not None:
        said = clean(error.get("message"), 300) if isinstance(error, dict) else None
        return Rejected(N_(f"Google did not change it: {said or 'no reason given'}"))
    return Accepted() if "response" in entries[0] else Unclear(N_("Google's answer says nothing of this device"))


def _operation(told: dict[str, Any]) -> Sent:
    """An operation that is done was taken, not carried out."""
    if (error := told.get("error")) is not None:
        said = clean(error.get("message"), 300) if isinstance(error, dict) else None
        return Rejected(N_(f"Google did not take it: {said or 'no reason given'}"))
    return Accepted(clean(told.get("name"), 200))


def _cause(answer: Answer) -> str:
    if fault := explain(answer):
        return fault.cause
    reason, message = reason_of(answer)
    said = ": ".join(part for part in (reason, message) if part) or answer.start(100)
    match answer.status:
        case 404:
            return N_(f"Google has no such device any more ({said})")
        case 429:
            return N_(f"Google takes no more orders now ({said})")
        case _:
            return said
