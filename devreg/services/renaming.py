"""Another name for a source, with all it has told."""

from datetime import datetime
from typing import Final

import msgspec

from devreg.domain.device import intent_ref
from devreg.domain.rights import Actor, Right
from devreg.errors import Misconfigured, NotFound, Refused
from devreg.services.acting import act
from devreg.services.devices import HAND
from devreg.services.ingest import regroup
from devreg.settings import source_name
from devreg.store import intents, locks, sources
from devreg.store.engine import Session, Sessions, told_plainly
from devreg.store.repeating import repeats

_CHUNK: Final = 1_000


class Renamed(msgspec.Struct, frozen=True):
    """What came of it."""

    records: int
    """How many records of devices the source has; all were looked at anew under its new name."""


@repeats
def rename_source(sessions: Sessions, old: str, new: str, *, actor: Actor, now: datetime) -> Renamed:
    """The source `old` is called `new` from here on; the settings must call it so too, else the next run begins it anew.

    The history keeps the name that was written then. Raises NotFound when the register knows no `old`, Misconfigured when it
    knows `new` already or that is no name for a source, AlreadyRunning while either is collected.
    """
    _demand_name(new)
    if old == HAND:
        raise Misconfigured(f"{old} is what people typed, and keeps its name.")
    with told_plainly("read the register"), sessions.read.begin() as reading:
        _demand_known(old, sources.known(reading))  # before a lock file is made of any text
    with (
        locks.hold(sessions, *sorted({old, new})),
        act(sessions, actor, Right.KEEP, doing="rename a source", now=now, about=old) as doing,
    ):
        known = sources.known(doing.session)
        _demand_known(old, known)
        if new in known:
            raise Misconfigured(f"The register has a source {new!r} already.", next_step="Give another name.")
        _demand_nothing_open(doing.session, old)
        sources.rename(doing.session, old, new)
        told = sources.records_of(doing.session, new)
        for start in range(0, len(told), _CHUNK):
            regroup(doing.session, told[start : start + _CHUNK], by=doing.by, run_id=None, now=now)
        doing.tell("rename source", new, {"name": old}, {"name": new})
    return Renamed(len(told))


def _demand_known(name: str, known: set[str]) -> None:
    if name in known:
        return
    there = ", ".join(sorted(known - {HAND}))
    raise NotFound(
        f"The register knows no source {name!r}.",
        next_step=f"It knows: {there}." if there else "Nothing was collected yet.",
    )


def _demand_nothing_open(session: Session, name: str) -> None:
    """What an action is about never changes, its source neither; once it is over nobody follows it by that name any more."""
    waiting = ", ".join(intent_ref(number) for number in intents.open_through(session, name))
    if waiting:
        raise Refused(
            f"Remote actions through {name} are still open: {waiting}.",
            next_step="Settle or cancel them first: `devreg list actions`.",
        )


def _demand_name(name: str) -> None:
    try:
        source_name(name)
    except ValueError as error:
        raise Misconfigured(f"{name!r} can't be the name of a source: {error}.") from None
