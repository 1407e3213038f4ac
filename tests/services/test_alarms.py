"""A device out of use that is heard of again: told once, its state kept; on both engines."""

from datetime import datetime, timedelta

import pytest
from register_rig import NOON, actor, browser, devices, later, page, row, rows, run

from devreg.domain.rights import Role
from devreg.errors import NotFound, Refused
from devreg.services.alarms import acknowledge
from devreg.store import schema
from devreg.store.engine import Sessions

_DAY = 24 * 60


def told(sessions: Sessions) -> list[tuple[int, str, datetime | None]]:
    return [(line["device_id"], line["what"], line["acked_at"]) for line in rows(sessions, schema.alarm)]


def _seen(sessions: Sessions, minutes: int, now: int | None = None) -> tuple[str, ...]:
    phone = row("p1", serial="SER1", kind="phone", as_of=later(minutes))
    return run(sessions, page(phone), now=later(minutes if now is None else now)).warnings


def _said(sessions: Sessions, state: str, minutes: int) -> None:
    run(sessions, page(row("1", serial="SER1", state=state)), name="papers", kind="sheet", now=later(minutes))


def test_a_lost_phone_that_answers_again_is_told_once_and_stays_lost(sessions: Sessions) -> None:
    _seen(sessions, 0)
    _said(sessions, "lost", 10)
    assert _seen(sessions, 11) == ("D000001: lost, and seen again",)
    assert _seen(sessions, 12) == ()
    assert told(sessions) == [(1, "lost, and seen again", None)]
    assert devices(sessions)[0]["state"] == "lost"
    assert browser(sessions).device(1).alarms == ("lost, and seen again",)


def test_a_contact_from_before_the_loss_read_after_it_is_no_news(sessions: Sessions) -> None:
    _seen(sessions, 0)
    _said(sessions, "lost", 10)
    assert _seen(sessions, 5, now=60) == ()
    assert told(sessions) == []


@pytest.mark.parametrize("state", ["retired", "disposed"])
def test_a_retired_device_may_still_sync_on_its_way_out_but_not_later(sessions: Sessions, state: str) -> None:
    _seen(sessions, 0)
    _said(sessions, state, 10)
    assert _seen(sessions, 10 + _DAY) == ()
    assert len(_seen(sessions, 11 + _DAY)) == 1
    assert devices(sessions)[0]["state"] == state


def test_a_device_that_is_retired_when_the_register_first_hears_of_it_is_told_of_when_it_answers(
    sessions: Sessions,
) -> None:
    _said(sessions, "retired", 0)
    assert _seen(sessions, 5) == ()
    assert len(_seen(sessions, 2 * _DAY)) == 1


def test_a_device_in_use_raises_no_alarm_whatever_it_was_before(sessions: Sessions) -> None:
    _seen(sessions, 0)
    _said(sessions, "lost", 10)
    _said(sessions, "in_use", 20)
    assert _seen(sessions, 30) == ()


def test_an_alarm_taken_up_is_not_told_again_until_the_state_is_said_anew(sessions: Sessions) -> None:
    _seen(sessions, 0)
    _said(sessions, "lost", 10)
    _seen(sessions, 20)
    acknowledge(sessions, actor("åsa"), 1, "found in the bus", later(30))
    assert told(sessions) == [(1, "lost, and seen again", later(30))]
    assert browser(sessions).device(1).alarms == ()
    assert _seen(sessions, 40) == ()
    _said(sessions, "in_use", 50)
    _said(sessions, "lost", 60)
    assert len(_seen(sessions, 70)) == 1


def test_an_alarm_is_taken_up_once_and_by_who_may(sessions: Sessions) -> None:
    _seen(sessions, 0)
    _said(sessions, "lost", 10)
    _seen(sessions, 20)
    with pytest.raises(Refused, match="needs the right"):
        acknowledge(sessions, actor("eve", Role.VIEWER), 1, None, later(30))
    acknowledge(sessions, actor(), 1, None, later(30))
    with pytest.raises(NotFound, match="no open alarm 1"):
        acknowledge(sessions, actor(), 1, None, later(31))


def test_an_alarm_follows_its_device_into_another(sessions: Sessions) -> None:
    run(sessions, page(row("x", imei="356938035643809")), name="papers", kind="sheet")
    run(sessions, page(row("m", mac="a4c3f0001422", state="lost")), name="old", kind="sheet")
    run(sessions, page(row("n", mac="a4c3f0001422", as_of=later(5))), name="wlan", kind="snmp", now=later(5))
    assert told(sessions) == [(2, "lost, and seen again", None)]
    both = row("p", serial="SER1", imei="356938035643809", mac="a4c3f0001422", as_of=later(4))
    run(sessions, page(both), now=later(6))
    (left,) = devices(sessions)
    assert [device_id for device_id, *_ in told(sessions)] == [left["id"]]


def test_a_run_that_breaks_still_tells_of_what_it_saw(sessions: Sessions) -> None:
    _seen(sessions, 0)
    _said(sessions, "lost", 10)
    ended = run(sessions, page(row("p1", serial="SER1", kind="phone", as_of=later(20))), ValueError("x"), now=later(20))
    assert ended.verdict == "partial"
    assert len(told(sessions)) == 1
    assert rows(sessions, schema.alarm)[0]["seen_at"] == NOON + timedelta(minutes=20)
