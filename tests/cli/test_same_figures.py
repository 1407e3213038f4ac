"""A figure is the same wherever it is read: workbook, command line, list and BI view, for the same filter."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cli_rig import Cli
from openpyxl import load_workbook
from register_rig import NOON, later, page, row, run
from sqlalchemy import text

from devreg.domain.phones import LEFT_OUT, Category
from devreg.i18n import Catalogue
from devreg.ports import Column, ColumnType, Query
from devreg.services.browse import Browser
from devreg.store.engine import Sessions
from exports.cells import cell_value
from tests.store.test_lists import ENGINES, filled  # noqa: F401  a register with something in every list

LISTS = (
    "leases", "contracts", "coverage", "phones", "phone_coverage", "subscriptions", "overlaps", "circulation", "spares", "cliffs", "offers",
    "leavers", "conflicts", "stocktakes", "counted", "suggestions", "transitions", "registrations",
    "unmanaged_phones",
)  # fmt: skip
SAID = tuple(("category", str(member)) for member in Category if member not in LEFT_OUT)


class Shown(msgspec.Struct, frozen=True):
    """A sheet of a workbook, and the list it shows."""

    report: str
    sheet: int
    view: str
    where: tuple[tuple[str, str], ...] = ()
    needs: str | None = None
    """Rows where this column says something."""


SHEETS = (
    Shown("contracts", 1, "leases"),
    Shown("contracts", 2, "contracts"),
    Shown("contracts", 3, "coverage"),
    Shown("phones", 1, "phones"),
    Shown("phones", 2, "phones", (("phone_number", ""), *SAID)),
    Shown("phones", 3, "subscriptions", (("device_id", ""),)),
    Shown("phones", 4, "unmanaged_phones"),
    Shown("phones", 5, "overlaps"),
    Shown("circulation", 1, "circulation", needs="next_step"),
    Shown("circulation", 2, "offers"),
    Shown("circulation", 3, "spares"),
    Shown("circulation", 4, "cliffs"),
)


@pytest.fixture(scope="module")
def idle(filled: dict[str, Sessions]) -> dict[str, Sessions]:  # noqa: F811
    """The registers with leased laptops that nobody has seen for long, and a phone whose number is billed."""
    lease = {"number": "L-2", "kind": "lease", "start": "2024-01-01", "end": "2099-05-31", "monthly_fee_cents": 1999}
    old = {"kind": "laptop", "as_of": NOON - timedelta(days=400)}
    records = (
        row("old", serial="OLD1", unit="mantymaki", contract=lease, **old),
        row("older", serial="OLD2", unit="kasavuori", contract={**lease, "number": "L-3"}, **old),
        row("phone", serial="OLD3", kind="phone", phone_number="+358 40 1234567"),
    )
    for sessions in filled.values():
        run(sessions, page(*records), name="attic", kind="sheet", now=later(110))
    return filled


@pytest.fixture(params=ENGINES)
def city(request: pytest.FixtureRequest, cli: Cli, idle: dict[str, Sessions]) -> tuple[Cli, Sessions]:
    """The program on the register of one engine."""
    sessions = idle[request.param]
    cli.database = sessions.engine.url.render_as_string(hide_password=False)
    cli.settings()
    return cli, sessions


def listed(sessions: Sessions, view: str, where: Sequence[tuple[str, str]] = ()) -> list[Mapping[str, Any]]:
    seen = Browser(sessions, "fi")
    return list(seen.rows(view, seen.keys(view, Query(where=tuple(where)))))


def columns_of(sessions: Sessions, view: str) -> dict[str, Column]:
    return {column.key: column for column in Browser(sessions, "fi").view(view).columns}


def by_text(rows: Sequence[Sequence[Any]]) -> list[str]:
    return sorted(repr([*row]) for row in rows)


@pytest.mark.parametrize("view", LISTS)
def test_the_command_line_and_the_view_of_the_database_hold_the_rows_of_the_list(
    city: tuple[Cli, Sessions], view: str
) -> None:
    cli, sessions = city
    printed = cli("list", view, "--format", "json").json()
    columns = columns_of(sessions, view)
    on_screen = listed(sessions, view)
    assert on_screen
    assert printed == json.loads(json.dumps(on_screen, default=_as_json))
    with sessions.read.begin() as session:
        stored = session.execute(text(f'SELECT * FROM "bi_{view}"')).mappings().all()
    told = [[_told(row[key], column.type) for key, column in columns.items()] for row in stored]
    assert by_text(told) == by_text([[_told(row[key], c.type) for key, c in columns.items()] for row in on_screen])


@pytest.mark.parametrize("shown", SHEETS, ids=lambda shown: f"{shown.report}-{shown.sheet}")
@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_a_sheet_holds_the_rows_of_its_list(
    city: tuple[Cli, Sessions], tmp_path: Path, shown: Shown, language: str
) -> None:
    cli, sessions = city
    out = tmp_path / "report.xlsx"
    cli("report", shown.report, "--out", str(out), "--lang", language)
    seen, t = Browser(sessions, language), Catalogue(language)
    rows = seen.rows(shown.view, seen.keys(shown.view, Query(where=shown.where)))
    rows = [line for line in rows if shown.needs is None or line[shown.needs] is not None]
    sheet = load_workbook(out).worksheets[shown.sheet]
    (top,) = [cells[0].row for cells in sheet.iter_rows() if cells[0].font.bold and cells[0].fill.fill_type]
    headers = [cell.value for cell in sheet[top] if cell.value]
    columns = {_header(t, column, headers): column for column in seen.view(shown.view).columns}
    chosen = [columns[header] for header in headers]
    assert rows
    written = [[cell.value for cell in line[: len(headers)]] for line in sheet.iter_rows(min_row=top + 1)]
    wanted = [[_celled(row[column.key], column, t) for column in chosen] for row in rows]
    assert by_text(written) == by_text(wanted)


def test_sums_on_the_first_pages_are_the_sums_of_the_rows(city: tuple[Cli, Sessions], tmp_path: Path) -> None:
    cli, sessions = city
    for report in ("contracts", "phones", "circulation"):
        cli("report", report, "--out", str(tmp_path / f"{report}.xlsx"), "--lang", "en")
    first = {
        report: [[cell.value for cell in line] for line in load_workbook(tmp_path / f"{report}.xlsx").worksheets[0]]
        for report in ("contracts", "phones", "circulation")
    }
    leases = listed(sessions, "leases")
    (every,) = [line for line in first["contracts"][:12] if line[0] == "all" and line[2] is not None]
    assert every[1] == len(leases)
    assert every[3] == sum(row["monthly_fee"] for row in leases) / 100
    assert every[5] == sum(row["cost_to_end"] for row in leases) / 100
    units = listed(sessions, "phone_coverage")
    figures = {line[0]: line[1] for line in first["phones"]}
    assert figures["Phones that should be managed"] == sum(row["phones"] for row in units) > 0
    assert figures["Need something"] == sum(row["next_step"] is not None for row in listed(sessions, "phones"))
    figures = {line[0]: line[1] for line in first["circulation"]}
    gone = listed(sessions, "circulation")
    assert figures["Idle devices"] == sum(bool(row["idle"]) for row in gone) > 0
    assert figures["Times re-used"] == sum(row["reused"] for row in gone)
    quarters = {line[0]: line[1:5] for line in first["circulation"] if " Q" in str(line[0])}
    ends = listed(sessions, "cliffs")
    assert quarters
    for quarter, (ending, in_term, fee, cliffs) in quarters.items():
        rows = [row for row in ends if row["quarter"] == quarter]
        assert (ending, in_term) == (sum(row["ending"] for row in rows), sum(row["in_term"] for row in rows))
        assert fee == sum(row["monthly_fee"] or 0 for row in rows) / 100
        assert cliffs == sum(bool(row["is_cliff"]) for row in rows)


def _as_json(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else str(value)


def _told(value: Any, kind: ColumnType) -> Any:
    """A value as either engine gives it to a stranger, made alike."""
    if value is None:
        return None
    match kind:
        case ColumnType.BOOLEAN:
            return bool(value)
        case ColumnType.DATETIME:
            return (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(UTC)
        case ColumnType.DATE:
            return date.fromisoformat(value) if isinstance(value, str) else value
        case ColumnType.PERCENT | ColumnType.NUMBER:
            return round(float(value), 9)
        case _:
            return value


def _header(t: Catalogue, column: Column, headers: Sequence[str]) -> str:
    plain = t(column.label)
    return plain if plain in headers else f"{plain} ({column.key})"


def _celled(value: object, column: Column, t: Catalogue) -> object:
    """As openpyxl reads back what was written: a day is a moment at midnight, money has cents."""
    said = cell_value(value, column.type, t)
    if isinstance(said, date) and not isinstance(said, datetime):
        return datetime(said.year, said.month, said.day)
    if isinstance(said, datetime):
        return said.replace(microsecond=round(said.microsecond, -3))
    return int(said) if isinstance(said, float) and said.is_integer() else said
