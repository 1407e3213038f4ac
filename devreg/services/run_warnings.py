"""What a run says besides its counts: sentences for its log, and alarms that go with them."""

from datetime import datetime

from devreg.domain.alarm import SEEN_AGAIN, seen_again
from devreg.domain.device import device_ref
from devreg.i18n import N_
from devreg.ports import Page
from devreg.store import alarms, overrides
from devreg.store.engine import Session
from devreg.store.runs import Counts, Ended


def told_of_heard(session: Session, run_id: int, now: datetime) -> list[str]:
    """Alarms for devices out of use that were heard of again; what to say of each."""
    found = seen_again(alarms.heard_after_the_end(session))
    alarms.raise_(session, found, run_id, now)
    return [f"{device_ref(item.device_id)}: {SEEN_AGAIN[item.state][1]}" for item in found]


def told_of_deeds(session: Session, name: str, page: Page, run_id: int, now: datetime) -> list[str]:
    """What was done to devices past this register, told once."""
    if not page.deeds:
        return []
    return [f"{about}: {what}" for about, what in alarms.tell_deeds(session, name, page.deeds, run_id, now)]


def told_of_codes(counts: Counts) -> tuple[str, ...]:
    """First of the warnings, so that it is never cut: somebody should correct the source."""
    if not counts.masked:
        return ()
    return (N_(f"Texts that held a personal identity code: {counts.masked}; the codes were masked."),)


def told_of_times(counts: Counts) -> tuple[str, ...]:
    """A clock somewhere is wrong."""
    if not counts.ahead:
        return ()
    return (N_(f"Records with a time in the future: {counts.ahead}; the time was not believed."),)


def told_of_kept_out(session: Session, started: Ended) -> tuple[str, ...]:
    """What the source says since this run that a person's word or a lock does not let in."""
    found = overrides.begun(session, started.source, started.started)
    if not found:
        return ()
    return (N_(f"Values kept out by a person's word or a lock: {found}; `devreg list overridden` shows them."),)
