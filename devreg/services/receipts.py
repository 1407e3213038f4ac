"""What a receipt says: which devices pass from whom to whom; that one was made stands in the audit trail of each."""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum

import msgspec

from devreg.domain.device import device_ref
from devreg.domain.rights import Actor, Right
from devreg.errors import Misconfigured, NotFound
from devreg.i18n import N_
from devreg.ports import Row
from devreg.services.acting import act
from devreg.services.browse import Browser
from devreg.store import custody
from devreg.store.custody import Span
from devreg.store.engine import Session, Sessions, told_plainly


class Way(StrEnum):
    """Which way the devices go."""

    HANDOVER = "handover"
    RETURN = "return"


class Receipt(msgspec.Struct, frozen=True):
    """Both signatures go under the same words, on paper or on a sheet."""

    way: Way
    at: datetime
    owner: str | None
    """Whose the devices are."""
    holder: str | None
    """Who gets them, or brings them back; None: they are a unit's."""
    email: str | None
    unit: str | None
    devices: tuple[Row, ...]
    """As the list `devices` has them."""


def drawn_up(
    sessions: Sessions, browser: Browser, device_ids: Sequence[int], way: Way, owner: str | None, now: datetime
) -> Receipt:
    """Raises Misconfigured when the devices are not in the same hands, NotFound when nobody has, or had, them."""
    rows = browser.rows("devices", device_ids)
    with told_plainly("read the register"), sessions.read.begin() as session:
        hands = [_hands(session, device_id, way) for device_id in device_ids]
    if len({(span.holder, span.holder_email) if span.holder or span.holder_email else span.unit for span in hands}) > 1:
        told = "; ".join(
            f"{device_ref(span.device_id)}: {span.holder or span.holder_email or span.unit}" for span in hands
        )
        raise Misconfigured(f"The devices are in different hands: {told}.", next_step="Make a receipt for each.")
    units = {str(row["unit_name"]) for row in rows if row["unit_name"]}
    first = hands[0]
    unit = ", ".join(sorted(units)) or None
    return Receipt(way, now, owner, first.holder or first.holder_email, first.holder_email, unit, tuple(rows))


def _hands(session: Session, device_id: int, way: Way) -> Span:
    """Who has it; of a device that came back already, who had it last."""
    spans = custody.spans(session, [device_id])
    now = next((span for span in spans if span.until is None), None)
    persons = [span for span in spans if span.holder or span.holder_email]
    if way is Way.RETURN and persons:
        return persons[0]
    if now is None or not (now.holder or now.holder_email or now.unit):
        raise NotFound(
            f"Nobody has {device_ref(device_id)}.", next_step="`devreg assign` it first; the receipt says to whom."
        )
    return now


def issue(sessions: Sessions, actor: Actor, receipt: Receipt, file: str, write: Callable[[], None]) -> None:
    """Have the receipt written; each of its devices is told of in the audit trail."""
    doing_ = N_("make a receipt")
    with act(sessions, actor, Right.EDIT, doing=doing_, now=receipt.at) as doing:
        write()
        for row in receipt.devices:
            doing.tell("receipt", str(row["id"]), after={"kind": receipt.way, "file": file, "holder": receipt.holder})
