"""Which system manages which devices, and what each may be trusted for: the city's tools do more than one of them each.

Sources: contracts/intune.md sections 6 and 11, contracts/google.md sections 4 and 6, design/peers.md section 6.
"""

from enum import StrEnum
from typing import Final

import msgspec

from devreg.domain.device import NETWORK_KINDS, Kind

UNMANAGED_DAYS: Final = 30
"""So long a phone of the city may be out of reach of every tool before people are told."""
NOBODY: Final = "none"
"""As a rule's tool: nothing should manage these."""


class ToolRule(msgspec.Struct, frozen=True):
    """Devices that one system should manage. A condition that is not given is not asked."""

    tool: str
    """A source by its name, any source of a kind (intune, google, snmp), or `NOBODY`."""
    kind: str | None = None
    unit: str | None = None
    use: str | None = None


AS_SHIPPED: Final = (
    *(ToolRule("intune", kind) for kind in (Kind.PHONE, Kind.TABLET, Kind.LAPTOP, Kind.DESKTOP)),
    ToolRule("google", Kind.CHROMEBOOK),
    *(ToolRule("snmp", kind) for kind in NETWORK_KINDS),
)
"""After the city's own rules. What no rule is about (servers, other things) is not judged."""


class Overlap(StrEnum):
    """What is wrong with who manages a device."""

    MANAGED_TWICE = "managed_twice"
    WIPED_TWICE = "wiped_twice"
    """One system manages it, but another can wipe it too."""
    WRONG_TOOL = "wrong_tool"
    UNMANAGED = "unmanaged"


NEXT_STEPS: Final = {
    Overlap.MANAGED_TWICE: "Decide which one keeps it, and take it out of the other: policies of both work against each other.",
    Overlap.WIPED_TWICE: "Agree where it is wiped, and take the right to wipe away in the other: an order there passes this register.",
    Overlap.WRONG_TOOL: "Move it to the tool that should manage it, or write a rule for it in [tools].",
    Overlap.UNMANAGED: "Enrol it where it belongs, or say here that it is in stock or out of use.",
}
"""What to do about it (English msgids)."""


class Trust(msgspec.Struct, frozen=True):
    """What one of the city's tools is good for; English msgids."""

    tool: str
    """A kind of source, or `register`."""
    knows: str
    acts: str
    not_for: str


TRUSTED: Final = (
    Trust(
        "intune",
        "What is enrolled now: Windows, iPhones and iPads, Android, Macs; Chromebooks of one Google customer through its connector.",
        "Locks, wipes, retires and deletes what is enrolled; lost mode for supervised iPhones and iPads and connected Chromebooks.",
        "What the city owns, where a device is, what it costs, its condition. What its clean-up rule hides still exists.",
    ),
    Trust(
        "google",
        "Chromebooks of one customer, with the end of their updates, recent users and unit; phones with a Google account.",
        "Disables, wipes, removes profiles from and deprovisions Chromebooks; wipes the city's phones, takes the account off private ones.",
        "Devices that were never enrolled; the school a Chromebook is used in, unless its organisational units are kept in order.",
    ),
    Trust(
        "snmp",
        "Switches, access points, printers and other gear: ports, neighbours, load; where a device is plugged in.",
        "Nothing: it only reads.",
        "Whose a device is; and an address names no device for long.",
    ),
    Trust(
        "sheet",
        "Purchases, leases, subscriptions, places, old stock: what people and lessors wrote down.",
        "Nothing.",
        "How things are now: a list is as old as its last line.",
    ),
    Trust(
        "register",
        "Which records are one device; holder, place, state, money and targets; what was said by whom and when.",
        "Nothing by itself: it says what people should do, and in which tool.",
        "What a device does this minute: it knows what its sources last said.",
    ),
)

TEXTS: Final = (*NEXT_STEPS.values(), *(text for tool in TRUSTED for text in (tool.knows, tool.acts, tool.not_for)))
"""Every sentence here; so that the catalogues know them."""
