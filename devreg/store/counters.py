"""Numbers that are never reused, and the order in which identity is decided."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from devreg.store.schema import counter


def take(session: Session, name: str, count: int) -> range:
    """The next `count` numbers of a kind of id; the row lock lasts until the unit of work ends."""
    if count == 0:
        return range(0)
    after = session.execute(
        update(counter).where(counter.c.name == name).values(next=counter.c.next + count).returning(counter.c.next)
    ).scalar_one()
    return range(after - count, after)


def peek(session: Session, name: str) -> int:
    """The number that `take` would give next; certain only after `one_at_a_time`."""
    return session.execute(select(counter.c.next).where(counter.c.name == name)).scalar_one()


def one_at_a_time(session: Session) -> None:
    """Wait until no other unit of work decides about identity.

    Two sources may meet the same serial at once; the second must see what the first decided. SQLite's write lock already
    does this.
    """
    session.execute(select(counter.c.next).where(counter.c.name == "device").with_for_update())
