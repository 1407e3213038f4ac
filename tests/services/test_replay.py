"""Whatever order pages, sources and repeats come in, the register is the same; a replay rebuilds exactly it."""

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from register_rig import NOON, actor, changes, devices, observe, page, row, rows, run
from sqlalchemy import select

from devreg.domain.observation import Observation
from devreg.errors import Broken, Retryable
from devreg.ports import Record
from devreg.services.ingest import Feed
from devreg.services.replay import replay
from devreg.store import schema
from devreg.store.engine import Sessions, connect

_BODY = st.fixed_dictionaries(
    {},
    optional={
        "serial": st.sampled_from(["PF3KX9A1", "PF3KX9A2", "PF3KX9A3"]),
        "imei": st.sampled_from(["35674108112233", "35291411445566"]),
        "mac": st.sampled_from(["9c2a83d410f1", "9c2a83d410f2"]),
        "manufacturer": st.sampled_from(["hp", "lenovo"]),
        "name": st.sampled_from("ab"),
        "room": st.sampled_from("xy"),
        "live": st.booleans(),
        "manages": st.booleans(),
    },
)
_SOURCES = ("intune", "google", "sheet")
_WORLD = st.lists(st.tuples(st.sampled_from(_SOURCES), _BODY), max_size=8)
_FEEDS = {name: Feed(name, name, observe, (), "1") for name in _SOURCES}


def _picture(sessions: Sessions) -> tuple[set[Any], set[Any]]:
    """Every device with its records and all its fields but its number, and every open question."""
    ids: dict[int, Any] = {}
    lines = [line for line in rows(sessions, schema.device) if line["merged_into"] is None]
    for line in lines:
        ids[line["id"]] = tuple(value for name, value in line.items() if name not in {"id", "created_at"})
    groups: dict[int | None, list[Any]] = {}
    for line in rows(sessions, schema.record):
        groups.setdefault(line["device_id"], []).append(
            (line["source"], line["native_id"], line["verdict"], line["rung"])
        )
    assert set(ids) == {device_id for device_id in groups if device_id is not None}
    devices = {(tuple(sorted(group, key=str)), ids.get(device_id or 0)) for device_id, group in groups.items()}
    with sessions.read.begin() as session:
        asked = session.execute(
            select(schema.record.c.source, schema.record.c.native_id, schema.review.c.reason)
            .join(schema.record, schema.record.c.id == schema.review.c.record_id)
            .where(schema.review.c.closed_at.is_(None))
        )
        return devices, {tuple(question) for question in asked}


def _feed(sessions: Sessions, order: list[tuple[str, Any]], dice: Random) -> None:
    batches: list[tuple[str, list[Any]]] = []
    for source, record in order:
        if batches and batches[-1][0] == source and dice.random() < 0.6:
            batches[-1][1].append(record)
        else:
            batches.append((source, [record]))
    if batches and dice.random() < 0.5:
        batches.append(dice.choice(batches))
    for source, records in batches:
        run(sessions, page(*records), Retryable("The rest could not be read."), name=source, kind=source)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(world=_WORLD, dice=st.randoms(use_true_random=False))
def test_any_order_gives_the_same_register_and_a_replay_rebuilds_it(
    fresh_register: Callable[[str], str], tmp_path: Path, world: list[tuple[str, dict[str, Any]]], dice: Random
) -> None:
    named = [(source, row(f"r{n}", **body)) for n, (source, body) in enumerate(world)]
    shuffled = list(named)
    dice.shuffle(shuffled)
    one, other = connect(fresh_register("sqlite"), tmp_path), connect(fresh_register("sqlite"), tmp_path)
    _feed(one, named, dice)
    _feed(other, shuffled, dice)
    assert _picture(one) == _picture(other)
    before = _picture(one), [(line["native_id"], line["device_id"]) for line in rows(one, schema.record)]
    replay(one, _FEEDS, actor=actor("somebody"), now=NOON)
    assert before == (_picture(one), [(line["native_id"], line["device_id"]) for line in rows(one, schema.record)])
    one.close()
    other.close()


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(world=_WORLD, later_on=_WORLD, dice=st.randoms(use_true_random=False))
def test_a_replay_equals_runs_in_which_records_gained_and_dropped_identifiers(
    fresh_register: Callable[[str], str],
    tmp_path: Path,
    world: list[tuple[str, dict[str, Any]]],
    later_on: list[tuple[str, dict[str, Any]]],
    dice: Random,
) -> None:
    sessions = connect(fresh_register("sqlite"), tmp_path)
    for version in (world, later_on):
        _feed(sessions, [(_SOURCES[n % 3], row(f"r{n}", **body)) for n, (_, body) in enumerate(version)], dice)
    before = _picture(sessions), [(line["native_id"], line["device_id"]) for line in rows(sessions, schema.record)]
    replay(sessions, _FEEDS, actor=actor("somebody"), now=NOON)
    assert before == (
        _picture(sessions),
        [(line["native_id"], line["device_id"]) for line in rows(sessions, schema.record)],
    )
    sessions.close()


def test_neighbours_part_when_the_identifier_that_tied_them_is_dropped(sessions: Sessions) -> None:
    run(sessions, page(row("a", imei="35674108112233", mac="9c2a83d410f1")))
    run(sessions, page(row("7", mac="9c2a83d410f1")), name="papers", kind="sheet")
    assert len(devices(sessions)) == 1
    run(sessions, page(row("a", imei="35674108112233")))
    assert len(devices(sessions)) == 2


def test_a_replay_applies_a_mended_mapping_and_keeps_ids_decisions_and_history(sessions: Sessions) -> None:
    def mistaken(record: Record) -> Observation:
        seen = observe(record)
        return msgspec.structs.replace(seen, claims=seen.claims | {"model": "wrong"})

    run(sessions, page(row("a", serial="SER1", model="right"), row("b", serial="SER2", model="right")))
    ids = [line["id"] for line in devices(sessions)]
    wrong = replay(sessions, {"intune": Feed("intune", "intune", mistaken, (), "2")}, actor=actor("me"), now=NOON)
    assert (wrong.records, wrong.reread, {line["model"] for line in devices(sessions)}) == (2, 2, {"wrong"})
    mended = replay(sessions, {"intune": Feed("intune", "intune", observe, (), "3")}, actor=actor("me"), now=NOON)
    assert (mended.reread, [line["id"] for line in devices(sessions)]) == (2, ids)
    assert [(field, new) for _, field, _, new in changes(sessions)] == [("model", "wrong")] * 2 + [
        ("model", "right")
    ] * 2


def test_a_record_that_todays_mapping_cannot_read_stays_as_it_was_read(sessions: Sessions) -> None:
    def broken(record: Record) -> Observation:
        raise Broken(f"Nothing of {record.native_id} can be read.")

    run(sessions, page(row("a", serial="SER1", model="kept")))
    done = replay(sessions, {"intune": Feed("intune", "intune", broken, (), "2")}, actor=actor("me"), now=NOON)
    assert (done.broken, devices(sessions)[0]["model"]) == (1, "kept")
