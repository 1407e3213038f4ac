"""The check sheet: Python, the live formulas as LibreOffice calculates them, and an oracle here say the same."""

import re
import zipfile
from datetime import UTC, date, datetime
from math import log
from pathlib import Path

import msgspec
import pytest
from office_rig import convert, without_results
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from devreg.domain.device import Stage
from devreg.domain.equality import DeviceCount, Headcount, Reason, StageTarget, UnitInput, assess, ratio
from devreg.domain.equality_rules import Rules
from devreg.ports import Column
from devreg.services.equality_apart import Apart
from devreg.services.phones import PhoneFigures
from exports.equality import SHEETS, EqualityReport, write
from exports.workbook import Rows

DAY = date(2026, 9, 20)
NOBODY = Apart([], [], PhoneFigures(0, 0, 0, 0, 0, 0, ()), {}, [], {}, {})
NOTHING = Rows((Column("id", "Device"),), [])


def city(
    units: list[UnitInput], heads: list[Headcount], counts: list[DeviceCount], rules: Rules = Rules()
) -> EqualityReport:
    moment = datetime(2026, 11, 24, tzinfo=UTC)
    return EqualityReport(assess(units, heads, counts, date(2026, 11, 24), rules), moment, NOBODY, NOTHING, NOTHING)


def vector() -> EqualityReport:
    """The test vector of the specification: one device for each pupil, six schools of two languages."""
    pupils, devices = (460, 330, 400, 350, 340, 300), (330, 360, 420, 280, 300, 310)
    units = [UnitInput(f"u{n}", f"U {n}", None, "fi" if n < 3 else "sv", "school") for n in range(6)]
    heads = [Headcount(f"u{n}", Stage.GRADES_7_9, DAY, p) for n, p in enumerate(pupils)]
    return city(units, heads, [DeviceCount(f"u{n}", Stage.GRADES_7_9, d) for n, d in enumerate(devices)])


def unknowns() -> EqualityReport:
    """Units without pupils, without devices, without a need, alike in name, without a language, and hostile ids."""
    units = [
        UnitInput("a*", "Koulu", None, "fi", "school"),
        UnitInput("ab", "KOULU", None, "sv", "school"),
        UnitInput("AB", "=1+1", None, None, "school"),
        UnitInput("=1+1", "Tyhjä", None, "fi", "school"),
        UnitInput("00123", "Ei tarvetta", None, "sv", "daycare"),
        UnitInput("123", "Ei lapsia", None, "sv", "daycare"),
    ]
    heads = [
        Headcount("a*", Stage.GRADES_7_9, DAY, 90),
        Headcount("ab", Stage.GRADES_7_9, DAY, 70),
        Headcount("ab", None, DAY, 30),
        Headcount("AB", Stage.GRADES_3_6, DAY, 49),
        Headcount("=1+1", Stage.GRADES_7_9, DAY, 60),
        Headcount("00123", Stage.PRE_PRIMARY, DAY, 12),
    ]
    counts = [
        DeviceCount("a*", Stage.GRADES_7_9, 60, {Reason.NOT_SEEN: 9}, 3),
        DeviceCount("a*", Stage.UPPER_SECONDARY, 8),
        DeviceCount("ab", Stage.GRADES_7_9, 71),
        DeviceCount("AB", Stage.GRADES_3_6, 13),
        DeviceCount("00123", Stage.PRE_PRIMARY, 2),
        DeviceCount("123", None, 5),
    ]
    targets = tuple(
        msgspec.structs.replace(target, devices=ratio(0)) if target.stage is Stage.PRE_PRIMARY else target
        for target in Rules().targets
    )
    assert isinstance(targets[0], StageTarget)
    return city(units, heads, counts, Rules(targets))


def barren() -> EqualityReport:
    """Pupils, and not one device."""
    units = [UnitInput("a", "A", None, "fi", "school"), UnitInput("b", "B", None, "sv", "school")]
    return city(units, [Headcount(u, Stage.GRADES_7_9, DAY, 60) for u in "ab"], [])


CITIES = {"vector": vector, "unknowns": unknowns, "barren": barren, "empty": lambda: city([], [], [])}


def check_sheet(book: Path, *, stored: bool = True) -> Worksheet:
    return load_workbook(book, data_only=stored).worksheets[-1]


def figures(sheet: Worksheet) -> dict[str, list[object]]:
    rows = [[cell.value for cell in row] for row in sheet[sheet.tables["checks"].ref]]
    return {str(name): values for name, *values in rows[1:]}


def test_libreoffice_calculates_what_python_says_in_every_city_and_language(
    report: EqualityReport, tmp_path: Path
) -> None:
    books = []
    for name, make in {**CITIES, "report": lambda: report}.items():
        for language in ("fi", "sv", "en"):
            books.append(tmp_path / f"{name}-{language}.xlsx")
            write(make(), books[-1], language)
    for book, again in zip(books, convert([without_results(book) for book in books], "xlsx", tmp_path), strict=True):
        formulas, stored, calculated = check_sheet(book, stored=False), check_sheet(book), check_sheet(again)
        cells = [cell for row in formulas.iter_rows() for cell in row if cell.data_type == "f"]
        assert len(cells) > 50
        for cell in cells:
            ours, theirs = stored[cell.coordinate].value, calculated[cell.coordinate].value
            if isinstance(ours, float):
                ours = pytest.approx(ours, abs=1e-9)
            assert theirs == ours, (book.name, cell.coordinate, cell.value)
        assert {row[4] for row in figures(calculated).values()} <= {"✓ agrees", "✓ täsmää", "✓ stämmer"}


def test_a_cell_changed_by_hand_is_found_out(tmp_path: Path) -> None:
    write(vector(), tmp_path / "city.xlsx", "en")
    book = load_workbook(tmp_path / "city.xlsx")
    book["Units"]["H4"].value += 40
    book.save(tmp_path / "forged.xlsx")
    (again,) = convert([tmp_path / "forged.xlsx"], "xlsx", tmp_path)
    sheet = check_sheet(again)
    assert sheet["A4"].value == "✗ Some figures differ from the report; they are marked below."
    assert figures(sheet)["Fit devices"] == [2040, 2000, 40, pytest.approx(1e-7), "✗ differs"]
    assert figures(sheet)["Pupils"][4] == "✓ agrees"


def test_the_checked_figures_are_those_of_the_specification(tmp_path: Path) -> None:
    write(vector(), tmp_path / "city.xlsx", "en")
    found = {name: row[:2] for name, row in figures(check_sheet(tmp_path / "city.xlsx")).items()}
    for name, value in {
        "Pupils": 2180, "Coverage": 0.917431, "Spread: lowest / highest": 0.657609, "Devices to move": 145, "Shortfall": 240,
        "Hoover index": 0.072523, "Coefficient of variation": 0.155983, "Theil index": 0.012351,
        "Theil index between languages": 0.000168, "Theil index within languages": 0.012183,
    }.items():  # fmt: skip
        assert found[name] == [pytest.approx(value, abs=6e-7)] * 2, name
    assert found["Language gap"] == [pytest.approx(3.3784, abs=1e-4), 3.4]


def test_an_oracle_that_reads_only_the_units_sheet_comes_to_the_same(tmp_path: Path) -> None:
    write(unknowns(), tmp_path / "city.xlsx", "en")
    book = load_workbook(tmp_path / "city.xlsx", data_only=True)
    header, *rows = book["Units"][book["Units"].tables["units"].ref]
    lines = [{str(h.value): cell.value for h, cell in zip(header, row, strict=True)} for row in rows]
    places: dict[str, list[int]] = {}
    for line in lines:
        if isinstance(line["Need"], int):
            place = places.setdefault(str(line["Unit id"]), [0, 0])
            place[0] += line["Need"]
            place[1] += line["Fit devices"]
    compared = [(need, fit) for need, fit in places.values() if need]
    need, fit = (sum(column) for column in zip(*compared, strict=True))
    expected = {
        "Need": need,
        "Fit devices": fit,
        "Worst unit: coverage": min(f / n for n, f in compared),
        "Shortfall": sum(max(0, n - f) for n, f in compared),
        "Hoover index": sum(abs(f / fit - n / need) for n, f in compared) / 2,
        "Theil index": sum(f / fit * log(f / n / (fit / need)) for n, f in compared if f),
    }
    found = figures(check_sheet(tmp_path / "city.xlsx"))
    assert {name: found[name][0] for name in expected} == pytest.approx(expected)
    assert (need, fit, len(compared)) == (269, 144, 4)


def test_what_is_not_known_is_a_dash_in_the_formula_too(tmp_path: Path) -> None:
    write(city([], [], []), tmp_path / "city.xlsx", "en")
    found = figures(check_sheet(tmp_path / "city.xlsx"))
    assert found["Hoover index"] == ["–", "–", "–", pytest.approx(1e-7), "✓ agrees"]
    assert found["Need"][0] == 0


def test_readers_that_do_not_calculate_read_numbers_and_words(tmp_path: Path) -> None:
    write(vector(), tmp_path / "city.xlsx", "en")
    rows = CalamineWorkbook.from_path(tmp_path / "city.xlsx").get_sheet_by_name("Check").to_python()
    (shortfall,) = (row for row in rows if row[0] == "Shortfall")
    assert shortfall[1:6] == [240, 240, 0, 1e-7, "✓ agrees"]
    with zipfile.ZipFile(tmp_path / "city.xlsx") as archive:
        sheet = archive.read(f"xl/worksheets/sheet{len(SHEETS) + 6}.xml").decode()
        assert 'fullCalcOnLoad="1"' in archive.read("xl/workbook.xml").decode()
    assert not re.search(r"</f><v ?/>|</f><v></v>", sheet)
    assert not re.search(r"XLOOKUP|\bIFS\(|_xlfn|FILTER\(|LET\(", sheet)
    assert all(name in sheet for name in ("SUMIFS(", "SUMPRODUCT(", "INDEX(", "MATCH("))


def test_no_foreign_text_is_in_a_formula(tmp_path: Path) -> None:
    write(unknowns(), tmp_path / "city.xlsx", "en")
    sheet = check_sheet(tmp_path / "city.xlsx", stored=False)
    formulas = " ".join(str(c.value) for row in sheet.iter_rows() for c in row if c.data_type == "f")
    assert not [name for name in ("Koulu", "KOULU", "1+1", "a*", "00123", "lapsia") if name in formulas]
