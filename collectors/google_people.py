"""People of a Google console as records and observations. Source: contracts/google.md section 5."""

import re
from typing import Any, Final

import msgspec

from collectors.rows import claim_set, stored
from devreg.domain.observation import Observation, Subject
from devreg.ports import Record
from devreg.text import clean


class Name(msgspec.Struct, frozen=True, rename="camel"):
    """A user's name."""

    full_name: str | None = None


class User(msgspec.Struct, frozen=True, rename="camel"):
    """The fields of a user that are asked for and kept; other addresses are only used to know who is meant."""

    id: str
    primary_email: str | None = None
    name: Name | None = None
    suspended: bool | None = None
    archived: bool | None = None


USERS: Final = "users"
USER_KEYS: Final = tuple(field.encode_name for field in msgspec.structs.fields(User))
USER_FIELDS: Final = ",".join("name/fullName" if key == "name" else key for key in (*USER_KEYS, "aliases"))
_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def address(text: object) -> str | None:
    """A mail address in lower case; None when the text is none."""
    cleaned = clean(text, 320)
    return cleaned.lower() if cleaned and _ADDRESS.fullmatch(cleaned) else None


def user_record(row: Any) -> Record:
    """A row of users as a record. Raises Broken when it is not one."""
    kept = stored(row, User, USER_KEYS)
    if "name" in kept:
        kept["name"] = {"fullName": kept["name"].get("fullName")}
    return Record(Subject.PERSON, kept["id"], kept, part=USERS)


def aliases_of(row: Any) -> dict[str, str]:
    """A user's other addresses -> the first one."""
    first = address(row.get("primaryEmail")) if isinstance(row, dict) else None
    others = row.get("aliases") if first else None
    found = [address(other) for other in others] if isinstance(others, list) else []
    return {other: first for other in found if other and first and other != first}


def person(user: User) -> Observation:
    """A user as claims: suspended and archived ones are not active."""
    active = None if user.suspended is None else not (user.suspended or user.archived)
    if user.archived:
        active = False
    email = (clean(user.primary_email) or "").lower()
    return Observation(
        Subject.PERSON,
        claims=claim_set(name=clean(user.name.full_name) if user.name else None, email=email, active=active),
    )
