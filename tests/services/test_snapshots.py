"""The figures kept of a term: once a day, with what they depend on, told and compared."""

from datetime import date, timedelta
from typing import Any

import pytest
from register_rig import NOON, actor, browser, later, page, row, rows, run

from devreg.domain.observation import Subject
from devreg.domain.rights import Role
from devreg.errors import Misconfigured, NotFound, Refused
from devreg.i18n import Catalogue
from devreg.services import snapshots
from devreg.services.browse import Query
from devreg.services.equality_changes import sentences
from devreg.settings import Equality
from devreg.store import schema
from devreg.store.engine import Sessions

TODAY = date(2026, 11, 24)


def school(sessions: Sessions, devices: int, pupils: int = 20, unit: str = "a", day: str = "2026-09-20") -> None:
    """A school of grades 1–2, which need one device for two."""
    held = [row(f"{unit}{n}", serial=f"SER{unit}{n:04d}", unit=unit, use="pupil", state="in_use", stage="1-2", manages=True, as_of=NOON)
            for n in range(devices)]  # fmt: skip
    place = row(unit, Subject.UNIT, id=unit, name_fi=f"{unit} fi", name_sv=f"{unit} sv", kind="school", language="fi")
    head = row(
        f"{unit} {day}",
        Subject.HEADCOUNT,
        unit=unit,
        stage="1-2",
        date=day,
        pupils=pupils,
        file="p.xlsx",
        file_hash="ab12",
    )
    run(sessions, page(place, head, *held), name=f"sheet-{unit}")


def keep(sessions: Sessions, days: int = 0, settings: Equality = Equality(), **more: Any) -> snapshots.Kept:
    return snapshots.keep(sessions, actor("åsa"), settings, NOON + timedelta(days=days), **more)


def listed(sessions: Sessions, view: str) -> list[Any]:
    seen = browser(sessions)
    return list(seen.rows(view, seen.keys(view, Query())))


def test_a_picture_keeps_the_figures_the_rules_and_the_pupil_file(sessions: Sessions) -> None:
    school(sessions, 8)
    assert keep(sessions).change is None
    (line,) = listed(sessions, "snapshots")
    assert (line["day"], line["devices_on"], line["need"], line["fit"], line["coverage"]) == (TODAY, TODAY, 10, 8, 0.8)
    (kept,) = rows(sessions, schema.snapshot)
    assert kept["pupil_files"] == [["2026-09-20", "p.xlsx", "ab12"]]
    assert kept["rules"]["quality"]["weights"]["support"] == 0.35
    (stage,) = listed(sessions, "snapshot_lines")
    assert (stage["unit"], stage["stage"], stage["target"], stage["need"], stage["fit"]) == (
        "a",
        "1-2",
        "1/2 pupil",
        10,
        8,
    )
    assert [line["about"] for line in listed(sessions, "audit") if line["act"] == "keep the term's figures"] == [
        "2026-11-24"
    ]


def test_what_was_kept_stays_when_the_city_changes(sessions: Sessions) -> None:
    school(sessions, 8)
    keep(sessions)
    school(sessions, 10)
    assert [line["fit"] for line in listed(sessions, "snapshots")] == [8]


def test_a_day_has_one_picture_and_another_needs_a_reason_and_leaves_the_first(sessions: Sessions) -> None:
    school(sessions, 8)
    keep(sessions)
    with pytest.raises(Refused, match="has its picture"):
        keep(sessions)
    with pytest.raises(Misconfigured, match="for a reason"):
        keep(sessions, replace=True, reason=" ")
    school(sessions, 9)
    keep(sessions, replace=True, reason="a pallet came")
    assert [(line["fit"], line["replaced_at"] is None, line["reason"]) for line in listed(sessions, "snapshots")] == [
        (9, True, "a pallet came"),
        (8, False, None),
    ]
    assert [line["fit"] for line in listed(sessions, "snapshot_lines")] == [9]


def test_a_picture_of_an_earlier_day_says_that_its_devices_are_of_today_and_a_coming_day_has_none(
    sessions: Sessions,
) -> None:
    school(sessions, 8)
    kept = keep(sessions, day=date(2026, 9, 21))
    assert (kept.day, kept.devices_on) == (date(2026, 9, 21), TODAY)
    assert keep(sessions, day=date(2026, 9, 1)).day == date(2026, 9, 1)
    early, late = sorted(listed(sessions, "snapshots"), key=lambda line: line["day"])
    assert (early["pupils"], early["coverage"]) == (None, None)  # the pupils were not counted yet
    assert late["pupils"] == 20
    with pytest.raises(Misconfigured, match="still to come"):
        keep(sessions, day=TODAY + timedelta(days=1))


def test_who_may_only_look_keeps_nothing(sessions: Sessions) -> None:
    with pytest.raises(Refused):
        snapshots.keep(sessions, actor("guest", Role.VIEWER), Equality(), NOON)
    assert rows(sessions, schema.snapshot) == []


def test_three_sentences_tell_what_changed_and_what_cannot_be_compared(sessions: Sessions) -> None:
    school(sessions, 8)
    keep(sessions)
    school(sessions, 10)
    school(sessions, 5, unit="b", day="2026-11-26")
    kept = keep(sessions, 30)
    assert kept.change is not None
    told = sentences(kept.change, kept.names, Catalogue("en"))
    assert told[0] == "Since 24 Nov 2026 coverage went from 80.0% to 75.0%: fit devices 8 → 15, needed 10 → 20."
    assert told[1] == "Coverage by unit: 1 better, 0 worse, 0 the same (a fi +20.0 pp)."
    assert (
        told[2]
        == "To be kept in mind: pupils counted on 20 Sep 2026 and on 26 Nov 2026; new or not measured then: b fi."
    )
    assert "a sv" in sentences(kept.change, kept.names, Catalogue("sv"))[1]
    assert sentences(kept.change, kept.names, Catalogue("en")) == told


def test_another_target_makes_coverage_incomparable_and_the_series_breaks(sessions: Sessions) -> None:
    school(sessions, 8)
    keep(sessions)
    same = keep(sessions, 1)
    assert same.change is not None
    assert sentences(same.change, same.names, Catalogue("en"))[2].startswith("Both were measured alike")
    kept = keep(sessions, 2, Equality(preset="one_to_one"))
    assert kept.change is not None
    assert not kept.change.is_comparable
    told = sentences(kept.change, kept.names, Catalogue("en"))
    assert told[0] == "Since 25 Nov 2026: fit devices 8 → 8, needed 10 → 20."
    assert told[1] == "No unit's coverage can be compared."
    assert "other targets or stages, so that coverage can't be compared: a fi" in told[2]
    stricter = keep(sessions, 3, Equality(preset="one_to_one", seen_within_days=1))
    assert stricter.change is not None
    assert stricter.change.other_gates
    assert [alike for _, alike in snapshots.trend(sessions)] == [False, True, False, False]


def test_a_picture_is_kept_in_the_moment_it_was_made(sessions: Sessions) -> None:
    school(sessions, 8)
    snapshots.keep(sessions, actor(), Equality(), later(5))
    assert [line["made_at"] for line in listed(sessions, "snapshots")] == [later(5)]


def test_a_kept_day_can_be_read_again_and_a_day_without_a_picture_is_not_made_up(sessions: Sessions) -> None:
    school(sessions, 8)
    school(sessions, 10, unit="b")
    keep(sessions)
    school(sessions, 10)
    tomorrow = NOON + timedelta(days=1)
    found = snapshots.units_of(sessions, TODAY, tomorrow)
    assert found is not None
    assert [(row["unit"], row["need"], row["fit"], row["coverage"]) for row in found] == [
        ("a", 10, 8, 0.8),
        ("b", 10, 10, 1.0),
    ]
    assert snapshots.units_of(sessions, TODAY, NOON) is None
    with pytest.raises(NotFound, match="does not know"):
        snapshots.units_of(sessions, date(2026, 11, 1), tomorrow)
