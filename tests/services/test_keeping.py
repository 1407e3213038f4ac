"""A backup is the register of one moment, whoever writes meanwhile; what is restored is that register, and goes on."""

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from killed import day, pages
from operator_rig import opened, staffed
from register_rig import NOON, PG_PROGRAMS, Listed, actor, devices, dump, laptops, later, page, row, rows, run, run_of
from sqlalchemy import text
from test_killed import killed_after, settled, started

from devreg.domain.rights import Role
from devreg.errors import AlreadyRunning, Broken, DatabaseUnavailable, DevregError, Misconfigured, Refused
from devreg.services import keeping
from devreg.services.actors import at_the_keyboard
from devreg.services.devices import add
from devreg.store import backup, locks, migrate, newfile, schema
from devreg.store.engine import Sessions, at_file, bare, connect, told_plainly
from devreg.store.migrations import append_only

Register = Callable[[str], str]
ENGINES = ("sqlite", "postgresql")


def back_up(sessions: Sessions, file: Path, **more: Any) -> backup.Copy:
    return keeping.back_up(sessions, file, actor=actor(), now=later(5), tools=PG_PROGRAMS, **more)


def restore(sessions: Sessions, file: Path, *, replace: bool = False, **more: Any) -> keeping.Restored:
    given: dict[str, Any] = {"actor": actor(), "now": later(9), "sources": ("intune",), "tools": PG_PROGRAMS, **more}
    return keeping.restore(sessions, file, replace=replace, **given)


@pytest.fixture
def empty(
    request: pytest.FixtureRequest, database: str, fresh_register: Register, tmp_path: Path
) -> Iterator[Sessions]:
    """A second register, of the engine of `sessions`, in which nothing has happened."""
    made = connect(fresh_register("postgresql" if database.startswith("postgresql") else "sqlite"), tmp_path)
    yield made
    made.close()


def contents(sessions: Sessions) -> dict[str, Any]:
    """The whole register, but for the notes about backups."""
    return {table: lines for table, lines in dump(sessions).items() if table != "keeping"}


def test_a_restored_backup_is_the_register_that_was_backed_up(
    sessions: Sessions, empty: Sessions, tmp_path: Path
) -> None:
    day(sessions)
    copy = back_up(sessions, tmp_path / "b")
    assert copy.schema == migrate.head()
    for table in (schema.device, schema.run, schema.audit):
        assert copy.rows[table.name] == len(rows(sessions, table)) - (table is schema.audit), (
            "the note came after the copy"
        )
    assert (copy.broken_row, "audit trail" in copy.checks) == (None, True)
    restored = restore(empty, tmp_path / "b")
    assert (restored.kept, restored.is_current) == (None, True)
    assert contents(empty) == contents(sessions)
    assert rows(empty, schema.run) == rows(sessions, schema.run)


def test_a_restored_register_goes_on_as_the_one_that_was_backed_up_would(
    sessions: Sessions, empty: Sessions, tmp_path: Path
) -> None:
    run(sessions, page(*laptops(5)))
    back_up(sessions, tmp_path / "b")
    restore(empty, tmp_path / "b")
    for register in (sessions, empty):
        assert run(register, page(*laptops(7)), now=later(20)).verdict == "complete"
        run(register, page(row("1", serial="SER00001", name="other")), name="papers", kind="sheet", now=later(21))
    assert contents(empty) == contents(sessions)
    assert [line["id"] for line in devices(empty)] == list(range(1, 8))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_backup_made_while_a_source_is_collected_is_a_moment_of_it_and_its_run_can_be_done_again(
    fresh_register: Register, tmp_path: Path, engine: str
) -> None:
    address = fresh_register(engine)
    process = started(address, tmp_path, 0.15)
    sessions = connect(address, tmp_path)
    assert process.stdout is not None
    seen: list[int] = []
    for number in range(4):
        while process.stdout.readline().strip() != "kept":
            pass
        copy = back_up(sessions, tmp_path / f"b{number}")
        seen.append(copy.rows["source_record"])
    killed_after(process, "", 0)
    sessions.close()
    assert seen == sorted(seen)
    assert 0 < seen[0] < seen[-1], "the backups were not made while it was written"
    restored = connect(fresh_register(engine), tmp_path)
    restore(restored, tmp_path / "b0")
    (begun,) = rows(restored, schema.run)
    assert (begun["verdict"], begun["seen"]) == ("running", len(rows(restored, schema.record)))
    run_of(restored, Listed(*pages()), now=later(1))
    wanted = connect(fresh_register(engine), tmp_path)
    run_of(wanted, Listed(*pages()), now=later(1))
    assert settled(contents(restored)) == settled(contents(wanted))
    restored.close()
    wanted.close()


def interrupted() -> None:
    raise KeyboardInterrupt


def _make(path: Path, meanwhile: Callable[[], object]) -> None:
    with newfile.appearing(path) as part:
        part.write_bytes(b"second")
        meanwhile()


def test_a_backup_interrupted_leaves_no_file_of_its_name(sessions: Sessions, tmp_path: Path) -> None:
    run(sessions, page(*laptops(3)))
    with pytest.raises(KeyboardInterrupt):
        _make(tmp_path / "b", interrupted)
    assert not (tmp_path / "b").exists()
    assert list(tmp_path.glob(".b.*")) == []
    back_up(sessions, tmp_path / "b")


_STOP = """
import sys, time
from pathlib import Path
from devreg.store.newfile import appearing
with appearing(Path(sys.argv[1])) as part:
    part.write_bytes(b"half")
    part.with_name(part.name + "-journal").write_bytes(b"half")
    print("written", flush=True)
    time.sleep(600)
"""


def test_what_a_killed_backup_left_goes_with_the_next_one_and_what_a_living_one_writes_stays(
    file: Sessions, tmp_path: Path
) -> None:
    for name, is_killed in (("b", True), ("b", False), ("b2", True)):
        process = subprocess.Popen(
            [sys.executable, "-c", _STOP, str(tmp_path / name)], stdout=subprocess.PIPE, text=True
        )
        if is_killed:
            assert killed_after(process, "written", 1)
        else:
            assert process.stdout is not None
            assert process.stdout.readline() == "written\n"
            living = process
    assert len(list(tmp_path.glob(".b.*"))) == 2, "the first one's went when the second began"
    back_up(file, tmp_path / "b")
    assert len(list(tmp_path.glob(".b.*"))) == 2
    assert killed_after(living, "", 0)
    assert len(list(tmp_path.glob(".b2.*"))) == 2, "it has another name"
    (tmp_path / "b").unlink()
    back_up(file, tmp_path / "b")
    assert list(tmp_path.glob(".b.*")) == []


def test_only_its_owner_can_read_a_backup_whatever_the_umask(sessions: Sessions, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        back_up(sessions, tmp_path / "b")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o600


@pytest.mark.parametrize("there", ["file", "folder", "link that leads nowhere"])
def test_a_backup_takes_nobodys_place(sessions: Sessions, tmp_path: Path, there: str) -> None:
    path = tmp_path / "b"
    match there:
        case "file":
            path.write_bytes(b"dear")
        case "folder":
            path.mkdir()
        case _:
            path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(Misconfigured, match="is there already"):
        back_up(sessions, path)
    assert there != "file" or path.read_bytes() == b"dear"
    assert backup.last(sessions, backup.BACKUP) is None


def test_a_backup_that_another_one_overtakes_takes_nobodys_place(sessions: Sessions, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="is there already"):
        _make(tmp_path / "b", lambda: (tmp_path / "b").write_bytes(b"first"))
    assert (tmp_path / "b").read_bytes() == b"first"


def test_the_register_knows_when_it_was_backed_up_and_the_backup_does_not(
    sessions: Sessions, empty: Sessions, tmp_path: Path
) -> None:
    assert backup.last(sessions, backup.BACKUP) is None
    back_up(sessions, tmp_path / "b")
    assert backup.last(sessions, backup.BACKUP) == later(5)
    restore(empty, tmp_path / "b")
    assert (backup.last(empty, backup.BACKUP), backup.last(empty, backup.RESTORE)) == (None, later(9))


@pytest.mark.parametrize("role", [Role.VIEWER, Role.TECHNICIAN, Role.APPROVER])
def test_only_an_admin_backs_up_and_restores(sessions: Sessions, tmp_path: Path, role: Role) -> None:
    with pytest.raises(Refused):
        keeping.back_up(sessions, tmp_path / "b", actor=actor(role=role), now=NOON, tools=PG_PROGRAMS)
    assert not (tmp_path / "b").exists()
    back_up(sessions, tmp_path / "b")
    with pytest.raises(Refused):
        restore(sessions, tmp_path / "b", replace=True, actor=actor(role=role))


def test_a_register_that_holds_something_is_not_restored_over(sessions: Sessions, tmp_path: Path) -> None:
    run(sessions, page(*laptops(3)))
    back_up(sessions, tmp_path / "b")
    run(sessions, page(*laptops(5)), now=later(6))
    before = dump(sessions)
    with pytest.raises(Refused, match="holds a register"):
        restore(sessions, tmp_path / "b")
    assert dump(sessions) == before


def test_nothing_is_restored_while_a_source_is_collected(sessions: Sessions, empty: Sessions, tmp_path: Path) -> None:
    run(sessions, page(*laptops(3)), name="old source")
    back_up(sessions, tmp_path / "b")
    with locks.hold(empty, "intune"), pytest.raises(AlreadyRunning, match="intune"):
        restore(empty, tmp_path / "b")
    if sessions.is_sqlite:  # a source that only the register knows counts too
        with locks.hold(sessions, "old source"), pytest.raises(AlreadyRunning, match="old source"):
            restore(sessions, tmp_path / "b", replace=True)
    assert devices(empty) == []


def test_a_trail_that_cannot_be_believed_is_told_and_stops_no_backup(
    sessions: Sessions, empty: Sessions, tmp_path: Path
) -> None:
    add(sessions, actor(), {"serial": "SER1"}, "found", NOON)
    with sessions.write.begin() as session:
        table = "DROP TRIGGER {0}" if sessions.is_sqlite else "ALTER TABLE audit DISABLE TRIGGER {0}"
        for name in {"audit_no_update", "audit_append_only"} & append_only.names(session.get_bind().dialect.name):
            session.execute(text(table.format(name)))
        session.execute(text("UPDATE audit SET about = 'D000009'"))
    assert back_up(sessions, tmp_path / "b").broken_row == 1
    assert restore(empty, tmp_path / "b").copy.broken_row == 1


def test_a_refused_backup_is_in_the_trail(sessions: Sessions, tmp_path: Path) -> None:
    with pytest.raises(Refused):
        keeping.back_up(sessions, tmp_path / "b", actor=actor(role=Role.VIEWER), now=NOON)
    assert [(line["act"], line["outcome"]) for line in rows(sessions, schema.audit)] == [
        ("back the register up", "refused")
    ]


def test_a_backup_or_restore_that_failed_is_in_the_trail(sessions: Sessions, tmp_path: Path) -> None:
    run(sessions, page(*laptops(1)))
    (tmp_path / "b").write_bytes(b"dear")
    with pytest.raises(Misconfigured):
        back_up(sessions, tmp_path / "b")
    with pytest.raises(Broken):
        restore(sessions, tmp_path / "b", replace=True)
    told = [(line["act"], line["outcome"]) for line in rows(sessions, schema.audit)][1:]
    assert told == [("back the register up", "failed"), ("restore a backup", "failed")]
    assert [line["error"] for line in rows(sessions, schema.audit_detail)][1:] == [
        f"{tmp_path / 'b'} is there already; nothing is overwritten.",
        f"{tmp_path / 'b'} is no backup of a device register.",
    ]


def test_a_restore_that_failed_makes_no_database(tmp_path: Path) -> None:
    gone = connect("sqlite:///new.db", tmp_path)
    with pytest.raises(Misconfigured):
        restore(gone, tmp_path / "missing")
    assert list(tmp_path.iterdir()) == []


def test_a_backup_of_an_older_schema_is_restored_and_asks_for_an_upgrade(
    sessions: Sessions, empty: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(sessions, tmp_path / "b")
    monkeypatch.setattr(migrate, "_revisions", lambda: [*_REVISIONS, "9998"])
    assert restore(empty, tmp_path / "b").is_current is False


_REVISIONS = migrate._revisions()


def test_a_backup_of_a_newer_schema_is_refused(sessions: Sessions, empty: Sessions, tmp_path: Path) -> None:
    _set_schema(sessions, "9999")
    back_up_newer(sessions, tmp_path / "b")
    with pytest.raises(DatabaseUnavailable, match="newer devreg"):
        restore(empty, tmp_path / "b")
    assert devices(empty) == []


def back_up_newer(sessions: Sessions, file: Path) -> None:
    """As a newer program would."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrate, "_revisions", lambda: [*_REVISIONS, "9999"])
        back_up(sessions, file)


def _set_schema(sessions: Sessions, version: str) -> None:
    with sessions.write.begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})


@pytest.mark.parametrize("cut", [0.02, 0.5, 0.99])
def test_a_backup_cut_short_is_refused(sessions: Sessions, empty: Sessions, tmp_path: Path, cut: float) -> None:
    run(sessions, page(*laptops(300)))
    back_up(sessions, tmp_path / "b")
    content = (tmp_path / "b").read_bytes()
    (tmp_path / "b").write_bytes(content[: int(len(content) * cut)])
    with pytest.raises((Broken, DatabaseUnavailable)):
        restore(empty, tmp_path / "b")
    assert devices(empty) == []


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a worksheet", b"PGDMP", b"SQLite format 3\x00"], ids=repr)
def test_a_file_that_is_no_backup_is_refused(empty: Sessions, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "b").write_bytes(content)
    with pytest.raises((Broken, DatabaseUnavailable)):
        restore(empty, tmp_path / "b")
    with pytest.raises(Misconfigured, match="can't be read"):
        restore(empty, tmp_path / "missing")


def test_a_database_of_something_else_is_no_backup(fresh_register: Register, tmp_path: Path) -> None:
    with closing(bare(tmp_path / "b")) as other:
        other.execute("CREATE TABLE device (id INTEGER)")
    empty = connect(fresh_register("sqlite"), tmp_path)
    with pytest.raises(Broken, match="no backup of a device register"):
        restore(empty, tmp_path / "b")
    empty.close()


def test_a_backup_of_the_other_engine_is_refused(sessions: Sessions, fresh_register: Register, tmp_path: Path) -> None:
    back_up(sessions, tmp_path / "b")
    other = connect(fresh_register("postgresql" if sessions.is_sqlite else "sqlite"), tmp_path)
    with pytest.raises(Broken, match="other kind of database"):
        restore(other, tmp_path / "b")
    other.close()


@pytest.fixture
def file(fresh_register: Register, tmp_path: Path) -> Iterator[Sessions]:
    """A register in a file, with three devices."""
    made = connect(fresh_register("sqlite"), tmp_path)
    run(made, page(*laptops(3)))
    yield made
    made.close()


def place(sessions: Sessions) -> Path:
    return Path(str(sessions.engine.url.database))


def test_what_a_restore_replaces_is_kept_whole_beside_it(file: Sessions, tmp_path: Path) -> None:
    back_up(file, tmp_path / "b")
    run(file, page(*laptops(5)), now=later(6))
    newer = dump(file)
    restored = restore(file, tmp_path / "b", replace=True)
    assert restored.kept is not None
    assert restored.kept.name == f"{place(file).name}.replaced-20261124T100900Z"
    assert len(devices(file)) == 3
    assert sorted(path.name for path in tmp_path.glob(f"{restored.kept.name}*")) == [restored.kept.name]
    assert stat.S_IMODE(restored.kept.stat().st_mode) == 0o600
    old = at_file(restored.kept)
    assert dump(old) == newer
    old.close()


def test_no_number_is_given_again_after_a_restore(file: Sessions, tmp_path: Path) -> None:
    back_up(file, tmp_path / "b")
    run(file, page(*laptops(5)), now=later(6))
    restore(file, tmp_path / "b", replace=True)
    ended = run(file, page(*laptops(6)), now=later(10))
    assert ended.run_id == 3
    assert [line["id"] for line in devices(file)] == [1, 2, 3, 6, 7, 8]


def test_a_register_open_elsewhere_is_not_replaced(
    file: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devreg.store.engine.BUSY_TIMEOUT_S", 0.2)
    back_up(file, tmp_path / "b")
    run(file, page(*laptops(5)), now=later(6))
    elsewhere = at_file(place(file))
    with elsewhere.read() as session:
        session.execute(text("SELECT count(*) FROM device"))
        with pytest.raises(DatabaseUnavailable, match="open in another process") as caught:
            restore(file, tmp_path / "b", replace=True)
    assert "Close every devreg" in caught.value.next_step
    elsewhere.close()
    assert len(devices(file)) == 5
    assert list(tmp_path.glob("*.replaced-*")) == []
    restore(file, tmp_path / "b", replace=True)
    assert len(devices(file)) == 3


@pytest.mark.parametrize("damage", ["head", "body"])
def test_a_damaged_register_is_replaced_and_its_files_kept(file: Sessions, tmp_path: Path, damage: str) -> None:
    back_up(file, tmp_path / "b")
    file.close()
    content = bytearray(place(file).read_bytes())
    start = 0 if damage == "head" else len(content) // 3
    content[start : start + 9_000] = b"\xa5" * 9_000
    place(file).write_bytes(content)
    with pytest.raises(Refused):
        restore(file, tmp_path / "b")
    kept = restore(file, tmp_path / "b", replace=True).kept
    assert kept is not None
    assert kept.read_bytes()[start : start + 9_000] == b"\xa5" * 9_000
    assert len(devices(file)) == 3


def test_a_database_that_is_not_there_yet_is_made(file: Sessions, tmp_path: Path) -> None:
    back_up(file, tmp_path / "b")
    gone = connect("sqlite:///new.db", tmp_path)
    assert restore(gone, tmp_path / "b").kept is None
    assert len(devices(gone)) == 3
    assert stat.S_IMODE((tmp_path / "new.db").stat().st_mode) == 0o600
    gone.close()


def test_the_register_itself_is_no_backup_of_it(file: Sessions) -> None:
    with pytest.raises(Misconfigured, match="the register itself"):
        restore(file, place(file), replace=True)


def test_a_copy_taken_of_a_running_register_with_its_journal_can_be_restored(file: Sessions, tmp_path: Path) -> None:
    for tail in ("", "-wal"):
        if place(file).with_name(place(file).name + tail).exists():
            shutil.copyfile(place(file).with_name(place(file).name + tail), tmp_path / f"copied{tail}")
    fresh = connect("sqlite:///new.db", tmp_path)
    restore(fresh, tmp_path / "copied")
    assert len(devices(fresh)) == 3
    fresh.close()


def test_pg_dump_older_than_the_server_is_told_with_both_versions(fresh_register: Register, tmp_path: Path) -> None:
    sessions = connect(fresh_register("postgresql"), tmp_path)
    older = tmp_path / "bin"
    older.mkdir()
    (older / "pg_dump").write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    (older / "pg_dump").chmod(0o755)
    with pytest.raises(
        Misconfigured, match=r"PostgreSQL \d+; it needs pg_dump of that version or later. Found: 9"
    ) as caught:
        keeping.back_up(sessions, tmp_path / "b", actor=actor(), now=NOON, tools=older)
    assert "tools.postgresql" in caught.value.next_step
    assert list(tmp_path.glob("*b*part")) == []
    with pytest.raises(Misconfigured, match="Found: no such"):
        keeping.back_up(sessions, tmp_path / "b", actor=actor(), now=NOON, tools=tmp_path)
    sessions.close()


def test_a_dump_that_lacks_rows_is_no_backup(fresh_register: Register, tmp_path: Path) -> None:
    sessions = connect(fresh_register("postgresql"), tmp_path)
    run(sessions, page(*laptops(3)))
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "pg_restore").symlink_to(PG_PROGRAMS / "pg_restore")
    (folder / "pg_dump").write_text(f'#!/bin/sh\nexec {PG_PROGRAMS}/pg_dump "$@" --exclude-table-data=change\n')
    (folder / "pg_dump").chmod(0o755)
    with pytest.raises(Broken, match="no true copy: change has None rows instead of 3"):
        keeping.back_up(sessions, tmp_path / "b", actor=actor(), now=NOON, tools=folder)
    assert list(tmp_path.glob("*b*part")) == []
    assert not (tmp_path / "b").exists()
    sessions.close()


def test_a_backup_whose_rows_refer_to_what_is_gone_is_refused(file: Sessions, tmp_path: Path) -> None:
    back_up(file, tmp_path / "b")
    with closing(bare(tmp_path / "b")) as copy:
        copy.execute("DELETE FROM device WHERE id = 2")
    with pytest.raises(Broken, match="refers to what is not there"):
        restore(file, tmp_path / "b", replace=True)
    assert len(devices(file)) == 3


def test_a_backup_with_an_index_that_does_not_fit_its_table_is_refused(file: Sessions, tmp_path: Path) -> None:
    back_up(file, tmp_path / "b")
    with closing(bare(tmp_path / "b")) as copy:
        copy.execute("PRAGMA writable_schema=ON")
        name, sql = copy.execute(
            "SELECT name, sql FROM sqlite_master WHERE tbl_name = 'change' AND sql LIKE 'CREATE INDEX%'"
        ).fetchone()
        copy.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (sql.replace("(", "(-", 1), name))
    with pytest.raises(Broken, match="damaged"):
        restore(file, tmp_path / "b", replace=True)
    assert len(devices(file)) == 3


def test_a_backup_is_on_the_disk_with_its_name_before_it_is_said_to_be_there(
    file: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[int] = []
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda number: (flushed.append(os.fstat(number).st_ino), fsync(number)))
    back_up(file, tmp_path / "b")
    assert flushed == [(tmp_path / "b").stat().st_ino, tmp_path.stat().st_ino]


def test_a_postgresql_user_without_the_right_to_make_databases_still_gets_a_counted_backup(
    fresh_register: Register, tmp_path: Path
) -> None:
    sessions = connect(fresh_register("postgresql"), tmp_path)
    run(sessions, page(*laptops(4)))
    checked = "restored once into a scratch database"
    assert checked in back_up(sessions, tmp_path / "a").checks
    with sessions.write.begin() as session:
        for statement in _PLAIN_USER:
            session.execute(text(statement))
    plain = connect(sessions.engine.url.set(username="plain_keeper").render_as_string(), tmp_path)
    try:
        copy = back_up(plain, tmp_path / "b")
        assert checked not in copy.checks
        assert copy.rows["device"] == 4
    finally:
        plain.close()
        with sessions.write.begin() as session:
            session.execute(text("DROP OWNED BY plain_keeper"))
            session.execute(text("DROP ROLE plain_keeper"))
        with sessions.read.begin() as session:
            left = session.execute(text("SELECT count(*) FROM pg_database WHERE datname LIKE 'devreg_check%'")).scalar()
        sessions.close()
    assert left == 0


_PLAIN_USER = (
    "CREATE ROLE plain_keeper LOGIN",
    "GRANT SELECT ON ALL TABLES IN SCHEMA public TO plain_keeper",
    "GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO plain_keeper",
    "GRANT INSERT, DELETE ON keeping TO plain_keeper",
    "GRANT UPDATE ON counter TO plain_keeper",
    "GRANT EXECUTE ON FUNCTION audit_append TO plain_keeper",
)


def test_an_admin_of_a_postgresql_register_backs_it_up_and_its_restored_tables_have_their_grants(
    fresh_register: Register, tmp_path: Path
) -> None:
    address = fresh_register("postgresql")
    with opened(address, tmp_path) as sessions:
        run(sessions, page(*laptops(3)))
    admin = staffed(address, tmp_path)[Role.ADMIN]
    with opened(admin, tmp_path) as sessions:
        assert at_the_keyboard(sessions, None).role is Role.ADMIN
        assert back_up(sessions, tmp_path / "b").rows["device"] == 3
    with opened(address, tmp_path) as owner:
        with owner.write.begin() as session:
            session.execute(text("DROP SCHEMA public CASCADE"))
            session.execute(text("CREATE SCHEMA public"))
        assert at_the_keyboard(owner, None).role is Role.ADMIN
        restore(owner, tmp_path / "b")
    with opened(admin, tmp_path) as sessions:
        assert run(sessions, page(*laptops(4)), now=later(20)).verdict == "complete"
        with (
            pytest.raises(DatabaseUnavailable, match="permission denied"),
            told_plainly("try"),
            sessions.write.begin() as session,
        ):
            session.execute(text("DELETE FROM device"))


def test_no_password_stands_on_a_command_line(fresh_register: Register, tmp_path: Path) -> None:
    sessions = connect(fresh_register("postgresql"), tmp_path)
    folder, told = tmp_path / "bin", tmp_path / "told"
    folder.mkdir()
    for name in ("pg_dump", "pg_restore"):
        wrapper = folder / name
        wrapper.write_text(f'#!/bin/sh\necho "$@" >> {told}\nexec {PG_PROGRAMS}/{name} "$@"\n')
        wrapper.chmod(0o755)
    secret = connect(sessions.engine.url.set(password="hunter2").render_as_string(hide_password=False), tmp_path)
    keeping.back_up(secret, tmp_path / "b", actor=actor(), now=NOON, tools=folder)
    assert "--dbname" in told.read_text()
    assert "hunter2" not in told.read_text()
    secret.close()
    sessions.close()


def test_an_error_of_a_backup_is_an_error_of_ours(sessions: Sessions, tmp_path: Path) -> None:
    with pytest.raises(DevregError):
        back_up(sessions, tmp_path / "no folder" / "b")
