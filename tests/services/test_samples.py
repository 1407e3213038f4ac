"""Counters of ports kept as samples: marked, not repeated while nothing happens, and gone when they are too old."""

from datetime import timedelta
from typing import Any

import pytest
from register_rig import actor, devices, later, page, row, rows, run_of
from test_jobs import Jobs

from devreg.domain.job import Job
from devreg.domain.load import Counters, Load
from devreg.ports import Page
from devreg.services.collect import collect
from devreg.services.ingest import Feed
from devreg.store import schema
from devreg.store.engine import Sessions
from devreg.store.runs import Ended


@pytest.fixture
def switched(sessions: Sessions) -> Sessions:
    ports = [{"name": name, "if_index": place, "speed_bps": 10**9} for place, name in enumerate(("1", "2"), 1)]
    run_of(sessions, Jobs(page(row("s", part="10.0.0.1", serial="FOC00001", ports=ports))), "network", "snmp")
    return sessions


def count(port: str, octets: int, oper: str = "up", **more: Any) -> Counters:
    return Counters(port, in_octets=octets, out_octets=octets, is_wide=True, oper=oper, **more)


def measure(sessions: Sessions, minute: int, *counters: Counters, part: str = "10.0.0.1", keep_days: int = 14) -> Ended:
    load = Load(part, later(minute), 1_000_000 + minute * 6_000, counters)
    source = Jobs(Page((), loads=(load,)))
    keep = timedelta(days=keep_days)
    feed = Feed("network", "snmp", source.observe, (), "1", job=Job.LOAD, keep_samples=keep)
    return collect(sessions, actor(), source, feed, lambda: later(minute))


def kept(sessions: Sessions) -> list[tuple[str, int, str]]:
    return [(line["port"], line["in_octets"], line["mark"]) for line in rows(sessions, schema.sample, "id")]


def test_each_sample_is_marked_by_how_it_stands_to_the_one_before_on_its_port(switched: Sessions) -> None:
    measure(switched, 5, count("1", 100), count("2", 50))
    measure(switched, 10, count("1", 200), count("2", 20))
    measure(switched, 15, count("1", 300), count("2", 30))
    assert kept(switched) == [
        ("1", 100, "first"), ("2", 50, "first"), ("1", 200, "ok"), ("2", 20, "reset"), ("1", 300, "ok"), ("2", 30, "ok"),
    ]  # fmt: skip


def test_a_port_that_is_down_is_kept_once_and_again_when_it_counts(switched: Sessions) -> None:
    for minute in (5, 10, 15):
        measure(switched, minute, count("1", 100, "down"), count("2", 7, "up"))
    measure(switched, 20, count("1", 101, "down"))
    assert [mark for port, _, mark in kept(switched) if port == "1"] == ["first", "ok"]
    assert [mark for port, _, mark in kept(switched) if port == "2"] == ["first", "ok", "ok"]


def test_ports_and_targets_that_the_register_does_not_know_are_left_out(switched: Sessions) -> None:
    measure(switched, 5, count("9", 1))
    measure(switched, 5, count("1", 1), part="10.0.0.99")
    assert kept(switched) == []


def test_samples_go_when_they_are_too_old_and_the_devices_stay(switched: Sessions) -> None:
    measure(switched, 5, count("1", 100))
    measure(switched, 60 * 24 * 2, count("1", 200), keep_days=1)
    assert kept(switched) == [("1", 200, "ok")]
    assert [line["missing_since"] for line in devices(switched)] == [None]
