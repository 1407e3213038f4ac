"""People are told once of phones that no tool has heard of for long, and not that all is well when nobody knows."""

from datetime import timedelta

from register_rig import NOON, page, row, rows, run

from devreg.services.troubles import review
from devreg.store import schema
from devreg.store.engine import Sessions

LATER = NOON + timedelta(days=45)
PAPERS = page(*(row(f"p{n}", serial=f"SER{n}", kind="phone") for n in (1, 2)))
ENROLLED = row("1", serial="SER1", kind="phone", manages=True, as_of=LATER - timedelta(days=1))


def told(sessions: Sessions) -> list[tuple[str, str]]:
    lines = rows(sessions, schema.notice)
    return [(line["phase"], line["what"]) for line in lines if line["kind"] == "unmanaged"]


def test_a_phone_is_told_of_after_the_days_that_the_settings_say_and_once(sessions: Sessions) -> None:
    run(sessions, PAPERS, name="papers", kind="sheet")
    run(sessions, page(ENROLLED), now=LATER)
    review(sessions, ["intune", "papers"], LATER, 60)
    assert told(sessions) == []
    for minutes in range(3):
        review(sessions, ["intune", "papers"], LATER + timedelta(minutes=minutes), 30)
    assert told(sessions) == [("began", "Phones of the city that no management tool has heard of for 30 days: 1.")]
    both = page(ENROLLED, row("2", serial="SER2", kind="phone", manages=True, as_of=LATER))
    run(sessions, both, now=LATER + timedelta(hours=1))
    review(sessions, ["intune", "papers"], LATER + timedelta(hours=1), 30)
    assert [phase for phase, _ in told(sessions)] == ["began", "ended"]


def test_after_a_reading_that_was_not_whole_nothing_begins_and_nothing_is_over(sessions: Sessions) -> None:
    run(sessions, PAPERS, name="papers", kind="sheet")
    run(sessions, page(ENROLLED, failed=["x"]), now=LATER)
    review(sessions, ["intune", "papers"], LATER, 30)
    assert told(sessions) == []
    run(sessions, page(ENROLLED), now=LATER + timedelta(minutes=1))
    review(sessions, ["intune", "papers"], LATER + timedelta(minutes=1), 30)
    run(sessions, page(ENROLLED, failed=["x"]), now=LATER + timedelta(minutes=2))
    review(sessions, ["intune", "papers"], LATER + timedelta(minutes=2), 30)
    assert [phase for phase, _ in told(sessions)] == ["began"]
