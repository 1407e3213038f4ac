"""Telephone numbers that are paid for, with their contracts, and what people sign in with, on their way in."""

from collections.abc import Sequence
from datetime import datetime

from devreg.domain.observation import Observation, Subject
from devreg.store import beside, contracts
from devreg.store.engine import Session


def save(session: Session, name: str, said: Sequence[tuple[int, Observation]], by: str, now: datetime) -> None:
    """What these records of the source say of them; a number's contract names no device until `beside.settle` finds one."""
    beside.save(session, said)
    billed = [(record_id, None, seen.contract) for record_id, seen in said if seen.subject is Subject.SUBSCRIPTION]
    contracts.save(session, name, billed, by, now)
