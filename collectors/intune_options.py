"""What an Intune source can be told in devreg.toml."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, model_validator

from devreg.secret import SecretRef
from devreg.settings import SourceOptions, Url


class IntuneOptions(SourceOptions):
    """Devices managed by Microsoft Intune, what else the tenant says it owns, and its people."""

    kind: Literal["intune"]
    tenant_id: UUID
    """Directory (tenant) id, from the Entra admin centre's overview."""
    client_id: UUID
    """Application (client) id of the reading app. docs/setup-entra.md says what to grant it; `devreg check` says what is missing."""
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
    leave_dates: bool = False
    """Whether people's leave dates are read; needs User-LifeCycleInfo.Read.All."""
    details: bool = True
    """Whether memory, SIM card and wired address are asked for, which lists leave blank: once for each new or changed device."""
    autopilot: bool = True
    """Whether Autopilot identities are read: computers that are owned before they are enrolled."""
    corporate_identifiers: bool = False
    """Whether corporate device identifiers are read (a beta of Microsoft's): phones announced by IMEI or serial number."""
    apple_devices: bool = False
    """Whether the devices of Apple Business Manager are read (a beta of Microsoft's): owned before they are enrolled."""
    registrations: bool = False
    """Whether it is read what people sign in with (Entra's devices): phones that nothing manages, and in whose hands they are. People's
    own devices are among them; their names are not kept. Needs Device.Read.All."""
    approvals: bool = False
    """Whether it is followed how the tenant's own second approval of a remote action stands (Multi Admin Approval, a beta of Microsoft's).
    Needs DeviceManagementRBAC.Read.All."""
    audit_events: bool = True
    """Whether Intune's log is read for devices that were wiped, retired or deleted past this register."""
    apple_expiry: bool = True
    """Whether Apple's push certificate and tokens are watched: when they run out, Apple devices can't be managed."""

    @model_validator(mode="after")
    def _one_credential(self) -> "IntuneOptions":
        if (self.certificate is None) == (self.client_secret is None):
            raise ValueError("name exactly one of certificate, client_secret")
        return self
