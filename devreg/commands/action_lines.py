"""Remote actions in lines of text."""

from collections.abc import Iterator

from devreg.domain.device import device_ref, intent_ref
from devreg.domain.words import label
from devreg.i18n import Catalogue
from devreg.services.action_page import ActionPage
from devreg.services.settle import Settled
from devreg.store.intents import Intent
from devreg.terminal import note, say


def summary(t: Catalogue, found: Intent) -> str:
    """`A000012 wipe D000123 (KAU-0012, SN …4F2A): requested`."""
    bound = found.bound
    known = ", ".join(
        part for part in (bound.asset_tag, f"…{bound.serial[-4:]}" if bound.serial else None, bound.source) if part
    )
    return f"{intent_ref(found.id)} {t(label(bound.act))} {device_ref(bound.device_id)} ({known}): {t(label(found.standing))}"


def tell_settled(t: Catalogue, one: Settled) -> None:
    """What a look came to: how it stands, and on stderr what is to be said of it."""
    say(summary(t, one.after))
    said = one.problem or one.after.said
    if said:
        note(f"{intent_ref(one.after.id)}: {t.said(said)}")


def page_lines(t: Catalogue, page: ActionPage) -> Iterator[str]:
    """The whole page."""
    found, bound = page.intent, page.intent.bound
    yield summary(t, found)
    if found.said:
        yield f"  {t.said(found.said)}"
    if page.next_step:
        yield f"  → {t.said(page.next_step)}"
    for trap in page.traps:
        yield f"  ! {t.said(trap)}"
    for held in page.held:
        yield f"  ! {t(label(held.kind))}: {held.by}, {t.datetime(held.at)}" + (
            f": {held.reason}" if held.reason else ""
        )
    yield ""
    said = (
        (t("Reason"), bound.reason),
        (t("Nevertheless because"), bound.despite),
        (t("Serial number then"), bound.serial),
        (t("Asset tag then"), bound.asset_tag),
        (t("Ownership then"), t(label(bound.ownership)) if bound.ownership else None),
        (t("User then"), bound.used_by),
        (t("Afterwards"), t(label(bound.then_state)) if bound.then_state else None),
        (t("Can be sent from"), t.datetime(page.sendable_from) if page.sendable_from else None),
        (t("Can be sent until"), t.datetime(page.sendable_until) if page.sendable_until else None),
        (t("Looked at"), t.datetime(found.read_at) if found.read_at else None),
        (t("Next look"), t.datetime(found.next_at) if found.next_at else None),
        (t("Expires"), t.datetime(found.expires_at) if found.expires_at else None),
        (t("Their number for it"), found.command_id or found.approval_code),
    )
    there = [(name, value) for name, value in said if value]
    width = max(len(name) for name, _ in there)
    for name, value in there:
        yield f"  {name:<{width}}  {value}"
    yield ""
    for event in page.events:
        text = f": {t.said(event.said)}" if event.said else ""
        yield f"  {t.datetime(event.at)}  {t(label(event.after))} ({event.by}){text}"
