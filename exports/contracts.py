"""The contracts workbook: leases by state on one page, leased devices, contracts, support of critical devices, lease, buy or keep."""

from pathlib import Path
from typing import Final

from devreg.i18n import N_, Catalogue, in_language
from devreg.ports import Column, ColumnType
from devreg.services.contract_report import ComparedLine, ContractsPicture, by_state, total
from exports.columns import width_of
from exports.lists import NOTE, write_list
from exports.looks import Look
from exports.names import sheet_names
from exports.workbook import Book, Page, Rows, Sheet

SHEETS: Final = (
    N_("Summary"), N_("Leased devices"), N_("Contracts"), N_("Support of critical devices"), N_("Lease, buy or keep"),
)  # fmt: skip
_MONEY, _INTEGER, _NUMBER = ColumnType.MONEY_CENTS, ColumnType.INTEGER, ColumnType.NUMBER
STATES: Final = (
    Column("state", N_("Lease state"), ColumnType.WORD, 42),
    Column("devices", N_("Devices"), _INTEGER, 10),
    Column("next_on", N_("Next date"), ColumnType.DATE, 14),
    Column("monthly_fee", N_("Monthly fee, no VAT"), _MONEY, 18),
    Column("cost_so_far", N_("Cost so far, no VAT"), _MONEY, 18),
    Column("cost_to_end", N_("Cost to the end, no VAT"), _MONEY, 18),
)
_GAPS: Final = (Column("what", N_("Critical devices"), width=34), Column("n", N_("Number"), _INTEGER, 10))
_COMPARED: Final = (
    Column("kind", N_("Kind"), ColumnType.WORD, 16),
    Column("case", N_("Case"), ColumnType.WORD, 12),
    Column("lease", N_("Lease, a year"), _MONEY, 15),
    Column("buy", N_("Buy, a year"), _MONEY, 15),
    Column("keep", N_("Keep, a year"), _MONEY, 15),
    Column("break_even", N_("Break-even fee, a month"), _MONEY, 16),
)
_ASSUMED: Final = (
    Column("kind", N_("Kind"), ColumnType.WORD, 16),
    Column("case", N_("Case"), ColumnType.WORD, 12),
    Column("leased", N_("Leases with a fee"), _INTEGER, 10),
    Column("fee", N_("Monthly fee"), _MONEY, 14),
    Column("months", N_("Months"), _INTEGER, 9),
    Column("price", N_("Price"), _MONEY, 14),
    Column("interest", N_("Interest"), ColumnType.PERCENT, 9),
    Column("setup", N_("Setup"), _MONEY, 11),
    Column("late_months", N_("Months late"), _NUMBER, 9),
    Column("damage", N_("Damage, a device"), _MONEY, 12),
    Column("missing", N_("Losses, a device"), _MONEY, 12),
    Column("life_years", N_("Years of use"), _INTEGER, 9),
    Column("repairs", N_("Repairs, a year"), _MONEY, 12),
    Column("disposal", N_("Disposal"), _MONEY, 12),
    Column("residual", N_("Resale"), _MONEY, 12),
    Column("keep_years", N_("Years kept on"), _INTEGER, 9),
    Column("keep_repairs", N_("Repairs of an old one, a year"), _MONEY, 14),
)


def write(picture: ContractsPicture, out: Path, language: str, trail: str = "") -> int:
    """Write the workbook; how many texts had to be changed to fit a cell. Raises as `exports.files.replacing`."""
    t = in_language(language)
    names = sheet_names(map(t, SHEETS))
    summary, leases, contracts, coverage, compared = names
    with Book(t, t("Contracts"), trail) as book:
        _write_summary(book, summary, picture, names[1:])
        write_list(book, leases, "leases", t("Every leased device, the next day to mind first"), picture.leases)
        write_list(
            book,
            contracts,
            "contracts",
            t("Leases, support contracts, warranties and subscriptions"),
            picture.contracts,
        )
        write_list(
            book, coverage, "coverage", t("Critical devices, those without valid support first"), picture.coverage
        )
        _write_compared(book, compared, picture.compared)
        book.save(out)
    return book.changed


def _write_summary(book: Book, name: str, picture: ContractsPicture, others: list[str]) -> None:
    t, covered = book.t, picture.covered
    sheet = book.sheet(name, [max(width_of(column, t), column.width) for column in STATES], Page(row_height=18))
    sheet.title(t("Contracts"))
    sheet.add(t("Made {made}", made=t.datetime(picture.made_at)), look=Look(colour="595959"))
    sheet.heading(t("Leases by state"))
    lines = by_state(picture.leases.rows)
    every = {"state": t("all"), **total(lines)} if lines else None
    sheet.table("lease_states", Rows(STATES, lines), ruled=True, total=every)
    for note in (
        N_("An empty sum means that a fee or a date of one of the devices is not known. Sums are without VAT."),
        N_("Next date: the first day to mind of these devices: notice by, end, or return by."),
        N_(
            "Cost so far: months begun. Cost to the end: months to come of the term; what is overdue costs on beyond it."
        ),
    ):
        sheet.add(t(note), look=NOTE)
    sheet.heading(t("Support of critical devices"))
    gaps = [
        [t("all"), covered.critical],
        [t("without a valid support contract"), covered.without],
        [t("support ends within {n} days", n=t.number(covered.days)), covered.ending],
    ]
    sheet.table("critical", Rows(_GAPS, gaps), ruled=True)
    sheet.space()
    sheet.links(others)


def _write_compared(book: Book, name: str, lines: tuple[ComparedLine, ...]) -> None:
    t = book.t
    widths = [
        max(width_of(column, t), width_of(other, t))
        for column, other in zip(_ASSUMED, (*_COMPARED, *_ASSUMED[6:]), strict=True)
    ]
    sheet = book.sheet(name, widths, Page(row_height=18))
    sheet.title(t("Lease, buy or keep: cost of a device a year"))
    sheet.add(
        t("Lowest, expected and highest case; no single number. Without VAT. Empty: no fee or no price is known."),
        look=NOTE,
    )
    sheet.table("lease_or_buy", Rows(_COMPARED, [_result(line) for line in lines]), ruled=True)
    _write_assumed(sheet, t, lines)


def _write_assumed(sheet: Sheet, t: Catalogue, lines: tuple[ComparedLine, ...]) -> None:
    sheet.heading(t("What this rests on"))
    rows = [
        [str(line.kind), str(line.case), line.leased, *(getattr(line.given, column.key) for column in _ASSUMED[3:])]
        for line in lines
    ]
    sheet.table("assumptions", Rows(_ASSUMED, rows), ruled=True)
    for note in (
        N_(
            "Fee and price: the lowest tenth, the middle and the highest tenth of what the register knows of the class."
        ),
        N_(
            "The rest: [contracts] in the settings. Damage and losses: share times fee. Present values at the interest given."
        ),
    ):
        sheet.add(t(note), look=NOTE)


def _result(line: ComparedLine) -> list[object]:
    found = line.compared
    return [str(line.kind), str(line.case), found.lease, found.buy, found.keep, found.break_even_fee]
