"""The same job done with other libraries: P4."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Text, create_engine, insert
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from benchmarks.figure import Figure, seconds
from benchmarks.fleet import Console, Moment
from benchmarks.register import open_register, sync

_FIELDS = (
    "deviceName",
    "serialNumber",
    "manufacturer",
    "model",
    "operatingSystem",
    "osVersion",
    "userDisplayName",
    "lastSyncDateTime",
)


class _Base(DeclarativeBase):
    pass


class _Device(_Base):
    __tablename__ = "device"
    source: Mapped[str] = mapped_column(Text, primary_key=True)
    native_id: Mapped[str] = mapped_column(Text, primary_key=True)
    body: Mapped[str] = mapped_column(Text)


for _name in _FIELDS:
    setattr(_Device, _name, mapped_column(Text, nullable=True))


def figures(folder: Path, fleet: tuple[Console, ...]) -> Iterator[Figure]:
    """A re-run with 2 % changed, ours against each library's own way."""
    for console in fleet:
        console.at(Moment.FIRST).keep()
    ours = open_register(folder / "peers.db")
    sync(ours, fleet)
    engine = create_engine(f"sqlite:///{folder / 'orm.db'}")
    _Base.metadata.create_all(engine)
    with engine.begin() as connection:
        for console in fleet:
            connection.execute(insert(_Device), [row for page in _rows(console) for row in page])
    utils = _sqlite_utils(folder)
    if utils is not None:
        _upsert_all(utils, fleet)
    for console in fleet:
        console.at(Moment.CHANGED).keep()
    mine = seconds(lambda: sync(ours, fleet))
    yield Figure(
        "P4",
        "re-run with 2 % changed / SQLAlchemy's session.merge of each device",
        mine,
        seconds(lambda: _merge(engine, fleet)),
        0.11,
    )
    if utils is not None:
        yield Figure(
            "P4", "the same / sqlite-utils' upsert_all", mine, seconds(lambda: _upsert_all(utils, fleet)), 0.67
        )
    ours.close()
    engine.dispose()


def _rows(console: Console) -> Iterator[list[dict[str, Any]]]:
    for body in console.bodies:
        yield [
            {
                "source": console.kind,
                "native_id": item.get("id") or item["deviceId"],
                "body": orjson.dumps(item).decode(),
            }
            | {name: item.get(name) for name in _FIELDS}
            for item in orjson.loads(body)["value"]
        ]


def _merge(engine: Any, fleet: tuple[Console, ...]) -> None:
    for console in fleet:
        for page in _rows(console):
            with Session(engine) as session, session.begin():
                for row in page:
                    session.merge(_Device(**row))


def _sqlite_utils(folder: Path) -> Any:
    """Its database; None where the extra `bench` is not installed."""
    try:
        from sqlite_utils import Database  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        return None
    return Database(folder / "utils.db")


def _upsert_all(utils: Any, fleet: tuple[Console, ...]) -> None:
    for console in fleet:
        for page in _rows(console):
            utils["device"].upsert_all(page, pk=("source", "native_id"), batch_size=1_000)
