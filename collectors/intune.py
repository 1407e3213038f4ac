"""A tenant's devices and people through Microsoft Graph, read only. Source: contracts/intune.md sections 1 to 5 and 9 to 11."""

from collections.abc import Callable, Iterator
from functools import cached_property, partial
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

import msgspec

from collectors.clocks import agreement
from collectors.http import Limits, Mark, Part, anew_where_lost, from_its_start, in_parts, mark_from
from collectors.intune_audit import deeds_page, since
from collectors.intune_details import Details
from collectors.intune_expiry import Watch
from collectors.intune_graph import Graph
from collectors.intune_map import DEVICE_KEYS, USER_KEYS, USERS, device_record, observe, user_record
from collectors.intune_options import IntuneOptions
from collectors.intune_owned import APPLE, AUTOPILOT, IDENTIFIERS, OWNED_KEYS, PARTS, observe_owned, owned_record
from collectors.intune_registrations import (
    EXPAND,
    PART,
    REGISTRATION_KEYS,
    SELECTED,
    observe_registration,
    registration_record,
)
from collectors.intune_rights import Reading, missing, of_option, surplus, wanted
from collectors.rows import listing_of, page_of
from devreg.domain.observation import Observation, Subject
from devreg.errors import Broken, DevregError, Refused
from devreg.ports import FailedPart, Finding, Memory, Page, Record, Severity
from devreg.settings import Loaded, SourceOptions
from devreg.text import clean

_USERS_PAGE: Final = 999
_REGISTRATIONS_PAGE: Final = 500
_LEAVE_DATE: Final = "employeeLeaveDateTime"
_DELETED: Final = "deletedDateTime"
_BIN: Final = "deleted people"
_LOG: Final = "log"
_DEVICES: Final = "devices"

Roles = tuple[str, ...] | None


class IntuneCollector:
    """One tenant. People first, because a device's department is its user's; then devices, then what the tenant lists as its own."""

    Options: ClassVar[type[SourceOptions]] = IntuneOptions
    mapping_version: ClassVar[int] = 3
    limits: Limits = Limits()

    def __init__(self, name: str, options: IntuneOptions, loaded: Loaded) -> None:
        self._name = name
        self._options = options
        self._folder = loaded.folder
        self._zone = ZoneInfo(loaded.settings.registry.timezone)
        self._memory: Memory | None = None
        self._departments: dict[str, str | None] | None = None
        """By person; None: this run has not read them all."""

    def remember(self, memory: Memory) -> None:
        """Ask for details only of what is new, and for the log since it was last read."""
        self._memory = memory

    def check(self) -> Iterator[Finding]:
        """Credential, sign-in, each permission with a sample of what it is for, and what runs out."""
        try:
            yield self._watch.credential()
            roles = self._graph.sign_in()
            yield Finding(Severity.OK, f"{self._name}: sign-in to tenant {self._options.tenant_id} works.")
            yield from agreement(self._name, "Microsoft", self._graph.clock_is_ahead)
            if roles is None:
                yield Finding(
                    Severity.ADVICE, f"{self._name}: the token can't be looked into, so its rights are not known."
                )
            yield from surplus(self._name, wanted(self._options), roles or ())
            for reading in wanted(self._options):
                yield self._sample(reading, roles)
            yield from self._watch.apple(roles)
        except DevregError as error:
            yield Finding(Severity.FAULT, error.what, error.next_step)

    def pages(self, checkpoint: str | None) -> Iterator[Page]:
        """Everything that the settings ask for. A checkpoint goes on with the part it is of, and, while its link lives, among its people
        or devices.
        """
        roles = self._roles()
        self._departments = None
        parts: dict[str, Part] = {}
        if self._options.users:
            parts[USERS] = partial(anew_where_lost, partial(self._user_pages, roles))
            parts[_BIN] = from_its_start(partial(self._unless_refused, _BIN, self._deleted_pages))
        parts[_DEVICES] = partial(anew_where_lost, self._device_pages)
        parts |= self._owned(roles)
        if self._options.registrations:
            parts[PART] = from_its_start(partial(self._registration_pages, roles))
        if self._options.audit_events:
            parts[_LOG] = from_its_start(partial(self._log_pages, roles))
        yield from in_parts(parts, mark_from(checkpoint, self.limits), self.limits)
        yield Page((), warnings=tuple(self._watch.running_out(roles)))

    def observe(self, record: Record) -> Observation:
        """The record as identifiers and claims."""
        if record.part not in PARTS and record.subject is not Subject.REGISTRATION:
            return observe(record, self._zone)
        try:
            return observe_owned(record) if record.part in PARTS else observe_registration(record)
        except msgspec.ValidationError as error:
            raise Broken(f"The record {record.native_id} can't be read: {error}.") from error

    def _roles(self) -> Roles:
        """What the app is granted. Raises Refused when it is too much, or not enough to begin with."""
        roles = self._graph.sign_in()
        for reading in wanted(self._options):
            if reading.is_needed and not reading.granted(roles):
                finding = missing(self._name, reading)
                raise Refused(finding.what, next_step=finding.next_step)
        return roles

    def _sample(self, reading: Reading, roles: Roles) -> Finding:
        if not reading.granted(roles):
            return missing(self._name, reading)
        url = self._graph.url(reading.path, beta=reading.beta)
        try:
            self._graph.one(f"{url}?{reading.sample}" if reading.sample else url)
        except DevregError as error:
            return Finding(Severity.FAULT if reading.is_needed else Severity.ADVICE, error.what, error.next_step)
        return Finding(Severity.OK, f"{self._name}: {reading.what} can be read.")

    def _user_pages(self, roles: Roles, mark: Mark | None) -> Iterator[Page]:
        leave_dates = of_option("leave_dates")
        unasked = {_DELETED} if self._options.leave_dates and leave_dates.granted(roles) else {_DELETED, _LEAVE_DATE}
        if self._options.leave_dates and not leave_dates.granted(roles):
            yield Page((), warnings=(self._lacking(leave_dates),))
        url = self._users_url("/users", *(key for key in USER_KEYS if key not in unasked))
        departments = self._known_departments() if mark else {}
        for rows, following in self._graph.rows(self._graph.at_home(mark.next) if mark else url):
            page = page_of(rows, user_record, USER_KEYS, checkpoint=self._place(following, USERS))
            departments.update((record.native_id, record.body.get("department")) for record in page.records)
            yield page
        self._departments = departments

    def _known_departments(self) -> dict[str, str | None]:
        """Of the people as they were read before."""
        bodies = self._memory.bodies_of(USERS, Subject.PERSON) if self._memory and self._options.users else {}
        return {native_id: body.get("department") for native_id, body in bodies.items()}

    def _place(self, following: str | None, part: str) -> str | None:
        return Mark(self.limits.now(), following, part=part).text() if following else None

    def _deleted_pages(self) -> Iterator[Page]:
        """People in the recycle bin: the strongest word that somebody left, while it lasts."""
        keys = (key for key in USER_KEYS if key != _LEAVE_DATE)
        for rows, _ in self._graph.rows(self._users_url("/directory/deletedItems/microsoft.graph.user", *keys)):
            yield page_of(rows, lambda row: msgspec.structs.replace(user_record(row), part=_BIN), USER_KEYS)

    def _device_pages(self, mark: Mark | None) -> Iterator[Page]:
        details = Details(self._graph, self._memory) if self._options.details else None
        departments = self._known_departments() if self._departments is None else self._departments
        for rows, following in self._graph.rows(self._graph.at_home(mark.next) if mark else self._devices_url()):
            page = listing_of(
                rows,
                lambda row: device_record(row, departments),
                DEVICE_KEYS,
                checkpoint=self._place(following, _DEVICES),
                beside=lambda row: (departments.get(clean(row.get("userId")) or ""), self._options.details),
            )
            yield details.filled(page) if details else page

    def _owned(self, roles: Roles) -> dict[str, Part]:
        """The lists, each of which may be closed to us without hurting the rest."""
        lists: dict[str, tuple[str, Callable[[], Iterator[list[Any]]]]] = {
            "autopilot": (AUTOPILOT, lambda: self._whole(of_option("autopilot"))),
            "corporate_identifiers": (IDENTIFIERS, lambda: self._whole(of_option("corporate_identifiers"))),
            "apple_devices": (APPLE, self._apple_rows),
        }
        return {
            part: from_its_start(partial(self._owned_pages, roles, option, part, read))
            for option, (part, read) in lists.items()
            if getattr(self._options, option)
        }

    def _owned_pages(
        self, roles: Roles, option: str, part: str, read: Callable[[], Iterator[list[Any]]]
    ) -> Iterator[Page]:
        reading = of_option(option)
        if reading.granted(roles):
            yield from self._unless_refused(part, lambda: self._list_pages(part, read()))
            return
        lacking = self._lacking(reading)
        yield Page((), warnings=(lacking,), failed_parts=(FailedPart(part, lacking, optional=True),))

    def _registration_pages(self, roles: Roles) -> Iterator[Page]:
        """What people sign in with, where it may be read."""
        reading = of_option("registrations")
        if not reading.granted(roles):
            lacking = self._lacking(reading)
            yield Page((), warnings=(lacking,), failed_parts=(FailedPart(PART, lacking, optional=True),))
            return
        query: dict[str, str | int] = {"$select": ",".join(SELECTED), "$expand": EXPAND, "$top": _REGISTRATIONS_PAGE}
        rows = self._graph.rows(self._graph.url(reading.path, query))
        yield from self._unless_refused(
            PART, lambda: (page_of(found, registration_record, REGISTRATION_KEYS) for found, _ in rows)
        )

    def _list_pages(self, part: str, chunks: Iterator[list[Any]]) -> Iterator[Page]:
        for rows in chunks:
            yield page_of(rows, lambda row: owned_record(row, part), OWNED_KEYS[part])

    def _whole(self, reading: Reading) -> Iterator[list[Any]]:
        for rows, _ in self._graph.rows(self._graph.url(reading.path, beta=reading.beta)):
            yield rows

    def _apple_rows(self) -> Iterator[list[Any]]:
        """What Apple lists under each token; what was sold or given away is on the list no more."""
        reading = of_option("apple_devices")
        for tokens in self._whole(reading):
            for token in tokens:
                token_id = token.get("id") if isinstance(token, dict) else None
                path = f"{reading.path}/{token_id}/importedAppleDeviceIdentities"
                for rows, _ in self._graph.rows(self._graph.url(path, beta=True)):
                    yield [row for row in rows if not (isinstance(row, dict) and row.get("isDeleted") is True)]

    def _log_pages(self, roles: Roles) -> Iterator[Page]:
        """What was done past this register. A log that fails leaves the run unfinished, so that the next one reads it from there."""
        reading = of_option("audit_events")
        if not reading.granted(roles):
            yield Page((), warnings=(self._lacking(reading),))
            return
        begin = since(self._memory.read_whole() if self._memory else None, self.limits.now())
        try:
            for rows, _ in self._graph.rows(self._graph.url(reading.path, {"$filter": f"activityDateTime gt {begin}"})):
                yield deeds_page(rows, begin)
        except DevregError as error:
            yield Page((), failed_parts=(FailedPart(_LOG, error.what),))

    def _unless_refused(self, part: str, read: Callable[[], Iterator[Page]]) -> Iterator[Page]:
        """The pages; where they can't be read, a warning, and a failed part for where something was known."""
        try:
            yield from read()
        except DevregError as error:
            yield Page((), warnings=(error.what,), failed_parts=(FailedPart(part, error.what, optional=True),))

    def _lacking(self, reading: Reading) -> str:
        return missing(self._name, reading).what

    def _devices_url(self) -> str:
        query: dict[str, str | int] = {"$select": ",".join(DEVICE_KEYS), "$top": self._options.page_size}
        return self._graph.url("/deviceManagement/managedDevices", query)

    def _users_url(self, path: str, *keys: str) -> str:
        return self._graph.url(path, {"$select": ",".join(keys), "$top": _USERS_PAGE})

    @cached_property
    def _graph(self) -> Graph:
        return Graph(self._name, self._options, self._folder, self.limits)

    @cached_property
    def _watch(self) -> Watch:
        return Watch(self._name, self._options, self._graph, self.limits)
