"""Chromebooks, phones and people of one Google console, read only. Source: contracts/google.md sections 1 to 3, 5 to 9."""

from collections.abc import Callable, Iterator
from functools import cached_property, partial
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import msgspec
from pydantic import Field

from collectors import (
    google_api,
    google_lists,
    google_parts,
    google_phones,
    google_reports,
    google_rights,
)
from collectors.clocks import agreement
from collectors.google_api import Area, GoogleServices, Listing
from collectors.google_map import DEVICE_KEYS, Known, device_record, observe
from collectors.google_people import USERS, People
from collectors.google_units import Units, read_units
from collectors.http import Limits, Mark, Part, anew_where_lost, from_its_start, in_parts, mark_from
from collectors.rows import listing_of
from devreg.domain.observation import Observation
from devreg.errors import Broken, DevregError, Refused, Retryable
from devreg.i18n import N_
from devreg.ports import FailedPart, Finding, Memory, Page, Record, Severity
from devreg.secret import SecretRef
from devreg.settings import Loaded, SourceOptions, Url
from devreg.text import clean


class GoogleOptions(SourceOptions):
    """Chromebooks of one Google Workspace console; a city with three consoles has three such sources."""

    kind: Literal["google"]
    customer_id: Annotated[str, Field(pattern=r"^C[0-9A-Za-z]{4,20}$")]
    """The console's own id (Account settings, Profile): C0…; reading stops when the key turns out to belong to another console."""
    subject: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]
    """An admin of that very console, best one made for this."""
    key: SecretRef
    """The service account's JSON key; its token_uri is honoured."""
    admin_url: Url = "https://admin.googleapis.com"
    """Other root for stand-ins."""
    chromemanagement_url: Url = "https://chromemanagement.googleapis.com"
    """Other root for stand-ins."""
    cloudidentity_url: Url = "https://cloudidentity.googleapis.com"
    """Other root for stand-ins."""
    ca_bundle: str | None = None
    """PEM file with the certificates of your own CA, where one signs these addresses. Relative to this file."""
    page_size: Annotated[int, Field(ge=1, le=200)] = 200
    """Devices a request; 100 is used where the console takes no more."""
    users: bool = False
    """Whether the console's people are read too: holders by any of their addresses, and who is suspended."""
    recent_users: bool = False
    """Whether the last user of each device is asked for and kept. Pupils are minors: think first."""
    company_phones: bool = False
    """Whether the city's own phones and tablets are read (Cloud Identity)."""
    personal_phones: bool = False
    """Whether people's own phones with a work account are read; little of them is kept."""
    battery: bool = False
    """Whether the batteries' health is read (Chrome telemetry)."""
    aue_report: bool = False
    """Whether update ends are compared with Google's own report."""


class GoogleCollector:
    """One console: the right customer first, then units, people, devices, their count, and what else is wanted.

    What is wanted beside the Chromebooks fails by itself: then that part is silent, and the rest is read.
    """

    Options: ClassVar[type[SourceOptions]] = GoogleOptions
    mapping_version: ClassVar[int] = 4
    limits: Limits = Limits()

    def __init__(self, name: str, options: GoogleOptions, loaded: Loaded) -> None:
        self._name = name
        self._options = options
        self._folder = loaded.folder
        self._memory: Memory | None = None

    def remember(self, memory: Memory) -> None:
        """Where it is noted which unit each rule's path meant in earlier runs."""
        self._memory = memory

    def check(self) -> Iterator[Finding]:
        """Rights, the right console, clock, units, devices, and a look at whatever else is wanted."""
        try:
            yield from google_rights.findings(self._name, self._services, self._areas)
            domain = self._confirm_customer()
            subject, customer_id = self._options.subject, self._options.customer_id
            yield Finding(
                Severity.OK, f"{self._name}: sign-in as {subject} works; the console is {customer_id} ({domain})."
            )
            yield from agreement(self._name, "Google", self._services.clock_is_ahead)
            units = self._units()
            yield Finding(Severity.OK, f"{self._name}: {len(units.paths)} organisational units can be read.")
            yield from (Finding(Severity.ADVICE, f"{self._name}: {warning}") for warning in units.warnings)
            next(self._services.rows(self._devices(1)))
            yield self._counted()
        except DevregError as error:
            yield Finding(Severity.FAULT, error.what, error.next_step)
            return
        yield from map(self._sample, self._wanted(1))

    def pages(self, checkpoint: str | None) -> Iterator[Page]:
        """People where wanted, devices, then what else is wanted. A checkpoint goes on with the part it is of, and, while its token lives,
        among its people or devices.
        """
        google_rights.refuse_wiping(self._name, self._services)
        self._confirm_customer()
        units = self._units()
        yield Page((), warnings=units.warnings, notes=units.notes)
        people = People(self._services, self._people(500), self._memory, self.limits)
        parts: dict[str, Part] = {}
        if self._options.users:
            parts[USERS] = partial(self._apart, USERS, people.pages)
        parts[google_lists.DEVICES_KEY] = partial(anew_where_lost, partial(self._device_pages, units, people))
        for part, read in self._beside().items():
            parts[part] = partial(self._apart, part, from_its_start(read))
        yield from in_parts(parts, mark_from(checkpoint, self.limits), self.limits)

    def observe(self, record: Record) -> Observation:
        """The record as identifiers and claims."""
        return observe(record)

    def _beside(self) -> dict[str, Callable[[], Iterator[Page]]]:
        """What is wanted after the Chromebooks."""
        services, listing = self._services, self._personal_phones(100)
        wanted: tuple[tuple[bool, str, Callable[[], Iterator[Page]]], ...] = (
            (self._options.company_phones, google_phones.COMPANY_PART, partial(google_parts.company_phones, services)),
            (
                self._options.personal_phones,
                google_phones.PERSONAL_PART,
                partial(google_parts.personal_phones, services, listing),
            ),
            (self._options.battery, google_reports.BATTERY_PART, partial(google_parts.batteries, services)),
        )
        return {part: read for is_wanted, part, read in wanted if is_wanted}

    def _apart(self, part: str, read: Part, mark: Mark | None) -> Iterator[Page]:
        """The pages; when they break off the part is silent, and the run goes on."""
        try:
            yield from anew_where_lost(read, mark)
        except (Retryable, Refused, Broken) as error:
            yield Page((), failed_parts=(FailedPart(part, error.what.removeprefix(f"{self._name}: ")),))

    def _device_pages(self, units: Units, people: People, mark: Mark | None) -> Iterator[Page]:
        read_before = mark.seen if mark else 0
        ends = google_reports.UpdateEnds(self.limits.now().date())
        seen: set[str] = set()

        aliases = people.aliases() if self._options.users else {}
        known = Known(units.paths, units.before, aliases, self._options.recent_users)
        for rows, token in self._services.rows(self._devices(self._options.page_size), mark.next if mark else None):
            page = listing_of(rows, partial(device_record, known=known), DEVICE_KEYS, "deviceId", beside=known.beside)
            seen.update(row.native_id for row in page.listed)
            seen.update(bad.native_id for bad in page.rejected if bad.native_id)
            ends.add(rows)
            checkpoint = (
                Mark(self.limits.now(), token, read_before + len(seen), google_lists.DEVICES_KEY).text()
                if token
                else None
            )
            yield msgspec.structs.replace(page, checkpoint=checkpoint)
        yield from self._shortfall(read_before + len(seen))
        if self._options.aue_report and mark is None:
            yield from google_parts.compared(self._name, self._services, ends)

    def _shortfall(self, seen: int) -> Iterator[Page]:
        """A page that only says that devices are lacking; nothing when the count agrees."""
        count = self._count()
        if count is None:
            yield Page((), warnings=("The console gave no count of its devices to compare with.",))
        elif seen < count:
            reason = f"the console counts {count} devices but listed {seen}; run it again"
            yield Page((), failed_parts=(FailedPart(google_lists.DEVICES_KEY, reason),))

    def _count(self) -> int | None:
        path = f"/customer/{self._options.customer_id}/devices/chromeos:countChromeOsDevices"
        try:
            return int(self._services.get(google_api.DEVICES, path, {}).get("count", ""))
        except (TypeError, ValueError):
            return None

    def _confirm_customer(self) -> str:
        """The domain of the console. Raises Refused when the key and subject belong to another one."""
        customer = self._services.get(google_api.DEVICES, "/customers/my_customer", {})
        domain = clean(customer.get("customerDomain"), 100) or "no domain"
        if customer.get("id") != self._options.customer_id:
            raise Refused(
                f"{self._name}: {self._options.subject} belongs to console {clean(customer.get('id'), 40)} ({domain}), "
                f"not to {self._options.customer_id}; nothing was read.",
                next_step=f"Correct customer_id, or subject and key, in sources.{self._name}.",
            )
        return domain

    def _units(self) -> Units:
        path = f"/customer/{self._options.customer_id}/orgunits"
        rows = self._services.get(google_api.DEVICES, path, {"type": "allIncludingParent"}).get("organizationUnits", [])
        if not isinstance(rows, list):
            raise self._services.odd(N_("the list of organisational units"))
        rules = (rule.org_unit for rule in self._options.units if rule.org_unit is not None)
        return read_units(rows, rules, self._memory.notes() if self._memory else None)

    def _counted(self) -> Finding:
        counted = self._count()
        if counted is None:
            said = f"{self._name}: devices can be read, but the console gives no count to compare with."
            return Finding(Severity.ADVICE, said)
        return Finding(Severity.OK, f"{self._name}: devices can be read; the console counts {counted}.")

    def _sample(self, listing: Listing) -> Finding:
        try:
            next(self._services.rows(listing))
        except DevregError as error:
            return Finding(Severity.FAULT, error.what, error.next_step)
        return Finding(Severity.OK, f"{self._name}: reading {listing.area.what} works.")

    def _wanted(self, size: int) -> list[Listing]:
        """What the settings want beside the Chromebooks."""
        wanted = (
            (self._options.users, self._people(size)),
            (self._options.company_phones, google_lists.company_phones(google_lists.INVENTORY, size)),
            (self._options.personal_phones, self._personal_phones(size)),
            (self._options.battery, google_lists.batteries(size)),
            (self._options.aue_report, google_lists.update_ends()),
        )
        return [listing for is_wanted, listing in wanted if is_wanted]

    @property
    def _areas(self) -> list[Area]:
        return [google_api.DEVICES, *(listing.area for listing in self._wanted(1))]

    def _devices(self, size: int) -> Listing:
        return google_lists.devices(self._options.customer_id, size, recent_users=self._options.recent_users)

    def _people(self, size: int) -> Listing:
        return google_lists.people(self._options.customer_id, size)

    def _personal_phones(self, size: int) -> Listing:
        return google_lists.personal_phones(self._options.customer_id, size)

    @cached_property
    def _services(self) -> GoogleServices:
        return services(self._name, self._options, self._folder, self.limits)


def services(name: str, options: GoogleOptions, folder: Path, limits: Limits) -> GoogleServices:
    """The console's services, by the reading account."""
    roots = {
        google_api.ADMIN: options.admin_url,
        google_api.CHROME: options.chromemanagement_url,
        google_api.IDENTITY: options.cloudidentity_url,
    }
    bundle = folder / options.ca_bundle if options.ca_bundle else None
    return GoogleServices(name, options.subject, lambda: options.key.read(folder), roots, limits, bundle)
