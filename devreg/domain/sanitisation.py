"""What may be said about a device's storage after a remote wipe, and what may not.

Source: NIST SP 800-88 (fields of its certificate, section 4.8 of revision 1): an order that the management system calls done is evidence
of the order and of what the system reported, never of a look at the device.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Final

import msgspec

from devreg.domain.action import Standing
from devreg.domain.platforms import RemoteAct

KEEPING: Final = ("keep_user_data", "keep_enrolment")
"""Options with which a wiped computer stays enrolled, or keeps what its user had."""


class Category(StrEnum):
    """How thoroughly, in the words of SP 800-88; only a person who looked may choose one."""

    CLEAR = "clear"
    PURGE = "purge"
    DESTROY = "destroy"


class Verification(msgspec.Struct, frozen=True):
    """A person's word that they looked at the device afterwards."""

    person: str
    looked_on: date
    method: str
    title: str | None = None
    place: str | None = None
    contact: str | None = None
    category: Category | None = None


def sanitises(act: RemoteAct, options: Mapping[str, str]) -> bool:
    """Whether the order, once carried out, empties all of the device's storage that its user can write to."""
    return act is RemoteAct.WIPE and not any(options.get(option) == "true" for option in KEEPING)


def is_record(act: RemoteAct, options: Mapping[str, str], standing: Standing) -> bool:
    """Whether an intent can stand as a sanitisation record."""
    return standing is Standing.CONFIRMED and sanitises(act, options)
