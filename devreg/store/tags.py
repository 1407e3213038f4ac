"""The asset tags that the register gave, and those that stand on devices from elsewhere."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import func, insert, or_, select
from sqlalchemy.orm import Session

from devreg.domain.observation import IdKind
from devreg.store.among import among
from devreg.store.schema import change, device, issued_tag, record_key


def last_number(session: Session, prefix: str) -> int:
    """The highest number given so far; 0 when none is."""
    last = select(func.coalesce(func.max(issued_tag.c.number), 0)).where(issued_tag.c.prefix == prefix)
    return int(session.execute(last).scalar_one())


def taken(session: Session, tags: Collection[str]) -> set[str]:
    """Those of these tags that were given, that stand or once stood on a device, or that are somebody's serial number."""
    given = select(issued_tag.c.tag).where(among(session, issued_tag.c.tag, tags))
    found = set(session.execute(given).scalars())
    keys = {f"{kind}:{tag}": tag for kind in (IdKind.ASSET_TAG, IdKind.SERIAL) for tag in tags}
    there = select(record_key.c.key).where(among(session, record_key.c.key, keys))
    found |= {keys[key] for key in session.execute(there).scalars()}
    old, new = func.upper(change.c.old), func.upper(change.c.new)
    once = select(old, new).where(
        change.c.field == "asset_tag", or_(among(session, old, tags), among(session, new, tags))
    )
    found |= {tag for row in session.execute(once) for tag in row if tag in tags}
    return found


def tagged(session: Session, device_ids: Collection[int]) -> dict[int, str]:
    """Device -> the tag it has."""
    rows = select(device.c.id, device.c.asset_tag).where(among(session, device.c.id, device_ids))
    return {row.id: row.asset_tag for row in session.execute(rows) if row.asset_tag is not None}


def keep(session: Session, prefix: str, numbered: Mapping[str, tuple[int, int | None]], by: str, now: datetime) -> None:
    """Tag -> its number and its device: given from now on."""
    rows = [
        {"tag": tag, "prefix": prefix, "number": number, "device_id": device_id, "by": by, "at": now}
        for tag, (number, device_id) in numbered.items()
    ]
    if rows:
        session.execute(insert(issued_tag), rows)
