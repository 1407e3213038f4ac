"""Settings of remote actions: who signs in for them, and how many there may be."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Final
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, model_validator

from devreg.i18n import N_
from devreg.secret import SecretRef
from devreg.strict import Strict


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("an asset tag, a serial number, a kind of device or the id of a unit")
    return text.strip()


class ActionLimits(Strict):
    """Limits on what empties devices or takes them out of management (wipe, retire, delete, powerwash, deprovision). They hold for
    everybody together, whatever the source; a lock is never held up by them."""

    daily_per_operator: Annotated[int, Field(ge=1, le=50)] = 3
    """So many a person may send in a day."""
    hold_count: Annotated[int, Field(ge=1, le=100)] = 5
    """When all people together send more than so many within hold_minutes, all further ones wait until a second person lets them go."""
    hold_minutes: Annotated[int, Field(ge=1, le=1440)] = 20
    """See hold_count."""
    delay_minutes: Annotated[int, Field(ge=1, le=1440)] = 15
    """In an SQLite register, which can't make sure that a second person approved: so long anybody can cancel before it can be sent."""
    approval_hours: Annotated[int, Field(ge=1, le=72)] = 24
    """So long after it was approved it can be sent; never more than 72, after which Intune forgets its own approvals."""
    protected: tuple[Annotated[str, AfterValidator(_said)], ...] = ()
    """What no remote action may empty, whoever asks: asset tags, serial numbers, kinds of device, ids of units."""

    @model_validator(mode="after")
    def _can_be_sent(self) -> "ActionLimits":
        if self.delay_minutes >= self.approval_hours * 60:
            raise ValueError("delay_minutes must be shorter than approval_hours, or nothing could ever be sent")
        return self


class IntuneActions(Strict):
    """Remote actions on the Intune source of that name. Whoever acts signs in with their own account, in a browser; tenant, addresses
    and ca_bundle are the source's. docs/setup-entra.md says what to register."""

    own: ClassVar[tuple[str, ...]] = ("client_id",)
    """Options that must not be those of the source itself: what reads can't act (safety.md 36)."""
    client_id: UUID
    """Application (client) id of the acting app, a public client: another app than the reading one."""
    device_code: bool = False
    """Sign in by a code that is typed on another device, instead of a browser here. Microsoft advises against it; many tenants block it."""
    redirect_port: Annotated[int, Field(ge=1024, le=65535)] = 8400
    """The browser comes back to this port of this machine; with `ssh -L 8400:localhost:8400` your own browser does."""


class GoogleActions(Strict):
    """Remote actions on the console of that name. Google lets only a service account act: the console's own log names that account,
    this register's audit trail names the person."""

    own: ClassVar[tuple[str, ...]] = ("key",)
    key: SecretRef
    """The managing service account's JSON key: another account than the reading one."""
    subject: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]
    """An admin of that very console who may manage devices, best one made for this."""


ActionOptions = IntuneActions | GoogleActions

ACTING: Final[Mapping[str, type[ActionOptions]]] = {"intune": IntuneActions, "google": GoogleActions}
"""Kind of source -> what [actions.<source>] holds for it."""


def shared(options: ActionOptions, reading: BaseModel, folder: Path) -> Iterator[tuple[str, str]]:
    """Key and problem of what reading and acting have in common and must not."""
    for key in options.own:
        mine, theirs = getattr(options, key), getattr(reading, key)
        if isinstance(mine, SecretRef):
            mine, theirs = (ref.path(folder) or ref for ref in (mine, theirs))
        if isinstance(mine, Path) and isinstance(theirs, Path):
            mine, theirs = mine.resolve(), theirs.resolve()
        if mine == theirs:
            yield key, N_("must not be that of the source: what reads devices must not be able to wipe them")
