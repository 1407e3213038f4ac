"""Which phone a telephone number is in, by what the operator's list and the phones themselves have in common."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec
from stdnum import luhn

_HERE: Final = "358"
"""Finland: a number that begins with a single zero is written as people here write it."""
_ICCID_LENGTHS: Final = (18, 19, 20)


class FoundBy(StrEnum):
    """What tied a number to its phone, strongest first."""

    ROW = "row"
    """The row itself names the phone (IMEI)."""
    ICCID = "iccid"
    PHONE_NUMBER = "phone_number"


class Number(msgspec.Struct, frozen=True):
    """A telephone number that is paid for."""

    record_id: int
    number: str | None
    """As `number_key` gives it; so are the others."""
    iccid: str | None
    device_id: int | None = None
    """The phone that its own row names."""


class Phone(msgspec.Struct, frozen=True):
    """A device that says what SIM card it has, and is not out of use."""

    device_id: int
    number: str | None
    iccid: str | None
    last_seen: datetime | None


def number_key(text: str | None) -> str | None:
    """A telephone number for comparing, with its country: `358501234567`; None for what is none, such as one with hidden digits."""
    bare = re.sub(r"\(0\)|[\s()./-]", "", text or "")
    if re.fullmatch(r"\+?\d{6,15}", bare) is None:
        return None
    if bare.startswith("+"):
        return bare[1:]
    if bare.startswith("00"):
        return bare[2:]
    return _HERE + bare[1:] if bare.startswith("0") else bare


def iccid_key(text: str | None) -> str | None:
    """A SIM card's number for comparing: its digits without the check digit, which some lists leave out; None for what is none."""
    bare = re.sub(r"[\s-]", "", text or "").upper().rstrip("F")
    if not (bare.isascii() and bare.isdigit()) or len(bare) not in _ICCID_LENGTHS or not bare.startswith("89"):
        return None
    return bare[:-1] if len(bare) > min(_ICCID_LENGTHS) and luhn.is_valid(bare) else bare


def attached(numbers: Iterable[Number], phones: Iterable[Phone]) -> dict[int, tuple[int, FoundBy]]:
    """Record -> the phone its number is in, and by what. Of two phones that say so the one seen later; where neither is, none."""
    listed = [*phones]
    by_iccid = _by((phone.iccid, phone) for phone in listed)
    by_number = _by((phone.number, phone) for phone in listed)
    found: dict[int, tuple[int, FoundBy]] = {}
    for item in numbers:
        if item.device_id is not None:
            found[item.record_id] = item.device_id, FoundBy.ROW
        elif (phone := by_iccid.get(item.iccid)) is not None:
            found[item.record_id] = phone.device_id, FoundBy.ICCID
        elif (phone := by_number.get(item.number)) is not None:
            found[item.record_id] = phone.device_id, FoundBy.PHONE_NUMBER
    return found


def _by(listed: Iterable[tuple[str | None, Phone]]) -> Mapping[str | None, Phone]:
    several: dict[str, list[Phone]] = {}
    for key, phone in listed:
        if key is not None:
            several.setdefault(key, []).append(phone)
    return {key: latest for key, phones in several.items() if (latest := _latest(phones)) is not None}


def _latest(phones: list[Phone]) -> Phone | None:
    if len(phones) == 1:
        return phones[0]
    seen = sorted(
        ((phone.last_seen, phone) for phone in phones if phone.last_seen is not None), key=lambda item: item[0]
    )
    if not seen or (len(seen) > 1 and seen[-1][0] == seen[-2][0]):
        return None
    return seen[-1][1]
