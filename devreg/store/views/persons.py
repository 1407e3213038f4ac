"""Lists of persons: everybody the directories know, each once, and those who leave with devices still on them."""

from datetime import date
from typing import Any, Final

from sqlalchemy import Boolean, Date, and_, case, cast, exists, func, select, union
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from devreg.domain.device import Kind
from devreg.domain.observation import Subject
from devreg.i18n import N_
from devreg.ports import ColumnType
from devreg.store.columns import text, typed
from devreg.store.query import View, ViewColumn
from devreg.store.schema import device, person, record

SOON: Final = 30
"""Days before the last one from which somebody counts as leaving: time to agree on a day."""
CLOSED: Final = N_("the account is closed or deleted")
OVER: Final = N_("the last day has passed")
LEAVING: Final = N_("leaves soon")
_STEPS: Final = {
    CLOSED: N_("Ask the unit for the devices; `devreg assign DEVICE --none` once they are back."),
    OVER: N_("Ask for the devices now, before the account is closed."),
    LEAVING: N_("Agree on a day to hand the devices back."),
}


class _days_ahead(FunctionElement[date]):  # noqa: N801  called like a function
    """The day so many days from today."""

    inherit_cache = True
    type = Date()


@compiles(_days_ahead, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"date('now', '{SOON} days')"


@compiles(_days_ahead, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"(current_date + {SOON})"


def persons() -> View:
    """People as directories know them; somebody with accounts in two stands here once."""
    everybody = _everybody()
    return View(
        name="persons",
        title=N_("Persons"),
        key=everybody.c.who,
        source=everybody,
        columns=_columns(everybody),
        shown=("name", "email", "department", "active", "devices"),
        order=(everybody.c.name_key.is_(None), everybody.c.name_key),
        facets=("department", "active", "sources"),
        search=(everybody.c.folded,),
    )


def leavers() -> View:
    """People whose accounts are all closed, or whose last day is near or past, and who still have devices."""
    everybody = _everybody()
    left = and_(everybody.c.active.is_not(None), ~everybody.c.active)
    why = case(
        (left, CLOSED),
        (everybody.c.leave_date < func.current_date(), OVER),
        (everybody.c.leave_date <= _days_ahead(), LEAVING),
        else_=None,
    )
    step = case(*((why == said, then) for said, then in _STEPS.items()), else_=None)
    known = _columns(everybody)
    return View(
        name="leavers",
        title=N_("Leavers with devices"),
        key=everybody.c.who,
        source=everybody,
        columns=(
            *(column for column in known if column.column.key != "active"),
            typed("why", N_("Why"), why, ColumnType.SENTENCE, 24),
            typed("next_step", N_("Next step"), step, ColumnType.SENTENCE, 40),
        ),
        shown=("name", "email", "leave_date", "devices", "phones", "why", "next_step"),
        order=(everybody.c.leave_date.is_(None), everybody.c.leave_date, everybody.c.name_key),
        facets=("department", "why"),
        where=and_(why.is_not(None), exists().where(_held_by(everybody.c.who))),
        search=(everybody.c.folded,),
    )


def _columns(everybody: Any) -> tuple[ViewColumn, ...]:
    held = select(func.count()).where(_held_by(everybody.c.who)).scalar_subquery()
    phones = select(func.count()).where(_held_by(everybody.c.who), device.c.kind == Kind.PHONE).scalar_subquery()
    own = addresses(everybody.c.who).subquery()
    sources = select(person.c.source).where(person.c.who == everybody.c.who).distinct().order_by(person.c.source)
    listed = sources.correlate(everybody).subquery()
    return (
        text("name", N_("Name"), everybody.c.name, 26, everybody.c.name_key),
        text("email", N_("E-mail"), everybody.c.email, 32),
        text("department", N_("Department"), everybody.c.department, 20),
        typed("active", N_("Active"), everybody.c.active, ColumnType.BOOLEAN, 8),
        typed("leave_date", N_("Leaves"), everybody.c.leave_date, ColumnType.DATE, 11),
        typed("devices", N_("Devices"), held, ColumnType.INTEGER, 8),
        typed("phones", N_("Phones"), phones, ColumnType.INTEGER, 8),
        text("addresses", N_("Addresses"), _in_one(own.c.address), 32),
        text("sources", N_("Sources"), _in_one(listed.c.source), 20),
    )


def _in_one(values: Any) -> Any:
    return select(func.aggregate_strings(values, " ")).scalar_subquery()


def addresses(who: Any) -> Any:
    """Every address of the person that `who` stands for, each once."""
    return union(
        *(
            select(column.label("address")).where(person.c.who == who, column.is_not(None)).correlate_except(person)
            for column in (person.c.email, person.c.upn)
        )
    ).order_by("address")


def _held_by(who: Any) -> Any:
    own = addresses(who).subquery()
    return and_(device.c.merged_into.is_(None), device.c.holder_email.in_(select(own.c.address)))


def _everybody() -> Any:
    """A row a person: active as long as any directory lists an open account."""
    gone = (
        exists()
        .where(
            record.c.source == person.c.source,
            record.c.native_id == person.c.native_id,
            record.c.subject == Subject.PERSON,
            record.c.gone_at.is_not(None),
        )
        .correlate(person)
    )
    is_open = case((gone, 0), (person.c.active, 1), (~person.c.active, 0), else_=None)
    best = func.max(is_open)
    return (
        select(
            person.c.who,
            func.min(person.c.name).label("name"),
            func.min(person.c.name_key).label("name_key"),
            func.coalesce(func.min(person.c.email), func.min(person.c.upn)).label("email"),
            func.min(person.c.department).label("department"),
            cast(case((best == 1, True), (best == 0, False), else_=None), Boolean).label("active"),
            func.min(person.c.leave_date).label("leave_date"),
            func.aggregate_strings(person.c.folded, " ").label("folded"),
        )
        .group_by(person.c.who)
        .subquery("everybody")
    )


__all__ = ["CLOSED", "LEAVING", "OVER", "addresses", "leavers", "persons"]
