"""The Google services of one console: an area each with a token of its own, listed page by page. Source: contracts/google.md 1, 2, 6 to 8.

A token request with one scope that is not delegated fails as a whole, so what is optional never shares a token with what is not.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import msgspec

from collectors.clocks import TimedWire
from collectors.google_token import GoogleLogin, GoogleToken
from collectors.http import Answer, Chain, Fault, JsonApi, Limits
from devreg.errors import Broken, Refused, Retryable
from devreg.i18n import N_
from devreg.text import clean

SCOPE_PREFIX: Final = "https://www.googleapis.com/auth/"
ADMIN: Final = "admin"
CHROME: Final = "chromemanagement"
IDENTITY: Final = "cloudidentity"
_SMALLER_PAGE: Final = 100
Params = Mapping[str, str | int]


class Area(msgspec.Struct, frozen=True):
    """What is read together and may be delegated apart from the rest."""

    what: str
    """English msgid."""
    service: str
    scopes: tuple[str, ...]
    """Without their prefix."""


DEVICES: Final = Area(
    N_("Chromebooks and units"),
    ADMIN,
    (
        "admin.directory.device.chromeos.readonly",
        "admin.directory.orgunit.readonly",
        "admin.directory.customer.readonly",
    ),
)
PEOPLE: Final = Area(N_("people of the console"), ADMIN, ("admin.directory.user.readonly",))
PERSONAL_PHONES: Final = Area(N_("people's own phones"), ADMIN, ("admin.directory.device.mobile.readonly",))
COMPANY_PHONES: Final = Area(N_("the city's phones"), IDENTITY, ("cloud-identity.devices.readonly",))
REPORTS: Final = Area(N_("the report of update ends"), CHROME, ("chrome.management.reports.readonly",))
BATTERIES: Final = Area(N_("the batteries' health"), CHROME, ("chrome.management.telemetry.readonly",))
_BASES: Final = {ADMIN: "/admin/directory/v1", CHROME: "/v1", IDENTITY: "/v1"}


class Listing(msgspec.Struct, frozen=True):
    """One list of a service."""

    area: Area
    path: str
    params: Params
    key: str
    """Where the rows stand; missing when there are none."""
    size: int
    size_name: str | None = "pageSize"
    """None: it comes whole, and takes no size."""


class PageTooLarge(Broken):
    """The service takes fewer rows a page than were asked for."""


class GoogleServices:
    """Reads of one console."""

    def __init__(
        self,
        source: str,
        subject: str,
        key: Callable[[], str],
        roots: Mapping[str, str],
        limits: Limits,
        ca_bundle: Path | None = None,
    ) -> None:
        self._source = source
        self._subject = subject
        self._key = key
        self._roots = roots
        self._limits = limits
        self._ca_bundle = ca_bundle
        self._apis: dict[Area, JsonApi] = {}

    def get(self, area: Area, path: str, params: Params) -> dict[str, Any]:
        """The JSON object there. Raises Retryable, Refused or Broken."""
        api = self._api(area)
        return api.get(api.url(path, params))

    def rows(self, listing: Listing, token: str | None = None) -> Iterator[tuple[list[Any], str | None]]:
        """Each page's rows with the token of the next. An empty page may have one; the end is the missing token."""
        chain = Chain(self._source, self._limits)
        size = listing.size
        while True:
            params = dict(listing.params) | ({listing.size_name: size} if listing.size_name else {})
            params |= {"pageToken": token} if token else {}
            try:
                document = self.get(listing.area, listing.path, params)
            except PageTooLarge:
                if size <= _SMALLER_PAGE:
                    raise
                size = _SMALLER_PAGE
                continue
            rows, following = document.get(listing.key, []), document.get("nextPageToken")
            if not isinstance(rows, list) or not isinstance(following, str | None):
                raise self.odd(N_("a page"))
            token = chain.step(following) if following else None
            yield rows, token
            if token is None:
                return

    def may(self, scope: str) -> bool:
        """Whether the service account is delegated this scope. Raises Refused and others when that can't be told."""
        return self._token((scope,)).is_delegated()

    def odd(self, what: str) -> Broken:
        """The error for an answer of another shape."""
        return Broken(
            f"{self._source}: {what} of Google has another shape than documented.",
            next_step=f"Check the addresses in sources.{self._source} and who answers there.",
        )

    @property
    def clock_is_ahead(self) -> timedelta | None:
        """By how much this machine's clock is ahead of Google's, from the last answer; None when that did not say."""
        return self._wire.ahead

    def _api(self, area: Area) -> JsonApi:
        if area not in self._apis:
            root = self._roots[area.service] + _BASES[area.service]
            self._apis[area] = JsonApi(self._source, root, self._wire, self._token(area.scopes), explain, self._limits)
        return self._apis[area]

    def _token(self, scopes: tuple[str, ...]) -> GoogleToken:
        names = tuple(SCOPE_PREFIX + scope for scope in scopes)
        return GoogleToken(GoogleLogin(self._source, self._subject, names, self._key), self._wire)

    @cached_property
    def _wire(self) -> TimedWire:
        from collectors.wire import Wire  # requests costs 80 ms; replaying records needs none

        return TimedWire(Wire(self._source, self._limits, self._ca_bundle), self._limits.now)


_RATE: Final = frozenset({"userRateLimitExceeded", "rateLimitExceeded", "quotaExceeded"})
_REFUSALS: Final = {
    "forbidden": (
        N_("the subject may not read this"), N_("Give it a role that may view ChromeOS devices and organisational units in that console."),
    ),
    "insufficientPermissions": (N_("a scope is missing"), N_("Delegate the scopes to the service account in that console.")),
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": (N_("a scope is missing"), N_("Delegate the scopes to the service account in that console.")),
    "PERMISSION_DENIED": (N_("a right or a scope is missing"), N_("Check the subject's role and the delegated scopes in that console.")),
    "accessNotConfigured": (N_("the Admin SDK API is not enabled"), N_("Enable it in the service account's Google Cloud project.")),
    "SERVICE_DISABLED": (N_("the API is not enabled"), N_("Enable it in the service account's Google Cloud project.")),
    "domainCannotUseApis": (N_("the console lets no program in"), N_("Allow API access in that console's security settings.")),
    "authError": (N_("the token is not accepted"), N_("Check the key and this machine's clock.")),
}  # fmt: skip
"""Reasons of refusals -> in plain words, and what to do. Source: contracts/google.md section 8."""


def explain(answer: Answer) -> Fault | None:
    """Google's errors in plain words, in both of their shapes."""
    reason, message = reason_of(answer)
    if reason is None:
        return None
    if reason in _RATE:
        return Fault(Retryable, "too many requests for the console's quota", "Nothing is wrong here: try again later.")
    if reason in _REFUSALS and answer.status in {401, 403}:
        cause, next_step = _REFUSALS[reason]
        return Fault(Refused, f"not allowed: {cause} ({reason}: {message})", next_step)
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


def reason_of(answer: Answer) -> tuple[str | None, str]:
    """`errors[0].reason`, else a detail's reason, else the status; with the message."""
    try:
        error = json.loads(answer.body)["error"]
        message = clean(error.get("message"), 300) or ""
        listed = [*(error.get("errors") or ()), *(error.get("details") or ())]
        reasons = [item["reason"] for item in listed if isinstance(item, dict) and isinstance(item.get("reason"), str)]
        return clean(reasons[0] if reasons else error.get("status"), 100), message
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None, ""
