"""A sanitisation record with all fields of NIST SP 800-88's certificate; what nobody said is left to be written by hand."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from devreg.domain.sanitisation import Category
from devreg.domain.words import label
from devreg.i18n import Catalogue
from devreg.services.certificates import Certificate
from exports import paper
from exports.paper import BLANK, Line, Part

_CATEGORIES = {Category.CLEAR: "Clear", Category.PURGE: "Purge", Category.DESTROY: "Destroy"}
"""As the standard names them, in every language."""


def write(told: Certificate, version: str, out: Path, t: Catalogue, trail: str) -> None:
    """Write the file whole or not at all; `version` is the program's. Raises as `files.replacing`."""
    name = t("Sanitisation record") if told.is_certificate else t("Order")
    paper.write(lines(told, version, t), name, out, t, trail)


def lines(told: Certificate, version: str, t: Catalogue) -> Iterator[Line]:
    """Device, medium, what was ordered and reported, what was verified, and where to sign for both."""
    if told.is_certificate:
        yield Line(Part.TITLE, t("Sanitisation record {number}", number=told.ref))
    else:
        yield Line(Part.TITLE, t("Record of an order {number}", number=told.ref))
        yield Line(Part.TEXT, t("This is no sanitisation record: it does not say that anything was emptied."))
    yield Line(Part.TEXT, t("Fields as in NIST SP 800-88. Made {when}.", when=t.datetime(told.at)))
    yield from _device(told, t)
    yield from _sanitisation(told, version, t)
    yield from _verification(told, t)


def _device(told: Certificate, t: Catalogue) -> Iterator[Line]:
    beside, used_by = told.beside, told.found.bound.used_by
    yield from _headed(t("Device"))
    yield _pair(t("Manufacturer"), told.manufacturer)
    yield _pair(t("Model"), told.model)
    yield _pair(t("Serial number"), told.serial)
    yield _pair(t("Property number"), ", ".join(filter(None, (told.asset_tag, told.device))))
    yield _pair(t("Media type"), beside.media_type or t("built-in storage"))
    yield _pair(
        t("Media source"), t("the device itself; user: {user}", user=used_by) if used_by else t("the device itself")
    )
    yield _pair(t("Confidentiality before"), beside.before)
    yield _pair(t("Confidentiality after"), beside.after)
    yield _pair(t("Destination"), beside.destination)


def _sanitisation(told: Certificate, version: str, t: Catalogue) -> Iterator[Line]:
    found, tool = told.found, t(label(told.kind))
    seen = told.verification
    yield from _headed(t("Sanitisation"))
    category = (
        _CATEGORIES[seen.category]
        if seen and seen.category
        else t("not classified: nobody who looked at the device has said it")
    )
    yield _pair(t("Category (Clear, Purge, Destroy)"), category)
    yield _pair(t("Method"), t("order from afar through {tool}: {act}", tool=tool, act=t(label(str(found.bound.act)))))
    made = t("{tool} (a service, without a version), devreg {version}", tool=tool, version=version)
    yield _pair(t("Tool and version"), made)
    yield _pair(t("Ordered"), _moment(t, found.requested_at))
    approved = f"{found.approved_by}, {_moment(t, found.approved_at)}" if found.approved_by else t("nobody")
    yield _pair(t("Approved by"), approved)
    yield _pair(t("Sent"), _moment(t, found.sending_at))
    yield _pair(
        t("Reported state"), ", ".join(filter(None, (t(label(str(found.standing))), _moment(t, found.closed_at))))
    )
    if found.said:
        yield _pair(t("Reported"), t.said(found.said))
    yield _pair(t("Carried out or checked by"), told.operator)
    yield _pair(t("Job title"), told.beside.title)
    yield _pair(t("Date"), t.date(found.sending_at) if found.sending_at else None)
    yield _pair(t("Location"), told.beside.place)
    yield _pair(t("Contact"), told.beside.contact)
    yield _pair(t("Signature"), None)


def _verification(told: Certificate, t: Catalogue) -> Iterator[Line]:
    seen = told.verification
    yield from _headed(t("Verification"))
    if seen is None:
        yield _pair(t("Verification method"), t("none"))
        yield Line(
            Part.TEXT,
            t("Evidence of the order and of the state that was reported, not of the device: nobody has looked at it."),
        )
    else:
        yield _pair(t("Verification method"), seen.method)
    yield _pair(t("Carried out or checked by"), seen.person if seen else None)
    yield _pair(t("Job title"), seen.title if seen else None)
    yield _pair(t("Date"), t.date(seen.looked_on) if seen else None)
    yield _pair(t("Location"), seen.place if seen else None)
    yield _pair(t("Contact"), seen.contact if seen else None)
    yield _pair(t("Signature"), None)


def _headed(text: str) -> tuple[Line, Line]:
    return Line(Part.SPACE), Line(Part.HEADING, text)


def _pair(name: str, value: str | None) -> Line:
    return Line(Part.PAIR, name, value or BLANK)


def _moment(t: Catalogue, when: datetime | None) -> str | None:
    return None if when is None else t.datetime(when)
