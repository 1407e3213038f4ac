"""Devices that were wiped, retired or deleted past this register, from Intune's own log. Source: contracts/intune.md section 10."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from collectors.intune_map import address
from collectors.rows import moment, set_aside, stored
from devreg.errors import Broken
from devreg.i18n import N_
from devreg.ports import Deed, Page
from devreg.text import clean

FIRST_LOOK: Final = timedelta(days=30)
"""How far back a register looks that never read this tenant whole."""
_LATE: Final = timedelta(days=1)
"""Events may appear in the log some time after they happened."""


class _Actor(msgspec.Struct, frozen=True, rename="camel"):
    user_principal_name: str | None = None
    application_display_name: str | None = None


class _Resource(msgspec.Struct, frozen=True, rename="camel"):
    resource_id: str | None = None


class _Event(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    activity_type: str | None = None
    activity_result: str | None = None
    activity_date_time: str | None = None
    correlation_id: str | None = None
    """The client-request-id of the call, as far as is known (contracts/intune.md 16)."""
    actor: _Actor | None = None
    resources: tuple[_Resource, ...] = ()


_KEYS: Final = tuple(field.encode_name for field in msgspec.structs.fields(_Event))
_ACT: Final = re.compile(r"(wipe|retire|delete) ManagedDevice", re.IGNORECASE)


def since(read_whole: datetime | None, now: datetime) -> str:
    """From when on the log is read, as Graph's filter takes it."""
    begin = now - FIRST_LOOK if read_whole is None else read_whole - _LATE
    return f"{begin.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def deeds_page(rows: Iterable[Any], begin: str) -> Page:
    """What the events say that people must know; events that can't be read are set aside, older ones than asked for left out."""
    deeds, rejected = [], []
    earliest = moment(begin)
    for row in rows:
        try:
            found = _deeds(row)
        except Broken as error:
            rejected.append(set_aside(row, ("id", "activityType"), "id", error.what))
            continue
        deeds += [deed for deed in found if earliest is None or deed.at >= earliest]
    return Page((), tuple(rejected), deeds=tuple(deeds))


def _deeds(row: Any) -> list[Deed]:
    event = msgspec.convert(stored(row, _Event, _KEYS), _Event, strict=False)
    act, at = _ACT.match(event.activity_type or ""), moment(event.activity_date_time)
    if act is None or at is None or (event.activity_result or "").casefold() != "success":
        return []
    what = _told(act[1].casefold(), _who(event.actor))
    ours = (event.correlation_id or "").lower() or None
    return [Deed(resource.resource_id.lower(), what, at, ours) for resource in event.resources if resource.resource_id]


def _told(act: str, who: str) -> str:
    """A success in the log is an order taken, not a device wiped."""
    match act:
        case "wipe":
            return N_(f"wipe ordered outside devreg by {who}")
        case "retire":
            return N_(f"retirement ordered outside devreg by {who}")
        case _:
            return N_(f"deletion ordered outside devreg by {who}")


def _who(actor: _Actor | None) -> str:
    if actor is None:
        return N_("nobody named")
    return address(actor.user_principal_name) or clean(actor.application_display_name, 100) or N_("nobody named")
