"""Who has it and where it is, when sources disagree: listed whatever decided, and a person is not in conflict with their own addresses."""

from datetime import timedelta
from typing import Any

from register_rig import NOON, actor, browser, later, page, row, run

from devreg.domain.observation import Subject
from devreg.ports import Query
from devreg.services.custody import assign
from devreg.store.engine import Sessions


def said(sessions: Sessions, name: str, minutes: int = 0, **body: Any) -> None:
    kind = "sheet" if name == "papers" else "intune"
    run(sessions, page(row("1", serial="SER1", **body)), name=name, kind=kind, now=later(minutes))


def listed(sessions: Sessions, view: str = "conflicts") -> list[tuple[object, ...]]:
    view_ = browser(sessions, "en")
    columns = ("field", "value", "source", "other", "other_source")
    return [tuple(found[key] for key in columns) for found in view_.rows(view, view_.keys(view, Query(sort="field")))]


def test_two_sources_that_name_other_holders_and_units_are_in_conflict_and_nothing_is_kept_out(
    sessions: Sessions,
) -> None:
    said(sessions, "papers", unit="kasavuori", holder="Eero Laine", holder_email="eero@x")
    said(sessions, "intune", 1, unit="mantymaki", holder="Aino Koski", holder_email="aino@x")
    assert listed(sessions) == [
        ("holder_email", "eero@x", "papers", "aino@x", "intune"),
        ("unit", "kasavuori", "papers", "mantymaki", "intune"),
    ]
    assert listed(sessions, "overridden") == []
    said(sessions, "intune", 2, unit="kasavuori", holder="Laine Eero", holder_email="EERO@x")
    assert listed(sessions) == []


def test_names_are_in_conflict_where_no_address_tells(sessions: Sessions) -> None:
    said(sessions, "papers", holder="Eero Laine")
    said(sessions, "intune", 1, holder="Aino Koski", holder_email="aino@x")
    assert listed(sessions) == [("holder", "Eero Laine", "papers", "Aino Koski", "intune")]


def test_two_addresses_of_one_person_are_no_conflict(sessions: Sessions) -> None:
    said(sessions, "papers", holder_email="aino.koski@x")
    said(sessions, "intune", 1, holder_email="koskiai@x")
    assert len(listed(sessions)) == 1
    aino = row("p", Subject.PERSON, name="Aino", email="aino.koski@x", upn="koskiai@x")
    run(sessions, page(aino), name="entra", now=later(2))
    assert listed(sessions) == []


def test_what_a_source_says_after_an_assignment_is_in_conflict_until_it_agrees(sessions: Sessions) -> None:
    said(sessions, "intune", holder="Aino Koski", holder_email="aino@x")
    assign(sessions, actor(), 1, reason=None, now=later(1))
    against = [("holder_email", None, "by hand", "aino@x", "intune")]
    assert listed(sessions) == against
    said(sessions, "intune", 2, room="A1", holder="Aino Koski", holder_email="aino@x")
    assert listed(sessions) == against
    said(sessions, "intune", 3, room="A1")
    assert listed(sessions) == []


def test_what_a_source_says_no_more_is_no_conflict(sessions: Sessions) -> None:
    said(sessions, "papers", unit="kasavuori")
    said(sessions, "intune", 1, unit="mantymaki")
    others = [row(f"o{n}", serial=f"OTHER{n}") for n in range(9)]
    run(sessions, page(row("1", serial="SER1", unit="mantymaki"), *others), now=later(2))
    for day in (1, 2, 3):
        run(sessions, page(*others), now=NOON + timedelta(days=day))
    assert listed(sessions) == []
