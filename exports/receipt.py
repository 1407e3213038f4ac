"""A receipt for devices handed over or brought back, as text or as a worksheet: the same lines on both."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import msgspec

from devreg.domain.words import label
from devreg.i18n import Catalogue
from devreg.services.receipts import Receipt, Way
from exports.files import replacing
from exports.looks import Look
from exports.workbook import Book, Page

_BLANK = "_" * 40
"""Room to write by hand."""


class Part(StrEnum):
    """What a line is."""

    TITLE = "title"
    HEADING = "heading"
    PAIR = "pair"
    SPACE = "space"


class Line(msgspec.Struct, frozen=True):
    """One line of a receipt."""

    part: Part
    text: str = ""
    value: str = ""


def write(receipt: Receipt, out: Path, t: Catalogue) -> None:
    """Write the file whole or not at all: a worksheet where it is called .xlsx, else text. Raises as `files.replacing`."""
    if out.suffix.lower() == ".xlsx":
        _write_sheet(receipt, out, t)
        return
    with replacing(out) as part:
        told = list(lines(receipt, t))
        width = max(len(line.text) + 1 for line in told if line.part is Part.PAIR)
        part.write_text("\n".join(_as_text(line, width) for line in told) + "\n", encoding="utf-8")


def lines(receipt: Receipt, t: Catalogue) -> Iterator[Line]:
    """Who, what, and where to sign."""
    back = receipt.way is Way.RETURN
    title = t("Receipt for returned devices") if back else t("Receipt for devices handed over")
    yield Line(Part.TITLE, title)
    if receipt.owner:
        yield Line(Part.PAIR, t("Owner"), receipt.owner)
    yield Line(Part.PAIR, t("Date"), t.date(receipt.at))
    who = ", ".join(dict.fromkeys(part for part in (receipt.holder, receipt.email) if part))
    if who:
        yield Line(Part.PAIR, t("Returned by") if back else t("Received by"), who)
    if receipt.unit:
        yield Line(Part.PAIR, t("Unit"), receipt.unit)
    for number, device in enumerate(receipt.devices, 1):
        yield Line(Part.SPACE)
        kind = t(label(str(device["kind"]))) if device["kind"] else ""
        maker, model = str(device["manufacturer"] or ""), str(device["model"] or "")
        named = (kind, "" if model.casefold().startswith(maker.casefold()) else maker, model)
        yield Line(Part.HEADING, f"{number}. " + (" ".join(part for part in named if part) or str(device["id"])))
        for key, text in (
            ("id", t("Id")),
            ("asset_tag", t("Asset tag")),
            ("serial", t("Serial number")),
            ("imei", t("IMEI")),
        ):
            if device[key]:
                yield Line(Part.PAIR, text, str(device[key]))
        yield Line(Part.PAIR, t("Condition"), str(device["condition"] or _BLANK))
        yield Line(Part.PAIR, t("Accessories"), _BLANK)
    yield Line(Part.SPACE)
    yield Line(Part.HEADING, t("Signatures"))
    city = t("Received for the owner") if back else t("Handed over for the owner")
    for signer in (city, t("Returned by") if back else t("Received by")):
        yield Line(Part.SPACE)
        yield Line(Part.PAIR, signer, _BLANK)


def _as_text(line: Line, width: int) -> str:
    match line.part:
        case Part.TITLE:
            return f"{line.text}\n{'=' * len(line.text)}"
        case Part.PAIR:
            return f"{line.text + ':':<{width}} {line.value}"
        case Part.HEADING | Part.SPACE:
            return line.text


def _write_sheet(receipt: Receipt, out: Path, t: Catalogue) -> None:
    told = list(lines(receipt, t))
    with Book(t, told[0].text) as book:
        sheet = book.sheet(t("Receipt"), (34, 60), Page(portrait=True))
        for line in told:
            match line.part:
                case Part.TITLE:
                    sheet.title(line.text)
                case Part.HEADING:
                    sheet.heading(line.text)
                case Part.PAIR:
                    sheet.add(line.text, line.value, look=Look())
                case Part.SPACE:
                    sheet.space()
        book.save(out)
