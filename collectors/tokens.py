"""App-only tokens of Microsoft, by msal over our own wire.

msal and cryptography are imported where they are used: they cost 150 ms, and most commands need neither.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

import msgspec

from collectors.http import Sender
from collectors.msal_client import MsalClient, claims_of, host, instance_discovery
from devreg.errors import Broken, DevregError, Misconfigured, Refused
from devreg.i18n import N_
from devreg.text import clean

if TYPE_CHECKING:
    from msal import ConfidentialClientApplication

_PRIVILEGED: Final = (
    "DeviceManagementManagedDevices.PrivilegedOperations.All",
    "DeviceManagementManagedDevices.ReadWrite.All",
    "AppRoleAssignment.ReadWrite.All",
    "Application.ReadWrite.All",
    "RoleManagement.ReadWrite.Directory",
)
"""Application permissions that can wipe, or give themselves those that can; the reading credential must have none (safety.md 36)."""


class MicrosoftLogin(msgspec.Struct, frozen=True):
    """What a sign-in as an application needs."""

    source: str
    login_url: str
    tenant_id: str
    client_id: str
    scope: str
    credential: Callable[[], str | dict[str, str]]
    """msal's client_credential: a secret, or PEM texts private_key and public_certificate. Read when first needed."""


class MicrosoftToken:
    """Bearer tokens for Graph; called before every request, msal keeps them."""

    def __init__(self, login: MicrosoftLogin, wire: Sender) -> None:
        self._login = login
        self._wire = wire
        self._app: ConfidentialClientApplication | None = None
        self.roles: tuple[str, ...] | None = None
        """The application permissions in the latest token; None when it can't be looked into."""

    def __call__(self, renew: bool = False) -> str:
        """`Bearer …`. Raises Refused in plain words when the sign-in is, or when the token could wipe devices."""
        app = self._app = self._app or self._sign_in_app()
        if renew:
            app.remove_tokens_for_client()
        try:
            answer = app.acquire_token_for_client([self._login.scope])
        except (ValueError, TypeError, AttributeError) as error:  # msal trusts what comes to be JSON of the right shape
            raise Broken(
                f"{self._login.source}: the sign-in answer of {host(self._login.login_url)} can't be read.",
                next_step=f"Check login_url in sources.{self._login.source} and what stands between.",
            ) from error
        if "access_token" not in answer:
            raise _microsoft_refusal(
                self._login, str(answer.get("error_description") or answer.get("error")), answer.get("error_codes")
            )
        token = str(answer["access_token"])
        self.roles = _roles(token)
        self._refuse_privileged(self.roles or ())
        return f"Bearer {token}"

    def _refuse_privileged(self, roles: Sequence[str]) -> None:
        can_wipe = [role for role in roles if role in _PRIVILEGED]
        if can_wipe:
            raise Refused(
                f"{self._login.source}: the app {self._login.client_id} may wipe devices, or let itself do so ({', '.join(can_wipe)}): "
                "collecting with it is refused.",
                next_step="Take that permission from the app registration; those to read are enough.",
            )

    def _sign_in_app(self) -> "ConfidentialClientApplication":
        import msal

        login = self._login
        try:
            return msal.ConfidentialClientApplication(
                login.client_id,
                client_credential=login.credential(),
                authority=f"{login.login_url}/{login.tenant_id}",
                instance_discovery=instance_discovery(login.login_url),
                http_client=MsalClient(login.source, self._wire),
            )
        except ValueError as error:
            raise _microsoft_refusal(login, f"{error.__context__ or ''} {error}", None) from error


_AADSTS: Final = {
    "7000215": (N_("the client secret is wrong"), N_("Use the secret's value, not its id, from the app registration.")),
    "7000222": (N_("the client secret has expired"), N_("Make a new one in the app registration, or better use a certificate.")),
    "700027": (N_("the certificate is not one of the app's"), N_("Upload its public part to the app registration.")),
    "1000502": (N_("the certificate has expired, or is not valid yet"), N_("Make a new one and upload its public part.")),
    "700024": (N_("this machine's clock is wrong"), N_("Set the clock; the sign-in is only valid for minutes.")),
    "700016": (N_("the tenant knows no app with this client_id"), N_("Check client_id and tenant_id.")),
    "7000112": (N_("the app is disabled in the tenant"), N_("Enable it under Enterprise applications.")),
    "7000229": (N_("the app is not installed in the tenant"), N_("Let an administrator consent to it.")),
    "90002": (N_("there is no such tenant"), N_("Check tenant_id (Entra admin centre, Overview).")),
    "900021": (N_("the tenant_id is not a tenant's"), N_("Check tenant_id (Entra admin centre, Overview).")),
    "900023": (N_("the tenant_id is neither an id nor a domain"), N_("Check tenant_id (Entra admin centre, Overview).")),
    "500011": (N_("the tenant does not know graph_url as a service"), N_("Check graph_url.")),
    "53003": (N_("a Conditional Access policy blocks it"), N_("Let the app sign in from this network.")),
}  # fmt: skip
"""Sign-in refusals met in practice. Source: learn.microsoft.com/entra/identity-platform/reference-error-codes."""


def _microsoft_refusal(login: MicrosoftLogin, text: str, codes: Sequence[int] | None) -> DevregError:
    named = [str(code) for code in codes or ()] + re.findall(r"AADSTS(\d+)", text)
    for code in named:
        if code in _AADSTS:
            cause, next_step = _AADSTS[code]
            return Refused(
                f"{login.source}: {host(login.login_url)} refused the sign-in: {cause} (AADSTS{code}).",
                next_step=f"{next_step} See sources.{login.source}.",
            )
    return Refused(
        f"{login.source}: {host(login.login_url)} refused the sign-in: {(clean(text, 300) or 'no reason given').rstrip('.')}.",
        next_step=f"Check tenant_id, client_id and the credential in sources.{login.source}.",
    )


def _roles(token: str) -> tuple[str, ...] | None:
    """The `roles` claim; None for a token that can't be looked into."""
    claims = claims_of(token)
    roles = [] if claims is None else claims.get("roles", [])
    return None if claims is None or not isinstance(roles, list) else tuple(map(str, roles))


class Certificate(msgspec.Struct, frozen=True):
    """A certificate with its key, both as PEM."""

    private_key: str
    public_certificate: str
    expires: datetime

    def for_msal(self) -> dict[str, str]:
        """Without a thumbprint, so that msal signs with PS256 and names the certificate by SHA-256."""
        return {"private_key": self.private_key, "public_certificate": self.public_certificate}


def certificate(content: bytes, passphrase: str | None, where: str) -> Certificate:
    """Key and certificate from one PEM or PFX. Raises Misconfigured naming `where`, never the content."""
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.serialization import pkcs12

    secret = passphrase.encode() if passphrase else None
    try:
        if b"-----BEGIN" in content:
            key = serialization.load_pem_private_key(content, secret)
            public = x509.load_pem_x509_certificate(content)
        else:
            pfx = pkcs12.load_pkcs12(content, secret)
            if pfx.key is None or pfx.cert is None:
                raise ValueError("it holds no key with its certificate")
            key, public = pfx.key, pfx.cert.certificate
    except (ValueError, TypeError) as error:
        raise Misconfigured(
            f"The certificate {where} can't be used: {(clean(str(error), 200) or 'not readable').rstrip('.')}.",
            next_step="It must be one PEM or PFX file that holds the private key and the certificate.",
        ) from error
    pem = serialization.Encoding.PEM
    plain = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Certificate(plain.decode(), public.public_bytes(pem).decode(), public.not_valid_after_utc)
