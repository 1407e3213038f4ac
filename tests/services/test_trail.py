"""No audit row, no change; what was refused or failed is told too; what is told outside shows what was cut inside."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest
from register_rig import NOON, actor, browser, devices, laptops, later, page, rows, run
from sqlalchemy import text

from devreg.domain.chain import Anchor, Fault, Flaw, Outcome, Row
from devreg.domain.rights import Actor, Right, Role
from devreg.errors import Ambiguous, DatabaseUnavailable, Misconfigured, NotFound, Refused, Retryable
from devreg.ports import Outside
from devreg.services import audit as service
from devreg.services import witness
from devreg.services.acting import act
from devreg.services.collect import accept_held
from devreg.services.devices import add, parse_fields
from devreg.store import audit, runs, schema
from devreg.store.engine import Sessions

_HERE = Path(__file__).parent


def _trail(sessions: Sessions) -> list[Row]:
    with sessions.read.begin() as session:
        return list(audit.rows(session))


def _told(sessions: Sessions) -> list[tuple[str, str, str]]:
    return [(row.link.deed.act, row.link.deed.about, str(row.link.deed.outcome)) for row in _trail(sessions)]


def _after(row: Row) -> Any:
    assert row.detail is not None
    return orjson.loads(row.detail.after or "null")


def _add(sessions: Sessions, who: Actor, serial: str = "5CD1294QWE", reason: str | None = None) -> int:
    return add(sessions, who, parse_fields({"serial": serial, "kind": "laptop"}), reason, NOON)


@pytest.fixture
def witnessed(sessions: Sessions, tmp_path: Path) -> Sessions:
    """A register whose trail is told in two more files."""
    outside = Outside(tmp_path / "audit.jsonl", (tmp_path / "anchors.jsonl",))
    return msgspec.structs.replace(sessions, outside=outside)


def _break(sessions: Sessions, trail: bool = True) -> None:
    """Make one table of the register unwritable."""
    table = "audit_detail" if trail else "change"
    with sessions.write.begin() as session:
        if sessions.is_sqlite:
            session.execute(
                text(f"CREATE TRIGGER broken BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'no room'); END")
            )
        else:
            session.execute(text(f"ALTER TABLE {table} ADD CONSTRAINT broken CHECK (false) NOT VALID"))


def _mend(sessions: Sessions, trail: bool = True) -> None:
    table = "audit_detail" if trail else "change"
    with sessions.write.begin() as session:
        mended = "DROP TRIGGER broken" if sessions.is_sqlite else f"ALTER TABLE {table} DROP CONSTRAINT broken"
        session.execute(text(mended))


def test_an_act_says_who_why_and_what_it_changed(sessions: Sessions) -> None:
    who = msgspec.structs.replace(actor("anna"), entra="anna@school.example")
    _add(sessions, who, reason="found in a cupboard, 131052-308T")
    (row,) = _trail(sessions)
    assert row.link.deed == row.link.deed.__class__("admin", "edit", "add", "D000001")
    assert row.detail is not None
    known = (
        ("anna", "anna@school.example") if sessions.is_sqlite else ("postgres", None)
    )  # there the database itself says who
    assert (row.detail.actor, row.detail.entra, row.detail.host) == (*known, "desk")
    assert _after(row) == {"kind": "laptop", "serial": "5CD1294QWE"}
    assert row.detail.reason is not None
    assert "131052" not in row.detail.reason


def test_without_an_audit_row_nothing_is_changed(sessions: Sessions) -> None:
    _break(sessions)
    with pytest.raises(DatabaseUnavailable):
        _add(sessions, actor())
    with pytest.raises(DatabaseUnavailable):
        run(sessions, page(*laptops(1)))
    _mend(sessions)
    assert _trail(sessions) == []
    assert [line["verdict"] for line in rows(sessions, schema.run)] == ["running"]
    assert [line["serial"] for line in devices(sessions)] == ["SER00000"]  # the page was kept, the run did not end


def test_what_is_refused_is_told_and_changes_nothing(sessions: Sessions) -> None:
    with pytest.raises(Refused):
        _add(sessions, actor("guest", Role.VIEWER))
    (row,) = _trail(sessions)
    assert (row.link.deed.right, row.link.deed.outcome) == ("edit", Outcome.REFUSED)
    assert row.link.deed.role == ("viewer" if sessions.is_sqlite else "admin")
    assert row.detail is not None
    assert row.detail.error is not None
    assert "viewer" in row.detail.error
    assert devices(sessions) == []


def _fail_half_way(sessions: Sessions) -> None:
    with act(sessions, actor(), Right.KEEP, doing="do sums", now=NOON) as doing:
        doing.tell("sum", "register", after={"secret": "5"})
        raise ZeroDivisionError("of a secret")


def test_what_fails_is_told_and_changes_nothing(sessions: Sessions) -> None:
    _add(sessions, actor())
    with pytest.raises(Ambiguous):
        _add(sessions, actor(), reason="once more")
    with pytest.raises(NotFound):
        accept_held(sessions, actor(), 12, lambda: NOON)
    with pytest.raises(ZeroDivisionError):
        _fail_half_way(sessions)
    assert [(told[2], told[1]) for told in _told(sessions)] == [
        ("done", "D000001"),
        ("failed", "register"),
        ("failed", "R000012"),
        ("failed", "register"),
    ]
    *_, last = _trail(sessions)
    assert last.detail is not None
    assert (last.detail.error, last.detail.after) == ("ZeroDivisionError", None)
    assert len(devices(sessions)) == 1


def test_an_act_that_tells_nothing_leaves_a_row_all_the_same(sessions: Sessions) -> None:
    with act(sessions, actor(), Right.KEEP, doing="tidy up", now=NOON):
        pass
    assert _told(sessions) == [("tidy up", "register", "done")]


def test_every_run_leaves_one_row_with_its_figures(sessions: Sessions) -> None:
    run(sessions, page(*laptops(3)))
    run(sessions, Retryable("The service is down."), now=later(5))
    run(sessions, page(*laptops(3)), now=later(9), dry_run=True)
    assert _told(sessions) == [("collect", "R000001", "done"), ("collect", "R000002", "failed")]
    first, second = _trail(sessions)
    assert (first.link.deed.run_id, first.link.deed.right) == (1, "collect")
    figures = _after(first)
    assert (figures["source"], figures["verdict"], figures["seen"], figures["new"]) == ("intune", "complete", 3, 3)
    assert second.detail is not None
    assert second.detail.error == "The service is down."


def test_a_run_whose_process_died_leaves_its_row_when_the_next_begins(sessions: Sessions) -> None:
    with sessions.write.begin() as session:
        runs.begin(session, "intune", "intune", NOON)
    run(sessions, page(*laptops(1)), now=later(60))
    assert _told(sessions) == [("collect", "R000001", "failed"), ("collect", "R000002", "done")]


def test_every_row_is_told_outside_before_it_counts(witnessed: Sessions) -> None:
    _add(witnessed, actor())
    run(witnessed, page(*laptops(1)))
    path = witnessed.outside.file
    assert path is not None
    lines = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    assert [line["seq"] for line in lines if "seq" in line] == [1, 2]
    assert [line["hash"] for line in lines if "seq" in line] == [row.link.hash.hex() for row in _trail(witnessed)]
    assert {line["rows"] for line in lines if "rows" in line} == {1, 2}
    assert b"me@" not in path.read_bytes()
    (anchors,) = witnessed.outside.anchors
    assert [anchor.count for anchor in witness.read(anchors).anchors] == [2]
    for place in (path, anchors):
        assert place.stat().st_mode & 0o777 == 0o600
    report = service.verify(witnessed)
    assert (report.is_sound, report.anchors, report.verified.count) == (True, 3, 2)


@pytest.mark.parametrize("fault", ["a folder", "a link", "no folder"])
def test_what_cannot_be_told_outside_is_not_done(witnessed: Sessions, tmp_path: Path, fault: str) -> None:
    path = witnessed.outside.file
    assert path is not None
    if fault == "a folder":
        path.mkdir()
    elif fault == "a link":
        path.symlink_to(tmp_path / "elsewhere")
    else:
        lost = Outside(tmp_path / "no" / "audit.jsonl", ())
        witnessed = msgspec.structs.replace(witnessed, outside=lost)
    with pytest.raises(Refused, match="The audit trail can't be told") as caught:
        _add(witnessed, actor())
    assert "[audit]" in caught.value.next_step
    assert devices(witnessed) == []
    assert [told[2] for told in _told(witnessed)] == ["failed"]  # that it was tried, the register can still say
    assert not (tmp_path / "elsewhere").exists()
    with pytest.raises(Refused):
        service.demand_sinks(witnessed, NOON)


def test_what_needs_two_places_says_so_when_there_is_one(sessions: Sessions, witnessed: Sessions) -> None:
    with pytest.raises(Misconfigured, match="second place"):
        service.demand_sinks(sessions, NOON)
    service.demand_sinks(witnessed, NOON)


def test_a_place_that_cannot_be_written_is_a_warning_to_a_run(sessions: Sessions, tmp_path: Path) -> None:
    places = Outside(None, (tmp_path / "no" / "anchors.jsonl", tmp_path / "anchors.jsonl"))
    seen = msgspec.structs.replace(sessions, outside=places)
    ended = run(seen, page(*laptops(1)))
    assert ended.verdict == "complete"
    assert "can't be told" in ended.warnings[-1]
    assert len(witness.read(tmp_path / "anchors.jsonl").anchors) == 1


def test_a_line_cut_short_by_a_full_disk_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "anchors.jsonl"
    witness.write_anchor(path, audit.Head(1, bytes(32)), NOON)
    path.write_bytes(path.read_bytes() + b'{"rows":2,"ha')
    witness.write_anchor(path, audit.Head(3, bytes(32)), NOON)
    place = witness.read(path)
    assert ([anchor.count for anchor in place.anchors], place.unreadable) == ([1, 3], 1)


def _by_hand(sessions: Sessions, statement: str) -> None:
    """What somebody does who owns the database: the guards are no obstacle."""
    with sessions.engine.begin() as connection:
        if sessions.is_sqlite:
            for name in ("audit_no_delete", "audit_no_update", "audit_detail_purge"):
                connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
            connection.execute(text("PRAGMA foreign_keys=OFF"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        for one in statement.split(";"):
            connection.execute(text(one))


def test_a_cut_end_is_known_to_the_anchors(witnessed: Sessions) -> None:
    for number in range(4):
        _add(witnessed, actor(), f"5CD1294QW{number}")
    service.anchor(witnessed, NOON)
    _by_hand(witnessed, "DELETE FROM audit_detail WHERE seq > 2; DELETE FROM audit WHERE seq > 2")
    report = service.verify(witnessed)
    assert report.verified.fault is not None
    assert (report.verified.fault.seq, report.verified.fault.flaw) == (3, Flaw.CUT)
    blind = msgspec.structs.replace(witnessed, outside=Outside())
    assert service.verify(blind).verified.fault is None
    typed = service.verify(blind, [Anchor(4, bytes(32), "the report")])
    assert typed.verified.fault == Fault(3, Flaw.CUT, "the report")


def test_a_row_edited_by_the_owner_is_named_and_so_is_the_guard_he_took_away(sessions: Sessions) -> None:
    for number in range(3):
        _add(sessions, actor(), f"5CD1294QW{number}")
    _by_hand(sessions, "UPDATE audit SET about = 'D000009' WHERE seq = 2")
    report = service.verify(sessions)
    assert report.verified.fault == Fault(2, Flaw.EDITED)
    gone = ("audit_detail_purge", "audit_no_delete", "audit_no_update")
    assert report.guards_missing == (gone if sessions.is_sqlite else ())
    told = [finding.severity for finding in service.findings(sessions, NOON)]
    assert told.count("fault") == len(report.guards_missing)


def test_a_purge_removes_who_and_why_and_the_chain_still_verifies(sessions: Sessions) -> None:
    for number in range(3):
        _add(sessions, actor(), f"5CD1294QW{number}", reason="why")
    now = _trail(sessions)[-1].link.at + timedelta(days=1)
    keep = timedelta(hours=1)
    with pytest.raises(Refused):
        service.purge(sessions, actor("me", Role.TECHNICIAN), keep, None, now)
    assert service.purge(sessions, actor(), timedelta(days=9), None, now).rows == 0
    done = service.purge(sessions, actor(), keep, "retention", now)
    trail = _trail(sessions)
    assert done.up_to >= 3
    assert [row.detail is None for row in trail[:3]] == [True] * 3
    *_, last = trail
    assert (last.link.deed.act, last.link.deed.purged_to) == ("purge", done.up_to)
    assert last.detail is not None
    report = service.verify(sessions)
    assert (report.is_sound, report.verified.purged) == (True, done.rows)
    assert [line["actor"] for line in browser(sessions).rows("audit", [1])] == [None]


def test_taking_the_trail_out_is_in_the_trail(sessions: Sessions) -> None:
    assert service.export(sessions, actor(), "trail.csv", lambda: 7, NOON) == 7
    (row,) = _trail(sessions)
    assert (row.link.deed.act, _after(row)) == ("export", {"rows": 7, "file": "trail.csv"})


def _write_at_once(database: str, processes: int, each: int) -> None:
    command = [sys.executable, str(_HERE / "audited.py"), database, str(each)]
    started = [
        subprocess.Popen(command, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}) for _ in range(processes)
    ]
    assert [process.wait() for process in started] == [0] * processes


@pytest.mark.parametrize(
    ("processes", "each"), [(4, 12), pytest.param(8, 500, marks=(pytest.mark.soak, pytest.mark.timeout(3600)))]
)
def test_processes_that_write_at_once_keep_one_chain(
    sessions: Sessions, database: str, processes: int, each: int
) -> None:
    _write_at_once(database, processes, each)
    report = service.verify(sessions)
    assert (report.is_sound, report.verified.count) == (True, processes * each)
