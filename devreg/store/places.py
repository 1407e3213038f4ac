"""Units, head-counts and persons: rows that come from one record each."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Table, bindparam, delete, insert, or_, select
from sqlalchemy.orm import Session

from devreg.domain.fields import UNIT_FIELDS
from devreg.domain.observation import Value
from devreg.domain.sorting import fold, sort_key
from devreg.store import persons, unit_tree
from devreg.store.among import among
from devreg.store.schema import headcount, person, unit

Said = Mapping[str, Value]


def save_units(session: Session, name: str, rows: Iterable[Said]) -> None:
    """Units by id; a list read later says it anew, and leaves what only another list says."""
    units = list(rows)
    if not units:
        return
    wanted = among(session, unit.c.id, [str(said["id"]) for said in units])
    others = {row.id: row._mapping for row in session.execute(select(unit).where(wanted, unit.c.source != name))}
    found = []
    for new in units:
        known = others.get(str(new["id"]))
        said = new if known is None else {**{field: known[field] for field in UNIT_FIELDS}, **new}
        names = {"name_fi": said.get("name_fi"), "name_sv": said.get("name_sv")}
        shown_fi, shown_sv = (
            names["name_fi"] or names["name_sv"] or said["id"],
            names["name_sv"] or names["name_fi"] or said["id"],
        )
        values = {
            **names,
            **{field: said.get(field) for field in ("id", "kind", "language", "campus", "parent")},
            "sort_fi": sort_key(str(shown_fi)),
            "sort_sv": sort_key(str(shown_sv)),
            "source": name,
        }
        found.append(values)
    _replace(session, unit, ("id",), found)


def save_headcounts(session: Session, name: str, rows: Iterable[Said]) -> None:
    """Head-counts by unit, stage and day."""
    fields = ("unit", "date", "pupils", "groups", "staff", "file", "file_hash")
    counted = (
        {**{field: said.get(field) for field in fields}, "stage": said.get("stage") or "", "source": name}
        for said in rows
    )
    _replace(session, headcount, ("unit", "stage", "date"), counted)


def save_persons(session: Session, name: str, rows: Iterable[tuple[str, Said]]) -> None:
    """Persons by the source's own id, joined with their accounts elsewhere."""
    accounts = list(rows)
    if not accounts:
        return
    touched = persons.known_as(session, name, [native_id for native_id, _ in accounts])
    found = []
    for native_id, said in accounts:
        values = {field: said.get(field) for field in ("email", "upn", "name", "department", "active", "leave_date")}
        shown = str(values["name"] or values["email"] or "")
        folded = fold(" ".join(str(values[field]) for field in ("name", "email", "upn", "department") if values[field]))
        who = min(
            (str(values[field]) for field in ("email", "upn") if values[field]), default=persons.nameless(native_id)
        )
        key = {
            "source": name,
            "native_id": native_id,
            "name_key": sort_key(shown) or None,
            "folded": folded,
            "who": who,
        }
        found.append({**values, **key})
        touched |= {who, *(str(values[field]) for field in ("email", "upn") if values[field])}
    _replace(session, person, ("source", "native_id"), found)
    persons.join(session, touched)


def named_units(session: Session) -> dict[str, tuple[str, ...]]:
    """Id -> the names a unit has in Finnish and Swedish."""
    rows = session.execute(select(unit.c.id, unit.c.name_fi, unit.c.name_sv).order_by(unit.c.id))
    return {row.id: tuple(name for name in (row.name_fi, row.name_sv) if name) for row in rows}


def below(session: Session, unit_id: str) -> set[str]:
    """The unit, all that belongs to it at whatever depth, and all under its roof when it names a campus."""
    first = or_(unit.c.parent == unit_id, unit.c.campus == unit_id)
    return {unit_id, *session.execute(unit_tree.below(first)).scalars()}


def campuses(session: Session) -> set[str]:
    """Ids that units under one roof share: devices and head-counts may be known by them only."""
    found = session.execute(select(unit.c.campus).where(unit.c.campus.is_not(None)).distinct()).scalars()
    return {campus for campus in found if campus is not None}


def _replace(session: Session, table: Table, key: tuple[str, ...], rows: Iterable[dict[str, Any]]) -> None:
    """Rows in place of those of the same key; of two with the same key the later."""
    latest = {tuple(values[name] for name in key): values for values in rows}
    if latest:
        same = [table.c[name] == bindparam(f"old_{name}") for name in key]
        keys = [{f"old_{name}": values[name] for name in key} for values in latest.values()]
        session.connection().execute(delete(table).where(*same), keys)
        session.execute(insert(table), list(latest.values()))
