"""Counters of ports as they were read, and whether two readings in a row can be told apart. Source: contracts/snmp.md "Rates"."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

_NARROW: Final = 2**32
_TICKS: Final = 100
"""sysUpTime counts hundredths of a second, and begins anew after 497 days."""
_TOLERANCE_S: Final = 60.0


class Mark(StrEnum):
    """How a sample stands to the one before it on the same port."""

    FIRST = "first"
    OK = "ok"
    WRAPPED = "wrapped"
    """A 32-bit counter went over its end once: add 2^32."""
    RESET = "reset"
    """Counting began anew: no rate across it, and this is the new base."""
    UNCLEAR = "unclear"
    """A 32-bit counter may have gone over its end more than once: no rate across it."""


class Counters(msgspec.Struct, frozen=True):
    """The counters of one port. Source: IF-MIB, RFC 2863. None: the agent has no such counter."""

    port: str
    """The port's name as in the register."""
    in_octets: int | None = None
    out_octets: int | None = None
    in_errors: int | None = None
    out_errors: int | None = None
    in_discards: int | None = None
    out_discards: int | None = None
    is_wide: bool = False
    """The octets are 64-bit counters."""
    discontinuity: int | None = None
    """ifCounterDiscontinuityTime: changes when the counters were set back."""
    oper: str | None = None


class Load(msgspec.Struct, frozen=True):
    """One reading of the counters of one target."""

    part: str
    at: datetime
    up_time: int | None
    """sysUpTime, from the request that brought the first counters."""
    counters: tuple[Counters, ...]


class Reading(msgspec.Struct, frozen=True):
    """The counters of a port with their time base."""

    at: datetime
    up_time: int | None
    counters: Counters


def mark(before: Reading | None, now: Reading, speed_bps: int | None) -> Mark:
    """What the step from one reading to the next allows."""
    if before is None:
        return Mark.FIRST
    old, new = before.counters, now.counters
    if old.is_wide != new.is_wide or old.discontinuity != new.discontinuity or has_restarted(before, now):
        return Mark.RESET
    pairs = ((old.in_octets, new.in_octets), (old.out_octets, new.out_octets))
    if any((a is None) != (b is None) for a, b in pairs):
        return Mark.RESET
    fell = any(a is not None and b is not None and b < a for a, b in pairs)
    if new.is_wide:
        return Mark.RESET if fell else Mark.OK
    seconds = (now.at - before.at).total_seconds()
    if speed_bps is None or speed_bps * seconds / 8 >= _NARROW:
        return Mark.UNCLEAR
    return Mark.WRAPPED if fell else Mark.OK


def has_restarted(before: Reading, now: Reading) -> bool:
    """Whether the device began anew between the two; sysUpTime that only went over its end after 497 days is no restart."""
    if before.up_time is None or now.up_time is None or now.up_time >= before.up_time:
        return False
    elapsed: timedelta = now.at - before.at
    due = before.up_time + elapsed.total_seconds() * _TICKS - _NARROW
    return abs(due - now.up_time) > _TOLERANCE_S * _TICKS
