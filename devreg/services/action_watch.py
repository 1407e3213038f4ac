"""What of remote actions waits for a person: requests, orders of unknown outcome, approvals elsewhere, holds and freezes.

Named by action and device, never by who asked: the page of the action says that.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from devreg.domain.action import Hold, Standing
from devreg.domain.device import device_ref, intent_ref
from devreg.domain.trouble import Problem
from devreg.i18n import N_
from devreg.store import intents
from devreg.store.engine import Session

_WAITING: Final[Mapping[Standing, tuple[str, str]]] = {
    Standing.REQUESTED: ("action_requested", N_("A remote action that can't be taken back was requested.")),
    Standing.NEEDS_APPROVAL: (
        "action_elsewhere",
        N_("A remote action waits for a second admin in the management system."),
    ),
    Standing.UNKNOWN: ("action_unknown", N_("Of a remote action it is not known whether it arrived.")),
}
_LIST: Final = "devreg list actions"
_HELD: Final[Mapping[Hold, tuple[str, str]]] = {
    Hold.RATE: ("Wipes are on hold: there were too many in a short time. Locking goes on.", "devreg action unhold"),
    Hold.FREEZE: ("All remote actions are frozen for everybody.", "devreg action unfreeze"),
}
"""As acting and sending say it, and what ends it."""


def problems(session: Session) -> Iterator[Problem]:
    """Each of them, once; it is over when nobody waits any more."""
    for held in intents.held(session):
        what, command = _HELD[held.kind]
        yield Problem(
            f"action_hold:{held.kind}", _LIST, f"action_{held.kind}", what, f"`{command}` lets them go again."
        )
    for found in intents.waiting_for_people(session):
        kind, what = _WAITING[found.standing]
        about = f"{intent_ref(found.id)} {device_ref(found.bound.device_id)}"
        yield Problem(
            f"action:{found.id}", about, kind, what, f"`devreg action show {intent_ref(found.id)}` says what to do."
        )
