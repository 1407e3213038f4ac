"""Stand-in for Google's token endpoint: service accounts with domain-wide delegation."""

import base64
import json
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from devreg.demo.server import Reply, Request, json_reply
from devreg.demo.tls import write_private

AUDIENCE: Final = "https://oauth2.googleapis.com/token"
"""What google-auth puts into `aud` whatever `token_uri` says. Source: google.md 1."""
GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPE_PREFIX: Final = "https://www.googleapis.com/auth/"
READ_SCOPES: Final = (
    "admin.directory.device.chromeos.readonly",
    "admin.directory.orgunit.readonly",
    "admin.directory.user.readonly",
    "admin.directory.customer.readonly",
)


MORE_SCOPES: Final = (
    "admin.directory.device.mobile.readonly",
    "cloud-identity.devices.readonly",
    "chrome.management.reports.readonly",
    "chrome.management.telemetry.readonly",
)
"""What only some want; not delegated from the start."""


MANAGE_SCOPES: Final = (
    "admin.directory.device.chromeos",
    "admin.directory.device.mobile.action",
    "cloud-identity.devices",
)
"""What the managing account is delegated; the reading one never is."""


class ServiceAccount(msgspec.Struct, kw_only=True):
    """A service account; `delegated` maps customer ids to the scopes (without prefix) authorised there."""

    email: str
    client_id: str
    key_id: str
    key: rsa.RSAPrivateKey
    delegated: dict[str, tuple[str, ...]]


class Token(msgspec.Struct, frozen=True):
    """What an access token is bound to."""

    customer_id: str | None
    subject: str | None
    scopes: frozenset[str]
    expires: float


class _Denied(Exception):
    def __init__(self, status: int, error: str, text: str) -> None:
        super().__init__(text)
        self.reply = json_reply(status, {"error": error, "error_description": text})


class GoogleLogin:
    """Issues tokens to `accounts` on behalf of the accounts in `directory` (address -> customer id)."""

    def __init__(self, accounts: list[ServiceAccount], directory: dict[str, str], clock: Callable[[], float]) -> None:
        self.accounts, self.directory = accounts, directory
        self.suspended: set[str] = set()
        """Subjects whose account is suspended."""
        self.token_seconds = 3599
        self._clock = clock
        self._tokens: dict[str, Token] = {}

    def respond(self, request: Request) -> Reply:
        """The answer of POST /token."""
        try:
            token = self._token(request.form)
        except _Denied as denied:
            return denied.reply
        text = "ya29.stand-in." + secrets.token_urlsafe(48)
        self._tokens[text] = token
        return json_reply(200, {"access_token": text, "expires_in": self.token_seconds, "token_type": "Bearer"})

    def token(self, authorization: str | None) -> Token | None:
        """What the bearer holds; None for no, an unknown or an expired token."""
        scheme, _, text = (authorization or "").partition(" ")
        token = self._tokens.get(text) if scheme.lower() == "bearer" else None
        return token if token and token.expires > self._clock() else None

    def _token(self, form: dict[str, str]) -> Token:
        if form.get("grant_type") != GRANT:
            raise _Denied(400, "unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type', '')}")
        claims, account = self._verified(form.get("assertion", ""))
        self._check_times(claims)
        if claims.get("aud") != AUDIENCE:
            raise _Denied(400, "invalid_grant", "Invalid JWT: Failed audience check. The right audience is " + AUDIENCE)
        scopes = frozenset(str(claims.get("scope", "")).split())
        if not scopes:
            raise _Denied(400, "invalid_scope", "Empty or missing scope not allowed.")
        subject = claims.get("sub")
        if subject is not None and subject != account.email:
            return self._delegated(account, str(subject).lower(), scopes)
        return Token(None, None, scopes, self._clock() + self.token_seconds)

    def _delegated(self, account: ServiceAccount, subject: str, scopes: frozenset[str]) -> Token:
        customer_id = self.directory.get(subject)
        if customer_id is None:
            raise _Denied(400, "invalid_grant", "Invalid email or User ID")
        if subject in self.suspended:
            raise _Denied(400, "invalid_grant", "Account has been suspended or deleted")
        allowed = {SCOPE_PREFIX + scope for scope in account.delegated.get(customer_id, ())}
        if not scopes <= allowed:
            raise _Denied(
                401,
                "unauthorized_client",
                "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the "
                "scopes requested.",
            )
        return Token(customer_id, subject, scopes, self._clock() + self.token_seconds)

    def _verified(self, assertion: str) -> tuple[dict[str, Any], ServiceAccount]:
        try:
            head, body, signature = assertion.split(".")
            header, claims = json.loads(_decode(head)), json.loads(_decode(body))
        except ValueError:
            raise _Denied(400, "invalid_grant", "Invalid JWT: the assertion can't be decoded.") from None
        account = next((account for account in self.accounts if account.email == claims.get("iss")), None)
        if account is None:
            raise _Denied(400, "invalid_grant", "Invalid grant: account not found")
        if header.get("alg") != "RS256" or header.get("kid", account.key_id) != account.key_id:
            raise _Denied(400, "invalid_grant", "Invalid JWT Signature.")
        try:
            account.key.public_key().verify(
                _decode(signature), f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256()
            )
        except (InvalidSignature, ValueError):
            raise _Denied(400, "invalid_grant", "Invalid JWT Signature.") from None
        return claims, account

    def _check_times(self, claims: dict[str, Any]) -> None:
        now, issued, expires = self._clock(), float(claims.get("iat", 0)), float(claims.get("exp", 0))
        if not (issued <= now + 300 and now - 300 < expires <= issued + 3600):
            raise _Denied(
                400,
                "invalid_grant",
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and "
                "exp values in the JWT claim.",
            )


def new_account(name: str, delegated: dict[str, tuple[str, ...]]) -> ServiceAccount:
    """A service account with a fresh 2048-bit key."""
    return ServiceAccount(
        email=f"{name}@devreg-demo.iam.gserviceaccount.example",
        client_id=str(10**20 + secrets.randbelow(10**20)),
        key_id=secrets.token_hex(20),
        key=rsa.generate_private_key(public_exponent=65537, key_size=2048),
        delegated=delegated,
    )


def write_key(account: ServiceAccount, path: Path, token_uri: str) -> None:
    """The account's key as the JSON file the console hands out, mode 0600."""
    pem = account.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    document = {
        "type": "service_account",
        "project_id": "devreg-demo-stand-in",
        "private_key_id": account.key_id,
        "private_key": pem.decode(),
        "client_email": account.email,
        "client_id": account.client_id,
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": token_uri,
        "universe_domain": "googleapis.com",
    }
    write_private(path, json.dumps(document, indent=2).encode())


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
