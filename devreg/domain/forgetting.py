"""Whose names the history lets go: those who hold nothing any more, whose time is over, and whom nobody knows to be there."""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from devreg.domain.device import parse_ref
from devreg.domain.sorting import sort_key

_NOT_INSIDE: Final = r"(?<![\w.+-])(?:{})(?![\w-]|\.\w)"
"""An address or a name by itself: `a@x.example` is no part of `ba@x.example`."""


class Tenure(msgspec.Struct, frozen=True):
    """A time in which somebody had a device."""

    device_id: int
    holder: str | None
    holder_email: str | None
    until: datetime | None
    """None: it is so now."""


class There(msgspec.Struct, frozen=True):
    """Who is there, or still has something: by address in lower case, and by name as it is sorted."""

    addresses: frozenset[str]
    names: frozenset[str]

    def __or__(self, other: "There") -> "There":
        return There(self.addresses | other.addresses, self.names | other.names)


class Past(msgspec.Struct, frozen=True):
    """Somebody whose name can go."""

    addresses: frozenset[str]
    said: Mapping[int, frozenset[str]]
    """Device -> what stands for this person in its history, and for nobody who stays."""


def past(tenures: Iterable[Tenure], who: Mapping[str, str], there: There, limit: datetime) -> list[Past]:
    """Everybody whose last tenure ended before the limit, and who is not there; in a fixed order.

    `who` joins addresses of one person. Somebody known by name only stays as long as anybody of that name does.
    """
    by_person: dict[str, list[Tenure]] = {}
    for tenure in tenures:
        if _texts(tenure):
            by_person.setdefault(_key(tenure, who), []).append(tenure)
    own: dict[str, set[str]] = {}
    for address, key in who.items():
        own.setdefault(key, set()).add(address)
    gone = {
        key
        for key, times in by_person.items()
        if all(time.until is not None and time.until < limit for time in times)
        and not _is_there(key, own.get(key, set()), there)
    }
    staying: dict[int, set[str]] = {}
    for key in by_person.keys() - gone:
        for time in by_person[key]:
            staying.setdefault(time.device_id, set()).update(_texts(time))
    found = []
    for key in sorted(gone):
        said: dict[int, set[str]] = {}
        for time in by_person[key]:
            said.setdefault(time.device_id, set()).update(_texts(time) - staying.get(time.device_id, set()))
        addresses = own.get(key, set()) | ({key} if "@" in key else set())
        found.append(Past(frozenset(addresses), {device_id: frozenset(texts) for device_id, texts in said.items()}))
    return found


def _key(tenure: Tenure, who: Mapping[str, str]) -> str:
    if tenure.holder_email and parse_ref("P", tenure.holder_email) is None:
        address = tenure.holder_email.lower()
        return who.get(address, address)
    return f"name:{sort_key(tenure.holder or '')}"


def _is_there(key: str, own: Collection[str], there: There) -> bool:
    if key.startswith("name:"):
        return key.removeprefix("name:") in there.names
    return not there.addresses.isdisjoint({key, *own})


def _texts(tenure: Tenure) -> set[str]:
    """What names somebody; P000012 does not any more."""
    return {text for text in (tenure.holder, tenure.holder_email) if text and parse_ref("P", text) is None}


def in_place(text: str, refs: Mapping[str, str]) -> str:
    """Free text with every address and every whole name of `refs` replaced; a name of one word could be anything, and stays."""
    wanted = {known.lower(): ref for known, ref in refs.items() if "@" in known or " " in known}
    if not any(known in text.lower() for known in wanted):
        return text
    pattern = _NOT_INSIDE.format("|".join(map(re.escape, sorted(wanted, key=len, reverse=True))))
    return re.sub(pattern, lambda found: wanted[found[0].lower()], text, flags=re.IGNORECASE)


def without(value: Any, refs: Mapping[str, str]) -> Any:
    """A JSON value with every text that is one of `refs`, and every address in a text, replaced."""
    match value:
        case str():
            return refs.get(value) or refs.get(value.lower()) or in_place(value, refs)
        case dict():
            return {key: without(each, refs) for key, each in value.items()}
        case list():
            return [without(each, refs) for each in value]
        case _:
            return value


def mentions(text: str, addresses: Collection[str]) -> bool:
    """Whether one of these addresses stands in the text by itself."""
    pattern = _NOT_INSIDE.format("|".join(map(re.escape, sorted(addresses))))
    return bool(addresses) and re.search(pattern, text, re.IGNORECASE) is not None
