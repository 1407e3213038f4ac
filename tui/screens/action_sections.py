"""What an action's page says: how it stands in plain words and what comes next, the device, who asked for it and why, its timeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from devreg.domain.action import Standing
from devreg.domain.platforms import LOCKS
from devreg.i18n import N_, Catalogue
from devreg.ports import Row
from tui.ago import ago, countdown
from tui.cells import word
from tui.plain import Line, Span, fit, wrap
from tui.screens.device_facts import bullets, device_lines
from tui.screens.page import labelled
from tui.widgets.paper import Section

if TYPE_CHECKING:
    from devreg.services.action_page import ActionEvent
    from devreg.services.desk import OpenAction

INKS: Final[Mapping[Standing, str]] = {
    Standing.CONFIRMED: "good",
    Standing.UNKNOWN: "bad",
    Standing.FAILED: "bad",
    Standing.VOID: "bad",
    Standing.SENDING: "warn",
    Standing.NEEDS_APPROVAL: "warn",
    Standing.REQUESTED: "warn",
    Standing.APPROVED: "warn",
    Standing.ACCEPTED: "link",
}
STANDINGS: Final[Mapping[Standing, str]] = {
    Standing.REQUESTED: N_("Requested. Nothing was sent."),
    Standing.APPROVED: N_("Approved by a second person. Nothing was sent yet."),
    Standing.SENDING: N_("Being sent. Until its answer is written down it counts as perhaps arrived."),
    Standing.NEEDS_APPROVAL: N_("The management system asks for a second admin of its own. Nothing was done to the device."),
    Standing.ACCEPTED: N_("Accepted by the management system. Nothing is known yet of the device itself."),
    Standing.UNKNOWN: N_("Not known whether it arrived. It is never sent again by itself."),
    Standing.CONFIRMED: N_("Confirmed."),
    Standing.FAILED: N_("Failed."),
    Standing.EXPIRED: N_("Expired; it was not carried out as far as anybody knows."),
    Standing.CANCELLED: N_("Called off."),
    Standing.REJECTED: N_("Rejected."),
    Standing.VOID: N_("Not sent: just before sending the device was not the one that had been asked for."),
}  # fmt: skip
"""Standing -> what may be said of it (safety.md 5); nothing is called done before the management system, or a named person, said so."""


def next_step(opened: OpenAction, now: datetime, t: Catalogue) -> str:
    """What this person can do, or wait for."""
    page, found = opened.page, opened.intent
    match found.standing:
        case Standing.REQUESTED | Standing.APPROVED:
            return _before_sending(opened, now, t)
        case Standing.NEEDS_APPROVAL if found.requested_by == opened.me:
            return t("Once a second admin has approved it there, send it once more: s.")
        case _ if "locate" in opened.deeds:
            return t("Once the device has told where it is, see it here: l. It is shown once and kept nowhere.")
        case Standing.ACCEPTED if found.bound.act in LOCKS:
            return t(
                "The device locks at its next contact. If it is not found, its wipe can be asked for beside this: a."
            )
        case Standing.CONFIRMED if "certify" in opened.deeds:
            return t("Write its sanitisation record: c.")
        case Standing.CONFIRMED if found.bound.act in LOCKS:
            return t("If the device is not found, its wipe can be asked for next: a.")
        case _:
            return t.said(page.next_step) if page.next_step else ""


def _before_sending(opened: OpenAction, now: datetime, t: Catalogue) -> str:
    page, found = opened.page, opened.intent
    if page.sendable_from is None:
        if "approve" in opened.deeds:
            return t("It waits for you: look at the device, then approve (y) or reject (n).")
        return t("It waits for a second person: an approver opens this page and approves it.")
    if page.sendable_until is not None and now > page.sendable_until:
        return t("It is too old to be sent. If it is still needed, ask for it anew: a.")
    if now < page.sendable_from:
        at, left = t.datetime(page.sendable_from), countdown(page.sendable_from, now)
        return t(
            "It can be sent from {time} on, in {left}. Until then everybody can call it off: x.", time=at, left=left
        )
    until = "" if page.sendable_until is None else t.datetime(page.sendable_until)
    if found.requested_by == opened.me:
        return t("You can send it now, until {time}: s. You sign in for it.", time=until)
    return t("{name} can send it, until {time}.", name=found.requested_by, time=until)


def sections(page: OpenAction, row: Row, now: datetime, width: int, t: Catalogue) -> list[Section]:
    """The page, most urgent first."""
    return [
        Section("", list(_standing(page, now, width, t))),
        Section(
            t("Device"),
            device_lines(
                row,
                serial=page.intent.bound.serial,
                asset_tag=page.intent.bound.asset_tag,
                source=page.intent.bound.source,
                native_id=page.intent.bound.native_id,
                now=now,
                width=width,
                t=t,
            ),
        ),
        Section(t("Request"), list(_request(page, now, width, t))),
        Section(
            t("Timeline"),
            [line for event in page.page.events for line in _event(event, width, t)],
            len(page.page.events),
        ),
    ]


def _standing(page: OpenAction, now: datetime, width: int, t: Catalogue) -> Iterator[Line]:
    found = page.intent
    yield from bullets([t(STANDINGS[found.standing])], "●", f"strong {INKS.get(found.standing, 'dim')}", width)
    if found.said:
        yield from bullets([t.said(found.said)], " ", "", width)
    if step := next_step(page, now, t):
        yield from bullets([step], "▸", "link", width)


def _request(page: OpenAction, now: datetime, width: int, t: Catalogue) -> Iterator[Line]:
    found, bound = page.intent, page.intent.bound
    cautions = ", ".join(word(name, t) for name in (bound.cautions or "").split())
    pairs: list[tuple[str, str]] = [
        (t("What"), word(bound.act, t)),
        (t("Reason"), bound.reason),
        (t("To be minded"), cautions),
        (t("Nevertheless because"), bound.despite or ""),
        (t("Once it is confirmed"), word(bound.then_state, t) if bound.then_state else ""),
        (t("Requested"), _who(found.requested_by, found.requested_at, t)),
        (t("Approved"), _who(found.approved_by, found.approved_at, t)),
        (t("Sent"), _who(found.sent_as or "", found.sending_at, t)),
        (t("Accepted"), _who("", found.accepted_at, t)),
        (t("Given up"), _who("", found.expires_at, t)),
        (t("Last look"), "" if found.read_at is None else f"{ago(found.read_at, now, t)} ({t.datetime(found.read_at)})"),
        (t("Next look"), "" if found.next_at is None else t.datetime(found.next_at)),
    ]  # fmt: skip
    for label, value in pairs:
        if value:
            yield from labelled(label, value, width)


def _who(name: str | None, at: datetime | None, t: Catalogue) -> str:
    return ", ".join(filter(None, (name, "" if at is None else t.datetime(at))))


def _event(event: ActionEvent, width: int, t: Catalogue) -> list[Line]:
    moved = word(event.after, t)
    said = f"{moved}: {t.said(event.said)}" if event.said else moved
    pieces: Sequence[str] = wrap(said, max(1, width - 19))
    ink = INKS.get(Standing(event.after), "")
    first: Line = (Span(fit(t.datetime(event.at), 17) + "  ", "dim"), Span(pieces[0], ink))
    more: list[Line] = [(Span(" " * 19), Span(piece, ink)) for piece in pieces[1:]]
    return [first, *more, (Span(" " * 19), Span(event.by, "dim"))]
