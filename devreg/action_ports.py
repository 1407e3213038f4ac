"""What crosses between the services that act, the senders and the readers of management systems.

`ActionSender` gets the operator's credential and is held by `services.act` alone; `ActionReader` gets the collector's, which can
only read, so that timers can follow an order that they could never give.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from devreg.domain.followed import Reading
from devreg.domain.platforms import Mode, RemoteAct
from devreg.ports import Finding


class Ask(msgspec.Struct, frozen=True):
    """The person who acts, as a sender reaches them while they sign in."""

    name: str | None
    """Sign-in name (user principal name) that the register has for the actor; None: it has none, and nobody signs in."""
    tell: Callable[[str], None]
    """Shows a text at once, in the reader's language already: the address to open, or the code to type."""
    gave_up: Callable[[], bool] = lambda: False
    """Whether the person closed what asks: then waiting ends."""


class SignedIn(msgspec.Struct, frozen=True):
    """Who the management system will see."""

    name: str | None
    """User principal name; None: the credential is nobody's own (a Google managing account)."""
    at: datetime
    """When the person last proved who they are, as the directory says it; aware, UTC."""


class Target(msgspec.Struct, frozen=True):
    """A device by its management system's own id, never by anything else."""

    native_id: str
    """The id of the source's record."""
    mode: Mode


class Live(msgspec.Struct, frozen=True):
    """The device as its management system has it now."""

    native_id: str
    serial: str | None
    """As the source has it, not cleaned."""
    ownership: str | None
    """By a member of `Ownership`; None: it does not say, or says something new."""
    mode: Mode | None
    """None: nothing could be done to it now."""
    user: str | None
    """Its user's sign-in name; None: it has none."""
    last_seen: datetime | None
    pending: str | None = None
    """The raw state when something that can't be taken back is under way already; None: nothing is."""


class Location(msgspec.Struct, frozen=True):
    """Where a device was. For the eyes of who asked alone: it is written down nowhere, and does not print itself."""

    latitude: float
    """Degrees, north positive."""
    longitude: float
    accuracy_m: float | None
    at: datetime | None
    """When the device took it."""

    @property
    def coordinates(self) -> str:
        """As map services take them."""
        return f"{self.latitude:.5f}, {self.longitude:.5f}"

    def __repr__(self) -> str:
        return "Location(…)"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        return []


class Order(msgspec.Struct, frozen=True):
    """One order, ready to be sent once."""

    act: RemoteAct
    target: Target
    request_id: str
    """Our own UUID, sent along where the system takes it."""
    justification: str
    """Why, for the system's own second admin."""
    options: Mapping[str, str] = {}
    """What the order takes besides, by our names: message, phone, minutes, keep_esim, …; only those given."""
    approval_code: str | None = None
    """What the system gave when it asked for approval; then the order is the identical one, sent again."""


class Accepted(msgspec.Struct, frozen=True):
    """The system has taken the order."""

    command_id: str | None = None
    """By which it can be followed; None: it gives none."""
    said: str | None = None
    """What people should know besides, as an English msgid."""


class NotSent(msgspec.Struct, frozen=True):
    """Nothing left this machine; the same order may be sent again."""

    cause: str


class Rejected(msgspec.Struct, frozen=True):
    """The system answered no; nothing was done."""

    cause: str
    """Its innermost text, cleaned."""


class Unclear(msgspec.Struct, frozen=True):
    """It may have arrived: the connection broke, or the answer was no answer."""

    cause: str


class AwaitsApproval(msgspec.Struct, frozen=True):
    """The system took it down for its own second admin; nothing was executed."""

    code: str


Sent = Accepted | NotSent | Rejected | Unclear | AwaitsApproval


class ActionSender(Protocol):
    """Acts on one configured source, with the operator's own credential; sends an order once and repeats nothing."""

    def check(self) -> list[Finding]:
        """Whether it could act, without signing anybody in; for `devreg check`."""
        ...

    def sign_in(self, within: timedelta | None) -> SignedIn:
        """Who acts. `within`: how old the proof may be; older asks the person anew. Raises Refused, Misconfigured or Retryable."""
        ...

    def look(self, target: Target) -> Live | None:
        """The device now, by one read of exactly this id; None: there is none. Raises Retryable, Refused or Broken."""
        ...

    def location(self, target: Target, since: datetime) -> Location | None:
        """Where the device says it is, asked for since then; None: not told. Raises Retryable, Refused or Broken."""
        ...

    def send(self, order: Order) -> Sent:
        """Send the order once. Raises nothing: whatever happens is one of the five answers."""
        ...


class Sought(msgspec.Struct, frozen=True):
    """An order to be followed."""

    act: RemoteAct
    target: Target
    serial: str | None
    sent_at: datetime
    request_id: str
    command_id: str | None
    approval_code: str | None


class ActionReader(Protocol):
    """Follows orders on one configured source, with the collector's credential."""

    def read(self, sought: Sought) -> Reading:
        """What is to be seen now. Raises Retryable, Refused or Broken when it can't be read: then nothing is known."""
        ...
