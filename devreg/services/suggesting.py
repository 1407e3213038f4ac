"""What sources suggest of devices' states: looked for after runs, carried out by rules that may, dismissed by people."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

import msgspec

from devreg.domain.device import State, device_ref
from devreg.domain.rights import Actor, Right
from devreg.domain.suggesting import Rule, Suggestion
from devreg.domain.words import LABELS
from devreg.errors import DevregError, Misconfigured, NotFound
from devreg.services.acting import act
from devreg.services.lifecycle import move
from devreg.store import counters, suggestions
from devreg.store.engine import Sessions, told_plainly
from devreg.store.repeating import repeats


class Options(Protocol):
    """The settings' `lifecycle`."""

    @property
    def silent_days(self) -> int: ...
    @property
    def missing_days(self) -> int: ...
    @property
    def accept(self) -> Collection[str]: ...


class Looked(msgspec.Struct, frozen=True):
    """What a look over all devices found."""

    found: tuple[Suggestion, ...]
    """New since the last one."""
    moved: tuple[int, ...]
    """Devices that a rule took to the state it suggests."""
    stuck: tuple[tuple[int, str], ...]
    """Devices that a rule could not take there, and why; the suggestion stays for a person."""


def look(sessions: Sessions, actor: Actor, options: Options, zone: ZoneInfo, now: datetime) -> Looked:
    """Set the suggestions to what speaks for another state now; rules that may decide do, each device in an act of its own."""
    found = _renew(sessions, options, zone, now)
    moved, stuck = [], []
    for suggestion in found:
        if suggestion.rule not in options.accept:
            continue
        try:
            _accept(sessions, actor, suggestion, now)
            moved.append(suggestion.device_id)
        except DevregError as error:
            stuck.append((suggestion.device_id, error.what))
    return Looked(tuple(found), tuple(moved), tuple(stuck))


@repeats
def dismiss(sessions: Sessions, actor: Actor, device_id: int, *, reason: str, now: datetime) -> Rule:
    """A person says no; it stands until something newer speaks for it. Raises NotFound when nothing is suggested."""
    about = device_ref(device_id)
    with act(sessions, actor, Right.EDIT, doing="dismiss a suggestion", now=now, reason=reason, about=about) as doing:
        if doing.reason is None:
            raise Misconfigured("A reason is missing.", next_step="It says later why nothing was done: --reason TEXT.")
        rule = suggestions.dismiss(doing.session, device_id, by=doing.by, reason=doing.reason, now=now)
        if rule is None:
            raise NotFound(f"Nothing is suggested for {about}.", next_step="`devreg list suggestions` shows what is.")
        doing.tell("dismiss", about, {"suggestion": str(rule)})
    return rule


@repeats
def _renew(sessions: Sessions, options: Options, zone: ZoneInfo, now: datetime) -> list[Suggestion]:
    with told_plainly("look for suggestions"), sessions.write.begin() as session:
        counters.one_at_a_time(session)  # two collections may end at once
        return suggestions.renew(
            session,
            silent=timedelta(days=options.silent_days),
            missing=timedelta(days=options.missing_days),
            now=now,
            today=now.astimezone(zone).date(),
        )


@repeats
def _accept(sessions: Sessions, actor: Actor, suggestion: Suggestion, now: datetime) -> None:
    """The rule's own step: the settings allow it, so whoever runs the timer needs no right to edit."""
    about, reason = device_ref(suggestion.device_id), LABELS[suggestion.rule]
    with act(sessions, actor, Right.COLLECT, doing="move a device on", now=now, reason=reason, about=about) as doing:
        move(doing, suggestion.device_id, suggestion.state, State(suggestion.target), rule=suggestion.rule)
