"""Loading a source and reading it again, against the database driver writing the same rows without thinking."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from benchmarks.figure import Figure, interleaved, seconds
from devreg.domain import identifiers
from devreg.domain.observation import Observation, Subject
from devreg.domain.rights import Actor, Role
from devreg.ports import Finding, Page, Record
from devreg.services.collect import collect
from devreg.services.ingest import Feed
from devreg.store import migrate
from devreg.store.engine import Sessions, connect
from devreg.store.schema import metadata

RECORDS: Final = 20_000
_PAGE: Final = 1_000
_ROUNDS: Final = 3
_LOADED: Final = ("device", "source_record", "record_key", "change", "sighting")


class Fleet:
    """A source in memory: the same laptops at every reading."""

    def __init__(self, size: int) -> None:
        self.size = size
        laptops = [_laptop(number) for number in range(size)]
        self._pages = [Page(tuple(laptops[start : start + _PAGE])) for start in range(0, size, _PAGE)]

    def check(self) -> Iterator[Finding]:
        """Nothing to look at."""
        return iter(())

    def pages(self, checkpoint: str | None) -> Iterator[Page]:
        """All of it."""
        return iter(self._pages)

    def observe(self, record: Record) -> Observation:
        """As a collector of a management tool reads it."""
        body = record.body
        keys = (identifiers.serial(body["serial"]), identifiers.mac(body["mac"]))
        said = ("name", "manufacturer", "model", "serial", "mac", "os", "os_version", "compliance", "holder", "unit")
        claims = {field: body[field] for field in said}
        return Observation(
            Subject.DEVICE, tuple(key for key in keys if key), {"kind": "laptop", **claims}, manages=True
        )


def figures(folder: Path, size: int = RECORDS) -> Iterator[Figure]:
    """P5 and N1 of the performance goals on SQLite."""
    fleet = Fleet(size)
    ours, raw = _register(folder / "ours.db"), _register(folder / "raw.db")
    loading = seconds(lambda: _collect(ours, fleet))
    loaded = {table: _all_rows(ours, table) for table in _LOADED}
    inserting = seconds(lambda: _copy(raw, loaded))
    yield Figure("P5", f"first load of {size} records / raw insert of the same rows", loading, inserting, 2.0)

    records = loaded.pop("source_record")
    del loaded["sighting"]
    upsert = _on_conflict("source_record", ("source", "native_id", "subject"))
    again = interleaved(_ROUNDS, lambda: _collect(ours, fleet), lambda: _write(raw, "source_record", records, upsert))
    if loaded != {table: _all_rows(ours, table) for table in loaded}:
        raise AssertionError("a re-run in which nothing changed wrote a device, a change or an identifier")
    yield Figure("N1", f"re-run of {size} unchanged records / raw upsert of them", *again, 0.5)
    ours.close()
    raw.close()


def _laptop(number: int) -> Record:
    body = {
        "id": f"{number:08x}-0000-4000-8000-{number:012x}",
        "name": f"LT-{number:06}",
        "manufacturer": "LENOVO",
        "model": f"ThinkPad L{13 + number % 4}",
        "serial": f"PF{number:06X}",
        "mac": f"AC:12:34:{number >> 16 & 255:02X}:{number >> 8 & 255:02X}:{number & 255:02X}",
        "os": "Windows",
        "os_version": f"10.0.22631.{number % 50}",
        "compliance": "compliant" if number % 9 else "noncompliant",
        "holder": f"Person {number % 7_000}",
        "unit": f"unit-{number % 40}",
        **{f"setting_{index}": f"value {number % (index + 2)}" for index in range(14)},
    }
    return Record(Subject.DEVICE, body["id"], body, {"last_sync": "2026-11-24T06:00:00Z"})


def _register(path: Path) -> Sessions:
    sessions = connect(f"sqlite:///{path}", path.parent)
    migrate.upgrade(sessions)
    return sessions


def _collect(sessions: Sessions, fleet: Fleet) -> None:
    ended = collect(
        sessions,
        Actor("benchmark", Role.COLLECTOR),
        fleet,
        Feed("fleet", "intune", fleet.observe, (), "1"),
        lambda: datetime.now(UTC),
    )
    if ended.counts.seen != fleet.size or ended.error:
        raise AssertionError(f"the run did not read everything: {ended}")


def _all_rows(sessions: Sessions, table: str) -> list[tuple[Any, ...]]:
    with sessions.read() as session:
        return [tuple(row) for row in session.connection().exec_driver_sql(f"SELECT * FROM {table}")]


def _copy(sessions: Sessions, rows: dict[str, list[tuple[Any, ...]]]) -> None:
    for table, content in rows.items():
        _write(sessions, table, content, "")


def _write(sessions: Sessions, table: str, rows: list[tuple[Any, ...]], tail: str) -> None:
    places = ", ".join("?" * len(metadata.tables[table].columns))
    for start in range(0, len(rows), _PAGE):
        with sessions.engine.begin() as connection:
            statement = f"INSERT INTO {table} VALUES ({places}) {tail}"
            connection.exec_driver_sql(statement, rows[start : start + _PAGE])


def _on_conflict(table: str, key: tuple[str, ...]) -> str:
    names = [column.name for column in metadata.tables[table].columns if column.name not in {"id", *key}]
    return f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in names)
