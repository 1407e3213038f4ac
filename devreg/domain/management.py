"""Who manages a device, what could be done to it from afar, and how a phone stands: what merging says beside the fields."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from devreg.domain.device import Kind
from devreg.domain.phones import Category, standing_of
from devreg.domain.platforms import Mode, is_lockable, is_wipeable, mode_of
from devreg.domain.source_record import SourceRecord


class Management(msgspec.Struct, frozen=True):
    """How a device is held by those who can act on it."""

    managed_by: tuple[str, ...] = ()
    """Sources that manage it now, by name."""
    wiped_by: tuple[str, ...] = ()
    """Sources through which it could be wiped now: also one that only shows another's device and takes orders for it."""
    mode: Mode | None = None
    """The most that one of them can do; None: nothing could be done from afar."""
    contact_at: datetime | None = None
    """When a management tool last heard from it, also one that manages it no more; None: none ever did."""
    standing: Category | None = None
    """Of a phone only: its category, were it heard of lately and its tool read whole."""


def management_of(records: Sequence[SourceRecord], kind: object, state: object) -> Management:
    """From a device's records, what it is, and the state that somebody said it is in (None: nobody did)."""
    modes = {
        record.source: mode
        for record in records
        if record.gone_at is None and (mode := mode_of(record.kind, record.seen)) is not None
    }
    heard = [record.as_of for record in records if record.is_of_tool and record.as_of is not None]
    return Management(
        managed_by=tuple(sorted({record.source for record in records if record.is_managing})),
        wiped_by=tuple(sorted(source for source, mode in modes.items() if is_wipeable(mode))),
        mode=max(modes.values(), key=_reach, default=None),
        contact_at=max(heard, default=None),
        standing=standing_of(records, state) if kind == Kind.PHONE else None,
    )


def _reach(mode: Mode) -> tuple[bool, bool, str]:
    """Wiping counts most; the name makes the order of records not matter."""
    return is_wipeable(mode) is True, is_lockable(mode) is True, mode
