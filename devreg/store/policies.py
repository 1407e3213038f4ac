"""The policy that the devices are merged by: kept in the register, so that every reader and writer weighs alike."""

from typing import Final

import msgspec
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from devreg.domain.policy import AS_SHIPPED, ORDER, PERSON, Policy
from devreg.store.counters import one_at_a_time
from devreg.store.schema import device, policy

_ONLY: Final = 1
_KINDS: Final = {PERSON, *(kind for kinds in ORDER.values() for kind in kinds)}


def in_force(session: Session) -> Policy:
    """What the devices are merged by."""
    stored = session.execute(select(policy.c.fields).where(policy.c.id == _ONLY)).scalar()
    return AS_SHIPPED if stored is None else msgspec.json.decode(stored, type=Policy)


def put_in_force(session: Session, wanted: Policy) -> None:
    """From here on devices are merged by it; the caller merges those there are anew."""
    session.execute(delete(policy))
    if wanted != AS_SHIPPED:
        session.execute(insert(policy).values(id=_ONLY, fields=msgspec.json.encode(wanted).decode()))


def renamed(known: Policy, old: str, new: str) -> Policy:
    """The policy with a source's new name wherever it says the old one; a word that is a kind of source too means the kind."""
    if old in _KINDS:
        return known

    def said(name: str) -> str:
        return new if name == old else name

    return Policy(
        {
            field: msgspec.structs.replace(
                weighing,
                sources=tuple(map(said, weighing.sources)),
                write_if_empty=tuple(map(said, weighing.write_if_empty)),
                locked=None if weighing.locked is None else said(weighing.locked),
            )
            for field, weighing in known.fields.items()
        }
    )


def begin_with(session: Session, wanted: Policy) -> None:
    """Put it in force in a register that holds no device yet."""
    if in_force(session) == wanted or _has_devices(session):
        return
    one_at_a_time(session)  # several sources may begin at once
    if not _has_devices(session):
        put_in_force(session, wanted)


def _has_devices(session: Session) -> bool:
    return session.execute(select(device.c.id).limit(1)).first() is not None
