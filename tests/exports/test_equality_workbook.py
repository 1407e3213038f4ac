"""The equality report as a workbook: its numbers, its words, its manners."""

import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from lxml import etree
from office_rig import convert, printed
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from devreg.domain.equality import assess
from devreg.i18n import Catalogue
from devreg.ports import Column
from devreg.services.equality_apart import Apart
from devreg.services.phones import PhoneFigures
from exports.equality import SHEETS, EqualityReport, write
from exports.equality_figures import figures
from exports.equality_findings import sentences
from exports.workbook import Rows


@pytest.fixture
def book(report: EqualityReport, language: str, tmp_path: Path) -> Workbook:
    write(report, tmp_path / "equality.xlsx", language)
    return load_workbook(tmp_path / "equality.xlsx")


@pytest.fixture
def english(report: EqualityReport, tmp_path: Path) -> Workbook:
    write(report, tmp_path / "equality.xlsx", "en")
    return load_workbook(tmp_path / "equality.xlsx")


def table(sheet: Worksheet, name: str) -> list[dict[str, object]]:
    header, *rows = sheet[sheet.tables[name].ref]
    return [{str(h.value): cell.value for h, cell in zip(header, row, strict=True)} for row in rows]


def test_every_sheet_is_there_in_the_language_and_titled_in_a1(book: Workbook, language: str) -> None:
    t = Catalogue(language)
    assert [name for name in book.sheetnames if name in map(t, SHEETS)] == [t(name) for name in SHEETS]
    assert all(isinstance(sheet["A1"].value, str) for sheet in book)


def test_no_cell_is_an_error_and_formulas_are_on_the_check_sheet_only(book: Workbook, language: str) -> None:
    kinds = {sheet.title: {c.data_type for row in sheet.iter_rows() for c in row} for sheet in book}
    assert not [name for name, found in kinds.items() if "e" in found]
    assert [name for name, found in kinds.items() if "f" in found] == [Catalogue(language)("Check")]


def test_tables_are_marked_up_named_and_without_holes(book: Workbook, language: str) -> None:
    for sheet in book:
        assert not sheet.merged_cells.ranges
        assert sheet.tables or sheet.title == Catalogue(language)(
            "Moves and purchases"
        )  # here is no solver, so no plan
        for marked in sheet.tables.values():
            header, *rows = sheet[marked.ref]
            heads = [cell.value for cell in header]
            assert not marked.name.casefold().startswith("table")
            assert heads == marked.column_names
            assert all(heads)
            assert len({head.casefold() for head in heads}) == len(heads)
            assert all(any(cell.value is not None for cell in row) for row in rows)


def test_the_chart_is_described_for_those_who_cannot_see_it(report: EqualityReport, tmp_path: Path) -> None:
    write(report, tmp_path / "equality.xlsx", "en")
    with zipfile.ZipFile(tmp_path / "equality.xlsx") as archive:
        drawing = etree.fromstring(archive.read("xl/drawings/drawing1.xml"))
    (described,) = drawing.xpath("//*[local-name()='cNvPr']/@descr")
    assert described == (
        "Bar chart of coverage by unit with a line at the target. Lowest: Tammikoulu, 60%; highest: Askskolan, 108%."
    )


def test_the_five_numbers_are_those_of_the_assessment(english: Workbook, report: EqualityReport) -> None:
    city = report.assessment.city
    rows = table(english["Summary"], "key_figures")
    assert city.language_gap is not None
    assert [row["Value"] for row in rows] == [
        pytest.approx(0.6), pytest.approx(city.spread), city.to_move, city.shortfall,
        pytest.approx(abs(city.language_gap.gap) * 100, abs=0.05),
    ]  # fmt: skip
    assert city.shortfall == 100
    assert [row["Assessment"] for row in rows] == ["■ too few", "■ uneven", "■ uneven", "■ too few", "■ uneven"]


def test_each_number_is_said_in_its_own_unit(report: EqualityReport) -> None:
    t = Catalogue("en")
    texts = [figure.text(t) for figure in figures(report.assessment, t)]
    assert texts == ["60%", "55%", "41", "100", "48.3 pp"]


def test_the_coverage_table_is_worst_first_and_says_no_data_in_words(english: Workbook) -> None:
    rows = table(english["Summary"], "coverage")
    assert [row["Unit"] for row in rows] == ["Tammikoulu", "=1+1", "Askskolan", "Granens daghem"]
    assert [row["Devices"] for row in rows] == ["■ too few", "● enough", "● enough", "no data"]
    assert list(rows[0].values())[4:] == [300, 250, 150, 100]
    assert list(rows[3].values())[1:] == ["–", "no data", "Swedish", "–", "–", 4, "–"]


def test_units_are_named_in_the_readers_language(report: EqualityReport, tmp_path: Path) -> None:
    assert report.assessment.units[0].unit.name("sv") == "Ekskolan"
    assert report.assessment.units[0].unit.name("en") == "Tammikoulu"


def test_the_sentences_say_who_has_enough_what_is_missing_and_why(report: EqualityReport) -> None:
    assert sentences(report.assessment, Catalogue("en")) == [
        "Enough devices: 2 of 3 units, with 38% of the children and pupils.",
        "Devices missing: 100. Units with more than they need could give 10; 90 would have to be acquired.",
        "Not fit for use: 27 of 320 pupil devices; most often because: update support has ended (20).",
        "In Finnish units coverage is 48.3 percentage points lower than in Swedish ones, stage by stage.",
    ]


def test_what_is_not_in_the_figures_is_said_on_the_first_page(english: Workbook) -> None:
    texts = [cell.value for cell in english["Summary"]["A"]]
    assert "No data on pupils, so in no figure above: Granens daghem." in texts
    assert "Pupil devices that belong to no unit, and so are not counted: 6." in texts


def test_each_stage_has_its_row_with_reasons_and_remarks(english: Workbook) -> None:
    first, *_, last = table(english["Units"], "units")
    assert first["Stage"] == "Grades 1–2"
    assert (first["Need"], first["Fit devices"], first["All devices"]) == (50, 30, 35)
    assert first["update support has ended"] == 4
    assert first["Remarks"] == "devices without a stage split by need"
    assert (last["Stage"], last["Remarks"]) == ("not known", "pupil count missing")


def test_sheets_are_ready_to_print_on_a4(book: Workbook) -> None:
    assert {sheet.page_setup.paperSize for sheet in book} == {9}
    assert {sheet.page_setup.fitToWidth for sheet in book} == {1}
    assert book.worksheets[0].page_setup.fitToHeight == 1
    assert book.worksheets[0].page_setup.orientation == "landscape"


def test_the_summary_links_to_every_other_sheet(book: Workbook) -> None:
    summary, *others = book
    links = {link.location for row in summary.iter_rows() for cell in row if (link := cell.hyperlink)}
    assert links == {f"'{sheet.title}'!A1" for sheet in others}


def test_no_person_is_in_the_report(report: EqualityReport, tmp_path: Path) -> None:
    columns = (
        Column("id", "Device"),
        Column("name", "Name"),
        Column("holder", "Holder"),
        Column("holder_email", "E-mail"),
    )
    devices = Rows(columns, [("D000001", "Åsas dator", "Åsa Andersson", "asa@skola.example")])
    with_people = EqualityReport(report.assessment, report.made_at, report.apart, devices, report.sources)
    write(with_people, tmp_path / "equality.xlsx", "en")
    with zipfile.ZipFile(tmp_path / "equality.xlsx") as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist()).decode("utf-8", "replace")
    assert "D000001" in everything
    assert "sa Andersson" not in everything
    assert "asa@" not in everything
    assert "sas dator" not in everything


def test_beyond_5000_devices_the_sheet_says_where_the_rest_is(report: EqualityReport, tmp_path: Path) -> None:
    taken = []

    def devices():  # type: ignore[no-untyped-def]
        for n in range(100_000):
            taken.append(n)
            yield {"id": f"D{n:06d}"}

    many = EqualityReport(
        report.assessment, report.made_at, report.apart, Rows((Column("id", "Device"),), devices()), report.sources
    )
    write(many, tmp_path / "equality.xlsx", "en")
    sheet = load_workbook(tmp_path / "equality.xlsx")["Devices"]
    assert sheet["A2"].value == "The first 5,000 devices; the inventory report has all of them."
    assert sheet.tables["devices"].ref == "A3:A5003"
    assert len(taken) == 5_001


def test_the_pupil_files_are_named_with_day_and_fingerprint(english: Workbook) -> None:
    rows = table(english["Sources"], "pupil_counts")
    assert rows[1] == {
        "Pupil count file": "=cmd|pupils.xlsx", "Counted on": datetime(2026, 9, 20), "Pupils": 420, "Units": 2,
        "Fingerprint of the file": "9f86d081884c7d65",
    }  # fmt: skip


def test_a_city_about_which_nothing_is_known_still_gets_its_report(language: str, tmp_path: Path) -> None:
    nothing = Rows((Column("id", "Device"),), [])
    nobody = Apart([], [], PhoneFigures(0, 0, 0, 0, 0, 0, ()), {}, [], {}, {})
    empty = EqualityReport(
        assess([], [], [], date(2026, 11, 24)), datetime(2026, 11, 24, tzinfo=UTC), nobody, nothing, nothing
    )
    write(empty, tmp_path / "equality.xlsx", language)
    summary = load_workbook(tmp_path / "equality.xlsx").worksheets[0]
    assert [row[1].value for row in summary["A5:D9"]] == ["–"] * 5


def test_another_reader_sees_the_same_values(report: EqualityReport, tmp_path: Path) -> None:
    write(report, tmp_path / "equality.xlsx", "en")
    rows = CalamineWorkbook.from_path(tmp_path / "equality.xlsx").get_sheet_by_name("Summary").to_python()
    assert rows[0][0] == "Equality report: pupil devices"
    assert [row[0] for row in rows if "too few" in str(row[2])][-1] == "Tammikoulu"


def values(sheet: Worksheet) -> list[list[object]]:
    """The cells, floats to the 15 digits that spreadsheets keep."""
    rows = sheet["A1:H16"]
    return [[float(f"{c.value:.14g}") if isinstance(c.value, float) else c.value for c in row] for row in rows]


def test_libreoffice_reads_the_same_values(report: EqualityReport, tmp_path: Path) -> None:
    write(report, tmp_path / "equality.xlsx", "en")
    (converted,) = convert([tmp_path / "equality.xlsx"], "xlsx", tmp_path)
    again, before = load_workbook(converted), load_workbook(tmp_path / "equality.xlsx")
    assert not [c.coordinate for sheet in again for row in sheet.iter_rows() for c in row if c.data_type == "e"]
    for name in ("Summary", "Units", "Sources"):
        assert values(again[name]) == values(before[name])


def test_the_summary_prints_on_one_page_in_every_language(
    report: EqualityReport, language: str, tmp_path: Path
) -> None:
    t = Catalogue(language)
    write(report, tmp_path / "equality.xlsx", language)
    first, second, *_ = printed(tmp_path / "equality.xlsx", tmp_path)
    assert t("Equality report: pupil devices") in first
    assert all(figure.name in first for figure in figures(report.assessment, t))
    assert t("Check") in first  # the last of the links
    assert t("Units by stage") in second
