"""What Google shows of an order, and what that means. Sources: contracts/google.md 4.1, 4.2 and 6.

A Chromebook reports success before it begins to wipe itself, so that is a receipt. A status is the console's word: the device knows of
it from its next contact on.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from devreg.domain.action import Standing
from devreg.domain.followed import Followed, Reading, Result, Verdict
from devreg.domain.platforms import RemoteAct

_A: Final = RemoteAct
_COMMANDS: Final = frozenset({_A.WIPE, _A.WIPE_USERS, _A.REBOOT})
"""Orders that have a command id; the rest are changes of status."""
_BEGINS: Final = timedelta(minutes=15)
"""A device in contact later than so long after its receipt has not wiped itself, unless it was enrolled anew."""
_SILENT: Final = timedelta(days=7)
"""So long without a word after the receipt, a device that used to speak every few hours has lost its enrolment."""
_DONE: Final[Mapping[RemoteAct, frozenset[str]]] = {
    _A.DISABLE: frozenset({"DISABLED"}),
    _A.ENABLE: frozenset({"ACTIVE"}),
    _A.DEPROVISION: frozenset({"DEPROVISIONED"}),
    _A.WIPE: frozenset({"WIPED"}),
    _A.WIPE_ACCOUNT: frozenset({"WIPED", "ACCOUNT_WIPED"}),
    _A.BLOCK: frozenset({"BLOCKED"}),
    _A.UNBLOCK: frozenset({"APPROVED"}),
}
_UNDER_WAY: Final = frozenset({"WIPING", "ACCOUNT_WIPING"})


def judge_chromebook(sent: Followed, reading: Reading) -> Verdict:
    """Where the order stands by its command, or by the device's status."""
    if not reading.is_there:
        return Verdict(
            None, "The console has no such device any more, reason unknown. A person must decide.", sent.seen_pending
        )
    if sent.act not in _COMMANDS:
        return _by_status(sent, reading)
    if reading.command is None:
        return _without_command(sent, reading)
    return _by_command(sent, reading, reading.command)


def judge_phone(sent: Followed, reading: Reading) -> Verdict:
    """Where the order stands by the phone's state."""
    state = _word(reading.state)
    if not reading.is_there:
        return Verdict(
            None, "The console has no such device any more, reason unknown. A person must decide.", sent.seen_pending
        )
    if state in _DONE.get(sent.act, ()):
        return Verdict(Standing.CONFIRMED, "The console says that it is done.", True)
    if sent.act in {_A.WIPE, _A.WIPE_ACCOUNT}:
        if state in _UNDER_WAY:
            return Verdict(None, "The console shows it under way; the phone has not done it yet.", True)
        if sent.seen_pending:
            return Verdict(
                None, "The console shows it neither under way nor done any more. A person must look into it.", True
            )
    return Verdict(None, "The console took it; nothing more is to be seen of it yet.", sent.seen_pending)


def _word(state: str | None) -> str:
    return (state or "").upper().replace(" ", "_")


def _by_status(sent: Followed, reading: Reading) -> Verdict:
    if _word(reading.state) not in _DONE.get(sent.act, ()):
        return Verdict(None, "The console does not show it yet.", sent.seen_pending)
    if sent.act is _A.DEPROVISION:
        said = "The console says that management has ended. What is on the device was not wiped by that."
        return Verdict(Standing.CONFIRMED, said, True)
    if sent.since_sent(reading.last_seen):
        return Verdict(Standing.CONFIRMED, "The console says so, and the device has been in contact since.", True)
    return Verdict(None, "The console says so; the device learns of it at its next contact.", True)


def _without_command(sent: Followed, reading: Reading) -> Verdict:
    """No id came back, and Google has no list to find the command in."""
    if sent.act is _A.WIPE and sent.since_sent(reading.enrolled_at):
        said = "The device has been enrolled anew since; whether it was this order that wiped it can't be told. A person must decide."
        return Verdict(None, said, sent.seen_pending)
    return Verdict(
        None, "Google gave no number to follow the order by: what became of it can't be told.", sent.seen_pending
    )


def _by_command(sent: Followed, reading: Reading, command: Result) -> Verdict:
    match _word(command.state):
        case "PENDING":
            return Verdict(None, "Google has it; it waits for the device to be switched on and in a network.", True)
        case "SENT_TO_CLIENT" | "ACKED_BY_CLIENT":
            return Verdict(None, "The device has received it, and has not reported on it yet.", True)
        case "EXECUTED_BY_CLIENT":
            return _by_report(sent, reading, command)
        case "EXPIRED":
            return Verdict(
                Standing.EXPIRED, "The device was not reached before the order expired; nothing was done.", True
            )
        case "CANCELLED" | "CANCELED":
            return Verdict(Standing.CANCELLED, "It was cancelled in the console; nothing was done.", True)
        case _:
            return Verdict(None, "Google shows it in a state that this register does not know.", True)


def _by_report(sent: Followed, reading: Reading, command: Result) -> Verdict:
    """The device has reported, good or bad."""
    match _word(command.name):
        case "FAILURE":
            return Verdict(Standing.FAILED, "The device reported that it failed.", True)
        case "IGNORED":
            return Verdict(Standing.FAILED, "The device ignored it as too old; nothing was done.", True)
        case "SUCCESS" if sent.act is _A.REBOOT:
            return Verdict(Standing.CONFIRMED, "The device reported that it restarts.", True)
        case "SUCCESS":
            return _after_receipt(sent, reading, command.updated or sent.sent_at)
        case _:
            return Verdict(None, "The device reported something that this register does not know.", True)


def _after_receipt(sent: Followed, reading: Reading, received: datetime) -> Verdict:
    """What shows that a device which was about to wipe itself has done so."""
    if reading.enrolled_at is not None and reading.enrolled_at > received:
        said = "The device received it and has been enrolled anew since: what was on it is gone."
        return Verdict(Standing.CONFIRMED, said, True)
    if sent.act is _A.WIPE_USERS:
        said = "Received; the device removes its user profiles now. Google tells no more: who has seen the device can confirm it."
        return Verdict(None, said, True)
    if reading.last_seen is None:
        return Verdict(None, "Received; the device wipes itself now. That is no proof yet.", True)
    if reading.last_seen > received + _BEGINS:
        said = "Received, but the device was in contact since without a new enrolment: it may not be wiped. A person must look into it."
        return Verdict(None, said, True)
    if reading.at - received >= _SILENT:
        said = (
            "The device received it and has been silent for a week since, as a wiped one is. Nobody has looked at it."
        )
        return Verdict(Standing.CONFIRMED, said, True)
    return Verdict(None, "Received; the device wipes itself now. That is no proof yet.", True)
