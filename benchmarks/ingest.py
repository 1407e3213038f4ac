"""Loading two consoles and reading them again, against the database driver writing the same rows without thinking."""

from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any, Final

import orjson

from benchmarks.figure import Figure, interleaved, seconds
from benchmarks.fleet import Console, Moment
from benchmarks.register import all_rows, open_register, sync
from devreg.store.engine import Sessions
from devreg.store.schema import metadata

_PAGE: Final = 1_000
_ROUNDS: Final = 4
"""Even, so that the consoles end at the moment they began at."""
_LOADED: Final = ("device", "source_record", "sighting", "record_key", "change")
_KEY: Final = ("source", "native_id", "subject")


def figures(folder: Path, fleet: tuple[Console, ...]) -> Iterator[Figure]:
    """P5, N1, P1, P2, P3 and P7 on SQLite; leaves the register in `folder/ours.db` as the consoles are now."""
    ours, raw = open_register(folder / "ours.db"), open_register(folder / "raw.db")
    loading = seconds(lambda: sync(ours, fleet))
    loaded = {table: all_rows(ours, table) for table in _LOADED}
    inserting = seconds(lambda: _copy(raw, loaded))
    size = sum(console.size for console in fleet)
    yield Figure(
        "P5", f"first load of {size:,} records, read to commit / raw insert of the same rows", loading, inserting, 2.0
    )
    records = loaded["source_record"]
    upsert, script = lambda: _upsert(raw, records), lambda: _script(raw, fleet)
    yield from _unchanged(ours, fleet, upsert)
    yield from _changed(ours, fleet, upsert, script)
    ours.close()
    raw.close()


def _unchanged(ours: Sessions, fleet: tuple[Console, ...], upsert: Callable[[], object]) -> Iterator[Figure]:
    before = {table: all_rows(ours, table) for table in ("device", "change", "record_key")}
    whole, apart, raw = interleaved(_ROUNDS, lambda: sync(ours, fleet), lambda: _without_database(fleet), upsert)
    if before != {table: all_rows(ours, table) for table in before}:
        raise AssertionError("a re-run in which nothing changed wrote a device, a change or an identifier")
    yield Figure(
        "N1", "re-run with nothing changed, database part / raw upsert of every record", whole - apart, raw, 0.5
    )
    yield Figure("N1", "the same, read to commit / raw upsert of every record", whole, raw, 0.5)


def _changed(
    ours: Sessions, fleet: tuple[Console, ...], upsert: Callable[[], object], script: Callable[[], object]
) -> Iterator[Figure]:
    """Between two days, to and fro: a fiftieth of the records differs each time. Then the drift of one hour, to and fro."""
    times: list[list[float]] = []
    lines = len(all_rows(ours, "change"))
    for number in range(_ROUNDS):
        _move(fleet, Moment.FIRST if number % 2 else Moment.CHANGED)
        works = (lambda: sync(ours, fleet), lambda: _without_database(fleet), upsert, script, lambda: _loads(fleet))
        times.append([seconds(work) for work in works])
    whole, apart, raw, end_to_end, loads = (median(column) for column in zip(*times, strict=True))
    yield Figure("P1", "re-run with 2 % changed, field history, database part / raw upsert", whole - apart, raw, 0.5)
    yield Figure("P2", "the same, read to commit / script that parses and upserts", whole, end_to_end, 0.8)
    yield Figure("P3", "the same / orjson.loads of the same bytes", whole, loads, 3.0)
    _move(fleet, Moment.CHANGED)
    sync(ours, fleet)
    written = len(all_rows(ours, "change"))
    if written == lines:
        raise AssertionError("changes were not found")
    drifts = []
    for number in range(_ROUNDS):
        _move(fleet, Moment.CHANGED if number % 2 else Moment.DRIFTED)
        drifts.append(seconds(lambda: sync(ours, fleet)))
    yield Figure(
        "P7", "re-run in which 80 % of the records only drifted / with 2 % changed", median(drifts), whole, 1.1
    )
    beyond = len(all_rows(ours, "change")) - written
    yield Figure("P7", "history lines written by drift", beyond, 0, 0.0, "")


def _move(fleet: tuple[Console, ...], moment: Moment) -> None:
    for console in fleet:
        console.at(moment).keep()


def _without_database(fleet: tuple[Console, ...]) -> None:
    """What a run does with every record before it asks the register: parse and hash its row."""
    for console in fleet:
        for _ in console.pages(None):
            pass


def _loads(fleet: tuple[Console, ...]) -> None:
    for console in fleet:
        for body in console.bodies:
            orjson.loads(body)


def _script(raw: Sessions, fleet: tuple[Console, ...]) -> None:
    """What somebody would write in an afternoon: parse, take the fields, upsert every row."""
    for console in fleet:
        for body in console.bodies:
            rows = []
            for item in orjson.loads(body)["value"]:
                native_id, volatile = (
                    item.get("id") or item["deviceId"],
                    {"lastSync": item.pop("lastSyncDateTime", None)},
                )
                said = orjson.dumps(item).decode()
                rows.append(
                    (None, console.kind, "device", native_id, "", said, orjson.dumps(volatile).decode(), said, b"", None, None, "new", None,
                     "2026-11-24T04:00:00.000000Z", "2026-11-24T04:00:00.000000Z", None, None)
                )  # fmt: skip
            _write(raw, "source_record", rows, _on_conflict("source_record"))


def _copy(raw: Sessions, loaded: dict[str, list[tuple[Any, ...]]]) -> None:
    for table, rows in loaded.items():
        _write(raw, table, rows, "")


def _upsert(raw: Sessions, rows: list[tuple[Any, ...]]) -> None:
    _write(raw, "source_record", rows, _on_conflict("source_record"))


def _write(sessions: Sessions, table: str, rows: list[tuple[Any, ...]], tail: str) -> None:
    places = ", ".join("?" * len(metadata.tables[table].columns))
    for start in range(0, len(rows), _PAGE):
        with sessions.engine.begin() as connection:
            statement = f"INSERT INTO {table} VALUES ({places}) {tail}"
            connection.exec_driver_sql(statement, rows[start : start + _PAGE])


def _on_conflict(table: str) -> str:
    names = [column.name for column in metadata.tables[table].columns if column.name not in {"id", *_KEY}]
    return f"ON CONFLICT ({', '.join(_KEY)}) DO UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in names)
