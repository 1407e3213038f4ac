"""What a sync takes in memory and what history takes on the disk: P8 and P17."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sqlalchemy import create_engine, insert, select

from benchmarks.figure import Figure
from benchmarks.register import open_register
from devreg.store.engine import Sessions
from devreg.store.schema import change, metadata, record

_SMALLER: Final = 20
_POLLS: Final = 24 * 365
_DAYS: Final = 365


def figures(folder: Path, devices: int) -> Iterator[Figure]:
    """On the register that `ingest.figures` left there, and on two new ones."""
    large, small = (_peak_mb(folder, size) for size in (devices, devices // _SMALLER))
    yield Figure("P8", f"peak memory of a sync: {devices:,} / {devices // _SMALLER:,} records", large, small, 1.3, "MB")
    sessions = open_register(folder / "ours.db")
    per_line, per_record = _bytes_a_row(sessions, folder, "change"), _bytes_a_row(sessions, folder, "source_record")
    yearly = _lines_a_day(sessions, devices) * _DAYS * per_line
    polled = devices * _POLLS * per_record
    what = "history of a year at 2 % changed a day / a row for every hourly poll"
    yield Figure("P17", what, yearly / 1e6, polled / 1e6, 0.01, "MB")
    sessions.close()


def _peak_mb(folder: Path, devices: int) -> float:
    command = [sys.executable, "-m", "benchmarks.syncing", str(folder / f"memory-{devices}.db"), str(devices)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603  ourselves
    return int(said.split()[-1]) / 1_024


def _lines_a_day(sessions: Sessions, devices: int) -> float:
    """Field changes that the re-runs wrote on average for 2 % of the devices."""
    with sessions.read() as session:
        runs = session.execute(select(change.c.run_id, change.c.device_id).where(change.c.field != "registered")).all()
    changed = len({(row.run_id, row.device_id) for row in runs})
    return len(runs) / changed * devices / 50 if changed else 0.0


def _bytes_a_row(sessions: Sessions, folder: Path, name: str) -> float:
    """Size of a file with nothing but these rows and their indexes."""
    table = {"change": change, "source_record": record}[name]
    path = folder / f"only-{name}.db"
    engine = create_engine(f"sqlite:///{path}")
    metadata.create_all(engine, [table])
    empty = path.stat().st_size
    with sessions.read() as session:
        rows = [dict(row._mapping) for row in session.execute(select(table))]
    with engine.begin() as connection:
        connection.execute(insert(table), rows)
    engine.dispose()
    return (path.stat().st_size - empty) / len(rows)
