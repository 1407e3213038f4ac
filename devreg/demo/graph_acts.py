"""Intune's door for orders to devices: who may, what fits, what is over the day's cap, and then the queue. Source: intune.md 6, 9, 10."""

import json
import re
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import unquote
from uuid import UUID

from devreg.demo.deeds import Deed
from devreg.demo.entra import Grant
from devreg.demo.graph_answers import Problem, error, intune_error
from devreg.demo.graph_approvals import Approvals
from devreg.demo.graph_evidence import Evidence
from devreg.demo.graph_modes import BETA_ONLY, DESTRUCTIVE, SUPPORT, has_wrong_parameters, is_refused
from devreg.demo.graph_queue import Queue, Row
from devreg.demo.server import Reply, Request, json_reply

PRIVILEGED: Final = "DeviceManagementManagedDevices.PrivilegedOperations.All"
WRITE_DEVICES: Final = "DeviceManagementManagedDevices.ReadWrite.All"
_PATH: Final = re.compile(r"/(v1\.0|beta)/deviceManagement/managedDevices/([^/]+)(?:/([A-Za-z.]+))?")
_KEPT: Final[tuple[str, ...]] = (
    "client-request-id",
    "content-type",
    "x-msft-approval-justification",
    "x-msft-approval-code",
)
_WINDOW_S: Final = 20.0
_PENDING: Final = ("wipePending", "wipeIssued", "retirePending", "retireIssued", "deletePending")

Need = Callable[[Request, Grant, Sequence[str]], None]


class Acts(Queue):
    """Orders to the tenant's devices, from the door to their end."""

    def __init__(
        self,
        now: Callable[[], float],
        rows: Callable[[], list[Row]],
        leave: Callable[[Row], None],
        approvals: Approvals,
        evidence: Evidence,
    ) -> None:
        super().__init__(now, leave)
        self.caps = {"wipe": 500, "retire": 1000, "delete": 1000}
        """Orders a day for the whole tenant."""
        self.cap_status = 429
        """Answer at the cap, which no document tells; it carries no Retry-After."""
        self.writes_a_window = 200
        """Orders an app may give in 20 seconds."""
        self.retry_after: int | None = 17
        """Seconds told to who is throttled; None: the header is missing, as Intune sometimes leaves it out."""
        self.second_wipe_refused = False
        """Whether a device that is to be wiped or retired refuses another such order."""
        self.unsupported_is_taken = False
        """Orders that do not fit are answered with 204 and end as notSupported, instead of 400."""
        self._rows, self._approvals, self._evidence = rows, approvals, evidence
        self._days: dict[tuple[str, str], int] = {}
        self._writes: dict[str, deque[float]] = {}

    def deed(self, request: Request, grant: Grant | None, at: float) -> Deed | None:
        """The request as an order; None: it is none."""
        found = _PATH.fullmatch(request.path.rstrip("/"))
        if found is None or (request.method, bool(found[3])) not in (("POST", True), ("DELETE", False)):
            return None
        act = found[3] or "delete"
        by = "" if grant is None else grant.account.upn if grant.account else grant.client_id
        headers = {name: request.headers[name] for name in _KEPT if name in request.headers}
        return Deed(
            device_id=unquote(found[2]).lower(), act=act, destructive=act in DESTRUCTIVE, by=by, method=request.method,
            target=request.target, body=request.body, headers=headers, at=at,
        )  # fmt: skip

    def respond(self, request: Request, grant: Grant, need: Need) -> Reply | None:
        """204 when the order was queued; None when the request is no order."""
        found = _PATH.fullmatch(request.path.rstrip("/"))
        if found is None or (request.method, bool(found[3])) not in (("POST", True), ("DELETE", False)):
            return None
        act, beta = found[3] or "delete", found[1] == "beta"
        with self.lock:
            self._throttle(request, grant)
            if act != "delete" and (act not in SUPPORT or (act in BETA_ONLY and not beta)):
                raise Problem(
                    json_reply(400, error("BadRequest", f"Resource not found for the segment '{act}'.", request))
                )
            need(request, grant, (WRITE_DEVICES,) if act == "delete" else (PRIVILEGED,))
            row = self._row(unquote(found[2]), request)
            parameters = _parameters(request)
            if act != "delete" and has_wrong_parameters(row, act, parameters, beta=beta):
                raise _bad(request)
            person = grant.account
            by = (person.upn, person.name) if person else (grant.client_id, "devreg demo stand-in")
            self._approvals.check(request, act, row["id"], (grant.client_id, *by))
            self._queue(row, act, parameters, request, grant)
            return Reply(204, {}, b"")

    def _queue(self, row: Row, act: str, parameters: dict[str, Any], request: Request, grant: Grant) -> None:
        unsupported = act != "delete" and is_refused(row, act, in_lost_mode=row["id"] in self.in_lost_mode)
        if unsupported and not self.unsupported_is_taken:
            raise _bad(request)
        if act in DESTRUCTIVE and self.second_wipe_refused and row["managementState"] in _PENDING:
            raise _bad(request)
        self._count(act, request)
        if unsupported:
            self.outcomes[(row["id"], act)] = "notSupported"
        self._evidence.write(self.take(row, act, parameters), request, grant)

    def _row(self, device_id: str, request: Request) -> Row:
        try:
            UUID(device_id)
        except ValueError:
            raise _bad(request) from None
        row = next((row for row in self._rows() if row["id"] == device_id.lower()), None)
        if row is None:
            raise Problem(json_reply(404, intune_error("ResourceNotFound", "An error has occurred", request)))
        return row

    def _throttle(self, request: Request, grant: Grant) -> None:
        now, window = self._now(), self._writes.setdefault(grant.client_id, deque())
        while window and window[0] <= now - _WINDOW_S:
            window.popleft()
        if len(window) >= self.writes_a_window:
            wait = {} if self.retry_after is None else {"Retry_After": str(self.retry_after)}
            raise Problem(json_reply(429, intune_error("TooManyRequests", "Too many requests", request), **wait))
        window.append(now)

    def _count(self, act: str, request: Request) -> None:
        """One more of the day's, by UTC, however it was ordered."""
        day = (act, f"{datetime.fromtimestamp(self._now(), UTC):%Y-%m-%d}")
        if self._days.get(day, 0) >= self.caps.get(act, 10**9):
            code = "TooManyRequests" if self.cap_status == 429 else "BadRequest"
            raise Problem(json_reply(self.cap_status, intune_error(code, "An error has occurred", request)))
        self._days[day] = self._days.get(day, 0) + 1


def _parameters(request: Request) -> dict[str, Any]:
    """The body, which may be missing."""
    if not request.body:
        return {}
    try:
        document = json.loads(request.body)
    except ValueError:
        raise _bad(request) from None
    if not isinstance(document, dict) or "json" not in request.headers.get("content-type", ""):
        raise _bad(request)
    return document


def _bad(request: Request) -> Problem:
    """400 that does not say why, as the service answers what does not fit."""
    return Problem(json_reply(400, intune_error("BadRequest", "An error has occurred", request)))
