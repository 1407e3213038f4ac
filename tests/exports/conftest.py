"""A small city to report on, and texts that want to be formulas."""

from datetime import UTC, date, datetime

import pytest

from devreg.domain.device import Kind, Stage, Use
from devreg.domain.equality import DeviceCount, Headcount, Reason, UnitInput, assess
from devreg.domain.equality_trend import Point
from devreg.i18n import LANGUAGES, Catalogue
from devreg.ports import Column, ColumnType
from devreg.services.equality_apart import Apart
from devreg.services.phones import PhoneFigures
from devreg.services.snapshots import History
from exports.equality import EqualityReport
from exports.workbook import Rows

HOSTILE = (
    "=1+1",
    '=HYPERLINK("http://example.invalid","click")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1,2)",
    "{=1+1}",
    "\t=1+1",
    " =1+1",
    "\uff1d1+1",
    "'=1+1",
    "#N/A",
    "#REF!",
    "TRUE",
    "a\x00b\x1fc",
    "lone \ud800 surrogate",
    "not a character \ufffe",
    "\u202egnp.exe",
    "_x0041_",
    "_x000D_",
    "n" * 300,
    "long " * 8_000,
    "\N{BEAR FACE}" * 20_000,
    "line\nbreak",
    "carriage\r\nreturn",
    "[/]",
    "Åsa's iPad",
    "<b>&amp;",
    "356938035643809",
    "000123",
    "1E5",
    "2026-01-02",
)


APART = Apart(
    leases=[
        {
            "state": "active",
            "devices": 7,
            "next_on": date(2027, 6, 30),
            "monthly_fee": 7_000,
            "cost_so_far": 1,
            "cost_to_end": None,
        }
    ],
    quarters=[
        {"quarter": "2027 Q2", "unit": unit, "ending": 3, "in_term": 1, "monthly_fee": 3_000, "is_cliff": False}
        for unit in ("oak", "ash")
    ],
    phones=PhoneFigures(10, 8, 7, 6, 1, 0, ()),
    idle={True: 2, False: 6, None: 2},
    spares=[
        {
            "scope": "unit",
            "unit_name": "=cmd|' /C calc'!A0",
            "in_stock": 1,
            "in_use": 9,
            "share": 1 / 9,
            "reserve": "right",
        }
    ],
    network={"=1+1": {Kind.ACCESS_POINT: 4}, None: {Kind.PRINTER: 1}},
    digilab={"tablet": 12, None: 1},
)
"""What stands apart from pupils' devices."""


def languages() -> list[str]:
    """The languages whose catalogue is there."""
    return [language for language in LANGUAGES if _has_catalogue(language)]


def _has_catalogue(language: str) -> bool:
    try:
        Catalogue(language)
    except FileNotFoundError:
        return False
    return True


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    if request.param not in languages():
        pytest.skip(f"no catalogue for {request.param} yet")
    return str(request.param)


@pytest.fixture
def apart() -> Apart:
    return APART


@pytest.fixture
def hostile() -> tuple[str, ...]:
    return HOSTILE


@pytest.fixture
def hostile_rows() -> Rows:
    columns = (
        Column("id", "Device"),
        Column("model", "Model", width=30),
        Column("imei", "IMEI"),
        Column("seen", "Last seen", ColumnType.DATETIME),
        Column("ram", "Memory", ColumnType.BYTES),
    )
    seen = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
    return Rows(
        columns, [(f"D{n:06d}", text, "356938035643809", seen, 8_000_000_000) for n, text in enumerate(HOSTILE)]
    )


@pytest.fixture
def report(hostile_rows: Rows) -> EqualityReport:
    units = [
        UnitInput("oak", "Tammikoulu", "Ekskolan", "fi", "school"),
        UnitInput("ash", "Saarnikoulu", "Askskolan", "sv", "school"),
        UnitInput("elm", "=1+1", "=HYPERLINK(1)", "fi", "daycare"),
        UnitInput("fir", "Kuusen päiväkoti", "Granens daghem", "sv", "daycare"),
    ]
    day = date(2026, 9, 20)
    heads = [
        Headcount("oak", Stage.GRADES_1_2, day, 100, file="=cmd|pupils.xlsx", file_hash="9f86d081884c7d65aa"),
        Headcount("oak", Stage.GRADES_3_6, day, 200, file="=cmd|pupils.xlsx", file_hash="9f86d081884c7d65aa"),
        Headcount("ash", Stage.GRADES_3_6, day, 120, file="=cmd|pupils.xlsx", file_hash="9f86d081884c7d65aa"),
        Headcount("elm", Stage.ECE, day, 60, file="ece.csv", file_hash="60303ae22b998861bb"),
    ]
    counts = [
        DeviceCount("oak", None, 150, {Reason.UNSUPPORTED: 20, Reason.NOT_SEEN: 5}, 12),
        DeviceCount("ash", Stage.GRADES_3_6, 130, {Reason.NOT_WORKING: 2}),
        DeviceCount("elm", Stage.ECE, 9),
        DeviceCount("fir", None, 4),
        DeviceCount(None, None, 6),
        DeviceCount("oak", None, 33, use=Use.STAFF),
    ]
    sources = Rows(
        (Column("source", "Source"), Column("fetched", "Last complete run", ColumnType.DATETIME)),
        [("=intune", datetime(2026, 11, 24, 5, 0, tzinfo=UTC)), ("leases", None)],
    )
    return EqualityReport(
        assess(units, heads, counts, date(2026, 11, 24)),
        datetime(2026, 11, 24, 6, 31, tzinfo=UTC),
        APART,
        hostile_rows,
        sources,
        "0.1.0",
        history=History(((Point(day, day, None, 0, 0, None, None, None, {}), False),), None, {}),
    )
