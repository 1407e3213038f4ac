"""What Intune writes down about orders: its audit log, and remoteActionAudits of beta, which outlive the device's record."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid4

import msgspec

from devreg.demo.entra import Grant
from devreg.demo.graph_lists import audit_event
from devreg.demo.graph_queue import Order
from devreg.demo.server import Request

WORDS: Final = {
    "wipe": "factoryReset",
    "retire": "removeCompanyData",
    "delete": "delete",
}
"""Other words than the action's own name."""


class _Trace(msgspec.Struct, frozen=True):
    """One order with who gave it."""

    order: Order
    row: dict[str, Any]
    at: float


class Evidence:
    """Who ordered what. `delay_s` lets both logs tell of it late, as they do."""

    def __init__(self, now: Callable[[], float], audit_events: Callable[[], list[dict[str, Any]]]) -> None:
        self.delay_s = 0.0
        self._now, self._audit_events = now, audit_events
        self._traces: list[_Trace] = []
        self._waiting: list[tuple[float, dict[str, Any]]] = []

    def write(self, order: Order, request: Request, grant: Grant) -> None:
        """Put an order down that was taken."""
        word = WORDS.get(order.act, order.act)
        if order.act == "wipe" and order.parameters.get("keepEnrollmentData"):
            word = "factoryResetKeepEnrollmentData"
        if order.act == "windowsDefenderScan":
            word = "quickScan" if order.parameters["quickScan"] else "fullScan"
        row = {
            "id": str(uuid4()),
            "deviceDisplayName": order.row["deviceName"],
            "userName": "",
            "initiatedByUserPrincipalName": grant.account.upn if grant.account else "",
            "action": word,
            "requestDateTime": _moment(order.asked_at),
            "deviceOwnerUserPrincipalName": order.row["userPrincipalName"],
            "deviceIMEI": order.row["imei"],
            "actionState": order.state,
            "managedDeviceId": order.row["id"],
            "deviceActionCategory": "single",
            "bulkDeviceActionId": "00000000-0000-0000-0000-000000000000",
        }
        self._traces.append(_Trace(order, row, order.asked_at))
        self._waiting.append((order.asked_at, self._event(order, request, grant)))
        self.settle()

    def settle(self) -> None:
        """Let the audit log tell what it knows by now."""
        due = [event for at, event in self._waiting if self._now() >= at + self.delay_s]
        self._waiting = [(at, event) for at, event in self._waiting if event not in due]
        self._audit_events().extend(due)

    def remote_action_audits(self) -> list[dict[str, Any]]:
        """Every order, oldest first, with how far it has come."""
        known = [trace for trace in self._traces if self._now() >= trace.at + self.delay_s]
        return [trace.row | {"actionState": trace.order.state} for trace in known]

    def _event(self, order: Order, request: Request, grant: Grant) -> dict[str, Any]:
        account = grant.account
        event = audit_event(
            order.row["id"],
            order.row["deviceName"],
            order.act,
            _moment(order.asked_at),
            account.upn if account else None,
        )
        actor = event["actor"] | {
            "applicationId": grant.client_id,
            "applicationDisplayName": "devreg demo stand-in",
            "userId": account.oid if account else None,
            "servicePrincipalName": None if account else "devreg demo stand-in",
        }
        operation = "Delete" if order.act == "delete" else "Action"
        own = {"id": str(uuid4()), "correlationId": _correlation(request), "activityOperationType": operation}
        return event | own | {"actor": actor}


def _correlation(request: Request) -> str:
    """The client's own id where it is one."""
    try:
        return str(UUID(request.headers.get("client-request-id", "")))
    except ValueError:
        return str(uuid4())


def _moment(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"
