"""How the city's phones stand: owned, leased, billed, known to Apple or Intune's lists, enrolled; and what to do about each.

Source: contracts/intune.md section 11. What a phone's records say gives its standing, which holds until one of them changes; time and
how the last collection went make the rest of its category (`store.views.phones`, because lists filter and count by it).
"""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Final

from devreg.domain.device import Ownership, State
from devreg.domain.source_record import SourceRecord

SILENT_AFTER: Final = timedelta(days=30)
"""An enrolled phone that its tool has not heard for longer is not under management: no lock would reach it."""


class Category(StrEnum):
    """How a phone stands; what lists, reports and figures count."""

    ENROLLED = "enrolled"
    SILENT = "enrolled_silent"
    """Enrolled, but not heard of for longer than `SILENT_AFTER`."""
    UNLISTED = "enrolled_unlisted"
    """Enrolled, but no paper and no list of ours knows it."""
    AS_PERSONAL = "enrolled_as_personal"
    """Enrolled as somebody's own though the city owns it."""
    LEFT = "left_management"
    """Was enrolled once; its tool no longer has it, or has ended its management."""
    SIGNED_IN = "signed_in_only"
    """Its tool or sign-in service knows it, but nobody manages it: mail, Teams."""
    FAILED = "enrolment_failed"
    NEVER = "never_enrolled"
    """On Apple's or Intune's lists of the city's devices; never contacted."""
    PAPERS_ONLY = "papers_only"
    """Bought, leased or billed; no tool has ever heard of it."""
    NOT_KNOWN = "not_known"
    """Not enrolled as far as is known, but the last reading of the tool was not whole: that proves nothing."""
    IN_STOCK = "in_stock"
    """Somebody said so: planned, ordered, in stock, in repair. Needs no management yet."""
    LOST = "lost"
    OUT_OF_USE = "out_of_use"
    PRIVATE = "private"
    """Somebody's own, with a work account on it. Not the city's."""


HEARD: Final = (Category.ENROLLED, Category.UNLISTED)
"""Standings that time makes silent."""
ABSENT: Final = (Category.LEFT, Category.SIGNED_IN, Category.FAILED, Category.NEVER, Category.PAPERS_ONLY)
"""Standings that rest on a tool's not having the phone."""
MANAGED: Final = HEARD
"""Categories under management: a lock sent now would be taken within days."""
LEFT_OUT: Final = (Category.IN_STOCK, Category.LOST, Category.OUT_OF_USE, Category.PRIVATE)
"""Categories that do not count when the share under management is measured."""

NEXT_STEPS: Final = {
    Category.SILENT: "Ask the holder to charge it and open the management app; if nobody has it, mark it lost.",
    Category.UNLISTED: "Add it to the purchase or lease list, or find out whose it is.",
    Category.AS_PERSONAL: "Mark it as the city's in the management tool; a phone with a work profile has to be enrolled anew.",
    Category.LEFT: "Ask the holder whether it is still in use: enrol it again, or take it out of use here.",
    Category.SIGNED_IN: "Its account shows who has it: agree on a time to enrol it.",
    Category.FAILED: "Its enrolment was tried and failed: give it to support.",
    Category.NEVER: "It is ready for enrolment: have it switched on and signed in to, or say that it is in stock.",
    Category.PAPERS_ONLY: "Find it by its invoice or lease and enrol it, or say that it is in stock, lost or out of use.",
    Category.NOT_KNOWN: "The last reading of the management tool was not whole: read it again, then look.",
    Category.LOST: "Lock it, have its number closed, and tell the lessor if it is leased.",
}  # fmt: skip
"""What to do about a phone of the category (English msgids); the others need nothing."""

LIKELY_THIS: Final = (
    "Its holder signs in with a phone that nothing manages, likely this one: agree on a time to enrol it."
)
"""Of a phone that no tool has, while its holder's sign-ins come from one that the register can't tell apart (English msgid)."""
PERHAPS_MISSED: Final = (Category.LEFT, Category.NEVER, Category.PAPERS_ONLY)
"""Standings that a sign-in throws light on."""

OF_A_HOLDER: Final = "whoever signs in with it has a phone of the city that nothing manages"
OF_THE_CITY: Final = "the directory has it as the city's"
OF_NOBODY: Final = "no phone without management is known to be its user's"
SIGN_IN_STEPS: Final = {
    OF_A_HOLDER: "It is likely that phone: agree with its user on a time to enrol it.",
    OF_THE_CITY: "Find out where it comes from, add it to the purchase or lease list, and have it enrolled.",
    OF_NOBODY: "Ask its user whose it is: the city's goes on a list and is enrolled, somebody's own stays as it is.",
}
"""Why a phone that people sign in with and nothing manages is told of, and what to do about it (English msgids)."""
OF_SIGN_INS: Final = (LIKELY_THIS, *SIGN_IN_STEPS, *SIGN_IN_STEPS.values())

HINDRANCES: Final = (
    "the last reading of the management tool was not whole",
    "no management tool has it",
    "it is enrolled as private: only the work side can be taken away",
    "the management tool does not say how it is enrolled",
    "Google can wipe it, but not lock it",
    "it has not been heard of for over 30 days: an order would wait until it is",
)
"""Why a phone can't be locked or wiped now (English msgids)."""

_OUT: Final = (State.RETIRED, State.DISPOSED)
_WAITING: Final = (State.PLANNED, State.ORDERED, State.IN_STOCK, State.IN_REPAIR)
_FAILED: Final = "failed"
"""`enrollmentState` of a corporate identifier or an Apple device whose enrolment was tried in vain."""


def standing_of(records: Sequence[SourceRecord], state: object) -> Category:
    """How a phone with these records stands, in the state that somebody said it is in (None: nobody did).

    Never `SILENT` or `NOT_KNOWN`: those depend on the time and on the last run.
    """
    if state in _OUT:
        return Category.OUT_OF_USE
    if state == State.LOST:
        return Category.LOST
    present = [record for record in records if record.gone_at is None and record.seen.live]
    owned = any(record.is_list for record in present)
    managing = [record for record in present if record.is_managing and record.is_of_tool]
    if managing:
        return _enrolled(managing, owned)
    if state in _WAITING:
        return Category.IN_STOCK
    return _absent(records, present, owned)


def _enrolled(managing: Sequence[SourceRecord], owned: bool) -> Category:
    if all(_is_private(record) for record in managing):
        return Category.AS_PERSONAL if owned else Category.PRIVATE
    return Category.ENROLLED if owned else Category.UNLISTED


def _absent(records: Sequence[SourceRecord], present: Sequence[SourceRecord], owned: bool) -> Category:
    seen = [record for record in records if record.is_of_tool]
    if seen and not owned and all(_is_private(record) for record in seen):
        return Category.PRIVATE
    if any(record in present for record in seen):
        return Category.SIGNED_IN
    if seen:
        return Category.LEFT
    listed = [record for record in present if record.seen.listed]
    if any(record.seen.claims.get("management_state") == _FAILED for record in listed):
        return Category.FAILED
    return Category.NEVER if listed else Category.PAPERS_ONLY


def _is_private(record: SourceRecord) -> bool:
    return record.seen.claims.get("ownership") == Ownership.PERSONAL
