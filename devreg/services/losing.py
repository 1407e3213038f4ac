"""Reporting a device as lost: a lock is requested where there is one and its state changes, and neither waits for the other."""

from datetime import datetime

import msgspec

from devreg.domain.device import State
from devreg.domain.rights import Actor
from devreg.errors import DatabaseUnavailable, DevregError
from devreg.services import asking, lifecycle, remote_menu
from devreg.services.asking import Wish
from devreg.services.freezing import Brake
from devreg.store.engine import Sessions
from devreg.store.intents import Intent


class Lost(msgspec.Struct, frozen=True):
    """What came of it."""

    intent: Intent | None
    """The lock, requested and not sent yet; None: there is none, or it was refused."""
    unlocked: DevregError | None
    """Why no lock was requested although there is one."""
    unmoved: DevregError | None
    """Why its state is still another."""
    instead: tuple[str, ...]
    """What to do where nothing locks it, as English msgids."""


def report(
    sessions: Sessions,
    actor: Actor,
    device_id: int,
    brake: Brake,
    *,
    reason: str,
    now: datetime,
    protected: tuple[str, ...] = (),
) -> Lost:
    """Request the lock, then say that the device is lost. Raises what stands in the way when neither could be done."""
    menu = remote_menu.menu(sessions, device_id)
    intent, unlocked = None, None
    if menu.lock is not None:
        wish = Wish(device_id, menu.lock.act, reason, via=menu.lock.source)
        try:
            intent = asking.ask(sessions, actor, wish, brake, now=now, protected=protected)
        except DatabaseUnavailable:
            raise
        except DevregError as error:
            unlocked = error
    try:
        lifecycle.transition(sessions, actor, device_id, State.LOST, reason=reason, now=now)
    except DevregError as error:
        if intent is None:
            raise unlocked or error from None
        return Lost(intent, None, error, menu.instead)
    return Lost(intent, unlocked, None, menu.instead)
