"""Follows orders in one console with the reading account, which could give none. Source: contracts/google.md 4 and 6."""

from functools import cached_property
from typing import Any, Final
from urllib.parse import quote

from collectors import google_api
from collectors.google import GoogleOptions, services
from collectors.google_api import Area, GoogleServices
from collectors.http import Limits, Missing
from collectors.rows import moment
from devreg.action_ports import Sought
from devreg.domain.followed import Reading, Result
from devreg.domain.platforms import Mode, RemoteAct
from devreg.errors import Broken
from devreg.settings import Loaded
from devreg.text import clean

_CHROMEBOOK: Final = "deviceId,serialNumber,status,lastSync,lastEnrollmentTime"
_PRIVATE: Final = "resourceId,serialNumber,status,lastSync"
_COMPANY: Final = "name,serialNumber,managementState,lastSyncTime"
_ACCOUNTS: Final = frozenset({RemoteAct.WIPE_ACCOUNT, RemoteAct.BLOCK, RemoteAct.UNBLOCK})
"""Orders about the work account on a phone of the city: its own state tells."""


class GoogleReader:
    """What one console shows of its devices and orders."""

    limits: Limits = Limits(read_s=30, total_s=60, tries=3)

    def __init__(self, name: str, options: GoogleOptions, loaded: Loaded) -> None:
        self._name = name
        self._options = options
        self._folder = loaded.folder

    def read(self, sought: Sought) -> Reading:
        """The device by its id, and its command. Raises Retryable, Refused or Broken when it can't be read."""
        match sought.target.mode:
            case Mode.CHROMEOS:
                return self._chromebook(sought)
            case Mode.GOOGLE_COMPANY:
                return self._company_phone(sought)
            case _:
                return self._private_phone(sought)

    def _chromebook(self, sought: Sought) -> Reading:
        native_id = sought.target.native_id
        path = f"{self._console}/devices/chromeos/{quote(native_id, safe='')}"
        row = self._one(google_api.DEVICES, path, _CHROMEBOOK, "deviceId", native_id, projection="FULL")
        command = self._command(path, sought.command_id) if row is not None and sought.command_id else {}
        return self._reading(
            row,
            "status",
            "lastSync",
            command=_outcome(command),
            expires=moment(_text(command.get("commandExpireTime"))),
        )

    def _command(self, path: str, command_id: str) -> dict[str, Any]:
        """The command; empty when the console has none of this number."""
        url = f"{path}/commands/{quote(command_id, safe='')}"
        try:
            told = self._services.get(google_api.DEVICES, url, {})
        except Missing:
            return {}
        return told if str(told.get("commandId")) == command_id else {}

    def _company_phone(self, sought: Sought) -> Reading:
        name = sought.target.native_id
        path = f"/{quote(name, safe='/')}"
        row = self._one(google_api.COMPANY_PHONES, path, _COMPANY, "name", name, customer=self._customer)
        if row is not None and sought.act in _ACCOUNTS:
            row = {**row, "managementState": self._account_state(path)}
        return self._reading(row, "managementState", "lastSyncTime")

    def _account_state(self, path: str) -> str | None:
        """The state that all work accounts of the phone share; None when they differ or there is none."""
        params = {"customer": self._customer, "fields": "deviceUsers(name,managementState)"}
        rows = self._services.get(google_api.COMPANY_PHONES, f"{path}/deviceUsers", params).get("deviceUsers", [])
        states = (
            {_text(row.get("managementState")) for row in rows if isinstance(row, dict)}
            if isinstance(rows, list)
            else set()
        )
        return states.pop() if len(states) == 1 else None

    def _private_phone(self, sought: Sought) -> Reading:
        native_id = sought.target.native_id
        path = f"{self._console}/devices/mobile/{quote(native_id, safe='')}"
        row = self._one(google_api.PERSONAL_PHONES, path, _PRIVATE, "resourceId", native_id, projection="BASIC")
        return self._reading(row, "status", "lastSync")

    def _one(
        self, area: Area, path: str, fields: str, id_key: str, native_id: str, **params: str
    ) -> dict[str, Any] | None:
        """The row of exactly this id; None: there is none."""
        try:
            row = self._services.get(area, path, {**params, "fields": fields})
        except Missing:
            return None
        if row.get(id_key) != native_id:
            raise Broken(f"{self._name}: Google answered about another device than was asked for.")
        return row

    def _reading(self, row: dict[str, Any] | None, state: str, seen: str, **command: Any) -> Reading:
        at = self.limits.now()
        if row is None:
            return Reading(at, is_there=False)
        return Reading(
            at,
            is_there=True,
            serial=clean(row.get("serialNumber")),
            state=clean(row.get(state), 100),
            enrolled_at=moment(_text(row.get("lastEnrollmentTime"))),
            last_seen=moment(_text(row.get(seen))),
            **command,
        )

    @property
    def _console(self) -> str:
        return f"/customer/{self._options.customer_id}"

    @property
    def _customer(self) -> str:
        return f"customers/{self._options.customer_id}"

    @cached_property
    def _services(self) -> GoogleServices:
        return services(self._name, self._options, self._folder, self.limits)


def _outcome(command: dict[str, Any]) -> Result | None:
    """The command's state, and the device's own word on it; never what it sent besides."""
    state = clean(command.get("state"), 100)
    if state is None:
        return None
    told = command.get("commandResult")
    result: dict[str, Any] = told if isinstance(told, dict) else {}
    return Result(
        clean(result.get("result"), 100) or "",
        state,
        moment(_text(command.get("issueTime"))),
        moment(_text(result.get("executeTime"))),
        clean(result.get("errorMessage"), 300),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
