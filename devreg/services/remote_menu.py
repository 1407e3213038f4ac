"""What can be done to a device from afar, act by act: what each does in plain words, and why one is not offered."""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from devreg.domain.device import Kind, State
from devreg.domain.guarding import is_destructive
from devreg.domain.lifecycle import STEPS
from devreg.domain.merge import Merged
from devreg.domain.platforms import LOCKS, OFFERS, Mode, RemoteAct
from devreg.domain.traps import why_not
from devreg.i18n import N_
from devreg.services.asking import handles
from devreg.services.editing import merged
from devreg.store import intents, records, transitions
from devreg.store.engine import Session, Sessions, told_plainly
from devreg.store.intents import Intent


class Choice(msgspec.Struct, frozen=True):
    """One act through one tool."""

    act: RemoteAct
    source: str
    mode: Mode
    consequence: str
    """What it does; English msgid."""
    why_not: str | None = None
    """Why it is not offered, an English msgid; None: it is."""

    @property
    def is_destructive(self) -> bool:
        """Whether it can't be taken back."""
        return is_destructive(self.act)


class Menu(msgspec.Struct, frozen=True):
    """Everything there is for one device."""

    device_id: int
    state: State | None
    choices: tuple[Choice, ...]
    """What is offered first, of it what can be taken back first; empty: no tool holds the device."""
    open: tuple[Intent, ...]
    """Under way or waiting."""
    instead: tuple[str, ...] = ()
    """What to do about it where nothing locks it, as English msgids; empty: something does."""

    @property
    def lock(self) -> Choice | None:
        """What keeps a finder out; None: nothing can."""
        offered = {choice.act: choice for choice in reversed(self.choices) if choice.why_not is None}
        return next((offered[act] for act in LOCKS if act in offered), None)

    @property
    def can_be_lost(self) -> bool:
        """Whether the next thing to say of it may be that it is lost."""
        return self.state is not None and (self.state, State.LOST) in STEPS


def menu(sessions: Sessions, device_id: int) -> Menu:
    """What can be done to the device now. Raises DatabaseUnavailable."""
    with told_plainly("read the register"), sessions.read.begin() as session:
        state = transitions.state_of(session, device_id)
        found = sorted(_choices(session, device_id), key=_place)
        under_way = tuple(intents.open_of(session, device_id))
        there = Menu(device_id, State(state) if state else None, tuple(found), under_way)
        if there.lock is not None or state is None:
            return there
        return msgspec.structs.replace(there, instead=instead(merged(session, device_id)))


def instead(shown: Merged) -> tuple[str, ...]:
    """What to do about a lost device that nothing locks, the most urgent first. A phone has a SIM card, known here or not."""
    numbers = (shown.value("phone_number"), shown.value("iccid"))
    has_sim = shown.value("kind") == Kind.PHONE or any(number is not None for number in numbers)
    return (NOTHING_LOCKS, *([_SIM] if has_sim else []), _PASSWORDS, _POLICE)


NOTHING_LOCKS: Final = N_("Nothing can lock it from afar.")
_SIM: Final = N_("Have the operator close its SIM card today, and ask how its IMEI is barred.")
_PASSWORDS: Final = N_("Change the passwords of who used it, and end their sign-ins.")
_POLICE: Final = N_("If it was stolen, report it to the police with its serial number and IMEI.")


def _choices(session: Session, device_id: int) -> Iterator[Choice]:
    for record, mode in handles(records.about(session, [device_id])[device_id]):
        family = _GOOGLE if mode in _GOOGLE else OFFERS.keys() - _GOOGLE
        there = {act for one in family for act in OFFERS[one].may | OFFERS[one].unsure}
        for act in RemoteAct:
            if act in there:
                yield Choice(act, record.source, mode, CONSEQUENCES[act], why_not(act, mode))


def _place(choice: Choice) -> tuple[bool, bool, int]:
    return choice.why_not is not None, choice.is_destructive, _ORDER.index(choice.act)


_GOOGLE: Final = frozenset({Mode.CHROMEOS, Mode.GOOGLE_COMPANY, Mode.GOOGLE_PRIVATE})
_ORDER: Final = (*LOCKS, *(act for act in RemoteAct if act not in LOCKS))

CONSEQUENCES: Final[Mapping[RemoteAct, str]] = {
    RemoteAct.LOCK: N_("The screen locks; whoever knows the passcode opens it again. Nothing is lost."),
    RemoteAct.WIPE: N_("Everything on the device is erased. It can't be taken back."),
    RemoteAct.RETIRE: N_("Management ends and the city's data is removed. It can't be locked or wiped from here afterwards."),
    RemoteAct.RESET_PASSCODE: N_("The passcode is removed or replaced. Only for who holds the device rightfully."),
    RemoteAct.LOST_MODE: N_("The device locks and shows a message to who finds it, until lost mode is turned off."),
    RemoteAct.LOST_MODE_OFF: N_("The device can be used again."),
    RemoteAct.PLAY_SOUND: N_("The device plays a sound, so that it can be found nearby."),
    RemoteAct.LOCATE: N_("The tool asks the device where it is and shows it; nothing of it is kept here."),
    RemoteAct.REBOOT: N_("The device restarts; unsaved work is lost."),
    RemoteAct.SHUT_DOWN: N_("The device turns off and can't be reached until somebody turns it on."),
    RemoteAct.SYNC: N_("The device is asked to report to its tool. Nothing changes on it."),
    RemoteAct.DISABLE: N_("Nobody can sign in to the device; it shows whose it is. It can be enabled again."),
    RemoteAct.ENABLE: N_("The device can be signed in to again."),
    RemoteAct.WIPE_USERS: N_("All users' data on the device is erased; it stays enrolled. It can't be taken back."),
    RemoteAct.DEPROVISION: N_("The device leaves management for good and its licence is freed. It can't be taken back from here."),
    RemoteAct.WIPE_ACCOUNT: N_("The work account and its data are removed from the phone; what is private stays."),
    RemoteAct.BLOCK: N_("The phone gets no work data any more, until it is unblocked."),
    RemoteAct.UNBLOCK: N_("The phone gets work data again."),
    RemoteAct.DELETE: N_("The device is taken out of the tool, which removes the city's data or, on most Androids, erases everything."),
}  # fmt: skip
"""What each act does, as a person needs to know it before choosing."""
