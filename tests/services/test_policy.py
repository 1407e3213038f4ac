"""Whose word counts: begun with, kept in the register, changed by a replay only, and the same for every reader."""

import pytest
from register_rig import NOON, actor, browser, changes, devices, later, observe, page, row, rows, run

from devreg.domain.policy import AS_SHIPPED, Policy, Weighing, policy_of
from devreg.services.ingest import Feed
from devreg.services.replay import replay
from devreg.store import policies, schema
from devreg.store.engine import Sessions

SHEETS_FIRST = policy_of({"model": Weighing(("sheet",)), "room": Weighing(write_if_empty=("google",))})
LOCKED = policy_of({"price_cents": Weighing(locked="papers"), "state": Weighing(locked="papers")})
FEEDS = {name: Feed(name, kind, observe, (), "1") for name, kind in
         (("intune", "intune"), ("google", "google"), ("papers", "sheet"), ("other", "sheet"))}  # fmt: skip


def in_force(sessions: Sessions) -> Policy:
    with sessions.read.begin() as session:
        return policies.in_force(session)


def told(sessions: Sessions, name: str, policy: Policy, **body: object) -> None:
    run(sessions, page(row("1", serial="SER1", **body)), name=name, kind=FEEDS[name].kind, policy=policy)


def shown(sessions: Sessions, field: str) -> tuple[object, str]:
    """What the device page says, which must be what the lists say."""
    line = next(line for line in browser(sessions).device(1).fields if line.name == field)
    assert devices(sessions)[0][field] == line.value
    return line.value, line.rule


def test_an_empty_register_begins_with_the_settings_policy_and_no_later_run_changes_it(sessions: Sessions) -> None:
    told(sessions, "intune", SHEETS_FIRST, model="Latitude")
    told(sessions, "papers", AS_SHIPPED, model="Dell laptop")
    assert in_force(sessions) == SHEETS_FIRST
    assert shown(sessions, "model") == ("Dell laptop", "the settings' order of sources")


def test_a_replay_puts_another_policy_in_force_and_the_history_names_who_did_it(sessions: Sessions) -> None:
    told(sessions, "intune", AS_SHIPPED, model="Latitude")
    told(sessions, "papers", AS_SHIPPED, model="Dell laptop")
    assert shown(sessions, "model") == ("Latitude", "the managing tool knows best")
    replay(sessions, FEEDS, actor=actor("me"), now=later(1), policy=SHEETS_FIRST)
    assert shown(sessions, "model") == ("Dell laptop", "the settings' order of sources")
    assert changes(sessions)[-1] == (1, "model", "Latitude", "Dell laptop")
    assert rows(sessions, schema.change)[-1]["by"] == "me"
    replay(sessions, FEEDS, actor=actor("me"), now=later(2))
    assert (in_force(sessions), shown(sessions, "model")[0]) == (AS_SHIPPED, "Latitude")


def test_a_source_that_only_fills_gaps_yields_to_all_others_and_never_to_silence(sessions: Sessions) -> None:
    told(sessions, "google", SHEETS_FIRST, room="B2")
    assert shown(sessions, "room") == ("B2", "fills what nobody else says")
    told(sessions, "intune", SHEETS_FIRST, room="A1")
    assert shown(sessions, "room") == ("A1", "others only fill gaps")
    told(sessions, "intune", SHEETS_FIRST)
    assert shown(sessions, "room") == ("B2", "fills what nobody else says")


def test_a_locked_field_takes_nobody_elses_value_and_keeps_all_of_them(sessions: Sessions) -> None:
    told(sessions, "other", LOCKED, price_cents=100, state="lost")
    assert devices(sessions)[0]["price_cents"] is None
    assert shown(sessions, "price_cents") == (None, "locked to a source that says nothing")
    assert shown(sessions, "state") == ("in_stock", "only lists know it")
    told(sessions, "papers", LOCKED, price_cents=200)
    assert shown(sessions, "price_cents") == (200, "locked to its source")
    line = next(line for line in browser(sessions).device(1).fields if line.name == "price_cents")
    assert [(loser.value, loser.source) for loser in line.losers] == [(100, "other")]


def test_an_empty_value_overwrites_nothing(sessions: Sessions) -> None:
    told(sessions, "papers", AS_SHIPPED, holder="Aino Aalto", room="A1")
    told(sessions, "intune", AS_SHIPPED, holder="aino", model="Latitude")
    told(sessions, "papers", AS_SHIPPED, room="A1")
    assert (shown(sessions, "holder"), shown(sessions, "room")[0]) == (("aino", "only source"), "A1")


@pytest.mark.parametrize("policy", [AS_SHIPPED, SHEETS_FIRST, LOCKED])
def test_runs_under_a_policy_and_a_replay_under_it_give_the_same(sessions: Sessions, policy: Policy) -> None:
    for name, body in (("intune", {"model": "x", "room": "1"}), ("google", {"room": "2", "state": "lost"}),
                       ("papers", {"model": "y", "price_cents": 1}), ("other", {"price_cents": 2, "state": "retired"})):  # fmt: skip
        told(sessions, name, policy, **body)
    before, history = rows(sessions, schema.device), changes(sessions)
    replay(sessions, FEEDS, actor=actor("me"), now=NOON, policy=policy)
    assert (rows(sessions, schema.device), changes(sessions)) == (before, history)
