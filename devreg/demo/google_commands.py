"""Commands to Chromebooks: from PENDING to what the device reported, by the devices' own time. Source: google.md 4.1.

The device reports SUCCESS when it is about to wipe, not when it has wiped. There is no list of commands and no way to take one back
but the console's (`cancel`).
"""

import json
import secrets
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

Document = dict[str, Any]
_DAY_S: Final = 86400.0
LIFETIMES: Final[Mapping[str, float]] = {"WIPE_USERS": 180 * _DAY_S, "REMOTE_POWERWASH": 1825 * _DAY_S}
_SHORT_S: Final = 600.0
"""How long every other command waits for its device."""
KIOSK_ONLY: Final = frozenset(("SET_VOLUME", "TAKE_A_SCREENSHOT", "CAPTURE_LOGS"))
_FROM_VERSION: Final = {"REBOOT": 113, "REMOTE_POWERWASH": 85}
_RANGES: Final = {"REBOOT": ("user_session_delay_seconds", 300), "SET_VOLUME": ("volume", 100)}
TYPES: Final = frozenset(
    ("WIPE_USERS", "REMOTE_POWERWASH", "REBOOT", "DEVICE_START_CRD_SESSION", "FETCH_CRD_AVAILABILITY_INFO", "FETCH_SUPPORT_PACKET")
) | KIOSK_ONLY  # fmt: skip


class Unfit(ValueError):
    """The device or the payload does not fit the command."""


class Pace(msgspec.Struct, frozen=True):
    """How long a Chromebook that is online takes, in seconds."""

    push_s: float = 60.0
    """Until the command is with it: SENT_TO_CLIENT."""
    ack_s: float = 10.0
    """Until it says that it has it."""
    run_s: float = 30.0
    """Until it reports an outcome."""
    wipe_s: float = 10.0
    """From its report to the wipe itself."""
    return_s: float = 900.0
    """From a powerwash to the enrolment that follows it."""


class Command(msgspec.Struct, kw_only=True):
    """One command to one device."""

    id: str
    customer_id: str
    device: Document
    type: str
    payload: str | None
    issued_at: float
    expires_at: float
    state: str = "PENDING"
    result: str | None = None
    error: str | None = None
    executed_at: float | None = None
    wiped: bool = False
    """The wipe itself has happened; Google never tells."""
    returned: bool = False


class Commands:
    """Every command of every console. Knobs may be turned at any time."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.pace = Pace()
        self.offline: set[str] = set()
        """Ids of Chromebooks (and resource names of phones) that take nothing; `see` lets one come back."""
        self.outcomes: dict[tuple[str, str], str] = {}
        """(device id, command) -> FAILURE, IGNORED, or "never": what the device reports instead of SUCCESS."""
        self.kiosks: set[str] = set()
        """Ids of devices in kiosk mode; nothing in the API tells it."""
        self.re_enrols = True
        """Forced re-enrolment: a powerwashed device comes back by itself. Without it, it stays silent."""
        self.all: list[Command] = []
        self.lock = threading.RLock()
        self._seen_at: dict[str, float] = {}
        self._contacts: list[tuple[Document, float]] = []
        self._now = now

    def issue(self, customer_id: str, device: Document, kind: str, payload: Any) -> Command:
        """Queue a command; raises Unfit."""
        self._check(device, kind, payload)
        now = self._now()
        command = Command(
            id=str(10**15 + secrets.randbelow(9 * 10**15)), customer_id=customer_id, device=device, type=kind, payload=payload,
            issued_at=now, expires_at=now + LIFETIMES.get(kind, _SHORT_S),
        )  # fmt: skip
        self.all.append(command)
        return command

    def find(self, device_id: str, command_id: str) -> Command | None:
        """A command of that very device."""
        return next((c for c in self.all if c.id == command_id and c.device["deviceId"] == device_id), None)

    def cancel(self, command_id: str) -> None:
        """An administrator takes it back in the console, which works while it is pending."""
        with self.lock:
            self.advance()
            for command in self.all:
                if command.id == command_id and command.state == "PENDING":
                    command.state = "CANCELLED"

    def see(self, device_id: str) -> None:
        """A device comes online."""
        with self.lock:
            self.advance()
            self.offline.discard(device_id)
            self._seen_at[device_id] = self._now()

    def expect_contact(self, device: Document) -> None:
        """Let the device check in when it next can, as after a change of its status."""
        self._contacts.append((device, self._now()))

    def reached_at(self, device_id: str, asked_at: float) -> float:
        """When something asked for then gets to the device that is online now."""
        return max(asked_at, self._seen_at.get(device_id, 0.0)) + self.pace.push_s

    def advance(self) -> None:
        """Bring every command as far as it has come by now."""
        with self.lock:
            now = self._now()
            for command in self.all:
                if command.state not in ("EXECUTED_BY_CLIENT", "EXPIRED", "CANCELLED"):
                    self._progress(command, now)
                if command.result == "SUCCESS" and not command.returned:
                    self._follow(command, now)
            for device, asked_at in [*self._contacts]:
                reached = self.reached_at(device["deviceId"], asked_at)
                if device["deviceId"] not in self.offline and now >= reached:
                    device["lastSync"] = moment(reached)
                    self._contacts.remove((device, asked_at))

    def _progress(self, command: Command, now: float) -> None:
        device_id = command.device["deviceId"]
        reached = self.reached_at(device_id, command.issued_at)
        # What was deprovisioned does not collect its commands any more.
        is_away = device_id in self.offline or command.device["status"] == "DEPROVISIONED"
        ended = reached + self.pace.ack_s + self.pace.run_s
        if now >= command.expires_at and (is_away or ended > command.expires_at):
            command.state = "EXPIRED"
        elif not is_away and now >= reached:
            command.device["lastSync"] = moment(reached)
            command.state = "ACKED_BY_CLIENT" if now >= reached + self.pace.ack_s else "SENT_TO_CLIENT"
            outcome = self.outcomes.get((device_id, command.type), "SUCCESS")
            if now >= ended and outcome != "never":
                command.state, command.result, command.executed_at = "EXECUTED_BY_CLIENT", outcome, ended
                command.error = "The device could not carry out the command." if outcome == "FAILURE" else None

    def _follow(self, command: Command, now: float) -> None:
        """What a wipe leads to after the device has reported it."""
        since = now - (command.executed_at or now)
        if command.type == "WIPE_USERS" and since >= self.pace.wipe_s:
            command.device.pop("recentUsers", None)
            command.wiped = command.returned = True
        elif command.type == "REMOTE_POWERWASH" and since >= self.pace.wipe_s:
            if not command.wiped:
                command.wiped = True
                self.offline.add(command.device["deviceId"])
            if self.re_enrols and since >= self.pace.return_s and command.device["status"] != "DEPROVISIONED":
                back = moment((command.executed_at or now) + self.pace.return_s)
                command.device |= {"lastEnrollmentTime": back, "lastSync": back}
                command.device.pop("recentUsers", None)
                command.returned = True
                self.offline.discard(command.device["deviceId"])

    def _check(self, device: Document, kind: str, payload: Any) -> None:
        if kind not in TYPES:
            raise Unfit(f"Invalid value at 'command_type': \"{kind}\"")
        is_kiosk = device["deviceId"] in self.kiosks
        if kind in KIOSK_ONLY and not is_kiosk:
            raise Unfit("Command is not supported for this device.")
        version = str(device.get("osVersion", "")).partition(".")[0]
        if version.isdigit() and int(version) < _FROM_VERSION.get(kind, 0) and not (is_kiosk and kind == "REBOOT"):
            raise Unfit("Command is not supported for this device.")
        if kind in _RANGES:
            _check_number(payload, *_RANGES[kind], required=kind == "SET_VOLUME")
        elif payload is not None and not isinstance(payload, str):
            raise Unfit("Invalid value at 'payload' (TYPE_STRING)")


def told(command: Command) -> Document:
    """The command as commands.get answers it: what is not known is absent."""
    document: Document = {
        "commandId": command.id,
        "type": command.type,
        "issueTime": moment(command.issued_at),
        "state": command.state,
        "commandExpireTime": moment(command.expires_at),
    }
    if command.payload is not None:
        document["payload"] = command.payload
    if command.executed_at is not None:
        result = {"result": command.result, "executeTime": moment(command.executed_at)}
        document["commandResult"] = result | ({"errorMessage": command.error} if command.error else {})
    return document


def moment(at: float) -> str:
    """RFC 3339 with milliseconds."""
    when = datetime.fromtimestamp(at, UTC)
    return f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03d}Z"


def _check_number(payload: Any, name: str, most: int, *, required: bool) -> None:
    """A payload is text that holds JSON, not JSON itself."""
    if payload is None and not required:
        return
    if not isinstance(payload, str):
        raise Unfit("Invalid value at 'payload' (TYPE_STRING)")
    try:
        value = json.loads(payload)[name]
    except (ValueError, KeyError, TypeError):
        raise Unfit("The payload of the command is not valid.") from None
    if not isinstance(value, int) or not 0 <= value <= most:
        raise Unfit("The payload of the command is not valid.")
