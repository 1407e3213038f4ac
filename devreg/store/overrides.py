"""Where a value stands against what a source says: kept with the merged device, so that it can be listed."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, insert, or_, select
from sqlalchemy.orm import Session

from devreg.domain.conflicts import contested
from devreg.domain.merge import Merged
from devreg.domain.provenance import Chosen, Claim
from devreg.store.among import among
from devreg.store.devices import as_text
from devreg.store.schema import overridden


def begin(session: Session, merged: Mapping[int, Merged], now: datetime) -> None:
    """Those of new devices."""
    _insert(session, list(_rows(merged).values()), now)


def settle(session: Session, merged: Mapping[int, Merged], now: datetime) -> None:
    """Those of these devices, and no others of theirs; one that stands as it did keeps its time."""
    wanted = _rows(merged)
    there = session.execute(select(overridden).where(among(session, overridden.c.device_id, merged))).all()
    same = {key for row in there if wanted.get(key := (row.device_id, row.field)) == {**row._mapping, "at": None}}
    stale = [(row.device_id, row.field) for row in there if (row.device_id, row.field) not in same]
    if stale:
        pairs = [and_(overridden.c.device_id == device_id, overridden.c.field == field) for device_id, field in stale]
        for start in range(0, len(pairs), 200):
            session.execute(delete(overridden).where(or_(*pairs[start : start + 200])))
    _insert(session, [row for key, row in wanted.items() if key not in same], now)


def forget(session: Session, device_ids: Collection[int]) -> None:
    """Devices that are merged no more."""
    session.execute(delete(overridden).where(among(session, overridden.c.device_id, device_ids)))


def begun(session: Session, source: str, since: datetime) -> int:
    """How many values of the source have been kept out since then that were let in before, or not said."""
    statement = select(func.count()).where(
        overridden.c.kept_out, overridden.c.other_source == source, overridden.c.at >= since
    )
    return int(session.execute(statement.select_from(overridden)).scalar_one())


def _rows(merged: Mapping[int, Merged]) -> dict[tuple[int, str], dict[str, Any]]:
    return {
        (device_id, name): _row(device_id, name, result.fields[name], is_contested=name in others, other=claim)
        for device_id, result in merged.items()
        for others in (contested(result.fields),)
        for name, claim in {**others, **_kept_out(result)}.items()
    }


def _kept_out(result: Merged) -> dict[str, Claim]:
    return {name: chosen.against for name, chosen in result.fields.items() if chosen.against is not None}


def _row(device_id: int, name: str, chosen: Chosen, *, is_contested: bool, other: Claim) -> dict[str, Any]:
    return {
        "device_id": device_id,
        "field": name,
        "value": as_text(chosen.value),
        "source": chosen.source,
        "rule": chosen.rule,
        "other": as_text(other.value),
        "other_source": other.source,
        "kept_out": chosen.against is not None,
        "contested": is_contested,
        "at": None,
    }


def _insert(session: Session, rows: list[dict[str, Any]], now: datetime) -> None:
    if rows:
        session.execute(insert(overridden), [{**row, "at": now} for row in rows])
