"""Orders as Graph takes them, and what its answers to them mean. Source: contracts/intune.md 6, 9 and 10."""

import base64
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

import msgspec

from collectors.actions.once import Request
from collectors.http import Answer
from collectors.intune_errors import innermost
from devreg.action_ports import Accepted, AwaitsApproval, Order, Rejected, Sent
from devreg.domain.platforms import OFFERS, Mode, RemoteAct
from devreg.i18n import N_
from devreg.text import clean

_JUSTIFICATION: Final = "x-msft-approval-justification"
_CODE: Final = "x-msft-approval-code"
_LONGEST: Final = 1_024
"""Characters of a justification that Intune takes."""
_A: Final = RemoteAct
APPROVED: Final = frozenset({_A.WIPE, _A.RETIRE, _A.DELETE})
"""Orders that a tenant may want a second admin's approval for (Multi Admin Approval)."""
_PATHS: Final[Mapping[RemoteAct, str]] = {
    _A.LOCK: "v1.0/{}/remoteLock",
    _A.WIPE: "v1.0/{}/wipe",
    _A.RETIRE: "v1.0/{}/retire",
    _A.RESET_PASSCODE: "v1.0/{}/resetPasscode",
    _A.LOST_MODE: "beta/{}/enableLostMode",
    _A.LOST_MODE_OFF: "v1.0/{}/disableLostMode",
    _A.PLAY_SOUND: "beta/{}/playLostModeSound",
    _A.LOCATE: "v1.0/{}/locateDevice",
    _A.REBOOT: "v1.0/{}/rebootNow",
    _A.SHUT_DOWN: "v1.0/{}/shutDown",
    _A.SYNC: "v1.0/{}/syncDevice",
    _A.DELETE: "v1.0/{}",
}
_DEVICES: Final = "deviceManagement/managedDevices"
_WITH_ESIM: Final = frozenset(
    {Mode.IOS_SUPERVISED, Mode.IOS, Mode.ANDROID_FULL, Mode.ANDROID_DEDICATED, Mode.ANDROID_CORPORATE_PROFILE}
)
_ONLY_BETA: Final = frozenset({"useProtectedWipe", "obliterationBehavior"})
"""Keys of a wipe that v1.0 does not know."""
_MINUTES: Final = "5"
"""How long a lost phone plays its sound when nobody says."""
_GUID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_CODE_ALONE: Final = re.compile(rf"\s*({_GUID})\s*", re.IGNORECASE)
_CODE_IN_TEXT: Final = re.compile(rf"approval.?code\W{{1,5}}({_GUID})\b", re.IGNORECASE)
"""The text holds other ids too, of the operation and of its trace."""


def unsendable(order: Order) -> str | None:
    """Why the order can't be put to Intune at all; None: it can."""
    if OFFERS[order.target.mode].allows(order.act) is not True or order.act not in _PATHS:
        return N_("Intune does not offer this for such a device")
    if not _is_guid(order.target.native_id):
        return N_("the device's id is not one of Intune's")
    return None


def request_of(order: Order, root: str) -> Request:
    """The request; the same order makes the same one, but for the approval's header."""
    path = _PATHS[order.act].format(f"{_DEVICES}/{order.target.native_id}")
    body = _BODIES.get(order.act, _nothing)(order)
    if _ONLY_BETA & body.keys():
        path = path.replace("v1.0/", "beta/", 1)
    headers = {"client-request-id": order.request_id}
    if order.approval_code is not None:
        headers[_CODE] = order.approval_code
    elif order.act in APPROVED:
        headers[_JUSTIFICATION] = base64.b64encode(order.justification[:_LONGEST].encode()).decode()
    return Request(
        "DELETE" if order.act is RemoteAct.DELETE else "POST",
        f"{root}/{path}",
        headers,
        msgspec.json.encode(body) if body else None,
    )


def sent_of(answer: Answer, order: Order) -> Sent:
    """What a 2xx or 4xx means. Accepted means queued, never done."""
    if 200 <= answer.status < 300:
        return Accepted()
    if code := _approval_code(answer):
        return AwaitsApproval(code)
    return Rejected(_cause(answer))


def _nothing(order: Order) -> dict[str, Any]:
    return {}


def _wipe(order: Order) -> dict[str, Any]:
    """Only what the platform knows: a surplus key can make Intune refuse, and what is left out follows a default that has changed.

    No code that opens a device: none is taken (docs/decisions/0013).
    """
    match order.target.mode:
        case Mode.WINDOWS:
            protected = {"useProtectedWipe": True} if _is_set(order, "protected") else {}
            return {
                "keepEnrollmentData": _is_set(order, "keep_enrolment"),
                "keepUserData": _is_set(order, "keep_user_data"),
                **protected,
            }
        case Mode.MACOS if order.options.get("obliteration"):
            return {"obliterationBehavior": order.options["obliteration"]}
        case mode if mode in _WITH_ESIM:
            return {"persistEsimDataPlan": _is_set(order, "keep_esim")}
        case _:
            return {}


def _lost_mode(order: Order) -> dict[str, Any]:
    given = {"message": "message", "phoneNumber": "phone", "footer": "footer"}
    return {key: order.options[name] for key, name in given.items() if order.options.get(name)}


def _sound(order: Order) -> dict[str, Any]:
    return {"durationInMinutes": order.options.get("minutes") or _MINUTES}


_BODIES: Final[Mapping[RemoteAct, Callable[[Order], dict[str, Any]]]] = {
    _A.WIPE: _wipe,
    _A.LOST_MODE: _lost_mode,
    _A.PLAY_SOUND: _sound,
}


def _is_set(order: Order, option: str) -> bool:
    return order.options.get(option) == "true"


def _is_guid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _approval_code(answer: Answer) -> str | None:
    """The number under which the order waits for the tenant's second admin: by header, else in the text of that very error."""
    if answer.status not in {400, 403, 409, 412}:
        return None
    if named := _CODE_ALONE.fullmatch(answer.headers.get(_CODE, "")):
        return named[1]
    _, message = innermost(answer.text)
    found = _CODE_IN_TEXT.search(message or "")
    return found[1] if found else None


def _cause(answer: Answer) -> str:
    details = _details(answer)
    match answer.status:
        case 401 if "Forbidden" not in details:
            return N_(f"Intune does not accept the sign-in ({details})")
        case 401 | 403:
            return N_(f"you have no right, role or scope in Intune for it ({details})")
        case 404:
            return N_(f"Intune has no such device any more ({details})")
        case 429:
            return N_(f"Intune takes no more orders now, or today ({details})")
        case 400:
            return N_(f"Intune does not do this on this device ({details})")
        case _:
            return details


def _details(answer: Answer) -> str:
    """The innermost text, and the service's own number of it."""
    code, message = innermost(answer.text)
    said = ": ".join(dict.fromkeys(part for part in (code, message) if part)) or answer.start(100)
    identity = clean(answer.headers.get("request-id"), 60)
    return f"{said}; request-id {identity}" if identity else said
