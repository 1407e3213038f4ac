"""What people wrote down of devices that they looked at after a wipe."""

from datetime import datetime

import msgspec
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from devreg.domain.sanitisation import Verification
from devreg.store.schema import verification


def add(session: Session, intent_id: int, said: Verification, by: str, now: datetime) -> None:
    """One more; earlier ones stay, and the newest counts."""
    values = msgspec.structs.asdict(said)
    session.execute(insert(verification).values(intent_id=intent_id, at=now, by=by, **values))


def newest(session: Session, intent_id: int) -> Verification | None:
    """What counts of it; None: nobody has looked."""
    found = session.execute(
        select(verification).where(verification.c.intent_id == intent_id).order_by(verification.c.id.desc()).limit(1)
    ).one_or_none()
    if found is None:
        return None
    said = {name: value for name, value in found._mapping.items() if name in Verification.__struct_fields__}
    return msgspec.convert(said, Verification)
