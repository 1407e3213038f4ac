"""The circulation workbook: one A4 that says what idles, what it costs and what ends when, then the lists behind it."""

from pathlib import Path
from typing import Final

from devreg.domain.words import label
from devreg.i18n import N_, in_language
from devreg.ports import Column
from devreg.services.circulation import MAX_LISTED, Picture
from exports.circulation_summary import write_summary
from exports.lists import write_list
from exports.looks import Look, Styled
from exports.names import sheet_names
from exports.workbook import Book, Page, Rows

SHEETS: Final = (
    N_("Summary"), N_("To be done"), N_("Needed elsewhere"), N_("Reserve"), N_("Lease ends"), N_("Definitions"),
)  # fmt: skip


def write(picture: Picture, out: Path, language: str, trail: str = "") -> int:
    """Write the workbook; how many texts had to be changed to fit a cell. Raises as `exports.files.replacing`."""
    t = in_language(language)
    names = sheet_names(map(t, SHEETS))
    summary, devices, needed, spares, cliffs, definitions = names
    with Book(t, t("Devices that go round, and devices that lie idle"), trail) as book:
        write_summary(book, summary, picture, names[1:])
        note = t("No person is named here. An empty cell means: not known.")
        if len(picture.devices.rows) >= MAX_LISTED:
            note = t("The first {n} devices; `devreg list circulation` has all of them.", n=t.number(MAX_LISTED))
        write_list(book, devices, "to_do", t("Devices with a next step, the dearest first"), picture.devices, note)
        title = t("In stock, and needed elsewhere")
        note = t(
            "Places with the lowest coverage first, kinds that their pupils have; support not at its end. "
            "Without a giver: in no unit's stock."
        )
        write_list(book, needed, "needed", title, picture.offers, note)
        low, high = (t.percent(share) for share in picture.settings.spares)
        note = t("Devices in stock for each device in use; wanted: {low} to {high}.", low=low, high=high)
        write_list(book, spares, "spares", t("Reserve by kind and unit"), picture.spares, note)
        note = t(
            "Lease cliff: more than {share} of a unit's devices. In term: not in June or July.",
            share=t.percent(picture.settings.cliff_share),
        )
        write_list(book, cliffs, "lease_ends", t("Lease ends by quarter"), picture.cliffs, note)
        _write_definitions(book, definitions, picture)
        book.save(out)
    return book.changed


def _write_definitions(book: Book, name: str, picture: Picture) -> None:
    t, settings = book.t, picture.settings
    sheet = book.sheet(name, (34, 96), Page(row_height=15))
    sheet.title(t("Definitions"))
    saved_from = "; ".join(f"{t(label)} {low}–{high} kg" for label, (low, high) in _carbon(picture))
    lines = (
        (N_("Idle"), t("No contact for {n} days or more that count.", n=t.number(settings.idle_days))),
        (
            N_("Days that count"),
            t(
                "All but public holidays, and in schools and day-care centres their breaks. A device that was never seen counts from "
                "purchase, else from the start of its lease, else from registration."
            ),
        ),
        (N_("Not known"), t("No source sees devices of this kind: it is in no sum of idle devices, and not zero.")),
        (N_("Cost of idling"), t("Monthly fee × 12 ÷ 365 × idle days, for idle leased devices whose fee is known.")),
        (N_("Times re-used"), t("A further holder or unit after the first; both at once count as one time.")),
        (
            N_("Find it"),
            t(
                "The lease ends within {n} days or is over, and nobody has seen the device for {n} days.",
                n=t.number(settings.unseen_days),
            ),
        ),
        (
            N_("Carbon saved"),
            t("Times re-used × making one new device ({figures}); order of magnitude, repairs not taken off.", figures=saved_from),
        ),
        (N_("Source of the carbon figures"), f"{settings.carbon_source}, {t.date(settings.carbon_date)}"),
    )  # fmt: skip
    plain = Look(upright="top", ruled=True)
    wrapped = Look(wrap=True, upright="top", ruled=True, align="left", indent=1)
    columns = (Column("what", N_("What")), Column("meaning", N_("Meaning")))
    sheet.table(
        "definitions",
        Rows(columns, [[Styled(t(what), plain), Styled(text, wrapped)] for what, text in lines]),
        ruled=True,
    )


def _carbon(picture: Picture) -> list[tuple[str, tuple[int, int]]]:
    return [(label(str(kind)), figures) for kind, figures in picture.settings.carbon.items()]
