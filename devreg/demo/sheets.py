"""The city's spreadsheets: real xlsx files, and a csv as an old program writes it."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from openpyxl import Workbook

from devreg.demo.city import City, Headcount
from devreg.demo.holders import earlier_holders
from devreg.demo.papers import Lease, Purchase
from devreg.demo.people import Person
from devreg.domain.device import Stage

PURCHASES: Final = {
    "Sarjanumero": "serial", "IMEI": "imei", "Laji": "kind", "Malli": "model", "Ostopäivä": "purchase_date", "Hinta (alv 0)": "price",
    "Toimittaja": "supplier", "Tilausnumero": "order_number", "Tila": "state",
}  # fmt: skip
LEASES: Final = {
    "Sopimusnumero": "lease.number", "Vuokranantaja": "lease.supplier", "Sarjanumero": "serial", "IMEI": "imei",
    "Alkaa": "lease.start", "Päättyy": "lease.end", "Kuukausivuokra": "lease.monthly_fee", "Jäännösarvo": "lease.residual",
    "Irtisanomisaika": "lease.notice_days", "Palautusaika": "lease.return_days", "Jatkovuokra": "lease.extension_fee",
    "Katoamismaksu": "lease.missing_fee", "Vauriomaksu": "lease.damage_fee",
    "Käyttäjä": "holder", "Käyttäjän sähköposti": "holder_email",
}  # fmt: skip
UNITS: Final = {
    "Tunnus": "unit.id", "Nimi": "unit.name_fi", "Namn": "unit.name_sv", "Laji": "unit.kind", "Kieli": "unit.language",
    "Kampus": "unit.campus",
}  # fmt: skip
HEADCOUNTS: Final = {
    "Toimipaikka": "headcount.unit", "Kouluaste": "headcount.stage", "Laskentapäivä": "headcount.date", "Oppilaita": "headcount.pupils",
    "Ryhmiä": "headcount.groups",
}  # fmt: skip
OLD_REGISTER: Final = {
    "Sarjanumero": "serial", "Laitetunnus": "asset_tag", "Laji": "kind", "Huone": "room", "Hankintahinta": "price", "Huom": "notes",
}  # fmt: skip
SCHOOL_STAGES: Final = (Stage.GRADES_1_2, Stage.GRADES_3_6, Stage.GRADES_7_9, Stage.UPPER_SECONDARY)
Cells = Sequence[Any]


def write_sheets(city: City, folder: Path) -> None:
    """purchases.xlsx, leases.xlsx, units.xlsx, headcounts.xlsx, daycare.csv and old-register.csv; every number in them is invented."""
    _xlsx(folder / "purchases.xlsx", "Hankinnat", PURCHASES, map(_purchase, city.purchases))
    earlier = earlier_holders(city.leases, city.managed)
    leases = (_lease(n, lease, earlier.get(n)) for n, lease in enumerate(city.leases))
    _xlsx(folder / "leases.xlsx", "Sopimukset", LEASES, leases)
    units = ((u.id, u.name_fi, u.name_sv, u.kind, u.language, u.campus) for u in city.units)
    _xlsx(folder / "units.xlsx", "Toimipaikat", UNITS, units)
    school = [row for row in city.headcounts if row.stage in SCHOOL_STAGES]
    _xlsx(folder / "headcounts.xlsx", "Oppilasmäärät 20.9.", HEADCOUNTS, (_headcount(row) for row in school))
    children = [row for row in city.headcounts if row.stage not in SCHOOL_STAGES]
    _csv(folder / "daycare.csv", HEADCOUNTS, (_headcount(row) for row in children))
    _csv(folder / "old-register.csv", OLD_REGISTER, _old_register(city.purchases))


def _xlsx(path: Path, title: str, columns: Iterable[str], rows: Iterable[Cells]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    # A column nobody maps and an empty line between: people's sheets have both.
    sheet.append([*columns, "Huom."])
    for number, row in enumerate(rows):
        sheet.append(row)
        if number == 40:
            sheet.append([])
    book.save(path)


def _csv(path: Path, columns: Iterable[str], rows: Iterable[Cells]) -> None:
    with path.open("w", encoding="cp1252", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(columns)
        writer.writerows([_finnish(cell) if isinstance(cell, date) else cell for cell in row] for row in rows)


def _purchase(line: Purchase) -> Cells:
    # Every price is a number, but those with odd cents: they were typed with a comma and are text.
    price = line.price_cents / 100 if line.price_cents % 700 else f"{line.price_cents // 100},00"
    return [
        line.serial or None,
        line.imei or None,
        line.kind,
        line.model,
        line.day,
        price,
        line.supplier,
        line.order,
        line.state or None,
    ]


def _lease(number: int, line: Lease, holder: Person | None) -> Cells:
    fee, residual = line.monthly_fee_cents, line.residual_cents
    as_text = number % 4 == 0
    return [
        line.number,
        line.lessor,
        line.serial or None,
        line.imei or None,
        _finnish(line.start) if as_text else line.start,
        _finnish(line.end) if as_text else line.end,
        _comma(fee) if as_text else fee / 100,
        f"{_comma(residual)} €" if number % 16 == 0 else residual / 100,
        90,
        14,
        fee / 100,
        150,
        60,
        holder.name if holder else None,
        holder.address if holder else None,
    ]


def _headcount(row: Headcount) -> Cells:
    return [row.unit, row.stage.value, row.day, row.pupils, row.groups]


def _old_register(purchases: Sequence[Purchase]) -> Iterable[Cells]:
    """What somebody kept before there was a register, and imports by hand: some of it known, some new, some wrong."""
    for number, line in enumerate(purchases[:6], 1):
        yield [line.serial, f"KA-{number:04d}", line.kind, f"Luokka {number}", _comma(line.price_cents), ""]
    yield ["", "KA-0099", "tulostin", "Kanslia", "349,00", "ei sarjanumeroa"]
    yield ["", "", "kannettava", "Varasto", "", "kuka tietää"]
    yield ["EX4MPL3SN", "KA-0100", "kannettava", "Opettajainhuone", "64o,00", "hinta väärin"]
    # The number is of the range that is never given to anybody.
    yield ["EX4MPL3SM", "KA-0101", "kannettava", "Opettajainhuone", "640,00", "lainassa, hetu 010190-901R"]


def _finnish(day: date) -> str:
    return f"{day.day}.{day.month}.{day.year}"


def _comma(cents: int) -> str:
    return f"{cents // 100},{cents % 100:02d}"
