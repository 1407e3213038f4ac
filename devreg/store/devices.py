"""The merged device rows, their identifiers and their history."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import bindparam, func, select, update
from sqlalchemy import insert as sql_insert
from sqlalchemy.orm import Session

from devreg.domain.fields import DEVICE_FIELDS, DRIFTING
from devreg.domain.merge import Merged
from devreg.domain.sorting import sort_key
from devreg.domain.soundness import MAX_KEY
from devreg.domain.source_record import TOOLS
from devreg.store.among import among
from devreg.store.schema import change, device, record, source


class Change(msgspec.Struct, frozen=True):
    """One field that came out differently."""

    device_id: int
    field: str
    old: str | None
    new: str | None


def create(session: Session, device_ids: Iterable[int], now: datetime) -> None:
    """Empty devices, so that records can point at them; `project` fills them within the same unit of work."""
    rows = [{"id": device_id, "created_at": now, "folded": ""} for device_id in device_ids]
    if rows:
        session.execute(sql_insert(device), rows)


def insert(session: Session, merged: Mapping[int, Merged], now: datetime) -> None:
    """New devices, whole."""
    rows = [
        {"id": device_id, "created_at": now, "state_since": now, **_values(merged[device_id])}
        for device_id in sorted(merged)
    ]
    if rows:
        session.execute(sql_insert(device), rows)


def project(session: Session, merged: Mapping[int, Merged], new: Collection[int], now: datetime) -> list[Change]:
    """Write the merged rows that differ from what is there; the changes of fields of devices not in `new`."""
    if not merged:
        return []
    before = {row.id: row for row in session.execute(select(device).where(among(session, device.c.id, merged)))}
    rows: list[tuple[int, dict[str, Any]]] = []
    differing: set[str] = set()
    changes: list[Change] = []
    for device_id, result in merged.items():
        values = _values(result)
        old = before[device_id]._mapping
        values["state_since"] = old["state_since"] if old["state"] == values["state"] else now
        here = {name for name, value in values.items() if old[name] != value}
        if here:
            rows.append((device_id, values))
            differing |= here
        if device_id not in new:
            changes.extend(
                Change(device_id, name, as_text(old[name]), as_text(values[name]))
                for name in DEVICE_FIELDS
                if name in here and name not in DRIFTING
            )
            if (old["missing_since"] is None) != (values["missing_since"] is None):
                changes.append(
                    Change(device_id, "missing_since", as_text(old["missing_since"]), as_text(values["missing_since"]))
                )
    _write(session, rows, sorted(differing))
    return changes


def _write(session: Session, rows: Iterable[tuple[int, Mapping[str, Any]]], names: Sequence[str]) -> None:
    """These columns only: an index and the search write anew what is set, also to what it is."""
    if names:
        statement = update(device).where(device.c.id == bindparam("b_id"))
        session.connection().execute(
            statement.values({name: bindparam(f"b_{name}") for name in names}),
            [{"b_id": device_id, **{f"b_{name}": values[name] for name in names}} for device_id, values in rows],
        )


def _values(merged: Merged) -> dict[str, Any]:
    fields: dict[str, Any] = {name: merged.value(name) for name in DEVICE_FIELDS}
    keys = {
        f"{name}_key": sort_key(fields[name])[:MAX_KEY] if fields[name] else None
        for name in ("name", "model", "holder")
    }
    return {
        **fields,
        **keys,
        "managed_by": " ".join(merged.management.managed_by) or None,
        "wiped_by": " ".join(merged.management.wiped_by) or None,
        "mode": merged.management.mode,
        "contact_at": merged.management.contact_at,
        "standing": merged.management.standing,
        "sources": " ".join(merged.sources) or None,
        "last_seen": merged.last_seen,
        "missing_since": merged.missing_since,
        "merged_into": None,
        "folded": merged.folded,
    }


def record_changes(
    session: Session,
    changes: Iterable[Change],
    *,
    by: str,
    run_id: int | None,
    now: datetime,
    reason: str | None = None,
) -> None:
    """Append to the history."""
    rows = [
        {**msgspec.structs.asdict(item), "by": by, "run_id": run_id, "at": now, "reason": reason} for item in changes
    ]
    if rows:
        session.execute(sql_insert(change), rows)


def heard(session: Session, device_ids: Collection[int]) -> None:
    """Devices of which only the time of their last contact has moved."""
    if device_ids:
        of_tools = session.execute(select(source.c.name).where(source.c.kind.in_(TOOLS))).scalars().all()
        newest = select(func.max(record.c.as_of)).where(record.c.device_id == device.c.id)
        of_tool = newest.where(record.c.source.in_(of_tools)).scalar_subquery()
        times = {"last_seen": newest.scalar_subquery(), "contact_at": of_tool}
        session.execute(update(device).where(among(session, device.c.id, device_ids)).values(times))


def as_text(value: object) -> str | None:
    """A value as the history keeps it: ISO dates, `true`/`false`, plain numbers."""
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else str(value)
