"""Times of what has happened that stand in the future: told, not believed; on both engines. Source: safety.md 59."""

from datetime import datetime, timedelta

import pytest
from register_rig import NOON, actor, devices, later, observe, page, row, run

from devreg.domain.soundness import SKEW
from devreg.services.ingest import Feed
from devreg.services.replay import replay
from devreg.store.engine import Sessions

_TOLD = "Records with a time in the future: {}; the time was not believed."
_FAR = NOON + timedelta(days=30_000)


def _phone(native_id: str, as_of: datetime, enrolled_at: datetime = NOON - timedelta(days=9)):  # type: ignore[no-untyped-def]
    return row(native_id, serial=f"SER-{native_id}", as_of=as_of, enrolled_at=enrolled_at.isoformat())


def test_a_device_that_talked_to_its_source_in_the_future_is_told_and_looks_no_fresher(sessions: Sessions) -> None:
    ended = run(sessions, page(_phone("A1", _FAR), _phone("A2", NOON)))
    assert ended.warnings == (_TOLD.format(1),)
    assert [line["last_seen"] for line in devices(sessions)] == [None, NOON]


def test_a_time_in_the_future_takes_nothing_from_what_was_known(sessions: Sessions) -> None:
    run(sessions, page(_phone("A1", NOON)))
    ended = run(sessions, page(_phone("A1", _FAR)), name="other", now=later(60))
    assert ended.warnings == (_TOLD.format(1),)
    assert [line["last_seen"] for line in devices(sessions)] == [NOON]


def test_an_enrolment_in_the_future_is_told_and_not_shown(sessions: Sessions) -> None:
    ended = run(sessions, page(_phone("A1", NOON, enrolled_at=_FAR)))
    assert ended.warnings == (_TOLD.format(1),)
    assert [(line["enrolled_at"], line["last_seen"]) for line in devices(sessions)] == [(None, NOON)]


@pytest.mark.parametrize(("beyond", "believed"), [(timedelta(0), True), (timedelta(seconds=1), False)])
def test_a_clock_that_is_a_little_ahead_is_believed(sessions: Sessions, beyond: timedelta, believed: bool) -> None:
    ended = run(sessions, page(_phone("A1", NOON + SKEW + beyond)))
    assert (ended.warnings == ()) is believed
    assert (devices(sessions)[0]["last_seen"] is not None) is believed


def test_days_in_the_future_stay(sessions: Sessions) -> None:
    ended = run(sessions, page(row("A1", serial="SER-A1", support_end="2033-06-01")))
    assert ended.warnings == ()
    assert devices(sessions)[0]["support_end"].year == 2033


def test_a_replay_years_later_believes_the_time_no_more_than_the_run_did(sessions: Sessions) -> None:
    run(sessions, page(_phone("A1", NOON + timedelta(days=30))))
    feed = Feed("intune", "intune", observe, (), "1")
    assert replay(sessions, {"intune": feed}, actor=actor(), now=NOON + timedelta(days=900)).reread == 0
    assert devices(sessions)[0]["last_seen"] is None
