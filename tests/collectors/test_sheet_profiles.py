"""Profiles that come along: what they understand, and that the templates they write are what they read."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from collector_rig import loaded
from openpyxl import Workbook, load_workbook

from collectors.sheet import SheetCollector, SheetOptions, check_profile
from collectors.sheet_fields import FIELDS, members_of
from collectors.sheet_profiles import headings, profiles, shipped, template
from devreg.demo.city import City
from devreg.demo.sheets import write_sheets
from devreg.domain.observation import Observation
from devreg.domain.words import label
from devreg.errors import Broken
from devreg.i18n import LANGUAGES, Catalogue
from devreg.settings import Profile, Settings

NAMES = ("purchases", "leases", "subscriptions", "units", "headcounts", "servers", "digilab")


def book(folder: Path, head: list[Any], *rows: list[Any], above: int = 0) -> Path:
    made = Workbook()
    page = made.active
    assert page is not None
    for _ in range(above):
        page.append(["Kauniaisten kaupunki"])
    page.append(head)
    for row in rows:
        page.append(row)
    made.save(folder / "s.xlsx")
    return folder / "s.xlsx"


def reader(folder: Path, profile: str, path: str = "s.xlsx", **options: Any) -> SheetCollector:
    said = SheetOptions.model_validate({"kind": "sheet", "path": path, "profile": profile, **options})
    return SheetCollector("papers", said, loaded(folder))


def observed(collector: SheetCollector) -> list[Observation]:
    return [collector.observe(record) for page in collector.pages(None) for record in page.records]


def test_all_that_are_promised_come_along_and_are_sound() -> None:
    assert tuple(shipped()) == NAMES
    assert {name: check_profile(profile) for name, profile in shipped().items()} == dict.fromkeys(NAMES, [])


def test_every_field_has_a_name_in_each_language_and_no_template_has_a_name_twice() -> None:
    for name, profile in shipped().items():
        for language in LANGUAGES:
            heads = list(headings(name, profile, language).values())
            assert len(heads) == len(profile.names), (name, language)
            assert len({head.casefold() for head in heads}) == len(heads), (name, language)


def test_one_of_the_settings_stands_in_the_place_of_one_that_comes_along() -> None:
    own = {"match": ["serial"], "columns": {"SN": "serial"}}
    settings = Settings.model_validate({"profiles": {"leases": own}})
    assert profiles(settings)["leases"] == Profile.model_validate(own)
    assert profiles(settings)["units"] is shipped()["units"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_template_offers_for_a_cell_is_understood(language: str) -> None:
    t = Catalogue(language)
    for name, profile in shipped().items():
        for field, asked in zip(profile.names, template(name, profile, language), strict=True):
            if asked.example:
                assert FIELDS[field].parse(asked.example) is not None, (name, field)
            assert [FIELDS[field].parse(t(label(word))) for word in asked.members] == list(members_of(field))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_a_filled_template_is_read(tmp_path: Path, name: str, language: str) -> None:
    said = {"serial": "PF3KX9AB", "imei": "356741081122334", "asset_tag": "KA-1", "unit.id": "mantymaki", "headcount.unit": "mantymaki",
            "phone_number": "+358401234567", "iccid": "8935801234567890123"}  # fmt: skip
    columns = zip(shipped()[name].names, template(name, shipped()[name], language), strict=True)
    cells = {
        one.heading: said.get(field) or one.example or ("laptop" if field == "kind" else None) for field, one in columns
    }
    book(tmp_path, list(cells), list(cells.values()))
    pages = list(reader(tmp_path, name).pages(None))
    assert [bad.reason for page in pages for bad in page.rejected] == []
    assert [warning for page in pages for warning in page.warnings] == []
    [record] = [record for page in pages for record in page.records]
    assert len(reader(tmp_path, name).observe(record).claims) >= 1


def test_the_demo_s_sheets_are_read_by_the_profiles_that_come_along(small_city: City, tmp_path: Path) -> None:
    write_sheets(small_city, tmp_path)
    for path, name in (("purchases.xlsx", "purchases"), ("leases.xlsx", "leases"), ("units.xlsx", "units"),
                       ("headcounts.xlsx", "headcounts"), ("daycare.csv", "headcounts")):  # fmt: skip
        collector = reader(tmp_path, name, path)
        assert len(observed(collector)) > 5, path


def test_a_lease_row_gives_a_lease_whatever_language_its_sheet_is_in(tmp_path: Path) -> None:
    book(tmp_path, ["SERIENUMMER *", "Leasingbolag", "Upphör", "Månadshyra", "Avtalsnummer"],
         ["PF3KX9AB", "Keksitty Rahoitus", date(2028, 7, 31), "18,45 €", "L-1"])  # fmt: skip
    [seen] = observed(reader(tmp_path, "leases"))
    assert seen.contract is not None
    assert (seen.contract.kind, seen.contract.number, seen.contract.supplier) == ("lease", "L-1", "Keksitty Rahoitus")
    assert (seen.contract.end, seen.contract.monthly_fee_cents) == (date(2028, 7, 31), 1845)


def test_a_server_list_gives_critical_servers_with_support_contracts(tmp_path: Path) -> None:
    book(tmp_path, ["Nimi", "Sarjanumero", "Kriittinen", "Tukitoimittaja", "Tuki päättyy"],
         ["srv-1", "SRV12345", "kyllä", "Tuki Oy", "31.12.2027"], ["srv-2", "SRV12346", "ei", None, None])  # fmt: skip
    first, second = observed(reader(tmp_path, "servers"))
    assert (first.claims["critical"], first.claims["kind"], first.claims["use"]) == (True, "server", "infrastructure")
    assert first.contract is not None
    assert (first.contract.kind, first.contract.end) == ("support", date(2027, 12, 31))
    assert second.contract is None


def test_a_subscription_gives_number_sim_and_holder(tmp_path: Path) -> None:
    book(tmp_path, ["Liittymänumero", "ICCID", "IMEI", "Käyttäjä", "Operaattori", "Kuukausimaksu"],
         ["+358401234567", "8935801234567890123", "356741081122334", "Anna Ala", "Operaattori Oy", 9.9])  # fmt: skip
    [seen] = observed(reader(tmp_path, "subscriptions"))
    assert [key.key for key in seen.keys] == ["imei:35674108112233"]
    assert (seen.claims["phone_number"], seen.claims["iccid"], seen.claims["holder"]) == (
        "+358401234567", "8935801234567890123", "Anna Ala",
    )  # fmt: skip
    assert seen.contract is not None
    assert (seen.contract.kind, seen.contract.supplier, seen.contract.monthly_fee_cents) == (
        "subscription",
        "Operaattori Oy",
        990,
    )


def test_column_names_are_found_below_titles_with_other_case_accents_and_line_breaks(tmp_path: Path) -> None:
    book(
        tmp_path,
        ["sarjanumero", "OSTOPAIVA", "Hinta\n(alv 0)", "Jotain muuta"],
        ["PF3KX9AB", "1.8.2025", 640, "x"],
        above=4,
    )
    [seen] = observed(reader(tmp_path, "purchases"))
    assert (seen.claims["purchase_date"], seen.claims["price_cents"]) == (date(2025, 8, 1), 64000)


def test_a_sheet_without_the_columns_it_needs_is_not_read(tmp_path: Path) -> None:
    book(tmp_path, ["Sarjanumero", "Vuokranantaja"], ["PF3KX9AB", "x"])
    with pytest.raises(Broken, match="has no column “Päättyy”"):
        observed(reader(tmp_path, "leases"))
    book(tmp_path, ["Malli", "Hinta"], ["x", 1])
    with pytest.raises(Broken, match="has no column “Sarjanumero”, “IMEI”, “Laitetunnus”"):
        observed(reader(tmp_path, "purchases"))
    book(tmp_path, ["Sarjanumero", "Serial number"], ["PF3KX9AB", "PF3KX9AC"])
    with pytest.raises(Broken, match="more than once"):
        observed(reader(tmp_path, "purchases"))


def test_a_column_that_looks_like_a_known_one_is_told_of(tmp_path: Path) -> None:
    book(tmp_path, ["Sarjanumero", "Päättyy", "Kuukausvuokra", "Aivan muuta"], ["PF3KX9AB", "1.8.2027", 18.45, 1])
    [page] = reader(tmp_path, "leases").pages(None)
    assert page.warnings == ("The column “Kuukausvuokra” is not read; is it “Kuukausivuokra”?",)


def test_a_column_that_was_there_in_the_last_whole_run_is_missed(tmp_path: Path) -> None:
    book(tmp_path, ["Sarjanumero", "Päättyy", "Kuukausivuokra"], ["PF3KX9AB", "1.8.2027", 18.45])
    before = reader(tmp_path, "leases")
    observed(before)
    memo = before.memo()
    assert memo is not None
    assert before.recall(memo)
    book(tmp_path, ["Sarjanumero", "Päättyy"], ["PF3KX9AB", "1.8.2027"])
    after = reader(tmp_path, "leases")
    assert not after.recall(memo)
    with pytest.raises(Broken, match=r"has no column for contract\.monthly_fee any more") as broken:
        observed(after)
    assert "sources.papers.without" in broken.value.next_step
    meant = reader(tmp_path, "leases", without=["contract.monthly_fee"])
    assert not meant.recall(memo)
    assert len(observed(meant)) == 1


def test_a_file_is_the_same_only_with_the_same_profile_and_encoding(tmp_path: Path) -> None:
    book(tmp_path, ["Sarjanumero", "Päättyy"], ["PF3KX9AB", "1.8.2027"])
    before = reader(tmp_path, "leases")
    observed(before)
    memo = before.memo()
    assert memo is not None
    assert reader(tmp_path, "leases").recall(memo)
    assert not reader(tmp_path, "purchases").recall(memo)
    assert not reader(tmp_path, "leases", encoding="cp1252").recall(memo)
    assert not reader(tmp_path, "leases").recall("no memo")
    (tmp_path / "s.xlsx").unlink()
    assert not reader(tmp_path, "leases").recall(memo)


def test_a_written_template_is_a_workbook_with_one_header_row(tmp_path: Path) -> None:
    from exports.template import TemplateColumn, write_template

    columns = [
        TemplateColumn(asked.heading, "", asked.example) for asked in template("leases", shipped()["leases"], "sv")
    ]
    write_template(tmp_path / "s.xlsx", Catalogue("sv"), "leases", columns)
    page = load_workbook(tmp_path / "s.xlsx").worksheets[0]
    page.append([*([None] * 2), "PF3KX9AB", *([None] * 5), "31.12.2027"])
    page.parent.save(tmp_path / "s.xlsx")
    [seen] = observed(reader(tmp_path, "leases"))
    assert seen.contract is not None
    assert seen.contract.end == date(2027, 12, 31)
