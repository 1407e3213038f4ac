"""What sources say that a device's state does not yet: a suggestion for a person, or for a rule that the settings let decide."""

from enum import StrEnum
from typing import Final, Literal

import msgspec

from devreg.domain.device import State


class Rule(StrEnum):
    """Why another state is suggested, the surest first: of several the first counts."""

    WIPED = "wiped"
    DEPROVISIONED = "deprovisioned"
    HOLDER_LEFT = "holder_left"
    SEEN_AGAIN = "seen_again"
    ENROLLED = "enrolment_seen"
    MISSING = "unlisted"
    SILENT = "silent_long"


Acceptable = Literal["enrolment_seen", "wiped", "deprovisioned"]
"""Rules that may be let to decide: a tool saw it happen. That a device is silent says nothing of where it is."""

SUGGESTED: Final = {
    Rule.WIPED: State.IN_STOCK,
    Rule.DEPROVISIONED: State.IN_STOCK,
    Rule.HOLDER_LEFT: State.IN_STOCK,
    Rule.SEEN_AGAIN: State.IN_USE,
    Rule.ENROLLED: State.IN_USE,
    Rule.MISSING: State.RETIRED,
    Rule.SILENT: State.LOST,
}
"""Rule -> the state it suggests."""

WIPED_STATES: Final = ("wipeIssued", "retireIssued", "WIPED", "ACCOUNT_WIPED")
"""Management states of a device that took the command. Sources: contracts/intune.md 5, Google's Cloud Identity `managementState`."""
DEPROVISIONED_STATES: Final = ("DEPROVISIONED", "RETURN_REQUESTED", "RETURN_ARRIVED", "UNPROVISIONED")
"""Statuses of a device that has left its console. Source: Google's Directory API, `chromeosdevices.status`."""


class Suggestion(msgspec.Struct, frozen=True):
    """A state that something speaks for."""

    device_id: int
    state: State
    rule: Rule

    @property
    def target(self) -> State:
        """What is suggested."""
        return SUGGESTED[self.rule]
