"""Beta's second sources about orders: remoteActionAudits, and the approval requests with their decisions. Source: intune.md 7 and 10."""

import json
import re
from typing import Any, Final
from urllib.parse import unquote

from devreg.demo.entra import Grant
from devreg.demo.graph_acts import Need
from devreg.demo.graph_answers import Problem, error, intune_error, only, selection
from devreg.demo.graph_approvals import Approvals, NotYours
from devreg.demo.graph_evidence import Evidence
from devreg.demo.server import Reply, Request, json_reply

READ_APPROVALS: Final = "DeviceManagementRBAC.Read.All"
WRITE_APPROVALS: Final = "DeviceManagementRBAC.ReadWrite.All"
_APPROVAL_READERS: Final = (READ_APPROVALS, WRITE_APPROVALS, "DeviceManagementConfiguration.Read.All")
_AUDIT_READERS: Final = (
    "DeviceManagementManagedDevices.Read.All",
    "DeviceManagementManagedDevices.ReadWrite.All",
    "DeviceManagementConfiguration.Read.All",
)
_ROOT: Final = "/beta/deviceManagement"
_DECISION: Final = re.compile(_ROOT + r"/operationApprovalRequests/([^/]+)/(approve|reject|cancelMyRequest)")
_TERM: Final = re.compile(r"\s*(\w+)\s+(eq|gt|ge|lt|le)\s+('(?:[^']|'')*'|\S+)\s*")


class SecondSource:
    """What beta tells and takes beside the devices themselves."""

    def __init__(self, evidence: Evidence, approvals: Approvals, root: str) -> None:
        self._evidence, self._approvals, self._root = evidence, approvals, root

    def respond(self, request: Request, grant: Grant, need: Need) -> Reply | None:
        """The answer; None when the path is none of these."""
        path = request.path.rstrip("/")
        if request.method == "GET" and path == f"{_ROOT}/remoteActionAudits":
            need(request, grant, _AUDIT_READERS)
            return self._list(request, "remoteActionAudits", self._evidence.remote_action_audits())
        if request.method == "GET" and path == f"{_ROOT}/operationApprovalRequests":
            need(request, grant, _APPROVAL_READERS)
            return self._list(request, "operationApprovalRequests", self._approvals.rows())
        decision = _DECISION.fullmatch(path)
        if request.method == "POST" and decision:
            need(request, grant, (WRITE_APPROVALS,))
            return self._decide(request, grant, unquote(decision[1]), decision[2])
        return None

    def _list(self, request: Request, what: str, rows: list[dict[str, Any]]) -> Reply:
        query = request.query
        chosen = selection(query, rows[0] if rows else None, what.rstrip("s"), request)
        rows = _filtered(rows, query.get("$filter"), request)
        order, _, direction = query.get("$orderby", "").partition(" ")
        if order and rows:
            if order not in rows[0]:
                raise Problem(json_reply(400, intune_error("BadRequest", "An error has occurred", request)))
            rows = sorted(rows, key=lambda row: str(row[order]), reverse=direction == "desc")
        context = f"{self._root}/beta/$metadata#deviceManagement/{what}"
        return json_reply(200, {"@odata.context": context, "value": [only(row, chosen) for row in rows[:1000]]})

    def _decide(self, request: Request, grant: Grant, code: str, what: str) -> Reply:
        """Approve, reject or take back, as the admin center does; an application never decides."""
        if grant.account is None:
            raise Problem(json_reply(403, intune_error("Forbidden", "Applications can not approve.", request)))
        try:
            said = str(json.loads(request.body or b"{}").get("justification") or "")
            if what == "approve":
                self._approvals.approve(code, grant.account.upn, said)
            elif what == "reject":
                self._approvals.reject(code, grant.account.upn, said)
            else:
                self._approvals.cancel(code, grant.account.upn)
        except (ValueError, AttributeError):
            raise Problem(json_reply(400, error("BadRequest", "The body is not JSON.", request))) from None
        except NotYours as refused:
            raise Problem(json_reply(403, intune_error("Forbidden", str(refused), request))) from None
        return json_reply(200, {"value": what})


def _filtered(rows: list[dict[str, Any]], text: str | None, request: Request) -> list[dict[str, Any]]:
    """The rows that fit every term; what can't be understood is refused here, not ignored."""
    for term in re.split(r"\s+and\s+", text) if text else ():
        found = _TERM.fullmatch(term)
        if found is None or (rows and found[1] not in rows[0]):
            raise Problem(json_reply(400, intune_error("BadRequest", "An error has occurred", request)))
        name, operator, wanted = found[1], found[2], found[3].strip("'").replace("''", "'")
        rows = [row for row in rows if _fits(str(row[name]), operator, wanted)]
    return rows


def _fits(value: str, operator: str, wanted: str) -> bool:
    match operator:
        case "eq":
            return value.lower() == wanted.lower()
        case "gt":
            return value > wanted
        case "ge":
            return value >= wanted
        case "lt":
            return value < wanted
    return value <= wanted
