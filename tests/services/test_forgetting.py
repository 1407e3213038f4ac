"""Names of people who left: out of the register when their time is over, and nothing brings them back."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from operator_rig import opened, staffed
from register_rig import NOON, actor, dump, later, observe, page, row, rows, run
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from devreg.domain.chain import Deed, Detail
from devreg.domain.observation import Subject
from devreg.domain.rights import Role
from devreg.errors import NotFound, Refused
from devreg.services.custody import assign, person_page
from devreg.services.editing import edit
from devreg.services.extract import extract
from devreg.services.forgetting import Forgotten, purge_names
from devreg.services.ingest import Feed
from devreg.services.lifecycle import transition
from devreg.services.replay import replay
from devreg.store import audit, schema
from devreg.store.engine import Sessions

AINO, EERO = "aino.koski@city.example", "eero.laine@city.example"
MUCH_LATER = datetime(2029, 1, 10, 10, 0, tzinfo=UTC)


def account(native_id: str, name: str, email: str, **more: Any) -> Any:
    return row(native_id, Subject.PERSON, "users", **{"name": name, "email": email, "active": True, **more})


EERO_THERE = account("u2", "Eero Laine", EERO)


def laptop(**body: Any) -> Any:
    return row("1", serial="SER1", kind="laptop", **body)


def left(sessions: Sessions) -> None:
    """Aino had a laptop by a list and by hand, gave it to Eero, and left: her account is deleted, and the list names Eero."""
    run(sessions, page(laptop(holder="Aino Koski", holder_email=AINO), account("u1", "Aino Koski", AINO), EERO_THERE))
    edit(
        sessions,
        actor(),
        1,
        {"holder": "Aino Koski", "room": "A1"},
        reason="Aino Koski called (aino.koski@city.example)",
        now=later(1),
    )
    assign(sessions, actor(), 1, person=EERO, reason="swap with Aino Koski", now=later(2))
    run(sessions, page(laptop(holder="Eero Laine", holder_email=EERO), EERO_THERE), now=later(3))


def purge(sessions: Sessions, now: datetime = MUCH_LATER, months: int = 24) -> Forgotten:
    return purge_names(sessions, actor(), months, "yearly", now)


def words(sessions: Sessions) -> str:
    """All that the register holds, but for the trail, whose details have a time of their own."""
    return str({name: lines for name, lines in dump(sessions).items() if not name.startswith("audit")})


def history(sessions: Sessions) -> list[tuple[object, ...]]:
    lines = [line for line in rows(sessions, schema.change) if line["field"] in {"holder", "holder_email"}]
    return [(line["field"], line["old"], line["new"]) for line in lines]


def test_a_leaver_becomes_a_number_everywhere_and_the_devices_history_stays(sessions: Sessions) -> None:
    left(sessions)
    before = len(rows(sessions, schema.change))
    assert "Aino Koski" in words(sessions)
    assert purge(sessions) == Forgotten(persons=1, devices=1, accounts=1, still_named=0)
    assert "Koski" not in words(sessions)
    assert AINO not in words(sessions)
    assert history(sessions) == [("holder", "P000001", "Eero Laine"), ("holder_email", "P000001", EERO)]
    assert len(rows(sessions, schema.change)) == before
    reasons = {line["reason"] for line in rows(sessions, schema.change)} - {None}
    assert reasons == {"P000001 called (P000001)", "swap with P000001"}
    had = person_page(sessions, "p000001").had
    assert {(span.device_id, span.holder, span.holder_email) for span in had} == {(1, "P000001", "P000001")}


def test_neither_a_replay_nor_the_next_collection_brings_a_name_back(sessions: Sessions) -> None:
    left(sessions)
    purge(sessions)
    feed = Feed("intune", "intune", observe, (), "2")
    replay(sessions, {"intune": feed}, actor=actor(), now=MUCH_LATER)
    run(sessions, page(laptop(holder="Eero Laine", holder_email=EERO), EERO_THERE), now=MUCH_LATER)
    run(sessions, page(laptop(holder="Eero Laine", holder_email=EERO, room="B2"), EERO_THERE), now=MUCH_LATER)
    assert "Koski" not in words(sessions)
    assert AINO not in words(sessions)
    assert purge(sessions) == Forgotten(0, 0, 0, 0)


def test_a_record_that_its_source_lists_no_more_loses_the_name_and_replays_without_it(sessions: Sessions) -> None:
    run(sessions, page(row("1", serial="SER1", holder="Aino Koski", holder_email=AINO), row("2", serial="SER2")))
    run(sessions, page(row("p", serial="SER1", kind="laptop")), name="papers", kind="sheet", now=later(1))
    run(sessions, page(row("2", serial="SER2")), now=later(2))
    assign(sessions, actor(), 1, reason="back", now=later(3))
    assert purge(sessions) == Forgotten(1, 1, 0, 0)
    assert "Koski" not in words(sessions)
    replay(sessions, {"intune": Feed("intune", "intune", observe, (), "2")}, actor=actor(), now=MUCH_LATER)
    assert "Koski" not in words(sessions)
    assert [(line["old"], line["new"]) for line in rows(sessions, schema.change) if line["field"] == "holder"] == [
        ("P000001", None)
    ]


def test_nobody_is_touched_who_is_there_has_a_device_or_ended_it_lately(sessions: Sessions) -> None:
    left(sessions)
    assert purge(sessions, now=later(60)) == Forgotten(0, 0, 0, 0)
    before = words(sessions)
    run(
        sessions,
        page(laptop(holder="Eero Laine", holder_email=EERO), EERO_THERE, account("u9", "Aino K.", AINO)),
        now=later(5),
    )
    assert purge(sessions) == Forgotten(0, 0, 0, 0)
    assert "Aino Koski" in words(sessions)
    assert "Aino Koski" in before


def test_who_has_another_device_keeps_the_name_in_the_history_of_this_one(sessions: Sessions) -> None:
    other = row("2", serial="SER2", holder="Aino Koski", holder_email=AINO)
    run(sessions, page(laptop(holder="Aino Koski", holder_email=AINO), other))
    assign(sessions, actor(), 1, reason="back", now=later(1))
    before = words(sessions)
    assert purge(sessions) == Forgotten(0, 0, 0, 0)
    assert words(sessions) == before


def test_whom_a_source_still_names_stays_and_is_counted(sessions: Sessions) -> None:
    run(sessions, page(laptop(holder="Aino Koski", holder_email=AINO)))
    assign(sessions, actor(), 1, reason="back", now=later(1))
    assert purge(sessions) == Forgotten(0, 0, 0, 1)
    assert "Aino Koski" in words(sessions)


def test_a_name_alone_stays_as_long_as_anybody_of_that_name_does(sessions: Sessions) -> None:
    run(sessions, page(laptop(), EERO_THERE, account("u1", "Aino Koski", "another.aino@city.example")))
    edit(sessions, actor(), 1, {"holder": "Aino Koski"}, reason="x", now=later(1))
    assign(sessions, actor(), 1, reason="back", now=later(2))
    assert purge(sessions) == Forgotten(0, 0, 0, 0)
    run(sessions, page(laptop(), EERO_THERE), now=later(3))
    assert purge(sessions) == Forgotten(1, 1, 1, 0)
    assert "Koski" not in words(sessions)


def test_two_who_left_get_two_numbers_and_one_on_two_devices_gets_one(sessions: Sessions) -> None:
    of_aino = {"holder": "Aino Koski", "holder_email": AINO}
    run(
        sessions,
        page(
            laptop(**of_aino),
            row("2", serial="SER2", **of_aino),
            row("3", serial="SER3", holder="Eero", holder_email=EERO),
        ),
    )
    run(sessions, page(laptop(), row("2", serial="SER2"), row("3", serial="SER3")), now=later(1))
    assert purge(sessions) == Forgotten(2, 3, 0, 0)
    told = {
        (line["device_id"], line["old"]) for line in rows(sessions, schema.change) if line["field"].startswith("holder")
    }
    assert told == {(1, "P000001"), (2, "P000001"), (3, "P000002")}


def test_a_step_of_the_lifecycle_loses_the_name_in_its_reason_only(sessions: Sessions) -> None:
    run(sessions, page(laptop(state="in_use", holder="Aino Koski", holder_email=AINO)))
    transition(sessions, actor(), 1, "lost", reason="Aino Koski left it on a bus", now=later(1))
    run(sessions, page(laptop(state="in_use")), now=later(2))
    before = rows(sessions, schema.transition)
    purge(sessions)
    assert rows(sessions, schema.transition) == [{**before[0], "reason": "P000001 left it on a bus"}]


def test_only_who_keeps_the_register_may_and_the_trail_says_so_without_a_name(sessions: Sessions) -> None:
    left(sessions)
    with pytest.raises(Refused, match="right"):
        purge_names(sessions, actor(role=Role.TECHNICIAN), 24, "x", MUCH_LATER)
    purge(sessions)
    with sessions.read.begin() as session:
        *_, last = audit.rows(session)
    assert (last.link.deed.act, last.link.deed.about) == ("pseudonymise", "history")
    assert last.detail is not None
    assert orjson.loads(last.detail.after or "") == {
        "persons": 1,
        "devices": 1,
        "accounts": 1,
        "ended before": "2027-01-10",
    }
    assert last.detail.reason == "yearly"


def test_an_admin_who_does_not_own_the_tables_may_too(fresh_register: Callable[[str], str], tmp_path: Path) -> None:
    address = staffed(fresh_register("postgresql"), tmp_path)[Role.ADMIN]
    with opened(address, tmp_path) as sessions:
        left(sessions)
        transition(sessions, actor(), 1, "lost", reason="Aino Koski kept it", now=later(4))
        assert purge(sessions) == Forgotten(1, 1, 1, 0)
        assert "Koski" not in words(sessions)


_BEHIND = {
    "another number of the line": "UPDATE change SET device_id = 2",
    "no number": "UPDATE change SET new = 'Pekka P' WHERE field = 'holder'",
    "nothing": "UPDATE change SET new = NULL WHERE field = 'holder'",
    "another field": "UPDATE change SET new = 'P000009' WHERE field = 'room'",
}


@pytest.mark.parametrize("statement", _BEHIND.values(), ids=_BEHIND.keys())
def test_even_then_the_history_lets_nothing_but_a_number_in(sessions: Sessions, statement: str) -> None:
    left(sessions)
    with sessions.write() as session:
        deed, detail = Deed("admin", "keep", "pseudonymise", "history"), Detail("me", None, None)
        audit.append(session, deed, detail, MUCH_LATER)
        with pytest.raises(DBAPIError, match="append-only"):
            session.execute(text(statement))


def test_without_a_row_that_says_so_no_name_goes(sessions: Sessions) -> None:
    left(sessions)
    for statement in ("UPDATE change SET old = 'P000009' WHERE field = 'holder'", "UPDATE change SET reason = 'x'"):
        with pytest.raises(DBAPIError, match="append-only"), sessions.write.begin() as session:
            session.execute(text(statement))


def _taken_out(sessions: Sessions, who: str) -> dict[str, Any]:
    told: list[dict[str, Any]] = []
    extract(sessions, actor("kim"), who, "aino.json", told.append, later(9), "asked in writing")
    return told[0]


def test_an_extract_holds_every_row_on_one_person_and_nobody_else(sessions: Sessions) -> None:
    left(sessions)
    kaino = account("u3", "Kaino Koski", "k" + AINO)
    run(sessions, page(kaino, row("3", serial="SER3", holder_email="k" + AINO)), name="chrome", kind="google")
    held = _taken_out(sessions, AINO.upper())
    assert (held["person"], held["addresses"]) == (AINO, (AINO,))
    tables = held["rows"]
    assert [line["name"] for line in tables["person"]] == ["Aino Koski"]
    assert [line["old"] for line in tables["change"] if line["field"] == "holder"] == ["Aino Koski"]
    assert {line["subject"] for line in tables["source_record"]} == {"person", "value"}
    assert "kaino" not in orjson.dumps(held, default=str).decode().lower()


def test_who_looked_before_stands_in_the_next_extract(sessions: Sessions) -> None:
    left(sessions)
    _taken_out(sessions, AINO)
    (seen,) = [
        line for line in _taken_out(sessions, "Aino Koski")["rows"]["audit_detail"] if "aino.json" in str(line["after"])
    ]
    assert (seen["actor"], seen["reason"]) == ("kim" if sessions.is_sqlite else "postgres", "asked in writing")


def test_nobody_is_taken_out_who_is_not_known_and_a_technician_may_not(sessions: Sessions) -> None:
    left(sessions)
    with pytest.raises(NotFound):
        _taken_out(sessions, "nobody@city.example")
    with pytest.raises(Refused):
        extract(sessions, actor(role=Role.TECHNICIAN), AINO, "x", lambda _: None, NOON)
