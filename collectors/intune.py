"""Intune's devices and Entra's people through Microsoft Graph, read only. Source: contracts/intune.md sections 1 to 5 and 9."""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Any, ClassVar, Final, Literal
from uuid import UUID, uuid4

from pydantic import Field, model_validator

from collectors.http import Answer, Chain, Fault, JsonApi, Limits, Mark, Sender, by_status, mark_from
from collectors.intune_map import DEVICE_KEYS, USER_KEYS, device_record, observe, user_record
from collectors.rows import listing_of, page_of
from collectors.tokens import Certificate, MicrosoftLogin, MicrosoftToken, certificate
from devreg.domain.observation import Observation
from devreg.errors import Broken, DevregError, Refused, Retryable
from devreg.ports import Finding, Page, Record, Severity
from devreg.secret import SecretRef
from devreg.settings import Loaded, SourceOptions, Url
from devreg.text import clean

_HEADERS: Final = {"Prefer": "include-unknown-enum-members"}
_USERS_PAGE: Final = 999
_EXPIRY_WARNING: Final = timedelta(days=30)


class IntuneOptions(SourceOptions):
    """Devices managed by Microsoft Intune, and the people of its tenant."""

    kind: Literal["intune"]
    tenant_id: UUID
    """Directory (tenant) id, from the Entra admin centre's overview."""
    client_id: UUID
    """Application (client) id of the reading app. Its permissions: DeviceManagementManagedDevices.Read.All, User.Read.All, no more."""
    certificate: SecretRef | None = None
    """PEM or PFX file with private key and certificate; the better choice."""
    certificate_passphrase: SecretRef | None = None
    """Where the certificate's file has one."""
    client_secret: SecretRef | None = None
    """Instead of the certificate; it runs out unannounced."""
    graph_url: Url = "https://graph.microsoft.com"
    """Other roots for national clouds and stand-ins."""
    login_url: Url = "https://login.microsoftonline.com"
    """Where the app signs in; fits the cloud of graph_url."""
    ca_bundle: str | None = None
    """PEM file with the certificates of your own CA, where one signs these addresses. Relative to this file."""
    page_size: Annotated[int, Field(ge=1, le=1000)] = 1000
    """Devices a request."""
    users: bool = True
    """Whether people are read too: who left, and the department that unit rules can ask for."""

    @model_validator(mode="after")
    def _one_credential(self) -> "IntuneOptions":
        if (self.certificate is None) == (self.client_secret is None):
            raise ValueError("name exactly one of certificate, client_secret")
        return self


class IntuneCollector:
    """One tenant. People first, because a device's department is its user's."""

    Options: ClassVar[type[SourceOptions]] = IntuneOptions
    mapping_version: ClassVar[int] = 1
    limits: Limits = Limits()

    def __init__(self, name: str, options: IntuneOptions, loaded: Loaded) -> None:
        self._name = name
        self._options = options
        self._folder = loaded.folder

    def check(self) -> Iterator[Finding]:
        """Sign-in, rights, one device and one person; advice on the credential."""
        try:
            yield from self._credential_findings()
            self._token(False)
            yield Finding(Severity.OK, f"{self._name}: sign-in to tenant {self._options.tenant_id} works.")
            if self._token.roles is None:
                yield Finding(
                    Severity.ADVICE, f"{self._name}: the token can't be looked into, so its rights are not known."
                )
            self._api.get(self._devices_url(1), _headers())
            yield Finding(Severity.OK, f"{self._name}: devices can be read.")
            if self._options.users:
                self._api.get(self._users_url(1), _headers())
                yield Finding(Severity.OK, f"{self._name}: people can be read.")
        except DevregError as error:
            yield Finding(Severity.FAULT, error.what, error.next_step)

    def pages(self, checkpoint: str | None) -> Iterator[Page]:
        """People, then devices. A checkpoint continues among the devices; people are read anew, for their departments."""
        departments: dict[str, str] = {}
        if self._options.users:
            yield from self._user_pages(departments)
        mark = mark_from(checkpoint, self.limits)
        try:
            yield from self._device_pages(departments, mark)
        except Broken:
            if mark is None:
                raise
            yield from self._device_pages(departments, None)

    def observe(self, record: Record) -> Observation:
        """The record as identifiers and claims."""
        return observe(record)

    def _user_pages(self, departments: dict[str, str]) -> Iterator[Page]:
        for rows, _ in self._rows(self._users_url(_USERS_PAGE)):
            page = page_of(rows, user_record, USER_KEYS)
            departments.update(
                (record.native_id, record.body["department"]) for record in page.records if "department" in record.body
            )
            yield page

    def _device_pages(self, departments: Mapping[str, str], mark: Mark | None) -> Iterator[Page]:
        started = mark.started if mark else self.limits.now()
        first = self._api.at_home(mark.next) if mark else self._devices_url(self._options.page_size)
        for rows, following in self._rows(first):
            checkpoint = Mark(started, following).text() if following else None
            yield listing_of(
                rows,
                lambda row: device_record(row, departments),
                DEVICE_KEYS,
                checkpoint=checkpoint,
                beside=lambda row: departments.get(clean(row.get("userId")) or ""),
            )

    def _rows(self, url: str) -> Iterator[tuple[list[Any], str | None]]:
        """Each page's rows with the address of the next; ends with the page that names none."""
        chain = Chain(self._name, self.limits)
        following: str | None = chain.step(url)
        while following:
            document = self._api.get(following, _headers())
            rows = document.get("value")
            if not isinstance(rows, list):
                raise Broken(f"{self._name}: a page of Graph holds no list “value”.", next_step="Run `devreg check`.")
            link = document.get("@odata.nextLink")
            following = chain.step(self._api.at_home(link)) if link else None
            yield rows, following

    def _devices_url(self, top: int) -> str:
        return self._api.url("/deviceManagement/managedDevices", {"$select": ",".join(DEVICE_KEYS), "$top": top})

    def _users_url(self, top: int) -> str:
        return self._api.url("/users", {"$select": ",".join(USER_KEYS), "$top": top})

    @cached_property
    def _api(self) -> JsonApi:
        root = f"{self._options.graph_url}/v1.0"
        return JsonApi(self._name, root, self._wire, lambda renew: self._token(renew), explain, self.limits)

    @cached_property
    def _wire(self) -> Sender:
        from collectors.wire import Wire  # requests costs 80 ms; replaying records needs none

        bundle = self._options.ca_bundle
        return Wire(self._name, self.limits, self._folder / bundle if bundle else None)

    @cached_property
    def _token(self) -> MicrosoftToken:
        options = self._options
        login = MicrosoftLogin(
            self._name,
            options.login_url,
            str(options.tenant_id),
            str(options.client_id),
            f"{options.graph_url}/.default",
            self._credential,
        )
        return MicrosoftToken(login, self._wire)

    def _credential(self) -> str | dict[str, str]:
        if self._options.client_secret is not None:
            return self._options.client_secret.read(self._folder)
        return self._certificate().for_msal()

    def _certificate(self) -> Certificate:
        reference, passphrase = self._options.certificate, self._options.certificate_passphrase
        if reference is None:
            raise Refused(f"{self._name}: no certificate is configured.")
        words = passphrase.read(self._folder) if passphrase else None
        return certificate(reference.read_bytes(self._folder), words, str(reference))

    def _credential_findings(self) -> Iterator[Finding]:
        if self._options.client_secret is not None:
            yield Finding(
                Severity.ADVICE,
                f"{self._name}: it signs in with a client secret, which can be copied and runs out unannounced.",
                "Use a certificate.",
            )
            return
        left = self._certificate().expires - self.limits.now()
        if left < _EXPIRY_WARNING:
            yield Finding(
                Severity.ADVICE if left > timedelta(0) else Severity.FAULT,
                f"{self._name}: the certificate runs out in {left.days} days.",
                "Make a new one and upload its public part to the app registration.",
            )


def _headers() -> dict[str, str]:
    return {**_HEADERS, "client-request-id": str(uuid4())}


def explain(answer: Answer) -> Fault | None:
    """Graph's and Intune's errors in plain words. Source: contracts/intune.md section 9."""
    code, message = _innermost(answer.text)
    if message is None:
        return None
    said = f"{code}: {message}" if code else message
    identity = answer.headers.get("request-id")
    cause = said + (f" (request-id {clean(identity, 60)})" if identity else "")
    match answer.status:
        case 401 if "Forbidden" not in said:
            return Fault(Refused, f"the token is not accepted: {cause}")
        case 401 | 403:
            return Fault(
                Refused,
                f"no right to read this: {cause}",
                "Grant the app DeviceManagementManagedDevices.Read.All and User.Read.All with admin consent; Intune needs a licence.",
            )
        case _:
            status = by_status(answer)
            if issubclass(status.error, Retryable):
                return None
            return Fault(status.error, cause, status.next_step)


def _innermost(text: str) -> tuple[str | None, str | None]:
    """Code and message of an error body; Intune wraps JSON in JSON, up to three times."""
    code: str | None = None
    message: str | None = text
    for _ in range(4):
        try:
            inner = json.loads(message or "")
        except (ValueError, RecursionError):
            break
        if not isinstance(inner, dict):
            break
        inner = inner.get("error", inner)
        if not isinstance(inner, dict):
            break
        code = clean(inner.get("code") or inner.get("ErrorCode"), 100) or code
        message = inner.get("message") or inner.get("Message")
        if not isinstance(message, str):
            return code, code
    return (code, clean(message, 300)) if message != text else (None, None)
