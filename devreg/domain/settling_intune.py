"""What Intune shows of an order, and what that means. Sources: contracts/intune.md 7 and 8.

A 404 proves a wipe only of what we ordered and saw under way: clean-up rules, other admins and moves to another tenant end so too.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from devreg.domain.action import Standing
from devreg.domain.followed import Followed, Reading, Result, Verdict
from devreg.domain.platforms import DELETE_WIPES, RemoteAct
from devreg.domain.sanitisation import KEEPING

_A: Final = RemoteAct
_NAMES: Final[Mapping[RemoteAct, frozenset[str]]] = {
    _A.LOCK: frozenset({"remotelock"}),
    _A.WIPE: frozenset({"wipe", "factoryreset", "factoryresetkeepenrollmentdata"}),
    _A.RETIRE: frozenset({"retire", "removecompanydata"}),
    _A.DELETE: frozenset({"delete"}),
    _A.RESET_PASSCODE: frozenset({"resetpasscode"}),
    _A.LOST_MODE: frozenset({"enablelostmode"}),
    _A.LOST_MODE_OFF: frozenset({"disablelostmode"}),
    _A.PLAY_SOUND: frozenset({"playlostmodesound"}),
    _A.LOCATE: frozenset({"locatedevice"}),
    _A.REBOOT: frozenset({"rebootnow", "reboot"}),
    _A.SHUT_DOWN: frozenset({"shutdown"}),
    _A.SYNC: frozenset({"syncdevice"}),
    _A.DEPROVISION: frozenset({"deprovision"}),
}
"""What its entries call each order, without case: those of the device and those of the audit use other words."""
_UNDER_WAY: Final[Mapping[RemoteAct, frozenset[str]]] = {
    _A.WIPE: frozenset({"wipepending", "wipeissued"}),
    _A.RETIRE: frozenset({"retirepending", "retireissued"}),
    _A.DELETE: frozenset({"deletepending", "retirepending", "retireissued", "wipepending", "wipeissued"}),
}
_FAILED: Final[Mapping[RemoteAct, str]] = {_A.WIPE: "wipefailed", _A.RETIRE: "retirefailed"}
_CANCELLED: Final[Mapping[RemoteAct, str]] = {_A.WIPE: "wipecanceled", _A.RETIRE: "retirecanceled"}
_ENDS: Final = frozenset({_A.WIPE, _A.RETIRE, _A.DELETE})
"""Orders after which the record goes."""
_STALE: Final = timedelta(minutes=15)
"""A failure shown sooner, of what was never shown under way, may be an older order's."""
_CLEANED_UP: Final = timedelta(days=30)
"""Clean-up rules hide records of devices that were silent for so long, and leave the device as it is."""


def judge_intune(sent: Followed, reading: Reading) -> Verdict:
    """Where the order stands by the device's record, its entries, and the audit's.

    An entry in the state "requested" is Intune's log naming the order: it arrived, and more is not known.
    """
    entry = _newest(sent, reading.results) or _newest(sent, reading.audits)
    state = (reading.state or "").casefold()
    seen = sent.seen_pending or state in _UNDER_WAY.get(sent.act, ()) or (entry is not None and _is_open(entry))
    if not reading.is_there:
        return _without_record(sent, reading, entry, seen)
    return _by_entry(sent, entry, seen) or _by_state(sent, reading, state, seen)


def _newest(sent: Followed, entries: Iterable[Result]) -> Result | None:
    """The newest entry of this order; older ones of the same name are history."""
    ours = (entry for entry in entries if entry.name.casefold() in _NAMES.get(sent.act, ()) and sent.began(entry))
    return max(ours, key=lambda entry: entry.started or sent.sent_at, default=None)


def _is_open(entry: Result) -> bool:
    return entry.state.casefold() in {"pending", "active"}


def _stays(sent: Followed) -> bool:
    return any(sent.options.get(option) == "true" for option in KEEPING)


def _by_entry(sent: Followed, entry: Result | None, seen: bool) -> Verdict | None:
    """By what the entry says; None: there is none. Any entry proves that the order arrived."""
    arrived = Standing.ACCEPTED if sent.standing is Standing.UNKNOWN else None
    match entry.state.casefold() if entry else "":
        case "done":
            return Verdict(Standing.CONFIRMED, "Intune says that the device has done it.", True)
        case "failed":
            return Verdict(Standing.FAILED, "Intune says that it failed on the device.", True)
        case "notsupported":
            return Verdict(Standing.FAILED, "Intune says that the device does not support it; nothing was done.", True)
        case "canceled" | "cancelled":
            return Verdict(Standing.CANCELLED, "It was cancelled in Intune.", True)
        case "":
            return None
        case "pending" | "active" | "none" | "requested":
            return Verdict(arrived, "Intune has it; the device has not done it yet.", seen)
        case _:
            return Verdict(arrived, "Intune shows it in a state that this register does not know.", seen)


def _by_state(sent: Followed, reading: Reading, state: str, seen: bool) -> Verdict:
    """By the device's record alone, for orders that leave no entry."""
    if state and state in (_FAILED.get(sent.act), _CANCELLED.get(sent.act)):
        return _over(sent, reading, state, seen)
    if state in _UNDER_WAY.get(sent.act, ()):
        return Verdict(None, "Intune shows it under way; the device has not done it yet.", True)
    if sent.act is _A.SYNC and sent.since_sent(reading.last_seen):
        return Verdict(Standing.CONFIRMED, "The device has been in contact since.", seen)
    if sent.act in _ENDS and seen:
        return Verdict(None, "Intune shows it neither under way nor done any more. A person must look into it.", seen)
    return Verdict(None, "Intune took it; nothing more is to be seen of it yet.", seen)


def _over(sent: Followed, reading: Reading, state: str, seen: bool) -> Verdict:
    is_ours = seen or (sent.standing is Standing.ACCEPTED and reading.at - sent.sent_at >= _STALE)
    if not is_ours:
        return Verdict(None, "Intune shows a failed or cancelled order, which may be an older one.", seen)
    if state == _CANCELLED.get(sent.act):
        return Verdict(Standing.CANCELLED, "It was cancelled in Intune.", seen)
    return Verdict(Standing.FAILED, "Intune says that it failed on the device.", seen)


def _without_record(sent: Followed, reading: Reading, entry: Result | None, seen: bool) -> Verdict:
    """By the audit's entry, and by what was seen before the record went."""
    state = entry.state.casefold() if entry else ""
    if sent.act not in _ENDS:
        ended = _by_entry(sent, entry, seen)
        if ended is not None and ended.standing is not None:
            return ended
        return Verdict(None, "The device left Intune before it was seen to do this. A person must decide.", seen)
    if _stays(sent):
        return Verdict(
            None, "The device left Intune though it should have stayed: reason unknown. A person must decide.", seen
        )
    if state == "done":
        return _gone(sent)
    if state in {"failed", "notsupported", "canceled", "cancelled"}:
        return Verdict(
            None,
            "Intune says that it was not done, and the device left Intune: reason unknown. A person must decide.",
            seen,
        )
    if seen and sent.last_seen is not None and reading.at - sent.last_seen >= _CLEANED_UP:
        said = "The device left Intune after a month of silence: a clean-up rule may have hidden it as it is. A person must decide."
        return Verdict(None, said, seen)
    if seen:
        return _gone(sent)
    return Verdict(None, "The device left Intune, reason unknown. A person must decide.", seen)


def _gone(sent: Followed) -> Verdict:
    match sent.act:
        case RemoteAct.WIPE:
            said = "Intune showed the wipe under way and no longer has the device: so a wiped device ends there. Nobody has looked at it."
        case RemoteAct.RETIRE:
            said = "Intune showed it under way and no longer has the device: management has ended."
        case _ if sent.mode in DELETE_WIPES:
            said = "The device is out of Intune, which told it to wipe itself. Whether it did is not known."
        case _:
            said = "The device is out of Intune. What is on it was not touched from here."
    return Verdict(Standing.CONFIRMED, said, True)
