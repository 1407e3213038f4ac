"""The phones workbook: one page for everybody, then phones by what is to be done, numbers, overlaps, and what each tool is good for."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from devreg.domain.tools import TRUSTED
from devreg.domain.words import label
from devreg.i18n import N_, Catalogue, in_language
from devreg.ports import Column, ColumnType
from devreg.services.phones import PhoneFigures, PhonesPicture
from exports.cells import number_format
from exports.columns import width_of
from exports.lists import NOTE, write_list
from exports.looks import Look, Styled
from exports.names import sheet_names
from exports.workbook import Book, Page, Rows

SHEETS: Final = (
    N_("Summary"), N_("Phones"), N_("Without a number"), N_("Without a phone"), N_("Signed in only"), N_("Overlaps"), N_("Tools"),
)  # fmt: skip
_WIDTHS: Final = (42, 18, 18, 17, 15, 18, 12, 14, 20)
_FIGURES: Final = (
    Column("figure", N_("Measure"), width=34),
    Column("value", N_("Value"), ColumnType.INTEGER, 12),
    Column("share", N_("Share"), ColumnType.PERCENT, 14),
    Column("meaning", N_("Meaning"), width=12),
)
_CATEGORIES: Final = (
    Column("category", N_("Situation"), ColumnType.WORD, 34),
    Column("phones", N_("Phones"), ColumnType.INTEGER, 12),
    Column("next_step", N_("Next step"), ColumnType.SENTENCE, 14),
)
_UNITS: Final = ("unit_name", "phones", "managed", "coverage", "lockable", "wipeable", "silent", "not_known", "at_most")
_TRUST: Final = (
    Column("tool", N_("Tool"), ColumnType.WORD, 16),
    Column("knows", N_("Knows"), ColumnType.SENTENCE, 50),
    Column("acts", N_("Can do"), ColumnType.SENTENCE, 50),
    Column("not_for", N_("Not to be trusted for"), ColumnType.SENTENCE, 50),
)


def write(picture: PhonesPicture, out: Path, language: str, trail: str = "") -> int:
    """Write the workbook; how many texts had to be changed to fit a cell. Raises as `exports.files.replacing`."""
    t = in_language(language)
    names = sheet_names(map(t, SHEETS))
    summary, phones, numberless, phoneless, signed_in, overlaps, tools = names
    with Book(t, t("Phones under management"), trail) as book:
        _write_summary(book, summary, picture, names[1:])
        write_list(book, phones, "phones", t("Every phone, by what is to be done"), picture.phones)
        write_list(
            book,
            numberless,
            "numberless",
            t("Phones in use whose number nobody says"),
            picture.without_number,
        )
        write_list(
            book,
            phoneless,
            "phoneless",
            t("Numbers that are billed, and no phone in use is known to have"),
            picture.without_phone,
        )
        title = t("Phones that people sign in with and nothing manages")
        write_list(book, signed_in, "signed_in", title, picture.signed_in)
        write_list(book, overlaps, "overlaps", t("Managed by none, by two, or by another tool"), picture.overlaps)
        _write_tools(book, tools)
        book.save(out)
    return book.changed


def _write_summary(book: Book, name: str, picture: PhonesPicture, others: list[str]) -> None:
    t, found = book.t, picture.figures
    sheet = book.sheet(name, _WIDTHS, Page(one_page=True, row_height=18))
    sheet.title(t("Phones under management"))
    sheet.add(t("Made {made}", made=t.datetime(picture.made_at)), look=Look(colour="595959"))
    sheet.space()
    sheet.table("key_figures", Rows(_FIGURES, _figures(found, t)), ruled=True, reach=len(_WIDTHS))
    if found.not_known:
        sheet.add(t("The last reading of the management tool was not whole: the share is given as a range."), look=NOTE)
    sheet.heading(t("How the phones stand, and what to do"))
    lines = [{"category": str(c.category), "phones": c.phones, "next_step": c.next_step} for c in found.categories]
    sheet.table("categories", Rows(_CATEGORIES, lines), ruled=True, reach=len(_WIDTHS))
    sheet.heading(t("By unit"))
    columns = tuple(column for key in _UNITS for column in picture.units.columns if column.key == key)
    rows = [_placed(row, t) for row in picture.units.rows]
    sheet.table("units", Rows(columns, rows), ruled=True)
    notes = (
        N_(
            "Under management: enrolled as the city's, and heard of within 30 days. In stock, lost, out of use and private: not counted."
        ),
        N_("Lockable, wipeable: of those under management, the ones that would take such an order."),
    )
    for note in notes:
        sheet.add(t(note), look=NOTE)
    sheet.space()
    sheet.links(others)


def _figures(found: PhoneFigures, t: Catalogue) -> list[list[object]]:
    def line(name: str, value: int, share: float | None, meaning: str) -> list[object]:
        bold = Look(
            bold=True, ruled=True, format=number_format(ColumnType.INTEGER, t.language), align="right", indent=1
        )
        return [
            Styled(name, Look(bold=True, ruled=True)),
            Styled(value, bold),
            share,
            Styled(meaning, Look(align="left", indent=1, ruled=True)),
        ]

    def of(part: int) -> float | None:
        return part / found.managed if found.managed else None

    at_most = (
        t("at most {share}", share=t.percent(found.at_most)) if found.not_known and found.at_most is not None else ""
    )
    return [
        line(t("Phones that should be managed"), found.phones, None, t("the city's phones in use")),
        line(t("Under management"), found.managed, found.coverage, at_most or t("of the phones that should be")),
        line(t("Lockable"), found.lockable, of(found.lockable), t("of those under management")),
        line(t("Wipeable"), found.wipeable, of(found.wipeable), t("of those under management")),
        line(t("Need something"), found.to_do, None, t("phones with a next step below")),
    ]


def _placed(row: Mapping[str, object], t: Catalogue) -> Mapping[str, object]:
    return {**row, "unit_name": row["unit_name"] or t("no unit")}


def _write_tools(book: Book, name: str) -> None:
    t = book.t
    sheet = book.sheet(name, [width_of(column, t) for column in _TRUST], Page(row_height=15))
    sheet.title(t("What each tool may be trusted for"))
    wrapped = Look(wrap=True, upright="top", ruled=True, align="left", indent=1)
    rows = [
        [Styled(t(label(tool.tool)), Look(bold=True, upright="top", ruled=True))]
        + [Styled(t(text), wrapped) for text in (tool.knows, tool.acts, tool.not_for)]
        for tool in TRUSTED
    ]
    sheet.table("tools", Rows(_TRUST, rows), ruled=True)
