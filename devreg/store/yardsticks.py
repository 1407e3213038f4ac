"""Which days count, and the numbers of the settings, as lists of idle devices go by them."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from devreg.domain.calendar import Follows, running_count
from devreg.store.circulation_schema import counted_day, yardstick
from devreg.store.counters import one_at_a_time

FIRST_DAY: Final = date(2015, 1, 1)
"""What was silent before is idle since then."""


def numbers(session: Session) -> dict[str, int]:
    """The numbers in force."""
    return {row.name: row.value for row in session.execute(select(yardstick))}


def put_in_force(
    session: Session, wanted: Mapping[str, int], off: Mapping[Follows, Iterable[date]], last_day: date
) -> None:
    """From here on lists go by these."""
    one_at_a_time(session)
    session.execute(delete(yardstick))
    session.execute(insert(yardstick), [{"name": name, "value": value} for name, value in wanted.items()])
    session.execute(delete(counted_day))
    counts = {follows: running_count(FIRST_DAY, last_day, frozenset(off[follows])) for follows in Follows}
    rows = [
        {"day": together[0][0], **{str(follows): n for follows, (_, n) in zip(counts, together, strict=True)}}
        for together in zip(*counts.values(), strict=True)
    ]
    session.execute(insert(counted_day), rows)
