"""The equality workbook's sheets apart from pupils' devices: leases, circulation, network and printing, DigiLab."""

from typing import Final

from devreg.domain.device import Kind
from devreg.domain.words import label
from devreg.i18n import N_, Catalogue
from devreg.ports import Column, ColumnType
from devreg.services.contract_report import total
from devreg.services.equality_apart import NETWORK, Apart
from exports.circulation_summary import QUARTER_COLUMNS, quarters
from exports.contracts import STATES
from exports.lists import table_or
from exports.looks import Look
from exports.workbook import Book, Page, Rows, Sheet

_I, _P = ColumnType.INTEGER, ColumnType.PERCENT
_NOTE: Final = Look(size=9, colour="404040")
_PHONES: Final = (Column("what", N_("Measure")), Column("phones", N_("Phones"), _I), Column("share", N_("Share"), _P))
_SPARES: Final = (
    Column("unit_name", N_("Unit")),
    Column("in_stock", N_("In stock"), _I),
    Column("in_use", N_("In use"), _I),
    Column("share", N_("Reserve"), _P),
    Column("reserve", N_("Assessment"), ColumnType.WORD),
)
_NETWORK: Final = (
    Column("unit", N_("Unit")),
    Column(str(Kind.ACCESS_POINT), N_("Access points"), _I),
    Column(str(Kind.PRINTER), N_("Printers"), _I),
)
_KINDS: Final = (Column("kind", N_("Kind"), ColumnType.WORD), Column("devices", N_("Devices"), _I))


def write_leasing(book: Book, name: str, apart: Apart) -> None:
    """What ends in which quarter and what it costs, and how far the returns are."""
    t = book.t
    sheet = _begun(book, name, t("Leasing: ends, costs and returns"), (44, 16, 16, 20, 20, 22))
    sheet.heading(t("Leases that end, by quarter"))
    table_or(sheet, "quarters", QUARTER_COLUMNS, quarters(apart.quarters), t("No lease has a known end."))
    sheet.heading(t("Leases by state, returns among them"))
    every = {"state": t("all"), **total(apart.leases)} if apart.leases else None
    if every:
        sheet.table("lease_states", Rows(STATES, apart.leases), ruled=True, total=every)
    else:
        sheet.add(t("No leased device is in the register."))
    sheet.add(
        t("An empty sum means that a fee or a date of one of the devices is not known. Sums are without VAT."),
        look=_NOTE,
    )


def write_circulation(book: Book, name: str, apart: Apart) -> None:
    """Phones: managed, lockable, wipeable, idle, and the reserve."""
    t, found = book.t, apart.phones
    sheet = _begun(book, name, t("Circulation: phones"), (44, 14, 14, 14, 24))
    idle, known = apart.idle.get(True, 0), apart.idle.get(True, 0) + apart.idle.get(False, 0)
    lines: list[list[object]] = [
        [t("Phones that should be managed"), found.phones, None],
        [t("Under management"), found.managed, found.coverage],
        [t("Lockable"), found.lockable, found.lockable / found.managed if found.managed else None],
        [t("Wipeable"), found.wipeable, found.wipeable / found.managed if found.managed else None],
        [t("Idle phones"), idle, idle / known if known else None],
        [t("Phones of which it is not known whether they are idle"), apart.idle.get(None, 0), None],
    ]
    sheet.table("phones", Rows(_PHONES, lines), ruled=True)
    sheet.add(t("Lockable, wipeable: of those under management, the ones that would take such an order."), look=_NOTE)
    sheet.heading(t("Phones in stock as a reserve"))
    places = [{**row, "unit_name": _place(row["scope"], row["unit_name"], t)} for row in apart.spares]
    table_or(sheet, "spares", _SPARES, places, t("No phone is in use or in stock."))


def write_network(book: Book, name: str, apart: Apart) -> None:
    """Access points and printers by unit."""
    t = book.t
    sheet = _begun(book, name, t("Network and printing"), (44, 18, 18))
    units = sorted(apart.network, key=lambda unit: (unit is None, unit or ""))
    rows = [[unit or t("no unit"), *(apart.network[unit].get(kind, 0) for kind in NETWORK)] for unit in units]
    table_or(sheet, "network", _NETWORK, rows, t("No access point or printer is in the register."))
    sheet.add(t("Devices in the house; a zero means that the register has none in the unit."), look=_NOTE)


def write_digilab(book: Book, name: str, apart: Apart) -> None:
    """What the DigiLab has; it belongs to all schools, so no unit's coverage counts it."""
    t = book.t
    sheet = _begun(book, name, t("DigiLab"), (44, 16))
    sheet.add(t("The DigiLab serves every school, so its devices are in no unit's coverage."))
    sheet.add(t("Hours and visits by school: not in the register."))
    rows = [[kind or t("not known"), devices] for kind, devices in apart.digilab.items()]
    table_or(sheet, "digilab", _KINDS, rows, t("No device is marked as the DigiLab's."))


def _begun(book: Book, name: str, title: str, widths: tuple[float, ...]) -> Sheet:
    sheet = book.sheet(name, widths, Page(row_height=18))
    sheet.title(title)
    return sheet


def _place(scope: object, unit: object, t: Catalogue) -> str:
    return str(unit) if unit else t(label(str(scope)))
