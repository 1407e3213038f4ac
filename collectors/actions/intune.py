"""Acts on one tenant's devices as the person who signed in. Source: contracts/intune.md 6, 9.1, 10; safety.md 1, 3, 9, 11."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from collectors.actions.entra import ACT, DELETE, READ, OperatorSignIn
from collectors.actions.intune_orders import request_of, sent_of, unsendable
from collectors.actions.intune_places import location_of
from collectors.actions.once import LIMITS, Request, send_once
from collectors.http import Answer, JsonApi, Limits, Missing, Sender
from collectors.intune_errors import explain
from collectors.intune_map import device_record, observe
from collectors.intune_options import IntuneOptions
from devreg.action_options import IntuneActions
from devreg.action_ports import Ask, Live, Location, NotSent, Order, Rejected, Sent, SignedIn, Target, Unclear
from devreg.domain.platforms import DESTRUCTIVE, RemoteAct, mode_of
from devreg.errors import Broken, DevregError
from devreg.ports import Finding
from devreg.settings import Loaded

_SELECTED: Final = (
    "id", "serialNumber", "managedDeviceOwnerType", "operatingSystem", "deviceEnrollmentType", "isSupervised", "managementAgent",
    "managementState", "userPrincipalName", "enrolledDateTime", "lastSyncDateTime",
)  # fmt: skip
"""What is asked of the one device before an order; never where it is, nor its passcode."""
_UNDER_WAY: Final = frozenset({"wipepending", "wipeissued", "retirepending", "retireissued", "deletepending"})


class IntuneSender:
    """One tenant, and one person."""

    limits: Limits = LIMITS

    def __init__(
        self, name: str, options: IntuneActions, source_options: IntuneOptions, loaded: Loaded, ask: Ask
    ) -> None:
        self._name = name
        self._source = source_options
        self._folder = loaded.folder
        self._person = OperatorSignIn(name, options, source_options, loaded.folder, ask)

    def check(self) -> list[Finding]:
        """Whether somebody could sign in; nobody is asked to."""
        return list(self._person.check())

    def sign_in(self, within: timedelta | None) -> SignedIn:
        """Who acts, in the tenant's own words."""
        return self._person.sign_in(within)

    def look(self, target: Target) -> Live | None:
        """The device now; None: Intune has none of this id. Raises Retryable, Refused or Broken."""
        row = self._row(target, _SELECTED)
        if row is None:
            return None
        seen = observe(device_record(row, {}))
        state = row.get("managementState")
        return Live(
            native_id=target.native_id,
            serial=row.get("serialNumber"),
            ownership=_text(seen.claims.get("ownership")),
            mode=mode_of("intune", seen),
            user=_text(seen.claims.get("holder_email")),
            last_seen=seen.as_of,
            pending=state if isinstance(state, str) and state.casefold() in _UNDER_WAY else None,
        )

    def location(self, target: Target, since: datetime) -> Location | None:
        """Where it says it is, in the operator's own name; the collector's app never passes it on."""
        row = self._row(target, ("id", "deviceActionResults"))
        return None if row is None else location_of(row, since)

    def _row(self, target: Target, selected: tuple[str, ...]) -> dict[str, Any] | None:
        """So much of the device's record; None: Intune has none of this id."""
        path = f"/deviceManagement/managedDevices/{target.native_id}"
        try:
            row = self._reading.get(self._reading.url(path, {"$select": ",".join(selected)}), _OPEN)
        except Missing:
            return None
        if row.get("id") != target.native_id:
            raise Broken(
                f"{self._name}: Intune answered about another device than was asked for; nothing was done.",
                next_step=f"Check graph_url in sources.{self._name} and who answers there.",
            )
        return row

    def send(self, order: Order) -> Sent:
        """One request, whatever comes of it. Only an order that does no harm twice is sent anew after a challenge for a new token."""
        if cause := unsendable(order):
            return Rejected(cause)
        request = request_of(order, self._source.graph_url)
        rights = (READ, DELETE) if order.act is RemoteAct.DELETE else (READ, ACT)
        try:
            bearer = self._person.bearer(rights)
        except DevregError as error:
            return NotSent(str(error))
        answer = self._once(request, bearer.get_secret_value())
        if isinstance(answer, Answer) and answer.status == 401 and order.act not in DESTRUCTIVE:
            answer = self._after_challenge(answer, request, rights)
        return sent_of(answer, order) if isinstance(answer, Answer) else answer

    def _after_challenge(self, answer: Answer, request: Request, rights: tuple[str, ...]) -> Answer | NotSent | Unclear:
        try:
            bearer = self._person.renewed(answer, rights)
        except DevregError:
            return answer
        return answer if bearer is None else self._once(request, bearer.get_secret_value())

    def _once(self, request: Request, authorisation: str) -> Answer | NotSent | Unclear:
        return send_once(self._name, request, authorisation, self.limits, self._bundle)

    @property
    def _bundle(self) -> Path | None:
        return self._folder / self._source.ca_bundle if self._source.ca_bundle else None

    @cached_property
    def _reading(self) -> JsonApi:
        from collectors.wire import Wire  # requests costs 80 ms

        wire = _Challenged(Wire(self._name, self.limits, self._bundle), self._person)
        root = f"{self._source.graph_url}/v1.0"
        return JsonApi(self._name, root, wire, lambda _: self._person.bearer().get_secret_value(), explain, self.limits)


_OPEN: Final = {"Prefer": "include-unknown-enum-members"}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


class _Challenged:
    """A wire for reads that answers a claims challenge once."""

    def __init__(self, wire: Sender, person: OperatorSignIn) -> None:
        self._wire = wire
        self._person = person

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: str | bytes | None = None
    ) -> Answer:
        """The answer, whatever its status."""
        answer = self._wire.send(method, url, headers=headers, body=body)
        bearer = self._person.renewed(answer) if answer.status == 401 else None
        if bearer is None:
            return answer
        again = {**(headers or {}), "Authorization": bearer.get_secret_value()}
        return self._wire.send(method, url, headers=again, body=body)
