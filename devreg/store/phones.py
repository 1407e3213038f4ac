"""How each phone stands now, as SQL over its device row: its category, and whether it could be locked or wiped.

What records say is projected when they are merged (`domain.phones`); here the time and the last reading of the tools come to it, so
that every list, sheet and view of the database says the same without anything being written as days pass. docs/decisions/0010 says why.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    Text,
    and_,
    case,
    exists,
    false,
    func,
    literal_column,
    null,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.orm import Session

from devreg.domain.absence import Verdict
from devreg.domain.device import Kind
from devreg.domain.job import Job
from devreg.domain.phones import (
    ABSENT,
    HEARD,
    HINDRANCES,
    LIKELY_THIS,
    NEXT_STEPS,
    PERHAPS_MISSED,
    SILENT_AFTER,
    Category,
)
from devreg.domain.platforms import Mode, is_lockable, is_wipeable
from devreg.store.columns import days_ago
from devreg.store.schema import device, person, record, registration, run, source
from devreg.store.types import Word

_TOOL: Final = "intune"
"""The kind of source that phones are enrolled in."""


def unmanaged(session: Session, since: datetime) -> int | None:
    """How many of the city's phones no tool has heard of since; None while the last reading of the tool was not whole."""
    if not session.execute(select(is_read_whole())).scalar_one():
        return None
    missed = and_(device.c.kind == Kind.PHONE, device.c.merged_into.is_(None), device.c.standing.in_((*ABSENT, *HEARD)))
    heard = func.coalesce(device.c.contact_at, device.c.created_at)
    return session.execute(select(func.count()).select_from(device).where(missed, heard < since)).scalar_one()


def category() -> Any:
    """How a phone stands now, by a member of `Category`."""
    standing, limit = device.c.standing, days_ago(literal_column(str(SILENT_AFTER.days)))
    silent = and_(standing.in_(HEARD), or_(device.c.contact_at.is_(None), device.c.contact_at < limit))
    unproven = and_(standing.in_(ABSENT), ~is_read_whole())
    return case(
        (silent, _said(Category.SILENT)),
        (unproven, _said(Category.NOT_KNOWN)),
        (and_(standing.in_(PERHAPS_MISSED), _is_signed_in_with()), _said(Category.SIGNED_IN)),
        else_=type_coerce(standing, Word()),
    )


def next_step() -> Any:
    """What to do about it, as an English msgid; NULL: nothing."""
    now = category()
    steps = ((now == str(member), _said(step)) for member, step in NEXT_STEPS.items())
    likely = and_(now.in_(PERHAPS_MISSED), _holder_signs_in())
    return case((likely, _said(LIKELY_THIS)), *steps, else_=null())


def is_unmanaged_sign_in() -> Any:
    """Whether somebody signs in with this phone, by Entra, and nothing manages it; of a record that is there."""
    seen = registration.c
    unmanaged, is_open = or_(seen.managed.is_(None), ~seen.managed), or_(seen.enabled.is_(None), seen.enabled)
    return and_(seen.kind == Kind.PHONE, unmanaged, is_open)


def holders_phone() -> Any:
    """The first phone without management that whoever signs in with this one holds; NULL: none."""
    own = _is_same(registration.c.owner_email, device.c.holder_email)
    missed = and_(device.c.kind == Kind.PHONE, device.c.merged_into.is_(None), device.c.standing.in_(PERHAPS_MISSED))
    return select(func.min(device.c.id)).where(missed, own).correlate_except(device).scalar_subquery()


def _is_signed_in_with() -> Any:
    return _sign_in(registration.c.device_id == device.c.id)


def _holder_signs_in() -> Any:
    """With a phone that can't be told to be any of the register's."""
    loose = registration.c.device_id.is_(None)
    return _sign_in(and_(loose, _is_same(device.c.holder_email, registration.c.owner_email)))


def _sign_in(condition: Any) -> Any:
    here = and_(record.c.id == registration.c.record_id, record.c.gone_at.is_(None))
    return exists().where(condition, is_unmanaged_sign_in(), here).correlate_except(registration, record)


def _is_same(one: Any, other: Any) -> Any:
    """Whether two addresses are one person's."""
    left, right = person.alias(), person.alias()
    same = and_(or_(left.c.email == one, left.c.upn == one), right.c.who == left.c.who)
    known = exists().where(same, or_(right.c.email == other, right.c.upn == other)).correlate_except(left, right)
    return or_(one == other, known)


def lockable() -> Any:
    """Whether it could be locked from afar; NULL: not known."""
    return _by_mode(is_lockable)


def wipeable() -> Any:
    """Whether it could be wiped from afar; NULL: not known."""
    return _by_mode(is_wipeable)


def hindrance() -> Any:
    """Why it can't be locked or wiped now; NULL: nothing hinders."""
    unread, unmanaged, private, unclear, no_lock, silent = map(_said, HINDRANCES)
    now, mode = category(), device.c.mode
    return case(
        (now == str(Category.NOT_KNOWN), unread),
        (mode.is_(None), unmanaged),
        (mode.in_((Mode.IOS_USER, Mode.ANDROID_WORK_PROFILE, Mode.GOOGLE_PRIVATE)), private),
        (mode == Mode.ANDROID, unclear),
        (mode == Mode.GOOGLE_COMPANY, no_lock),
        (now == str(Category.SILENT), silent),
        else_=null(),
    )


def _by_mode(can: Callable[[Mode], bool | None]) -> Any:
    def of(answer: bool) -> Iterable[Mode]:
        return [mode for mode in Mode if can(mode) is answer]

    nobody = and_(device.c.mode.is_(None), category() != str(Category.NOT_KNOWN))
    yes, no = device.c.mode.in_(of(True)), or_(nobody, device.c.mode.in_(of(False)))
    return type_coerce(case((yes, true()), (no, false()), else_=null()), Boolean)


def is_read_whole() -> Any:
    """Whether a tool has been read, and every one was the last time read whole: else a phone's not being there proves nothing."""
    later = run.alias()
    ended = and_(run.c.source == source.c.name, run.c.verdict != Verdict.RUNNING, _is_inventory(run))
    newer = exists().where(
        later.c.source == run.c.source, later.c.id > run.c.id, later.c.verdict != Verdict.RUNNING, _is_inventory(later)
    )
    partial = exists().where(source.c.kind == _TOOL, ended, run.c.verdict != Verdict.COMPLETE, ~newer)
    read = exists().where(source.c.kind == _TOOL, source.c.completed_at.is_not(None))
    return and_(read.correlate(None), ~partial.correlate(None))


def _is_inventory(of: Any) -> Any:
    return or_(of.c.job.is_(None), of.c.job == str(Job.INVENTORY))


def _said(text: str) -> Any:
    """A constant of the program, the same in every reader's statement and in the views of the database."""
    quoted = str(text).replace("'", "''")
    return literal_column(f"'{quoted}'", Text)
