"""What a reading means for an order that was sent: the only way, beside a named person's word, that it moves on.

Sources: contracts/intune.md 7, 8, 9.1 and 10, contracts/google.md 4. Accepted is never done; what is new or odd confirms nothing.
"""

from datetime import timedelta
from typing import Final

from devreg.domain.action import APPROVAL_AT_MOST, SENDING_AT_MOST, Standing
from devreg.domain.followed import Followed, Reading, Verdict
from devreg.domain.platforms import Mode
from devreg.domain.settling_google import judge_chromebook, judge_phone
from devreg.domain.settling_intune import judge_intune

__all__ = ["judge"]

PROBED: Final = timedelta(minutes=15)
"""How long an order that may have arrived is looked for before a person is asked (contracts/intune.md 9.1)."""


def judge(sent: Followed, reading: Reading) -> Verdict:
    """Where the order stands after this reading."""
    match sent.standing:
        case Standing.SENDING:
            return _of_lost_process(sent, reading)
        case Standing.NEEDS_APPROVAL:
            return _of_approval(sent, reading)
        case Standing.ACCEPTED | Standing.UNKNOWN if reading.is_there and sent.is_of_another(reading):
            return Verdict(
                None,
                "The record shows another serial number than was approved: it tells nothing of this order. A person must look into it.",
                sent.seen_pending,
            )
        case Standing.ACCEPTED:
            return _of_device(sent, reading)
        case Standing.UNKNOWN:
            return _of_unclear(sent, reading)
        case _:
            return Verdict(None, "", sent.seen_pending)


def _of_device(sent: Followed, reading: Reading) -> Verdict:
    match sent.mode:
        case Mode.CHROMEOS:
            return judge_chromebook(sent, reading)
        case Mode.GOOGLE_COMPANY | Mode.GOOGLE_PRIVATE:
            return judge_phone(sent, reading)
        case _:
            return judge_intune(sent, reading)


def _of_unclear(sent: Followed, reading: Reading) -> Verdict:
    """What can be found of an order that may have arrived. What proves that it did makes it one that is followed."""
    found = _of_device(sent, reading)
    if found.standing is not None or not reading.is_there:
        return found
    if found.seen_pending:
        return Verdict(Standing.ACCEPTED, "It did arrive: the management system shows it.", True)
    if reading.at - sent.sent_at < PROBED:
        return Verdict(None, "It may have arrived, and is being looked for.")
    said = "No trace of it was found in a quarter of an hour. A person must decide; sending it once more takes a new request."
    return Verdict(None, said)


def _of_lost_process(sent: Followed, reading: Reading) -> Verdict:
    if reading.at - sent.sent_at <= SENDING_AT_MOST:
        return Verdict(None, "It is being sent.", sent.seen_pending)
    return Verdict(
        Standing.UNKNOWN,
        "The program that was sending it ended before it had an answer. It may have arrived, and is being looked for.",
        sent.seen_pending,
    )


def _of_approval(sent: Followed, reading: Reading) -> Verdict:
    """What the system's own second admin has said. Approval by itself executes nothing."""
    match (reading.approval or "").casefold():
        case "rejected":
            return Verdict(
                Standing.REJECTED, "The second admin of the management system rejected it; nothing was done."
            )
        case "cancelled" | "canceled":
            return Verdict(Standing.CANCELLED, "It was cancelled in the management system; nothing was done.")
        case "expired":
            return Verdict(Standing.EXPIRED, "The management system's approval expired; nothing was done.")
        case "completed":
            return Verdict(
                None, "The management system calls it completed, though not from here. A person must look into it."
            )
        case _ if reading.at - sent.sent_at > APPROVAL_AT_MOST:
            return Verdict(
                Standing.EXPIRED, "Nobody approved it in three days, after which the management system forgets it."
            )
        case "approved":
            return Verdict(
                None, "The second admin approved it. It is not sent before the requester sends it once more."
            )
        case "needsapproval":
            return Verdict(None, "It waits for a second admin in the management system.")
        case _:
            return Verdict(None, "How its approval stands in the management system can't be told.")
