"""Steps of devices from state to state: what a step asks for is looked at, what it does besides is done, all in one act."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from devreg.domain.device import State, device_ref, intent_ref
from devreg.domain.lifecycle import STEPS, Document, Effect, Need, Paper, Step, lacking, onward
from devreg.domain.merge import Merged
from devreg.domain.observation import Value
from devreg.domain.platforms import is_lockable
from devreg.domain.rights import Actor
from devreg.domain.suggesting import Rule
from devreg.errors import Conflict, Misconfigured, NotFound, Refused
from devreg.i18n import N_
from devreg.services import certificates, contracts, custody
from devreg.services.acting import Act, act
from devreg.services.asking import handles
from devreg.services.editing import Edited, give, merged
from devreg.services.remote_menu import instead
from devreg.store import intents, records, suggestions, transitions
from devreg.store.engine import Session, Sessions, told_plainly
from devreg.store.repeating import repeats

_HOLDER: Final = ("holder", "holder_email")


class Moved(msgspec.Struct, frozen=True):
    """A step that was taken."""

    device_id: int
    before: State
    after: State
    step: Step
    edited: tuple[Edited, ...]
    """What changed beside the state."""
    next_step: str | None
    """What a person should do now, a sentence a line."""


class Onward(msgspec.Struct, frozen=True):
    """A step that could be taken."""

    target: State
    step: Step
    lacking: tuple[Need | Paper, ...]


def steps_of(sessions: Sessions, device_id: int) -> tuple[State, list[Onward]]:
    """The device's state, and the steps there are from it with what each still asks for. Raises NotFound."""
    with told_plainly("read the register"), sessions.read.begin() as session:
        state = _state(session, device_id)
        now = merged(session, device_id)
    fields = {name: now.value(name) for name in now.fields}
    return state, [Onward(target, step, lacking(step, fields)) for target, step in onward(state)]


@repeats
def transition(
    sessions: Sessions,
    actor: Actor,
    device_id: int,
    target: State,
    *,
    reason: str,
    given: Mapping[str, Value] | None = None,
    documents: Sequence[Document] = (),
    now: datetime,
) -> Moved:
    """Take the device a step further; `given` are values that a person gives along with it.

    Raises Misconfigured when there is no such step or it asks for something that is not there, Refused when the actor may not take it
    or the state is locked to a source, Conflict when somebody was faster, NotFound when there is no such device.
    """
    with told_plainly("read the register"), sessions.read.begin() as session:
        state = _state(session, device_id)
    step = _step(device_id, state, target)
    about = device_ref(device_id)
    with act(sessions, actor, step.right, doing="move a device on", now=now, reason=reason, about=about) as doing:
        return move(doing, device_id, state, target, given=given, documents=documents)


def move(
    doing: Act,
    device_id: int,
    state: State,
    target: State,
    *,
    given: Mapping[str, Value] | None = None,
    documents: Sequence[Document] = (),
    rule: Rule | None = None,
) -> Moved:
    """As `transition`, within an act; `state` is what the caller saw it in."""
    session, step = doing.session, _step(device_id, state, target)
    if not doing.reason:
        raise Misconfigured("A reason is missing.", next_step="It is kept with the step: --reason TEXT.")
    if (now_in := _state(session, device_id)) is not state:
        raise Conflict(
            f"{device_ref(device_id)} is {now_in} by now, not {state}; nothing was written.",
            next_step="Look at it again, and decide anew.",
        )
    for document in documents:
        if document.kind is Paper.SANITISATION:
            certificates.demand_record(session, device_id, document.ref)
    if target is State.IN_USE:
        _demand_settled(session, device_id)
    before = merged(session, device_id)
    wanted: dict[str, Value | None] = {"state": str(target), **(given or {})}
    if target is State.IN_USE:
        wanted |= dict.fromkeys(_nobodys(before) - wanted.keys())
    papers = {"documents": [str(document) for document in documents]} if documents else None
    edited = give(doing, device_id, wanted, told_as="transition", also=papers)
    for effect in step.effects:
        if effect in _EFFECTS:
            _EFFECTS[effect](doing, device_id)
    after = merged(session, device_id)
    _demand(device_id, step, target, after, documents)
    transitions.append(
        session,
        device_id,
        state,
        target,
        step,
        by=doing.by,
        rule=rule,
        reason=doing.reason,
        documents=documents,
        now=doing.now,
    )
    suggestions.forget(session, [device_id])
    released = [Edited(name, before.value(name), after.value(name)) for name in _HOLDER if name not in wanted]
    beside = tuple(item for item in (*edited, *released) if item.field != "state" and item.old != item.new)
    return Moved(device_id, state, target, step, beside, _next_step(session, device_id, step, before))


def _state(session: Session, device_id: int) -> State:
    state = transitions.state_of(session, device_id)
    if state is None:
        raise NotFound(
            f"There is no device {device_ref(device_id)} any more.",
            next_step=f"`devreg show {device_ref(device_id)}` finds what it is now.",
        )
    return State(state)


def _demand_settled(session: Session, device_id: int) -> None:
    """A wipe that waits would empty the device in its next holder's hands, also after it has enrolled anew (safety.md 21)."""
    for found in intents.open_of(session, device_id):
        if found.is_destructive:
            raise Refused(
                f"{device_ref(device_id)} has an open action that may still empty it: {intent_ref(found.id)}.",
                next_step=f"Settle or cancel it first: `devreg action show {intent_ref(found.id)}`.",
            )


def _step(device_id: int, state: State, target: State) -> Step:
    step = STEPS.get((state, target))
    if step is None:
        there = ", ".join(str(onto) for onto, _ in onward(state))
        raise Misconfigured(
            f"{device_ref(device_id)} is {state}; no step leads from there to {target}.",
            next_step=f"From there: {there}.",
        )
    return step


def _nobodys(before: Merged) -> set[str]:
    """Fields of which a person said that nobody holds it: that has passed with the device going into use."""
    said = ((name, before.fields.get(name)) for name in _HOLDER)
    return {name for name, chosen in said if chosen is not None and chosen.value is None and chosen.word is not None}


def _demand(device_id: int, step: Step, target: State, after: Merged, documents: Sequence[Document]) -> None:
    if after.value("state") != target:
        raise Refused(
            f"{device_ref(device_id)}: its state is said by {after.fields['state'].source} alone.",
            next_step="Change it there, or take the lock from [provenance].",
        )
    fields = {name: after.value(name) for name in after.fields}
    wanting = lacking(step, fields, [document.kind for document in documents])
    if wanting:
        asked = ", ".join(LACKING[item][0] for item in wanting)
        raise Misconfigured(
            f"{device_ref(device_id)}: “{step.name}” asks for more: {asked}.",
            next_step=" ".join(LACKING[item][1] for item in wanting),
        )


_EFFECTS: Final[Mapping[Effect, Callable[[Act, int], None]]] = {
    Effect.RELEASE_HOLDER: custody.release,
    Effect.RELEASE_CONTRACTS: contracts.release,
}
"""Each in the same act, raising nothing where there is nothing to do; locking is left to people."""

LACKING: Final[Mapping[Need | Paper, tuple[str, str]]] = {
    Need.IDENTIFIER: (N_("a serial number, an IMEI or an asset tag"), N_("Give one: asset_tag=…")),
    Need.PLACE: (N_("a holder or a unit"), N_("Give one along with it: unit=… or holder=….")),
    Need.SUPPLIER: (N_("a supplier or an order number"), N_("Give one along with it: supplier=… or order_number=….")),
    Paper.SANITISATION: (
        N_("the sanitisation record"),
        N_("Name the record of how its storage was emptied, or its confirmed wipe: --document sanitisation=A000012."),
    ),
    Paper.DECISION: (N_("the decision to write it off"), N_("Name the decision: --document decision=REFERENCE.")),
}
"""What a step asks for in words, and what to do about it."""


def _next_step(session: Session, device_id: int, step: Step, before: Merged) -> str | None:
    if Effect.LOCK not in step.effects:
        return None
    held = handles(records.about(session, [device_id])[device_id])
    tools = ", ".join(sorted({record.source for record, mode in held if is_lockable(mode)}))
    if tools:
        return N_(f"Lock it at once in {tools}; wipe it when it does not turn up.")
    return "\n".join(instead(before))
