"""Acts on one console's devices with the managing account. Source: contracts/google.md 4, 6 and 8; safety.md 1, 3, 10, 11."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from collectors.actions.google_account import CHROMEBOOKS, COMPANY_PHONES, PHONES, ManagingAccount
from collectors.actions.google_orders import Roots, request_of, sent_of, unsendable
from collectors.actions.once import LIMITS, send_once
from collectors.google import GoogleOptions
from collectors.google_api import explain
from collectors.google_map import device_record, observe
from collectors.google_phones import company_record, name_of, personal_record, users_by_device
from collectors.http import Answer, JsonApi, Limits, Missing, Sender
from devreg.action_options import GoogleActions
from devreg.action_ports import Ask, Live, Location, NotSent, Order, Rejected, Sent, SignedIn, Target
from devreg.domain.device import Ownership
from devreg.domain.platforms import Mode, RemoteAct, mode_of
from devreg.errors import Broken, DevregError
from devreg.ports import Finding, Record
from devreg.settings import Loaded

_SCOPES: Final[Mapping[Mode, str]] = {
    Mode.CHROMEOS: CHROMEBOOKS,
    Mode.GOOGLE_COMPANY: COMPANY_PHONES,
    Mode.GOOGLE_PRIVATE: PHONES,
}
_CHROMEBOOK_FIELDS: Final = "deviceId,serialNumber,status,annotatedUser,lastSync,lastEnrollmentTime,model"
_COMPANY_FIELDS: Final = (
    "name,deviceType,ownerType,managementState,serialNumber,manufacturer,model,createTime,lastSyncTime"
)
_PRIVATE_FIELDS: Final = "resourceId,serialNumber,status,type,model,email,lastSync"
_UNDER_WAY: Final = frozenset({"WIPING", "ACCOUNT_WIPING"})


class GoogleSender:
    """One console. Google sees the managing account, whoever acts."""

    limits: Limits = LIMITS

    def __init__(
        self, name: str, options: GoogleActions, source_options: GoogleOptions, loaded: Loaded, ask: Ask
    ) -> None:
        self._name = name
        self._source = source_options
        self._folder = loaded.folder
        self._account = ManagingAccount(name, options, source_options, loaded.folder)
        self._roots = Roots(source_options.admin_url, source_options.cloudidentity_url, source_options.customer_id)

    def check(self) -> list[Finding]:
        """Whether the managing account could act."""
        return list(self._account.check())

    def sign_in(self, within: timedelta | None) -> SignedIn:
        """Nobody's own; that the account can act."""
        return self._account.sign_in(within)

    def look(self, target: Target) -> Live | None:
        """The device now; None: the console has none of this id. Raises Retryable, Refused or Broken."""
        try:
            record = _RECORDS[target.mode](self, target.native_id)
        except Missing:
            return None
        if record.native_id != target.native_id:
            raise Broken(
                f"{self._name}: Google answered about another device than was asked for; nothing was done.",
                next_step=f"Check the addresses in sources.{self._name} and who answers there.",
            )
        seen = observe(record)
        state = seen.claims.get("management_state")
        return Live(
            native_id=record.native_id,
            serial=record.body.get("serialNumber"),
            ownership=_ownership(target.mode, record, _text(seen.claims.get("ownership"))),
            mode=mode_of("google", seen),
            user=_text(seen.claims.get("holder_email")),
            last_seen=seen.as_of,
            pending=state if isinstance(state, str) and state.upper().replace(" ", "_") in _UNDER_WAY else None,
        )

    def location(self, target: Target, since: datetime) -> Location | None:
        """Google locates nothing for us."""
        return None

    def send(self, order: Order) -> Sent:
        """One request, whatever comes of it."""
        if cause := unsendable(order):
            return Rejected(cause)
        try:
            user = self._only_user(order)
            bearer = self._account.bearer(_SCOPES[order.target.mode])
        except DevregError as error:
            return NotSent(str(error))
        request = request_of(order, self._roots, user)
        answer = send_once(self._name, request, bearer.get_secret_value(), self.limits, self._bundle)
        return sent_of(answer, order) if isinstance(answer, Answer) else answer

    def _only_user(self, order: Order) -> str | None:
        """The work account of a phone of the city, where it is the account that is acted on. Raises Broken unless there is just one."""
        if order.target.mode is not Mode.GOOGLE_COMPANY or order.act is RemoteAct.WIPE:
            return None
        users = [name_of(row) for row in self._users(order.target.native_id)]
        if len(users) != 1 or not users[0].startswith(f"{order.target.native_id}/deviceUsers/"):
            raise Broken(
                f"{self._name}: the phone has {len(users)} work accounts, so it is not clear which one is meant.",
                next_step="Do it in Google's console.",
            )
        return users[0]

    def _chromebook(self, native_id: str) -> Record:
        url = f"{self._roots.devices}/chromeos/{quote(native_id, safe='')}"
        return device_record(self._get(CHROMEBOOKS, url, {"projection": "FULL", "fields": _CHROMEBOOK_FIELDS}))

    def _private_phone(self, native_id: str) -> Record:
        url = f"{self._roots.devices}/mobile/{quote(native_id, safe='')}"
        return personal_record(self._get(PHONES, url, {"projection": "BASIC", "fields": _PRIVATE_FIELDS}))

    def _company_phone(self, native_id: str) -> Record:
        asked = {"customer": f"customers/{self._source.customer_id}", "fields": _COMPANY_FIELDS}
        row = self._get(COMPANY_PHONES, self._roots.company(native_id), asked)
        return company_record(row, users_by_device(self._users(native_id)))

    def _users(self, native_id: str) -> list[Any]:
        asked = {"customer": f"customers/{self._source.customer_id}", "fields": "deviceUsers(name,userEmail)"}
        try:
            told = self._get(COMPANY_PHONES, f"{self._roots.company(native_id)}/deviceUsers", asked)
        except Missing:  # the phone itself may be there
            return []
        rows = told.get("deviceUsers", [])
        if not isinstance(rows, list):
            raise Broken(f"{self._name}: the list of a phone's users has another shape than documented.")
        return rows

    def _get(self, scope: str, url: str, params: Mapping[str, str]) -> dict[str, Any]:
        def authorise(renew: bool) -> str:
            return self._account.bearer(scope, renew=renew).get_secret_value()

        api = JsonApi(self._name, url, self._wire, authorise, explain, self.limits)
        return api.get(api.url("", params))

    @property
    def _bundle(self) -> Path | None:
        return self._folder / self._source.ca_bundle if self._source.ca_bundle else None

    @cached_property
    def _wire(self) -> Sender:
        from collectors.wire import Wire  # requests costs 80 ms

        return Wire(self._name, self.limits, self._bundle)


_RECORDS: Final = {
    Mode.CHROMEOS: GoogleSender._chromebook,
    Mode.GOOGLE_COMPANY: GoogleSender._company_phone,
    Mode.GOOGLE_PRIVATE: GoogleSender._private_phone,
}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _ownership(mode: Mode, record: Record, claimed: str | None) -> str | None:
    """Whose it is. The collector takes a phone for the city's by the inventory it is in; here the phone itself must say so."""
    if mode is not Mode.GOOGLE_COMPANY:
        return claimed
    return {"COMPANY": Ownership.COMPANY.value, "BYOD": Ownership.PERSONAL.value}.get(str(record.body.get("ownerType")))
