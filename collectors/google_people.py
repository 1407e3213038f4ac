"""People of a Google console as records and observations. Source: contracts/google.md section 5."""

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from collectors.google_api import GoogleServices, Listing
from collectors.http import Limits, Mark
from collectors.rows import claim_set, page_of, stored
from devreg.domain.observation import Observation, Subject
from devreg.ports import Memory, Page, Record
from devreg.text import clean


class Name(msgspec.Struct, frozen=True, rename="camel"):
    """A user's name."""

    full_name: str | None = None


class User(msgspec.Struct, frozen=True, rename="camel"):
    """The fields of a user that are asked for and kept."""

    id: str
    primary_email: str | None = None
    name: Name | None = None
    suspended: bool | None = None
    archived: bool | None = None
    aliases: tuple[str, ...] | None = None
    """Other addresses: only used to know who is meant, in a later run too where this one comes no further."""


USERS: Final = "users"
USER_KEYS: Final = tuple(field.encode_name for field in msgspec.structs.fields(User))
USER_FIELDS: Final = ",".join("name/fullName" if key == "name" else key for key in USER_KEYS)
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


def aliases_of(row: dict[str, Any]) -> dict[str, str]:
    """A user's other addresses -> the first one."""
    first = address(row.get("primaryEmail"))
    found = [address(other) for other in row.get("aliases") or ()]
    return {other: first for other in found if other and first and other != first}


class People:
    """A console's people, and who is meant by their other addresses."""

    def __init__(self, services: GoogleServices, listing: Listing, memory: Memory | None, limits: Limits) -> None:
        self._services = services
        self._listing = listing
        self._memory = memory
        self._limits = limits
        self._read: dict[str, Any] | None = None

    def pages(self, mark: Mark | None) -> Iterator[Page]:
        """All of them, or those after the mark."""
        read = self._known() if mark else {}
        for rows, token in self._services.rows(self._listing, mark.next if mark else None):
            page = page_of(rows, user_record, USER_KEYS)
            read.update((record.native_id, record.body) for record in page.records)
            yield replace(page, checkpoint=Mark(self._limits.now(), token, part=USERS).text() if token else None)
        self._read = read

    def aliases(self) -> dict[str, str]:
        """Other addresses -> the first one: of all who were read; where this run has not read them all, as they were known before."""
        bodies = self._known() if self._read is None else self._read
        return {other: first for body in bodies.values() for other, first in aliases_of(body).items()}

    def _known(self) -> dict[str, Any]:
        return dict(self._memory.bodies_of(USERS, Subject.PERSON)) if self._memory else {}


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
