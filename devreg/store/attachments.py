"""What hangs on a device through one record: ports and gauges."""

from collections.abc import Collection

import msgspec
from sqlalchemy import Table, delete, insert
from sqlalchemy.orm import Session

from devreg.domain.observation import Observation
from devreg.store.among import among
from devreg.store.schema import gauge, port


def save_gear(session: Session, rows: Collection[tuple[int, int, Observation]]) -> None:
    """Ports and gauges as (record, device, what the record says); what it says replaces what it said before."""
    _replace(session, port, [(record_id, device_id, seen.ports) for record_id, device_id, seen in rows if seen.ports])
    _replace(
        session, gauge, [(record_id, device_id, seen.gauges) for record_id, device_id, seen in rows if seen.gauges]
    )


def _replace(session: Session, table: Table, rows: Collection[tuple[int, int, tuple[msgspec.Struct, ...]]]) -> None:
    if not rows:
        return
    session.execute(delete(table).where(among(session, table.c.record_id, [row[0] for row in rows])))
    values = [
        {"record_id": record_id, "device_id": device_id, **msgspec.structs.asdict(item)}
        for record_id, device_id, items in rows
        for item in items
    ]
    session.execute(insert(table), values)
