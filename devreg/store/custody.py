"""Who has a device and where it is, as it is shown now."""

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from devreg.store.schema import device


class Held(msgspec.Struct, frozen=True):
    """Who has it now, and whether it is in use at all."""

    state: str | None
    holder: str | None
    holder_email: str | None


def of(session: Session, device_id: int) -> Held | None:
    """None when there is no such device."""
    columns = (device.c[name] for name in Held.__struct_fields__)
    row = session.execute(select(*columns).where(device.c.id == device_id)).one_or_none()
    return None if row is None else Held(*row)
