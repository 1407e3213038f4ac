"""What Power BI and a data warehouse read: every list as a database view with the same rows, on both engines."""

import json
import os
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from pyarrow.parquet import read_table
from register_rig import browser, laptops, page, run
from sqlalchemy import inspect, text
from test_lists import VIEWS, filled  # noqa: F401  a register with something in every list

from devreg.ports import ColumnType, Query
from devreg.services import warehouse
from devreg.store import migrate
from devreg.store.engine import Sessions, connect
from devreg.store.views import of_language
from exports import lines, parquet
from exports.workbook import Rows

_PAGE = Path(__file__).resolve().parents[2] / "docs" / "warehouse.md"
_AS_STORED = {("review", "devices")}
"""Columns that only this program can put into words."""


def _plain(value: Any, column: ColumnType) -> Any:
    """A value as either engine gives it to a stranger, made alike."""
    if value is None:
        return None
    if column is ColumnType.BOOLEAN:
        return bool(value)
    if column is ColumnType.DATETIME:
        return datetime.fromisoformat(value) if isinstance(value, str) else value
    if column is ColumnType.DATE:
        return date.fromisoformat(value) if isinstance(value, str) else value
    return value


def _order(row: dict[str, Any]) -> str:
    return repr(sorted((key, str(value)) for key, value in row.items()))


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
@pytest.mark.parametrize("view", VIEWS)
def test_a_list_and_its_view_hold_the_same(filled: dict[str, Sessions], view: str, engine: str) -> None:  # noqa: F811
    seen = browser(filled[engine])
    columns = {c.key: c.type for c in seen.view(view).columns if (view, c.key) not in _AS_STORED}
    on_screen = [{key: row[key] for key in columns} for row in seen.rows(view, seen.keys(view, Query()))]
    with filled[engine].read.begin() as session:
        in_view = [
            {key: _plain(row[key], kind) for key, kind in columns.items()}
            for row in session.execute(text(f'SELECT * FROM "bi_{view}"')).mappings()
        ]
    assert sorted(on_screen, key=_order) == sorted(in_view, key=_order)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
@pytest.mark.parametrize("view", VIEWS)
def test_exported_files_hold_what_the_view_holds(
    filled: dict[str, Sessions],  # noqa: F811
    view: str,
    engine: str,
    tmp_path: Path,
) -> None:
    kinds = {c.key: c.type for c in browser(filled[engine]).view(view).columns}
    with filled[engine].read.begin() as session:
        found = session.execute(text(f'SELECT * FROM "bi_{view}"')).mappings().all()
    kept = {key: kind for key, kind in kinds.items() if (view, key) not in _AS_STORED}
    in_view = [{key: _plain(row[key], kind) for key, kind in kept.items()} for row in found]

    with warehouse.streamed(filled[engine], [view]) as lists:
        one = next(lists)
        parquet.write(Rows(one.columns, one.rows), tmp_path / "list.parquet")
    table = read_table(tmp_path / "list.parquet")
    assert sorted(table.select([*kept]).to_pylist(), key=_order) == sorted(in_view, key=_order)
    assert [table.schema.field(c.key).metadata[b"what"].decode() for c in one.columns] == [c.label for c in one.columns]

    with warehouse.streamed(filled[engine], [view]) as lists, (tmp_path / "list.jsonl").open("wb") as file:
        lines.write(Rows(one.columns, next(lists).rows), file, lines.Format.JSONL)
    read = [json.loads(line) for line in (tmp_path / "list.jsonl").read_text(encoding="utf-8").splitlines()]
    said = [{key: _plain(row[key], kind) for key, kind in kept.items()} for row in read]
    assert sorted(said, key=_order) == sorted(in_view, key=_order)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_all_lists_are_of_the_moment_in_which_the_export_began(
    engine: str, make_register: Callable[[str, Path], str], tmp_path: Path
) -> None:
    sessions = connect(make_register(engine, tmp_path), tmp_path)
    run(sessions, page(*laptops(2)))
    with warehouse.streamed(sessions, ("runs", "devices")) as lists:
        assert [*next(lists).rows]
        run(sessions, page(*laptops(3, start=2)), name="later")
        assert len([*next(lists).rows]) == 2
    assert _devices(sessions) == 5
    sessions.close()


def _devices(sessions: Sessions) -> int:
    with sessions.read.begin() as session:
        return int(session.execute(text("SELECT count(*) FROM bi_devices")).scalar_one())


def test_upgrading_makes_the_views_anew_and_takes_old_ones_away(sessions: Sessions) -> None:
    with sessions.write.begin() as session:
        session.execute(text("CREATE VIEW bi_of_yesterday AS SELECT 1 AS x"))
        session.execute(text("DROP VIEW bi_devices"))
    migrate.upgrade(sessions)
    with sessions.read.begin() as session:
        names = {name for name in _view_names(session) if name.startswith("bi_")}
    assert names == {f"bi_{name}" for name in VIEWS}


def _view_names(session: Any) -> list[str]:
    return list(inspect(session.connection()).get_view_names())


def test_a_number_longer_than_its_reference_keeps_all_digits(
    make_register: Callable[[str, Path], str], tmp_path: Path
) -> None:
    for engine in ("sqlite", "postgresql"):
        sessions = connect(make_register(engine, tmp_path), tmp_path)
        with sessions.write.begin() as session:
            for number in (7, 123456, 1234567):
                session.execute(
                    text("INSERT INTO device (id, created_at, folded) VALUES (:id, '2026-11-24T10:00:00Z', '')"),
                    {"id": number},
                )
        with sessions.read.begin() as session:
            assert sorted(session.execute(text("SELECT id FROM bi_devices")).scalars()) == [
                "D000007",
                "D123456",
                "D1234567",
            ]
        sessions.close()


_HEAD = """\
# The register in the data warehouse

Every list of devreg is a view in the database too: `bi_` and its name, with the columns and rows of `devreg list NAME`.
`devreg db upgrade` makes them anew. Columns may be added; what is here keeps its name and meaning from release to release.

`devreg export DIR --format csv|jsonl|parquet [--views devices,phones]` writes the same into files, `DIR/devices.csv` and so
on, all as of one moment; those that were there are replaced when every new one is whole. In CSV a text that a spreadsheet
might obey begins with an apostrophe. Parquet needs `devreg[bi]`; its columns have the types below, and say what they are.

Power BI reads them over PostgreSQL, as a user with a viewer's rights. Of an SQLite register read a copy, not the file in use.
Money is in cents, sizes in bytes, times in UTC (`timestamptz`; on SQLite ISO 8601 text). Words such as `in_use` are codes,
alike in every language. What nobody said is NULL, never zero and never an empty text. Names of units are Finnish where there
is one; `bi_units` has both. `of_field`: text of a value of whatever field the column `field` names, kept as that field is."""


def described() -> str:
    """docs/warehouse.md."""
    lines = [_HEAD]
    for view in of_language("en").values():
        lines += ["", f"## bi_{view.name}", f"{view.title}.", "", "| column | type | what |", "| --- | --- | --- |"]
        lines += [f"| {c.column.key} | {c.column.type} | {c.column.label} |" for c in view.columns]
    return "\n".join(lines) + "\n"


def test_the_page_about_the_views_names_every_column() -> None:
    if os.environ.get("DEVREG_GOLDEN"):
        _PAGE.write_text(described(), encoding="utf-8")
    assert _PAGE.read_text(encoding="utf-8") == described()
