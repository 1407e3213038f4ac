"""How the database is opened, and what people are told when it can't be used."""

import os
import shutil
import stat
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from register_rig import actor, devices, dump, laptops, later, page, run
from sqlalchemy import event, insert, select, text
from sqlalchemy.exc import DBAPIError

from devreg.errors import DatabaseUnavailable, Misconfigured
from devreg.services import keeping
from devreg.store import counters, engine, migrate, mounts
from devreg.store.among import among
from devreg.store.engine import Sessions, connect, told_plainly
from devreg.store.schema import counter, device
from devreg.store.types import UtcTime


@pytest.fixture
def register(fresh_register: Any, tmp_path: Path) -> Any:
    """A register in a file."""
    sessions = connect(fresh_register("sqlite"), tmp_path)
    yield sessions
    sessions.close()


def test_every_connection_to_a_file_has_the_pragmas(register: Sessions) -> None:
    wanted = {
        "foreign_keys": 1, "recursive_triggers": 1, "synchronous": 2, "mmap_size": 0, "busy_timeout": 10_000,
        "journal_mode": "wal" if engine.wal_is_safe() else "delete",
    }  # fmt: skip
    for door in (register.write, register.read, register.write):
        with door() as first, door() as second:  # two connections at once: the second is a new one
            for session in (first, second) if door is register.read else (first,):
                found = {name: session.execute(text(f"PRAGMA {name}")).scalar() for name in wanted}
                assert {**found, "mmap_size": found["mmap_size"] or 0} == wanted


def test_wal_is_used_only_past_the_bug(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for version, mode in (((3, 51, 2), "delete"), ((3, 51, 3), "wal"), ((3, 40, 1), "delete"), ((4, 0, 0), "wal")):
        monkeypatch.setattr(engine._sqlite, "sqlite_version_info", version)
        sessions = connect(f"sqlite:///{mode}{version[1]}.db", tmp_path)
        with sessions.write() as session:
            assert session.execute(text("PRAGMA journal_mode")).scalar() == mode
        sessions.close()


def test_the_file_is_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        sessions = connect("sqlite:///devreg.db", tmp_path)
        migrate.upgrade(sessions)
        run(sessions, page(*laptops(3)))
        with sessions.write.begin() as session:
            session.execute(text("UPDATE source SET kind = 'x'"))
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert set(modes.values()) == {0o600}, modes
    assert "devreg.db" in modes
    sessions.close()


@pytest.mark.parametrize(
    "address",
    [
        "postgresql+psycopg://u@db.example/devreg",
        "postgresql://u@10.0.0.5/devreg?sslmode=require",
        "postgresql+psycopg://u@/devreg?host=db.example",
        "postgresql+psycopg://u@/devreg?hostaddr=10.0.0.5",
        "postgresql+psycopg://u@/devreg?service=city",
        "postgresql+psycopg://u@/devreg?host=/run/postgresql,db.example",
        "postgresql+psycopg://u@/devreg?host=localhost&host=db.example",
        "postgresql+psycopg://u@db.example/devreg?sslmode=verify-full&sslmode=disable",
        "postgresql+psycopg://u@localhost.evil.example/devreg",
    ],
)
def test_another_machine_is_reached_only_with_a_verified_certificate(address: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="without a verified certificate") as caught:
        connect(address, tmp_path)
    assert "verify-full" in caught.value.next_step


@pytest.mark.parametrize("variable", ["PGHOST", "PGHOSTADDR", "PGSERVICE"])
def test_the_environment_cannot_lead_to_another_machine(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "db.example")
    with pytest.raises(Misconfigured, match="without a verified certificate"):
        connect("postgresql+psycopg:///devreg", tmp_path)


@pytest.mark.parametrize(
    "address",
    ["postgresql+psycopg://u@db.example/devreg?sslmode=verify-full", "postgresql:///devreg", "postgresql://u@localhost/devreg",
     "postgresql+psycopg://u@/devreg?host=/run/postgresql"],
)  # fmt: skip
def test_a_verified_certificate_or_this_machine_is_enough(address: str, tmp_path: Path) -> None:
    connect(address, tmp_path).close()


@pytest.mark.parametrize(
    "address", ["mysql://u@h/d", "sqlite://", "sqlite:///:memory:", "no address", "", "postgres//u:hunter2@h"]
)
def test_an_address_that_makes_no_sense_is_refused_without_repeating_it(address: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured) as caught:
        connect(address, tmp_path)
    assert caught.value.next_step or "needs a file" in caught.value.what
    assert "hunter2" not in str(caught.value)


def test_what_only_reads_cannot_write(sessions: Sessions) -> None:
    with pytest.raises(DBAPIError, match="(?i)read-?only"), sessions.read.begin() as session:
        counters.take(session, "device", 1)
    with sessions.write.begin() as session:
        assert counters.peek(session, "device") == 1


def test_a_unit_of_work_that_reads_sees_one_moment(sessions: Sessions) -> None:
    if sessions.is_sqlite and not engine.wal_is_safe():
        pytest.skip("without WAL a reader makes the writer wait")
    with sessions.read.begin() as session:
        assert counters.peek(session, "device") == 1
        with sessions.write.begin() as other:
            counters.take(other, "device", 5)
        assert counters.peek(session, "device") == 1


def test_an_error_names_cause_and_next_step_and_no_value(sessions: Sessions) -> None:
    with pytest.raises(DatabaseUnavailable) as caught, told_plainly("test"), sessions.write.begin() as session:
        session.execute(text("SELECT * FROM nowhere WHERE x = :secret"), {"secret": "hunter2"})
    assert "nowhere" in caught.value.what
    assert "devreg db upgrade" in caught.value.next_step
    assert "hunter2" not in "".join((str(caught.value), str(caught.value.__cause__), repr(caught.value.__cause__)))


def test_a_value_that_does_not_fit_is_not_repeated(fresh_register: Any, tmp_path: Path) -> None:
    sessions = connect(fresh_register("postgresql"), tmp_path)
    with pytest.raises(DatabaseUnavailable) as caught, told_plainly("test"), sessions.write.begin() as session:
        session.execute(text("SELECT CAST(:secret AS integer)"), {"secret": "hunter2"})
    assert "hunter2" not in str(caught.value)
    sessions.close()


def test_a_server_that_is_not_there_is_told_plainly(tmp_path: Path) -> None:
    sessions = connect(f"postgresql+psycopg://u@/devreg?host={tmp_path}", tmp_path)
    with pytest.raises(DatabaseUnavailable) as caught:
        migrate.demand_current(sessions)
    assert "server is running" in caught.value.next_step


def test_a_file_that_is_something_else_is_told_plainly(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"PK\x03\x04 this is a worksheet" * 100)
    with pytest.raises(DatabaseUnavailable) as caught:
        migrate.demand_current(connect("sqlite:///x.db", tmp_path))
    assert "something else" in caught.value.next_step


def test_a_folder_that_is_not_there_is_told_plainly(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable) as caught:
        migrate.upgrade(connect("sqlite:///no/where/x.db", tmp_path))
    assert "folder exists" in caught.value.next_step


def test_a_full_disk_leaves_nothing_half_written_and_the_run_goes_on_when_there_is_room(register: Sessions) -> None:
    run(register, page(*laptops(3)))
    before = dump(register)
    with register.write() as session:
        pages = session.execute(text("PRAGMA page_count")).scalar()
        session.rollback()
    with _room_for(register, pages + 3), pytest.raises(DatabaseUnavailable) as caught:
        run(register, page(*laptops(3)), page(*laptops(2_000, 3)), now=later(1))
    assert "full" in caught.value.what
    assert "Make room" in caught.value.next_step
    assert dump(register)["device"] == before["device"]
    ended = run(register, page(*laptops(3)), page(*laptops(2_000, 3)), now=later(2))
    assert (ended.verdict, len(devices(register))) == ("complete", 2_003)


def test_a_database_locked_by_another_process_is_told_plainly_after_a_while(
    register: Sessions, fresh_register: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_S", 0.3)
    impatient = connect(register.engine.url.render_as_string(), tmp_path)
    with register.write.begin() as session:
        session.execute(text("UPDATE counter SET next = next"))
        with pytest.raises(DatabaseUnavailable) as caught:
            run(impatient, page(*laptops(1)))
    assert "locked" in caught.value.what
    assert "another process is writing" in caught.value.next_step.lower()
    assert run(impatient, page(*laptops(1))).verdict == "complete"
    impatient.close()


def test_who_waits_to_write_asks_again_at_once_and_gets_the_first_moment_that_is_free(
    register: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite's own wait asks ten times a second at last, and misses the moments between two pages of a collection."""
    naps: list[float] = []
    with closing(engine.bare(Path(str(register.engine.url.database)))) as other:
        other.execute("BEGIN IMMEDIATE")

        def nap(seconds: float) -> None:
            naps.append(seconds)
            if len(naps) == 5:
                other.execute("COMMIT")

        monkeypatch.setattr(engine.time, "sleep", nap)
        with register.write.begin() as session:
            assert session.execute(text("PRAGMA busy_timeout")).scalar() == 10_000
    assert len(naps) == 5
    assert max(naps) <= 0.01


_AS_NOBODY = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from devreg.store.engine import connect
from register_rig import laptops, page, run
folder = Path(sys.argv[2])
run(connect(sys.argv[3], folder), page(*laptops(1)))  # loads what is loaded late: nobody may not read our Python
if os.geteuid() == 0:
    os.setuid(65534)
try:
    run(connect(sys.argv[4], folder), page(*laptops(1)))
except Exception as error:
    print(type(error).__name__, error)
"""


@pytest.mark.parametrize(("mode", "folder_mode"), [(0o444, 0o777), (0o666, 0o555)], ids=["file", "folder"])
def test_a_file_or_folder_that_may_not_be_written_is_told_plainly(
    fresh_register: Any, tmp_path: Path, mode: int, folder_mode: int
) -> None:
    warm, address = fresh_register("sqlite"), fresh_register("sqlite")
    Path(address.removeprefix("sqlite:///")).chmod(mode)
    for parent in (p for p in tmp_path.parents if p.name.startswith("pytest-")):
        parent.chmod(parent.stat().st_mode | 0o011)
    tmp_path.chmod(folder_mode)
    command = [sys.executable, "-c", _AS_NOBODY, str(Path(__file__).parents[1]), str(tmp_path), warm, address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    tmp_path.chmod(0o700)
    assert done.stdout.startswith("DatabaseUnavailable"), done
    assert "Check the rights of the file and its folder." in done.stdout


def test_numbers_are_taken_in_order_and_given_back_when_the_work_fails(sessions: Sessions) -> None:
    with sessions.write.begin() as session:
        assert list(counters.take(session, "device", 3)) == [1, 2, 3]
        assert list(counters.take(session, "device", 0)) == []
        assert counters.peek(session, "device") == 4
    with sessions.write() as session:
        counters.take(session, "device", 3)
        session.rollback()
    with sessions.write.begin() as session:
        assert list(counters.take(session, "device", 1)) == [4]


def test_two_units_of_work_never_get_the_same_number(sessions: Sessions) -> None:
    got: list[int] = []

    def take() -> None:
        for _ in range(20):
            with sessions.write.begin() as session:
                counters.one_at_a_time(session)
                number = counters.peek(session, "device")
                got.extend(counters.take(session, "device", 1))
                assert got[-1] == number or number in got

    threads = [threading.Thread(target=take) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == list(range(1, 61))


@pytest.mark.parametrize("count", [0, 1, 70_000])
def test_among_takes_lists_of_any_length(sessions: Sessions, count: int) -> None:
    with sessions.read.begin() as session:
        words = session.execute(
            select(counter.c.name).where(among(session, counter.c.name, [*map(str, range(count)), "device"]))
        )
        assert words.scalars().all() == ["device"]
        none = session.execute(select(counter.c.name).where(among(session, counter.c.name, map(str, range(count)))))
        assert none.all() == []
        assert session.execute(select(device.c.id).where(among(session, device.c.id, range(count)))).all() == []


def test_among_tells_apart_what_differs_by_a_quote_or_a_letter(sessions: Sessions) -> None:
    words = ["it's", 'say "x"', "{a,b}", "ä", "a", "NULL", "back\\slash", "", "1"]
    with sessions.write.begin() as session:
        session.execute(insert(counter), [{"name": word, "next": 1} for word in words])
        for word in words:
            found = (
                session.execute(select(counter.c.name).where(among(session, counter.c.name, [word]))).scalars().all()
            )
            assert found == [word]


def test_a_time_without_a_zone_is_refused(sessions: Sessions) -> None:
    with pytest.raises(ValueError, match="without a zone"):
        UtcTime().process_bind_param(datetime(2026, 1, 1), sessions.engine.dialect)  # noqa: DTZ001


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)), st.integers(-14, 14))  # noqa: DTZ001
def test_a_time_on_sqlite_comes_back_the_same_and_sorts_as_text(moment: datetime, hours: int) -> None:
    sqlite = connect("sqlite:///unused.db", Path("/")).engine.dialect
    kind = UtcTime()
    aware = moment.replace(tzinfo=timezone(timedelta(hours=hours)))
    kept = kind.process_bind_param(aware, sqlite)
    assert kind.process_result_value(kept, sqlite) == aware
    assert len(kept) == len("2026-11-24T10:00:00.000000Z")
    after = kind.process_bind_param(aware + timedelta(microseconds=1), sqlite)
    assert kept < after
    assert kind.process_result_value(kept, sqlite).tzinfo is UTC


def _room_for(sessions: Sessions, pages: int) -> Any:
    """The write engine's connections may make the file no larger than this."""

    @contextmanager
    def limited() -> Any:
        def limit(connection: Any, *_: Any) -> None:
            connection.execute(f"PRAGMA max_page_count={pages}")

        sessions.engine.dispose()
        event.listen(sessions.engine, "connect", limit)
        try:
            yield
        finally:
            event.remove(sessions.engine, "connect", limit)
            sessions.engine.dispose()

    return limited()


_MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
tmpfs /tmp tmpfs rw 0 0
files.city:/share /share nfs4 rw 0 0
/dev/sdb1 /share/local ext4 rw 0 0
//files/it /srv/it\\040share cifs rw 0 0
me@host:/x /mnt/x fuse.sshfs rw 0 0
/dev/sdc1 /mnt/x/over ext4 rw 0 0
host:/y /mnt/x/over nfs rw 0 0
broken
"""


@pytest.mark.parametrize(
    ("place", "kind"),
    [("/share/maija", "nfs4"), ("/share/local/maija", None), ("/shares", None), ("/srv/it share/a", "cifs"), ("/srv", None),
     ("/mnt/x", "fuse.sshfs"), ("/mnt/x/over", "nfs"), ("/var/lib", None)],
)  # fmt: skip
def test_a_register_on_a_network_file_system_is_refused(
    place: str, kind: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mounts").write_text(_MOUNTS)
    monkeypatch.setattr(mounts, "_TABLE", tmp_path / "mounts")
    if kind is None:
        connect(f"sqlite:///{place}/devreg.db", tmp_path).close()
        return
    with pytest.raises(Misconfigured, match=f"network file system .{kind}.") as caught:
        connect(f"sqlite:///{place}/devreg.db", tmp_path)
    assert "PostgreSQL" in caught.value.next_step


def test_where_no_table_of_mounts_is_nothing_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mounts, "_TABLE", tmp_path / "none")
    connect("sqlite:///devreg.db", tmp_path).close()


def test_the_disks_of_this_machine_are_none_behind_a_network(tmp_path: Path) -> None:
    assert mounts.network_kind(tmp_path / "devreg.db") is None


@pytest.fixture
def small_disk(tmp_path: Path) -> Any:
    """A folder on a disk of its own with room for 1 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if made.returncode != 0:
        pytest.skip("mounting a small disk needs root")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=False)


def test_a_disk_that_runs_full_leaves_nothing_half_written_and_the_run_goes_on_when_there_is_room(
    small_disk: Path, fresh_register: Any, tmp_path: Path
) -> None:
    shutil.copyfile(fresh_register("sqlite").removeprefix("sqlite:///"), small_disk / "devreg.db")
    sessions = connect("sqlite:///devreg.db", small_disk)
    run(sessions, page(*laptops(3)))
    before = dump(sessions)
    with pytest.raises(DatabaseUnavailable, match="full") as caught:
        run(sessions, page(*laptops(3)), page(*laptops(2_000, 3)), now=later(1))
    assert "Make room" in caught.value.next_step
    assert dump(sessions)["device"] == before["device"]
    with pytest.raises(DatabaseUnavailable, match="full"):
        keeping.back_up(sessions, small_disk / "b", actor=actor(), now=later(1))
    assert [path.name for path in small_disk.iterdir() if path.name == "b" or path.name.startswith(".b")] == []
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    ended = run(sessions, page(*laptops(3)), page(*laptops(2_000, 3)), now=later(2))
    assert (ended.verdict, len(devices(sessions))) == ("complete", 2_003)
    assert keeping.back_up(sessions, small_disk / "b", actor=actor(), now=later(3)).rows["device"] == 2_003
    sessions.close()
