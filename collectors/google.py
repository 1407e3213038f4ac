"""Chromebooks of one Google console through the Directory API, read only. Source: contracts/google.md sections 1 to 3, 5, 8 and 9."""

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, ClassVar, Final, Literal

import msgspec
from pydantic import Field

from collectors.google_map import (
    DEVICE_FIELDS,
    DEVICE_KEYS,
    USER_FIELDS,
    USER_KEYS,
    device_record,
    observe,
    unit_key,
    user_record,
)
from collectors.google_token import GoogleLogin, GoogleToken
from collectors.http import Answer, Chain, Fault, JsonApi, Limits, Mark, Sender, mark_from
from collectors.rows import listing_of, page_of
from devreg.domain.observation import Observation
from devreg.errors import Broken, DevregError, Refused, Retryable
from devreg.i18n import N_
from devreg.ports import FailedPart, Finding, Page, Record, Severity
from devreg.secret import SecretRef
from devreg.settings import Loaded, SourceOptions, Url
from devreg.text import clean

_SCOPE: Final = "https://www.googleapis.com/auth/admin.directory."
_SCOPES: Final = ("device.chromeos.readonly", "orgunit.readonly", "customer.readonly")
_USER_SCOPE: Final = "user.readonly"
_SMALLER_PAGE: Final = 100
_DEVICES: Final = "chromeosdevices"
_USERS: Final = "users"
_USERS_PAGE: Final = 500
Params = dict[str, str | int]


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
    ca_bundle: str | None = None
    """PEM file with the certificates of your own CA, where one signs these addresses. Relative to this file."""
    page_size: Annotated[int, Field(ge=1, le=200)] = 200
    """Devices a request; 100 is used where the console takes no more."""
    users: bool = False
    """Whether the console's people are read too."""


class PageTooLarge(Broken):
    """The service takes fewer rows a page than were asked for."""


class GoogleCollector:
    """One console: the right customer first, then units, devices, people, and the count at the end."""

    Options: ClassVar[type[SourceOptions]] = GoogleOptions
    mapping_version: ClassVar[int] = 1
    limits: Limits = Limits()

    def __init__(self, name: str, options: GoogleOptions, loaded: Loaded) -> None:
        self._name = name
        self._options = options
        self._folder = loaded.folder

    def check(self) -> Iterator[Finding]:
        """Sign-in, the right console, units and one device."""
        try:
            domain = self._confirm_customer()
            yield Finding(
                Severity.OK, f"{self._name}: sign-in works; the console is {self._options.customer_id} ({domain})."
            )
            units = self._unit_paths()
            yield Finding(Severity.OK, f"{self._name}: {len(units)} organisational units can be read.")
            self._api.get(self._devices_url(1, None))
            yield Finding(Severity.OK, f"{self._name}: devices can be read.")
            if self._options.users:
                self._api.get(self._users_url(1, None))
                yield Finding(Severity.OK, f"{self._name}: people can be read.")
        except DevregError as error:
            yield Finding(Severity.FAULT, error.what, error.next_step)

    def pages(self, checkpoint: str | None) -> Iterator[Page]:
        """Devices, then people where wanted. A checkpoint continues among the devices, within the hour a page token lives."""
        self._confirm_customer()
        paths = self._unit_paths()
        mark = mark_from(checkpoint, self.limits)
        yield from self._device_pages(paths, mark)
        if self._options.users:
            for rows, _ in self._rows(_USERS, None):
                yield page_of(rows, user_record, USER_KEYS)

    def observe(self, record: Record) -> Observation:
        """The record as identifiers and claims."""
        return observe(record)

    def _device_pages(self, paths: Mapping[str, str], mark: Mark | None) -> Iterator[Page]:
        started = mark.started if mark else self.limits.now()
        read_before = mark.seen if mark else 0
        seen: set[str] = set()
        for rows, token in self._rows(_DEVICES, mark.next if mark else None):
            page = listing_of(
                rows,
                lambda row: device_record(row, paths),
                DEVICE_KEYS,
                "deviceId",
                beside=lambda row: paths.get(unit_key(clean(row.get("orgUnitId")) or "")),
            )
            seen.update(row.native_id for row in page.listed)
            seen.update(bad.native_id for bad in page.rejected if bad.native_id)
            checkpoint = Mark(started, token, read_before + len(seen)).text() if token else None
            yield msgspec.structs.replace(page, checkpoint=checkpoint)
        yield from self._shortfall(read_before + len(seen))

    def _shortfall(self, seen: int) -> Iterator[Page]:
        """A page that only says that devices are lacking; nothing when the count agrees."""
        answer = self._api.get(self._api.url(f"{self._customer}/devices/chromeos:countChromeOsDevices", {}))
        try:
            count = int(answer.get("count", ""))
        except (TypeError, ValueError):
            yield Page((), warnings=("The console gave no count of its devices to compare with.",))
            return
        if seen < count:
            reason = f"the console counts {count} devices but listed {seen}; run it again"
            yield Page((), failed_parts=(FailedPart(_DEVICES, reason),))

    def _rows(self, what: str, token: str | None) -> Iterator[tuple[list[Any], str | None]]:
        """Each page's rows with the token of the next. An empty page may have one; the end is the missing token."""
        chain = Chain(self._name, self.limits)
        size = self._options.page_size if what == _DEVICES else _USERS_PAGE
        while True:
            try:
                document = self._api.get(
                    self._devices_url(size, token) if what == _DEVICES else self._users_url(size, token)
                )
            except PageTooLarge:
                if size <= _SMALLER_PAGE:
                    raise
                size = _SMALLER_PAGE
                continue
            rows, following = document.get(what, []), document.get("nextPageToken")
            if not isinstance(rows, list) or not isinstance(following, str | None):
                raise self._odd("a page")
            token = chain.step(following) if following else None
            yield rows, token
            if token is None:
                return

    def _confirm_customer(self) -> str:
        """The domain of the console. Raises Refused when the key and subject belong to another one."""
        customer = self._api.get(self._api.url("/customers/my_customer", {}))
        domain = clean(customer.get("customerDomain"), 100) or "no domain"
        if customer.get("id") != self._options.customer_id:
            raise Refused(
                f"{self._name}: {self._options.subject} belongs to console {clean(customer.get('id'), 40)} ({domain}), "
                f"not to {self._options.customer_id}; nothing was read.",
                next_step=f"Correct customer_id, or subject and key, in sources.{self._name}.",
            )
        return domain

    def _unit_paths(self) -> dict[str, str]:
        """Id of each organisational unit, without its prefix -> its path now."""
        document = self._api.get(self._api.url(f"{self._customer}/orgunits", {"type": "allIncludingParent"}))
        units = document.get("organizationUnits", [])
        if not isinstance(units, list):
            raise self._odd(N_("the list of organisational units"))
        return {
            unit_key(unit["orgUnitId"]): path
            for unit in units
            if isinstance(unit, dict)
            and isinstance(unit.get("orgUnitId"), str)
            and (path := clean(unit.get("orgUnitPath")))
        }

    def _odd(self, what: str) -> Broken:
        return Broken(
            f"{self._name}: {what} of Google has another shape than documented.",
            next_step=f"Check admin_url in sources.{self._name} and who answers there.",
        )

    @property
    def _customer(self) -> str:
        return f"/customer/{self._options.customer_id}"

    def _devices_url(self, size: int, token: str | None) -> str:
        wanted: Params = {
            "projection": "FULL",
            "maxResults": size,
            "fields": f"nextPageToken,{_DEVICES}({DEVICE_FIELDS})",
        }
        return self._api.url(f"{self._customer}/devices/chromeos", wanted | ({"pageToken": token} if token else {}))

    def _users_url(self, size: int, token: str | None) -> str:
        fields = f"nextPageToken,{_USERS}({USER_FIELDS})"
        wanted: Params = {
            "customer": self._options.customer_id,
            "maxResults": size,
            "projection": "basic",
            "fields": fields,
        }
        return self._api.url("/users", wanted | ({"pageToken": token} if token else {}))

    @cached_property
    def _api(self) -> JsonApi:
        root = f"{self._options.admin_url}/admin/directory/v1"
        return JsonApi(self._name, root, self._wire, self._token, explain, self.limits)

    @cached_property
    def _wire(self) -> Sender:
        from collectors.wire import Wire  # requests costs 80 ms; replaying records needs none

        bundle = self._options.ca_bundle
        return Wire(self._name, self.limits, self._folder / bundle if bundle else None)

    @cached_property
    def _token(self) -> GoogleToken:
        options = self._options
        scopes = (*_SCOPES, _USER_SCOPE) if options.users else _SCOPES
        names = tuple(_SCOPE + scope for scope in scopes)
        return GoogleToken(
            GoogleLogin(self._name, options.subject, names, lambda: options.key.read(self._folder)), self._wire
        )


_RATE: Final = frozenset({"userRateLimitExceeded", "rateLimitExceeded", "quotaExceeded"})
_REFUSALS: Final = {
    "forbidden": (
        N_("the subject may not read this"), N_("Give it a role that may view ChromeOS devices and organisational units in that console."),
    ),
    "insufficientPermissions": (N_("a scope is missing"), N_("Delegate the scopes to the service account in that console.")),
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": (N_("a scope is missing"), N_("Delegate the scopes to the service account in that console.")),
    "PERMISSION_DENIED": (N_("a right or a scope is missing"), N_("Check the subject's role and the delegated scopes in that console.")),
    "accessNotConfigured": (N_("the Admin SDK API is not enabled"), N_("Enable it in the service account's Google Cloud project.")),
    "SERVICE_DISABLED": (N_("the API is not enabled"), N_("Enable the Admin SDK API in the service account's Google Cloud project.")),
    "domainCannotUseApis": (N_("the console lets no program in"), N_("Allow API access in that console's security settings.")),
    "authError": (N_("the token is not accepted"), N_("Check the key and this machine's clock.")),
}  # fmt: skip
"""Reasons of refusals -> in plain words, and what to do. Source: contracts/google.md section 8."""


def explain(answer: Answer) -> Fault | None:
    """Google's errors in plain words, in both of their shapes."""
    reason, message = _reason(answer)
    if reason is None:
        return None
    if reason in _RATE:
        return Fault(Retryable, "too many requests for the console's quota", "Nothing is wrong here: try again later.")
    if reason in _REFUSALS and answer.status in {401, 403}:
        cause, next_step = _REFUSALS[reason]
        return Fault(Refused, f"{cause} ({reason}: {message})", next_step)
    if answer.status == 400:
        return _bad_request(reason, message, answer)
    return None


def _bad_request(reason: str, message: str, answer: Answer) -> Fault:
    if "within the range" in message:
        return Fault(PageTooLarge, message)
    if message.startswith("Invalid Input: ") and "pageToken=" in answer.url:
        # An expired token and a hiccup of the service look alike; GAM repeats the same page, and so do we.
        return Fault(Retryable, "the next page's token is not accepted", "Run it again: reading starts anew.")
    if "customer" in message.lower():
        return Fault(Refused, f"no such console ({message})", "Check customer_id.")
    return Fault(Broken, f"{reason}: {message}")


def _reason(answer: Answer) -> tuple[str | None, str]:
    """`errors[0].reason`, else a detail's reason, else the status; with the message."""
    try:
        error = json.loads(answer.body)["error"]
        message = clean(error.get("message"), 300) or ""
        listed = [*(error.get("errors") or ()), *(error.get("details") or ())]
        reasons = [item["reason"] for item in listed if isinstance(item, dict) and isinstance(item.get("reason"), str)]
        return clean(reasons[0] if reasons else error.get("status"), 100), message
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None, ""
