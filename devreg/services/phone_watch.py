"""Reminds of the city's phones that have not been under management for long: one notice for all of them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from devreg.domain.trouble import Problem, Trouble
from devreg.i18n import N_
from devreg.store import phones
from devreg.store.engine import Session

KEY: Final = "phones:unmanaged"
_LIST: Final = "devreg list phones"


def problems(session: Session, known: Trouble | None, days: int, now: datetime) -> Iterator[Problem]:
    """What is to be told now; while nobody knows who is enrolled, what was told stands: it is neither news nor over."""
    count = phones.unmanaged(session, now - timedelta(days=days))
    if count is None and known is not None:
        yield known.problem
    elif count:
        what = N_(f"Phones of the city that no management tool has heard of for {days} days: {count}.")
        yield Problem(KEY, _LIST, "unmanaged", what, N_("The list says what to do about each."))
