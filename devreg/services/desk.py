"""Remote actions as a screen works with them: what is to be seen of one, what this person may do with it now, and the doing.

Everything here reads or writes the register, or waits for a tool and for a person who signs in: never call it where keys are read.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import msgspec

from devreg.action_ports import ActionSender, Ask, Location
from devreg.domain.action import Hold, Mover, Standing, may_move
from devreg.domain.guarding import Facts
from devreg.domain.rights import Actor, Right
from devreg.domain.sanitisation import is_record
from devreg.errors import Misconfigured
from devreg.i18n import N_, Catalogue
from devreg.ports import Clock
from devreg.services import act, action_page, asking, certificates, finding, freezing, losing, remote_menu, settle
from devreg.services.action_page import ActionPage
from devreg.services.asking import CAUTIONS, OBJECTIONS, Wish
from devreg.services.certificates import Beside, Certificate
from devreg.services.freezing import Brake
from devreg.services.losing import Lost
from devreg.services.remote_menu import Choice, Menu
from devreg.services.settle import BY_HAND, Readers
from devreg.store import intents
from devreg.store.engine import Session, Sessions, told_plainly
from devreg.store.intents import Held, Intent

_BY_COMMAND: Final = N_("`devreg action certificate` writes it.")
_UNSENT = (Standing.REQUESTED, Standing.APPROVED, Standing.NEEDS_APPROVAL)


class Deed(StrEnum):
    """What a person does with an action that was requested."""

    SEND = "send"
    APPROVE = "approve"
    REJECT = "reject"
    CANCEL = "cancel"
    SETTLE = "settle"
    CERTIFY = "certify"
    """Write the sanitisation record."""
    LOCATE = "locate"
    """See where the device is, once."""


class Reach(msgspec.Struct, frozen=True):
    """How orders leave this machine."""

    sender: Callable[[str, Ask], ActionSender]
    """Source -> what sends to it; raises Misconfigured where nobody can act on it."""
    brake: Brake
    readers: Readers
    protected: tuple[str, ...] = ()
    certify: Callable[[Certificate, Path, Catalogue, str], None] | None = None
    """Writes a sanitisation record to a file; None: nothing does."""


class Prospect(msgspec.Struct, frozen=True):
    """An act on a device before it is asked for."""

    choice: Choice
    facts: Facts
    native_id: str
    to_type: str
    """What has to be typed where it can't be taken back."""
    objections: tuple[tuple[str, str], ...]
    """What stands against it and what to do about it, as English msgids."""
    cautions: tuple[str, ...]


class OpenAction(msgspec.Struct, frozen=True):
    """An action's page as this person has it before them."""

    page: ActionPage
    me: str
    deeds: frozenset[Deed]
    """What this person may do with it, as far as rights and its standing go; SEND also before its time."""

    @property
    def intent(self) -> Intent:
        """The action itself."""
        return self.page.intent

    @property
    def is_unsent(self) -> bool:
        """Whether it waits for its second person or its time."""
        return self.page.intent.standing in (Standing.REQUESTED, Standing.APPROVED)

    @property
    def outcomes(self) -> tuple[Standing, ...]:
        """What a person may say of it by their own word."""
        return _outcomes(self.page.intent)


class Head(msgspec.Struct, frozen=True):
    """What every screen says of remote actions."""

    held: tuple[Held, ...] = ()
    is_pulled: bool = False
    """This machine sends nothing, whatever the register says."""
    waiting: int = 0
    """Requests that wait for this person's approval."""

    @property
    def freeze(self) -> Held | None:
        """Who froze everybody's actions; None: nobody did."""
        return next((one for one in self.held if one.kind is Hold.FREEZE), None)

    @property
    def is_frozen(self) -> bool:
        """Whether nothing at all can be sent from here."""
        return self.is_pulled or self.freeze is not None

    @property
    def is_on_hold(self) -> bool:
        """Whether wipes wait for a second person."""
        return any(one.kind is Hold.RATE for one in self.held)


class Desk:
    """Remote actions for whoever is at the keyboard; safe from any thread."""

    def __init__(self, sessions: Sessions, actor: Callable[[], Actor], reach: Reach, clock: Clock) -> None:
        self._sessions = sessions
        self._actor = actor
        self._reach = reach
        self._clock = clock
        self._senders: dict[str, ActionSender] = {}
        self._ask = Ask(None, lambda _: None)

    def head(self) -> Head:
        """What holds actions back, and how many wait for this person."""
        actor = self._actor()
        with self._reading() as session:
            held = tuple(intents.held(session))
            waiting = sum(Deed.APPROVE in self._deeds(found, actor) for found in intents.waiting(session))
        return Head(held, self._reach.brake.is_pulled, waiting)

    def menu(self, device_id: int) -> Menu:
        """What can be done to a device."""
        return remote_menu.menu(self._sessions, device_id)

    def weigh(self, device_id: int, choice: Choice) -> Prospect:
        """What is to be known before the act is asked for. Raises NotFound, Misconfigured, Ambiguous."""
        weighed = asking.weigh(
            self._sessions, device_id, choice.act, self._clock(), self._reach.protected, choice.source
        )
        return Prospect(
            choice,
            weighed.facts,
            weighed.native_id,
            weighed.to_type,
            tuple(OBJECTIONS[item] for item in weighed.objections),
            tuple(CAUTIONS[item] for item in weighed.cautions),
        )

    def request(self, device_id: int, choice: Choice, reason: str, **more: Any) -> Intent:
        """The request, committed and not sent; `more` is the rest of a `Wish`."""
        wish = Wish(device_id, choice.act, reason, via=choice.source, **more)
        return asking.ask(
            self._sessions, self._actor(), wish, self._reach.brake, now=self._clock(), protected=self._reach.protected
        )

    def report_lost(self, device_id: int, reason: str) -> Lost:
        """Request the lock, where there is one, and say that the device is lost."""
        reach = self._reach
        return losing.report(
            self._sessions, self._actor(), device_id, reach.brake, reason=reason, now=self._clock(), protected=reach.protected
        )  # fmt: skip

    def page(self, number: int) -> OpenAction:
        """One action. Raises NotFound."""
        actor, page = self._actor(), action_page.look(self._sessions, number)
        deeds = {*self._deeds(page.intent, actor)}
        if finding.may_see(page.intent, actor, [event.said for event in page.events]):
            deeds.add(Deed.LOCATE)
        return OpenAction(page, actor.name, frozenset(deeds))

    def look(self, number: int) -> None:
        """Have the management system looked at, whether that is due or not."""
        settle.settle(self._sessions, self._actor(), self._reach.readers, now=self._clock(), only=[number])

    def certify(self, number: int, more: Mapping[str, str], out: Path, t: Catalogue) -> Path:
        """Write the sanitisation record of a confirmed wipe; `more` by the names of `Beside`. Where it is then."""
        certify = self._reach.certify
        if certify is None:
            raise Misconfigured("No sanitisation record can be written from here.", next_step=_BY_COMMAND)
        out = out.expanduser().absolute()
        certificates.make(
            self._sessions, self._actor(), number, Beside(**more), out.name,
            lambda told, trail: certify(told, out, t, trail), now=self._clock(),
        )  # fmt: skip
        return out

    def settle(self, number: int, outcome: Standing, reason: str) -> Intent:
        """What became of it, by this person's word."""
        return settle.say(self._sessions, self._actor(), number, outcome, reason=reason, now=self._clock())

    def approve(self, number: int, reason: str) -> Intent:
        """Say yes to what somebody else requested."""
        return act.approve(self._sessions, self._actor(), number, reason=reason or None, now=self._clock())

    def reject(self, number: int, reason: str) -> Intent:
        """Say no to it."""
        return act.reject(self._sessions, self._actor(), number, reason=reason, now=self._clock())

    def cancel(self, number: int, reason: str) -> Intent:
        """Call off what was not sent."""
        return act.cancel(self._sessions, self._actor(), number, reason=reason, now=self._clock())

    def send(self, number: int, tell: Callable[[str], None], gave_up: Callable[[], bool]) -> Intent:
        """Send what was requested; `tell` and `gave_up` are the person's side of signing in. One at a time."""
        actor = self._actor()
        sender = self._sender(actor, number, tell, gave_up)
        return act.send(self._sessions, actor, number, sender, self._reach.brake, clock=self._clock)

    def locate(self, number: int, tell: Callable[[str], None], gave_up: Callable[[], bool]) -> Location | None:
        """Where the device is, to be shown and dropped; None: its tool does not say. Otherwise as `send`."""
        actor = self._actor()
        sender = self._sender(actor, number, tell, gave_up)
        return finding.find(self._sessions, actor, number, sender, clock=self._clock)

    def _sender(
        self, actor: Actor, number: int, tell: Callable[[str], None], gave_up: Callable[[], bool]
    ) -> ActionSender:
        source = action_page.look(self._sessions, number).intent.bound.source
        self._ask = Ask(actor.entra, tell, gave_up)
        if source not in self._senders:
            ask = Ask(actor.entra, lambda text: self._ask.tell(text), lambda: self._ask.gave_up())
            self._senders[source] = self._reach.sender(source, ask)
        return self._senders[source]

    def freeze(self, reason: str) -> str | None:
        """Stop this machine and everybody else's; why this machine's own brake could not be pulled, if it could not."""
        why = freezing.pull(self._reach.brake, reason, self._clock())
        freezing.freeze(self._sessions, self._actor(), reason, now=self._clock())
        return why

    def unfreeze(self, reason: str) -> None:
        """Let actions go again."""
        freezing.unfreeze(self._sessions, self._actor(), self._reach.brake, reason, now=self._clock())

    def unhold(self, reason: str) -> None:
        """Let wipes go again."""
        freezing.unhold(self._sessions, self._actor(), reason, now=self._clock())

    def _deeds(self, found: Intent, actor: Actor) -> Iterator[Deed]:
        is_mine, standing = found.requested_by == actor.name, found.standing
        if actor.may(Right.ACT) and is_mine and standing in _UNSENT:
            yield Deed.SEND
        if actor.may(Right.ACT) and standing in (Standing.REQUESTED, Standing.APPROVED):
            yield Deed.CANCEL
        if actor.may(Right.ACT) and _outcomes(found):
            yield Deed.SETTLE
        if actor.may(Right.VERIFY) and is_record(found.bound.act, found.bound.options, standing):
            yield Deed.CERTIFY
        if actor.may(Right.APPROVE) and not is_mine and standing is Standing.REQUESTED:
            yield Deed.REJECT
            if found.is_destructive and not self._sessions.is_sqlite:
                yield Deed.APPROVE

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        with told_plainly("read the register"), self._sessions.read.begin() as session:
            yield session


def _outcomes(found: Intent) -> tuple[Standing, ...]:
    return tuple(outcome for outcome in BY_HAND if may_move(found.standing, outcome, Mover.READER))
