"""Orders on their way to Intune's devices: queued, pending, active, ended, by the devices' own time. Source: intune.md 7 and 8."""

import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import msgspec

from devreg.demo.graph_modes import delete_means, mode_of

Row = dict[str, Any]
_OUTRANKING: Final = ("wipe", "retire", "delete")
_KINDS: Final = {
    "remoteLock": "remoteLockActionResult",
    "resetPasscode": "resetPasscodeActionResult",
    "locateDevice": "locateDeviceActionResult",
    "windowsDefenderScan": "windowsDefenderScanActionResult",
    "deleteUserFromSharedAppleDevice": "deleteUserFromSharedAppleDeviceActionResult",
}
_DAY_S: Final = 86400.0


class Pace(msgspec.Struct, frozen=True):
    """How long a device that is online takes, in seconds."""

    push_s: float = 60.0
    """Until the order reaches it: pending becomes active."""
    run_s: float = 60.0
    """Until it is carried out."""
    leave_s: float = 600.0
    """Until a wiped or retired device's record is gone after that."""


class Order(msgspec.Struct, kw_only=True):
    """One order to one device."""

    row: Row
    act: str
    parameters: dict[str, Any]
    asked_at: float
    shown: bool
    """Whether deviceActionResults tells of it."""
    state: str = "pending"
    updated_at: float = 0.0
    extras: dict[str, Any] = {}
    """What the entry says beyond every entry."""
    ended_at: float | None = None


class Fate(msgspec.Struct, frozen=True):
    """What became of a device that left."""

    how: str
    """wiped or retired"""
    at: float


class Queue:
    """The orders of a tenant. Knobs may be turned at any time."""

    def __init__(self, now: Callable[[], float], leave: Callable[[Row], None]) -> None:
        self.pace = Pace()
        self.offline: set[str] = set()
        """Ids of devices that take nothing; `see` lets one come back."""
        self.outcomes: dict[tuple[str, str], str] = {}
        """(device id, action) -> failed, notSupported, canceled, or "never": what comes of it instead of done."""
        self.wipe_shows = False
        """Whether deviceActionResults tells of a wipe, a retirement; mostly it does not."""
        self.names: dict[str, str] = {}
        """Action -> the name that deviceActionResults gives it, where that differs."""
        self.in_lost_mode: set[str] = set()
        self.fates: dict[str, Fate] = {}
        """What became of devices, by id: known only here, Intune just answers 404."""
        self.orders: list[Order] = []
        """Every order taken, ended ones too."""
        self.lock = threading.RLock()
        self._history: dict[str, list[Row]] = {}
        self._seen_at: dict[str, float] = {}
        self._locked: set[str] = set()
        self._now, self._leave = now, leave

    def take(self, row: Row, act: str, parameters: dict[str, Any]) -> Order:
        """Queue an order; what outranks others drops them."""
        now = self._now()
        keeps = self._survives(row, act, parameters)
        shown = act != "syncDevice" and act != "delete" and (act not in _OUTRANKING or self.wipe_shows or keeps)
        order = Order(row=row, act=act, parameters=parameters, asked_at=now, updated_at=now, shown=shown)
        order.extras = _extras(act, parameters)
        if act in _OUTRANKING:
            for other in self._open(row["id"]):
                self._end(other, "canceled", now)
        if act in ("wipe", "retire"):
            row["managementState"] = f"{act}Pending"
        if act == "delete":
            self._leave(row)
        self.orders.append(order)
        self._show(row)
        return order

    def advance(self) -> None:
        """Bring every order as far as it has come by now."""
        with self.lock:
            now = self._now()
            for order in self.orders:
                if order.state in ("pending", "active") and order.row["id"] not in self.offline:
                    self._progress(order, now)
                elif order.ended_at is not None:
                    self._after(order, now)

    def see(self, device_id: str) -> None:
        """A device comes online and checks in."""
        with self.lock:
            self.advance()
            self.offline.discard(device_id)
            self._seen_at[device_id] = self._now()
            for order in self._open(device_id):
                _check_in(order.row, self._now())

    def cancel(self, device_id: str, act: str) -> None:
        """An administrator takes an order back while it is pending, as the portal can and Graph can't."""
        with self.lock:
            self.advance()
            for order in self._open(device_id):
                if order.act == act and order.state == "pending":
                    self._end(order, "canceled", self._now())

    def remember(self, row: Row, act: str, state: str, at: float) -> None:
        """An entry of long ago in deviceActionResults, of an order that nobody gave now."""
        old = Order(row=row, act=act, parameters={}, asked_at=at, updated_at=at, shown=True, state=state)
        self._history.setdefault(row["id"], []).append(self._entry(old))
        self._show(row)

    def re_enrol(self, row: Row) -> Row:
        """The same device enrolled again: another id, the same serial number."""
        now = _moment(self._now())
        fresh = row | {"id": str(uuid4()), "enrolledDateTime": now, "lastSyncDateTime": now}
        return fresh | {"managementState": "managed", "deviceActionResults": []}

    def _open(self, device_id: str) -> list[Order]:
        return [o for o in self.orders if o.row["id"] == device_id and o.state in ("pending", "active")]

    def _survives(self, row: Row, act: str, parameters: dict[str, Any]) -> bool:
        keeps = parameters.get("keepUserData") or parameters.get("keepEnrollmentData")
        return act == "wipe" and bool(keeps) and mode_of(row) == "windows"

    def _progress(self, order: Order, now: float) -> None:
        reached = max(order.asked_at, self._seen_at.get(order.row["id"], 0.0)) + self.pace.push_s
        if order.state == "pending" and now >= reached:
            order.state, order.updated_at = "active", reached
            _check_in(order.row, reached)
            if order.act in ("wipe", "retire"):
                order.row["managementState"] = f"{order.act}Issued"
            self._show(order.row)
        ended = reached + self.pace.run_s
        if order.state == "active" and now >= ended:
            outcome = self.outcomes.get((order.row["id"], order.act), "done")
            if outcome != "never":
                self._end(order, self._refused_by_device(order) or outcome, ended)

    def _refused_by_device(self, order: Order) -> str:
        """A Mac that is locked already refuses a second lock until its PIN was used."""
        is_mac = mode_of(order.row) == "macos"
        return "failed" if order.act == "remoteLock" and is_mac and order.row["id"] in self._locked else ""

    def _end(self, order: Order, state: str, at: float) -> None:
        order.state, order.updated_at, order.ended_at = state, at, at
        row, act = order.row, order.act
        if state == "done":
            self._carry_out(order, at)
        elif act in ("wipe", "retire"):
            row["managementState"] = f"{act}{'Canceled' if state == 'canceled' else 'Failed'}"
        self._show(row)
        self._after(order, self._now())

    def _carry_out(self, order: Order, at: float) -> None:
        row, act, device_id = order.row, order.act, order.row["id"]
        _check_in(row, at)
        match act:
            case "wipe" | "retire" | "delete":
                if self._survives(row, act, order.parameters):
                    row["managementState"] = "managed"
                    return
                means = delete_means(row) if act == "delete" else act
                self.fates[device_id] = Fate("wiped" if means == "wipe" else "retired", at)
            case "remoteLock":
                self._locked.add(device_id)
                if mode_of(row) == "macos":
                    order.extras = {"unlockPin": f"{secrets.randbelow(10**6):06d}"}
            case "resetPasscode":
                android = row["operatingSystem"] == "Android"
                order.extras = {
                    "passcode": f"STANDIN{secrets.randbelow(10**6):06d}" if android else None,
                    "errorCode": 0,
                }
            case "enableLostMode":
                self.in_lost_mode.add(device_id)
            case "disableLostMode":
                self.in_lost_mode.discard(device_id)
            case "locateDevice":
                order.extras = {"deviceLocation": _location(device_id, at)}
            case "shutDown":
                self.offline.add(device_id)
            case "rebootNow" if mode_of(row).startswith("ios") and device_id in self._locked:
                # A restarted iPhone that is locked has no Wi-Fi until somebody unlocks it.
                self.offline.add(device_id)

    def _after(self, order: Order, now: float) -> None:
        """What happens when the order has ended: records leave, places are forgotten."""
        since = now - (order.ended_at or now)
        if order.act in ("wipe", "retire") and order.row["id"] in self.fates and since >= self.pace.leave_s:
            self._leave(order.row)
        if order.extras.get("deviceLocation") and since >= _DAY_S:
            order.extras = {"deviceLocation": None}
            self._show(order.row)

    def _show(self, row: Row) -> None:
        orders = [order for order in self.orders if order.row["id"] == row["id"] and order.shown]
        row["deviceActionResults"] = [*self._history.get(row["id"], ()), *(self._entry(order) for order in orders)]

    def _entry(self, order: Order) -> Row:
        times = {"startDateTime": _moment(order.asked_at), "lastUpdatedDateTime": _moment(order.updated_at)}
        entry = {"actionName": self.names.get(order.act, order.act), "actionState": order.state} | times
        kind = _KINDS.get(order.act, "deviceActionResult")
        return {"@odata.type": f"#microsoft.graph.{kind}"} | entry | order.extras


def _extras(act: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """What the entry has of its own while the order is pending."""
    match act:
        case "remoteLock":
            return {"unlockPin": None}
        case "resetPasscode":
            return {"passcode": None, "errorCode": 0}
        case "locateDevice":
            return {"deviceLocation": None}
        case "windowsDefenderScan":
            return {"scanType": "Quick scan" if parameters["quickScan"] else "Full Scan"}
        case "deleteUserFromSharedAppleDevice":
            return {"userPrincipalName": parameters["userPrincipalName"]}
    return {}


def _check_in(row: Row, at: float) -> None:
    row["lastSyncDateTime"] = _moment(at)


def _location(device_id: str, at: float) -> dict[str, Any]:
    """An invented place in the sea off Helsinki."""
    spread = int(device_id[:6], 16)
    return {
        "lastCollectedDateTime": _moment(at), "longitude": 25.0 + spread % 1000 / 10000, "latitude": 59.95 + spread % 997 / 10000,
        "altitude": 0.0, "horizontalAccuracy": 65.0, "verticalAccuracy": 10.0, "heading": None, "speed": None,
    }  # fmt: skip


def _moment(at: float) -> str:
    """With seven digits, as these times come."""
    when = datetime.fromtimestamp(at, UTC)
    return f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond:06d}0Z"
