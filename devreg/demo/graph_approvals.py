"""Multi Admin Approval: a second administrator has to agree to a wipe, a retirement, a deletion. Source: intune.md 10."""

import base64
import binascii
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import msgspec

from devreg.demo.graph_answers import Problem, intune_error
from devreg.demo.server import Request, json_reply

JUSTIFICATION: Final = "x-msft-approval-justification"
CODE: Final = "x-msft-approval-code"
POLICIES: Final = {"wipe": "deviceWipe", "retire": "deviceRetire", "delete": "deviceDelete"}
DAYS: Final = 3
_MOST: Final = 1024


class NotYours(Exception):
    """Somebody tried to decide what they may not."""


class Approval(msgspec.Struct, kw_only=True):
    """One request to be approved."""

    id: str
    act: str
    device_id: str
    requester: str
    """Sign-in name, or client id of an application."""
    requester_name: str
    method: str
    target: str
    body: bytes
    justification: str
    asked_at: float
    changed_at: float
    status: str = "needsApproval"
    approver: str | None = None
    approver_said: str | None = None


class Approvals:
    """The access policies of a tenant. Off until `on`; knobs may be turned at any time."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.on = False
        self.acts = set(POLICIES)
        """Of wipe, retire and delete those that need approval."""
        self.excluded: set[str] = set()
        """Client ids that the policies let through."""
        self.missing_status = 400
        """Answer without a justification; the documentation says 403."""
        self.waiting_status = 412
        """Answer while an approval is waited for; the documentation says 403."""
        self.taken_status = 409
        """Answer to a second request for the same device."""
        self.requests: list[Approval] = []
        self._now = now

    def check(self, request: Request, act: str, device_id: str, by: tuple[str, str, str]) -> None:
        """Let an approved order through, once; everything else raises Problem. `by`: client id, sign-in name or client id, name."""
        client_id, person, name = by
        if not self.on or act not in self.acts or client_id in self.excluded:
            return
        self.expire()
        code = request.headers.get(CODE)
        if code is not None:
            self._resent(request, code, person)
            return
        justification = self._justification(request)
        waiting = [a for a in self.requests if a.device_id == device_id and a.status in ("needsApproval", "approved")]
        if waiting:
            raise self._problem(
                self.taken_status, f"An approval request {waiting[0].id} exists for this object.", request
            )
        now = self._now()
        asked = Approval(
            id=str(uuid4()), act=act, device_id=device_id, requester=person, requester_name=name, method=request.method,
            target=request.target, body=request.body, justification=justification, asked_at=now, changed_at=now,
        )  # fmt: skip
        self.requests.append(asked)
        raise self._waiting(asked, request)

    def approve(self, code: str, by: str, said: str = "") -> None:
        """A second administrator agrees; raises NotYours for the requester and for what is not waiting."""
        self._decide(code, "approved", by, said)

    def reject(self, code: str, by: str, said: str = "") -> None:
        """A second administrator refuses."""
        self._decide(code, "rejected", by, said)

    def cancel(self, code: str, by: str) -> None:
        """The requester takes the request back."""
        self.expire()
        asked = self._find(code)
        if asked is None or asked.requester != by or asked.status not in ("needsApproval", "approved"):
            raise NotYours("Only who asked can take back what is not finished.")
        asked.status, asked.changed_at = "cancelled", self._now()

    def expire(self) -> None:
        """What was not finished in three days is over."""
        for asked in self.requests:
            if asked.status in ("needsApproval", "approved") and self._now() - asked.asked_at > DAYS * 86400:
                asked.status, asked.changed_at = "expired", asked.asked_at + DAYS * 86400

    def rows(self) -> list[dict[str, Any]]:
        """The requests as Graph lists them."""
        self.expire()
        return [_row(asked) for asked in self.requests]

    def _decide(self, code: str, status: str, by: str, said: str) -> None:
        self.expire()
        asked = self._find(code)
        if asked is None or asked.status != "needsApproval":
            raise NotYours("There is no such request waiting.")
        if asked.requester == by:
            raise NotYours("Nobody approves their own request.")
        asked.status, asked.approver, asked.approver_said, asked.changed_at = status, by, said, self._now()

    def _find(self, code: str) -> Approval | None:
        return next((asked for asked in self.requests if asked.id == code.lower()), None)

    def _resent(self, request: Request, code: str, person: str) -> None:
        asked = self._find(code)
        if asked is None:
            raise self._problem(400, "The approval code is not known.", request)
        if asked.requester != person:
            raise self._problem(403, "The approval request was made by somebody else.", request)
        if (asked.method, asked.target, asked.body) != (request.method, request.target, request.body):
            raise self._problem(400, "The request differs from the one that was approved.", request)
        if asked.status == "needsApproval":
            raise self._waiting(asked, request)
        if asked.status != "approved":
            raise self._problem(403, f"The approval request is {asked.status}.", request)
        asked.status, asked.changed_at = "completed", self._now()

    def _justification(self, request: Request) -> str:
        given = request.headers.get(JUSTIFICATION)
        if given is None:
            text = f"Multi Admin Approval is required. The header '{JUSTIFICATION}' is missing."
            raise self._problem(self.missing_status, text, request)
        try:
            said = base64.b64decode(given, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise self._problem(400, f"The header '{JUSTIFICATION}' is not base64 of UTF-8 text.", request) from None
        if not said.strip() or len(said) > _MOST:
            raise self._problem(400, f"The justification has to have 1 to {_MOST} characters.", request)
        return said

    def _waiting(self, asked: Approval, request: Request) -> Problem:
        code = "ApprovalRequired" if self.waiting_status == 403 else "BadRequest"
        text = f"Approval is required for this operation. {CODE}: {asked.id}"
        reply = json_reply(self.waiting_status, intune_error(code, text, request), x_msft_approval_code=asked.id)
        return Problem(reply)

    def _problem(self, status: int, text: str, request: Request) -> Problem:
        code = {400: "BadRequest", 403: "Forbidden", 409: "Conflict"}.get(status, "BadRequest")
        return Problem(json_reply(status, intune_error(code, text, request)))


def _row(asked: Approval) -> dict[str, Any]:
    person = {"id": asked.requester, "displayName": asked.requester_name}
    approver = {"user": {"userPrincipalName": asked.approver, "displayName": None}} if asked.approver else None
    return {
        "id": asked.id,
        "requestId": asked.id,
        "requestDateTime": _moment(asked.asked_at),
        "expirationDateTime": _moment(asked.asked_at + DAYS * 86400),
        "lastModifiedDateTime": _moment(asked.changed_at),
        "requestor": {"user": person | {"userPrincipalName": asked.requester}}
        if "@" in asked.requester
        else {"application": person},
        "approver": approver,
        "status": asked.status,
        "requestJustification": asked.justification,
        "approvalJustification": asked.approver_said,
        "requiredOperationApprovalPolicyTypes": [POLICIES[asked.act]],
    }


def _moment(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"
