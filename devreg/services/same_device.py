"""Whether a device is still what an intent is bound to, as its management system shows it just before sending (safety.md 11)."""

from devreg.action_ports import Live
from devreg.domain.device import Ownership
from devreg.domain.guarding import empties
from devreg.domain.identifiers import serial
from devreg.i18n import N_
from devreg.store import persons, records
from devreg.store.engine import Session
from devreg.store.intents import Bound, Intent


def differences(session: Session, found: Intent, live: Live | None) -> list[str]:
    """Why it is not that device, as English msgids; nothing when it is."""
    bound = found.bound
    if live is None:
        return [N_("The management system does not have it any more.")]
    said = serial(live.serial)
    wrong = []
    if live.native_id != bound.native_id:
        wrong.append(N_("The management system answered with another device."))
    if (said.value if said else None) != bound.serial:
        wrong.append(N_("Its serial number is another."))
    if live.mode is not bound.mode:
        wrong.append(N_("It is enrolled in another way now."))
    if live.ownership != bound.ownership or (empties(bound.act, bound.mode) and live.ownership != Ownership.COMPANY):
        wrong.append(N_("Whose it is has changed."))
    if not _is_same_user(session, bound, live.user):
        wrong.append(N_("Somebody else uses it now."))
    if found.is_destructive and live.pending is not None:
        wrong.append(N_("Something that can't be taken back is under way already."))
    return wrong


def _is_same_user(session: Session, bound: Bound, user: str | None) -> bool:
    """Whether an address is the bound user's: the same, another of their accounts', or the alias that their console knows."""
    now, then = (user or "").casefold(), (bound.used_by or "").casefold()
    if now == then:
        return True
    if not now or not then:
        return False
    return now in persons.addresses(session, then) | _aliases(session, bound)


def _aliases(session: Session, bound: Bound) -> set[str]:
    """Under what other address the source's own record had the bound user."""
    about = records.about(session, [bound.device_id])[bound.device_id]
    return {
        alias.casefold()
        for record in about
        if (record.source, record.native_id) == (bound.source, bound.native_id)
        and record.seen.claims.get("holder_email") == bound.used_by
        and (alias := record.seen.facts.get("holder_alias"))
    }
