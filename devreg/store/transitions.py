"""The steps that devices took from state to state."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from devreg.domain.lifecycle import Document, Step
from devreg.domain.suggesting import Rule
from devreg.store.schema import device, transition


def state_of(session: Session, device_id: int) -> str | None:
    """The device's state; None when there is no such device."""
    return session.execute(
        select(device.c.state).where(device.c.id == device_id, device.c.merged_into.is_(None))
    ).scalar()


def append(
    session: Session,
    device_id: int,
    before: str,
    after: str,
    step: Step,
    *,
    by: str,
    rule: Rule | None,
    reason: str,
    documents: Sequence[Document],
    now: datetime,
) -> None:
    """One step, taken."""
    row = {"device_id": device_id, "at": now, "by": by, "rule": rule, "before": before, "after": after}
    papers = "; ".join(map(str, documents)) or None
    session.execute(insert(transition).values(**row, step=step.name, reason=reason, documents=papers))


def of_device(session: Session, device_id: int) -> Sequence[Any]:
    """Its steps, newest first."""
    return session.execute(
        select(transition).where(transition.c.device_id == device_id).order_by(transition.c.id.desc())
    ).all()
