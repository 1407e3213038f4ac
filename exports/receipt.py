"""A receipt for devices handed over or brought back, as text or as a worksheet: the same lines on both."""

from collections.abc import Iterator
from pathlib import Path

from devreg.domain.words import label
from devreg.i18n import Catalogue
from devreg.services.receipts import Receipt, Way
from exports import paper
from exports.paper import Line, Part


def write(receipt: Receipt, out: Path, t: Catalogue) -> None:
    """Write the file whole or not at all: a worksheet where it is called .xlsx, else text. Raises as `files.replacing`."""
    paper.write(lines(receipt, t), t("Receipt"), out, t)


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
        yield Line(Part.PAIR, t("Condition"), str(device["condition"] or paper.BLANK))
        yield Line(Part.PAIR, t("Accessories"), paper.BLANK)
    yield Line(Part.SPACE)
    yield Line(Part.HEADING, t("Signatures"))
    city = t("Received for the owner") if back else t("Handed over for the owner")
    for signer in (city, t("Returned by") if back else t("Received by")):
        yield Line(Part.SPACE)
        yield Line(Part.PAIR, signer, paper.BLANK)
