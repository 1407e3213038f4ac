"""A leaver, from the leave date to the device in its next hands."""

from datetime import date, timedelta
from typing import Any

from register_rig import NOON, actor, browser, page, row, run

from devreg.domain.observation import Subject
from devreg.ports import Query
from devreg.services.custody import assign, person_page
from devreg.services.receipts import Way, drawn_up
from devreg.store.engine import Sessions

AINO, EERO = "aino.koski@city.example", "eero.laine@city.example"
TODAY = date.today()  # noqa: DTZ011  as the database's own current_date


def city(sessions: Sessions, day: int, *, holder: str = AINO, **aino: Any) -> None:
    """What Intune and Entra say on that day."""
    phone = row("1", serial="SER1", kind="phone", name=f"phone {day}", holder_email=holder)
    people = (
        row("u1", Subject.PERSON, "users", name="Aino Koski", email=AINO, **aino),
        row("u2", Subject.PERSON, "users", name="Eero Laine", email=EERO, active=True),
    )
    run(sessions, page(phone, *people), now=NOON + timedelta(days=day))


def listed(sessions: Sessions, view: str, *columns: str) -> list[tuple[object, ...]]:
    reader = browser(sessions, "en")
    return [tuple(line[key] for key in columns) for line in reader.rows(view, reader.keys(view, Query()))]


def test_a_leavers_device_is_asked_for_given_back_and_goes_to_its_next_holder(sessions: Sessions) -> None:
    city(sessions, 0, active=True)
    assert listed(sessions, "leavers", "name") == []

    city(sessions, 1, active=True, leave_date=str(TODAY + timedelta(days=14)))
    assert listed(sessions, "leavers", "name", "devices", "why") == [("Aino Koski", 1, "leaves soon")]
    city(sessions, 2, active=True, leave_date=str(TODAY - timedelta(days=1)))
    assert listed(sessions, "leavers", "why") == [("the last day has passed",)]
    city(sessions, 3, active=False, leave_date=str(TODAY - timedelta(days=2)))
    assert listed(sessions, "leavers", "why") == [("the account is closed or deleted",)]

    assign(sessions, actor(), 1, reason="handed in", now=NOON + timedelta(days=4))
    assert listed(sessions, "leavers", "name") == []
    paper = drawn_up(sessions, browser(sessions, "en"), [1], Way.RETURN, None, NOON + timedelta(days=4))
    assert paper.email == AINO
    assert listed(sessions, "conflicts", "value", "other", "other_source") == [(None, AINO, "intune")]

    assign(sessions, actor(), 1, person=EERO, reason=None, now=NOON + timedelta(days=5))
    city(sessions, 6, active=False)
    assert listed(sessions, "leavers", "name") == []
    assert listed(sessions, "conflicts", "value", "other") == [(EERO, AINO)]
    city(sessions, 7, holder=EERO, active=False)
    assert listed(sessions, "conflicts", "value") == []

    spans = browser(sessions, "en").device(1).custody
    assert [(span.holder_email, span.until and (span.until - NOON).days, span.by) for span in spans] == [
        (EERO, None, "me"),
        (AINO, 4, "intune"),
    ]
    assert [span.device_id for span in person_page(sessions, AINO).had] == [1]
    assert listed(sessions, "persons", "email", "devices") == [(AINO, 0), (EERO, 1)]
