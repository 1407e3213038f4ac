"""The equality workbook's sheets behind the summary: a page a unit, quality, and the two languages."""

import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest
from office_rig import printed
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from devreg.domain.device import Stage
from devreg.domain.equality import DeviceCount, Headcount, Reason, UnitInput, assess
from devreg.domain.equality_languages import side_by_side
from devreg.domain.equality_tally import Sum, Tally
from devreg.i18n import Catalogue
from devreg.ports import Column
from devreg.services.equality_apart import Apart
from devreg.services.phones import PhoneFigures
from exports.equality import SHEETS, EqualityReport, write
from exports.workbook import Rows

DAY = date(2026, 9, 20)
NOBODY = Apart([], [], PhoneFigures(0, 0, 0, 0, 0, 0, ()), {}, [], {}, {})


def table(sheet: Worksheet, beginning: str) -> list[dict[str, object]]:
    (name,) = (name for name in sheet.tables if name.startswith(beginning))
    header, *rows = sheet[sheet.tables[name].ref]
    return [{str(h.value): cell.value for h, cell in zip(header, row, strict=True)} for row in rows]


def made(report: EqualityReport, folder: Path, language: str = "en") -> Workbook:
    write(report, folder / "equality.xlsx", language)
    return load_workbook(folder / "equality.xlsx")


def schools(number: int, short: int) -> EqualityReport:
    """So many schools of 10 pupils, of which the first ones lack a device."""
    units = [UnitInput(f"u{n:03d}", "The same school", None, "fi", "school") for n in range(number)]
    heads = [Headcount(unit.id, Stage.GRADES_7_9, DAY, 10) for unit in units]
    counts = [DeviceCount(unit.id, Stage.GRADES_7_9, 9 if n < short else 10) for n, unit in enumerate(units)]
    nothing = Rows((Column("id", "Device"),), [])
    return EqualityReport(
        assess(units, heads, counts, date(2026, 11, 24)), datetime(2026, 11, 24, tzinfo=UTC), NOBODY, nothing, nothing
    )


def test_a_units_page_says_what_it_has_needs_and_lacks_and_why(report: EqualityReport, tmp_path: Path) -> None:
    page = made(report, tmp_path)["Tammikoulu"]
    assert [row["Value"] for row in table(page, "unit_figures")][:7] == [300, 250, 175, 150, 0.6, 100, 0]
    assert [row["Assessment"] for row in table(page, "unit_figures")][4] == "■ too few"
    assert [(row["Stage"], row["Need"]) for row in table(page, "unit_stages")] == [
        ("Grades 1–2", 50),
        ("Grades 3–6", 200),
    ]
    assert [(row["Not fit because"], row["Number"]) for row in table(page, "unit_reasons")] == [
        ("update support has ended", 20), ("not seen lately", 5),
    ]  # fmt: skip


def test_a_unit_without_pupils_has_dashes_and_not_zeros(report: EqualityReport, tmp_path: Path) -> None:
    page = made(report, tmp_path)["Granens daghem"]
    assert [row["Value"] for row in table(page, "unit_figures")][:7] == ["–", "–", 4, 4, "–", "–", "–"]
    assert "Note: pupil count missing." in [cell.value for cell in page["A"]]


def test_each_page_prints_alone_on_one_portrait_a4(report: EqualityReport, language: str, tmp_path: Path) -> None:
    book = made(report, tmp_path, language)
    for unit in report.assessment.units:
        setup = book[unit.unit.name(language)].page_setup
        assert (setup.paperSize, setup.orientation, setup.fitToHeight) == (9, "portrait", 1)
    pages = printed(tmp_path / "equality.xlsx", tmp_path)
    by_stage = Catalogue(language)("By stage")
    assert sum(by_stage in page for page in pages) == len(report.assessment.units)


def test_forty_units_have_a_page_each_and_with_more_only_those_that_lack_devices(tmp_path: Path) -> None:
    assert len(made(schools(40, 0), tmp_path).sheetnames) == len(SHEETS) + 40
    book = made(schools(41, 3), tmp_path)
    assert len(book.sheetnames) == len(SHEETS) + 3
    assert "Only units that lack devices have a page of their own." in [cell.value for cell in book["Summary"]["A"]]


def test_units_alike_in_name_have_sheets_of_their_own_that_the_summary_leads_to(tmp_path: Path) -> None:
    book = made(schools(3, 1), tmp_path)
    sheets = [name for name in book.sheetnames if name.startswith("The same school")]
    assert len({name.casefold() for name in sheets}) == 3
    links = {cell.hyperlink.location for row in book["Summary"].iter_rows() for cell in row if cell.hyperlink}
    assert {f"'{name}'!A1" for name in sheets} <= links


def test_quality_counts_every_device_once_under_its_first_reason(report: EqualityReport, tmp_path: Path) -> None:
    *units, every = table(made(report, tmp_path)["Quality"], "quality")
    assert [row["Unit"] for row in units] == ["Tammikoulu", "Askskolan", "=1+1", "Granens daghem"]
    assert every["All devices"] == 320
    shares = list(every.values())[3:8]
    assert shares == pytest.approx([293 / 320, 2 / 320, 0, 20 / 320, 5 / 320])


def test_all_fit_and_adjusted_counts_stand_side_by_side(report: EqualityReport, tmp_path: Path) -> None:
    tally = Tally(
        {Sum.SCORED: 100, Sum.QUALITY: 60, Sum.EQUALLY: 50, Sum.COMPLETE: 75, Sum.MANAGED: 150}, ages={30: 150}
    )
    unit = UnitInput("oak", "Tammikoulu", None, "fi", "school")
    counts = [DeviceCount("oak", Stage.GRADES_7_9, 150, {Reason.NOT_SEEN: 50}, tally=tally)]
    city = assess([unit], [Headcount("oak", Stage.GRADES_7_9, DAY, 200)], counts, date(2026, 11, 24))
    book = made(msgspec.structs.replace(report, assessment=city), tmp_path)
    row = table(book["Quality"], "quality")[0]
    assert [row[name] for name in ("All devices", "Fit devices", "Fit by quality", "Quality", "Quality known")] == [
        200, 150, 90, 0.6, 0.5,
    ]  # fmt: skip
    figures = {row["Measure"]: row["Value"] for row in table(book["Tammikoulu"], "unit_figures")}
    assert (figures["Fit by quality"], figures["Managed share"], figures["Median age (months)"]) == (90, 0.75, 30)
    assert figures["Support under a year"] == "–"


def test_the_languages_are_compared_where_both_have_the_stage(report: EqualityReport, tmp_path: Path) -> None:
    sheet = made(report, tmp_path)["Finnish and Swedish"]
    rows = {str(row["Stage"]): row for row in table(sheet, "languages")}
    assert (rows["Grades 3–6"]["Difference, percentage points"], rows["Grades 3–6"]["Lower"]) == (48.3, "Finnish")
    assert (rows["Grades 1–2"]["Swedish: coverage"], rows["Grades 1–2"]["Lower"]) == ("–", "not compared")
    assert rows["Standardised"]["Difference, percentage points"] == 48.3
    texts = [cell.value for cell in sheet["A"]]
    assert "Not compared, since only one language has them: Early childhood, Grades 1–2." in texts
    assert (
        "Of all inequality between units, 92% lies between the languages and 8% between units of the same language."
        in texts
    )


def test_a_stage_of_one_language_has_no_gap(report: EqualityReport) -> None:
    sides = {one.stage: one for one in side_by_side(report.assessment.units, ("fi", "sv"))}
    assert sides[Stage.GRADES_1_2].gap is None
    assert sides[Stage.GRADES_3_6].coverage == (0.6, 130 / 120)
    assert sides[Stage.UPPER_SECONDARY].coverage == (None, None)


def test_every_chart_is_described(report: EqualityReport, language: str, tmp_path: Path) -> None:
    write(report, tmp_path / "equality.xlsx", language)
    with zipfile.ZipFile(tmp_path / "equality.xlsx") as archive:
        drawings = [
            archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/drawings/drawing")
        ]
    assert len(drawings) == 3
    assert all(" descr=" in drawing and 'descr=""' not in drawing for drawing in drawings)


def test_hostile_names_are_texts_on_every_sheet(
    report: EqualityReport, hostile: tuple[str, ...], tmp_path: Path
) -> None:
    units = [UnitInput(f"u{n}", name, None, "fi", "school") for n, name in enumerate(hostile)]
    heads = [Headcount(unit.id, Stage.GRADES_7_9, DAY, 10) for unit in units]
    counts = [DeviceCount(unit.id, Stage.GRADES_7_9, 9) for unit in units]
    city = assess(units, heads, counts, date(2026, 11, 24))
    book = made(msgspec.structs.replace(report, assessment=city), tmp_path)
    assert len(book.sheetnames) == len(SHEETS) + len(hostile)
    for sheet in book:
        kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
        assert "e" not in kinds
        assert sheet.title == "Check" or "f" not in kinds


def test_what_stands_apart_from_pupils_devices_is_told_as_the_lists_tell_it(
    report: EqualityReport, tmp_path: Path
) -> None:
    book = made(report, tmp_path)
    assert table(book["Leasing"], "quarters")[0]["Leases that end"] == 6
    assert table(book["Leasing"], "lease_states")[-1]["Devices"] == 7
    assert [row["Phones"] for row in table(book["Circulation"], "phones")] == [10, 8, 7, 6, 2, 2]
    assert table(book["Circulation"], "phones")[4]["Share"] == 0.25  # of those of which it is known
    assert [list(row.values()) for row in table(book["Network and printing"], "network")] == [
        ["=1+1", 4, 0],
        ["no unit", 0, 1],
    ]
    assert table(book["DigiLab"], "digilab")[0]["Devices"] == 12
    assert "Hours and visits by school: not in the register." in [cell.value for cell in book["DigiLab"]["A"]]
