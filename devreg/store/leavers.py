"""Devices that people who left, or leave soon, still have: those of the list `leavers`."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from devreg.ports import Query
from devreg.store import query
from devreg.store.among import among
from devreg.store.schema import device
from devreg.store.views.persons import leavers


def devices(session: Session) -> list[tuple[int, str]]:
    """Device and why its holder is in the list, by device."""
    view = leavers()
    people = query.rows(session, view, query.keys(session, view, Query()))
    why = {address: str(row["why"]) for row in people for address in str(row["addresses"]).split()}
    held = select(device.c.id, device.c.holder_email).where(
        device.c.merged_into.is_(None), among(session, device.c.holder_email, why)
    )
    return [(row.id, why[row.holder_email]) for row in session.execute(held.order_by(device.c.id))]
