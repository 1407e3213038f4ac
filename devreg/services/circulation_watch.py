"""What of the city's circulation people are to be told: idle leased devices that cost too much, and leases that end together."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from devreg.domain.trouble import Problem
from devreg.i18n import N_
from devreg.ports import Query
from devreg.store import local_time, query, yardsticks
from devreg.store.engine import Session
from devreg.store.views import of_language

_IDLE_LEASED: Final = Query(where=(("leased", "true"), ("idle", "true")))
_CLIFFS: Final = Query(where=(("is_cliff", "true"),))
_ABOUT: Final = "leasing"
"""The same word in all three languages."""


def problems(session: Session, now: datetime) -> Iterator[Problem]:
    """By the limits in force; none while the register knows none. Read from the lists, so that these say the same."""
    limit = yardsticks.numbers(session).get("idle_cost")
    if limit is None:
        return
    views = of_language("fi")
    (idle,) = query.sums(session, views["circulation"], _IDLE_LEASED, (), ("monthly_fee",))
    devices, euros = idle.rows, idle.totals["monthly_fee"] // 100
    if idle.totals["monthly_fee"] > limit:
        yield Problem(
            "circulation:idle",
            _ABOUT,
            "idle_leases",
            N_(f"{devices} leased devices lie idle and cost {euros} € a month."),
            N_("`devreg list circulation --where idle=true --where leased=true` names them."),
        )
    cliffs, this_quarter = views["cliffs"], quarter_of(local_time.day(session, now))
    for row in query.rows(session, cliffs, query.keys(session, cliffs, _CLIFFS)):
        quarter, ending, whole = row["quarter"], row["ending"], row["devices"]
        if str(quarter) >= this_quarter:
            yield Problem(
                f"cliff:{row['unit'] or ''}:{quarter}",
                str(row["unit"] or _ABOUT),
                "lease_cliff",
                N_(f"In {quarter} the leases of {ending} of {whole} devices end."),
                N_("`devreg list cliffs` shows what ends when; spread the new leases over several summers."),
            )


def quarter_of(day: date) -> str:
    """`2026 Q4`, as the list of lease ends writes it."""
    return f"{day.year} Q{(day.month + 2) // 3}"
