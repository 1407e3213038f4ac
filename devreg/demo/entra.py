"""Stand-in for Microsoft's sign-in of applications: discovery, client credentials, tokens with roles."""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from devreg.demo.server import Reply, Request, json_reply

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class App(msgspec.Struct, frozen=True, kw_only=True):
    """An app registration with admin consent to `roles`."""

    client_id: str
    roles: tuple[str, ...]
    secret: str | None = None
    certificate: x509.Certificate | None = None
    secret_expired: bool = False


class Grant(msgspec.Struct, frozen=True):
    """What an access token allows until when (seconds since 1970)."""

    client_id: str
    roles: tuple[str, ...]
    expires: float


class _Denied(Exception):
    """A sign-in refused with an AADSTS error."""

    def __init__(self, status: int, error: str, code: int, text: str) -> None:
        super().__init__(text)
        self.status, self.error, self.code, self.text = status, error, code, text


class Entra:
    """One tenant. `apps` may be changed at any time; tokens live `token_seconds`."""

    def __init__(self, root: str, tenant_id: str, apps: list[App], clock: Callable[[], float]) -> None:
        self.root, self.tenant_id, self.apps = root, tenant_id, apps
        self.token_seconds = 3599
        self._clock = clock
        self._grants: dict[str, Grant] = {}
        self._used_assertions: set[str] = set()

    @property
    def authority(self) -> str:
        """What msal takes as authority."""
        return f"{self.root}/{self.tenant_id}"

    def respond(self, request: Request) -> Reply | None:
        """The answer to a sign-in request; None when the path is not one of these."""
        tenant, _, rest = request.path.lstrip("/").partition("/")
        known = {
            "v2.0/.well-known/openid-configuration": lambda: json_reply(200, self._discovery()),
            "oauth2/v2.0/token": lambda: json_reply(200, self._token(request)),
        }
        if rest not in known:
            return None
        try:
            if tenant != self.tenant_id:
                raise _Denied(
                    400, "invalid_tenant" if rest.startswith("v2.0") else "invalid_request", 90002,
                    f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID.",
                )  # fmt: skip
            return known[rest]()
        except _Denied as denied:
            return json_reply(denied.status, self._error(denied))

    def grant(self, authorization: str | None) -> Grant | None:
        """What the bearer may do; None for no, an unknown or an expired token."""
        scheme, _, token = (authorization or "").partition(" ")
        grant = self._grants.get(token) if scheme.lower() == "bearer" else None
        return grant if grant and grant.expires > self._clock() else None

    def _discovery(self) -> dict[str, Any]:
        return {
            "issuer": f"{self.authority}/v2.0",
            "authorization_endpoint": f"{self.authority}/oauth2/v2.0/authorize",
            "token_endpoint": f"{self.authority}/oauth2/v2.0/token",
            "device_authorization_endpoint": f"{self.authority}/oauth2/v2.0/devicecode",
            "jwks_uri": f"{self.authority}/discovery/v2.0/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "subject_types_supported": ["pairwise"],
            "tenant_region_scope": "EU",
        }

    def _token(self, request: Request) -> dict[str, Any]:
        form = request.form
        if form.get("grant_type") != "client_credentials":
            raise _Denied(
                400,
                "unsupported_grant_type",
                70003,
                f"The app requested an unsupported grant type '{form.get('grant_type')}'.",
            )
        app = self._authenticated(form)
        if form.get("scope", "").split() != [f"{self.root}/.default"]:
            raise _Denied(
                400, "invalid_scope", 1002012,
                f"The provided value for scope {form.get('scope', '')} is not valid. Client credential flows must have a "
                "scope value with /.default suffixed to the resource identifier (application ID URI).",
            )  # fmt: skip
        return {
            "token_type": "Bearer",
            "expires_in": self.token_seconds,
            "ext_expires_in": self.token_seconds,
            "access_token": self._issue(app),
        }

    def _authenticated(self, form: dict[str, str]) -> App:
        client_id = form.get("client_id", "")
        app = next((app for app in self.apps if app.client_id == client_id), None)
        if app is None:
            raise _Denied(
                400,
                "unauthorized_client",
                700016,
                f"Application with identifier '{client_id}' was not found in the directory.",
            )
        if "client_assertion" in form:
            if form.get("client_assertion_type") != ASSERTION_TYPE:
                raise _Denied(
                    400,
                    "invalid_request",
                    900144,
                    "The request body must contain the parameter 'client_assertion_type'.",
                )
            self._check_assertion(app, form["client_assertion"])
            return app
        if "client_secret" not in form:
            raise _Denied(
                401, "invalid_client", 7000218, "The request body must contain 'client_assertion' or 'client_secret'."
            )
        if app.secret is None or not secrets.compare_digest(form["client_secret"].encode(), app.secret.encode()):
            raise _Denied(
                401, "invalid_client", 7000215,
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the "
                f"client secret ID, for a secret added to app '{client_id}'.",
            )  # fmt: skip
        if app.secret_expired:
            raise _Denied(
                401, "invalid_client", 7000222, f"The provided client secret keys for app '{client_id}' are expired."
            )
        return app

    def _check_assertion(self, app: App, assertion: str) -> None:
        """A certificate's assertion: PS256 over header and claims, x5t#S256 naming the certificate, each used once."""
        try:
            head, body, signature = assertion.split(".")
            header, claims = _unpack(head), _unpack(body)
        except ValueError:
            raise _Denied(400, "invalid_request", 50027, "JWT token is invalid or malformed.") from None
        if app.certificate is None or str(header.get("x5t#S256")).rstrip("=") != thumbprint(app.certificate):
            raise _Denied(
                401, "invalid_client", 700027,
                "The certificate with identifier used to sign the client assertion is not registered on application. "
                f"[Reason - The key was not found., Thumbprint of key used by client: '{header.get('x5t#S256', '')}']",
            )  # fmt: skip
        key = app.certificate.public_key()
        try:
            if header.get("alg") != "PS256" or not isinstance(key, rsa.RSAPublicKey):
                raise InvalidSignature
            pss = padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.DIGEST_LENGTH)
            key.verify(_decode(signature), f"{head}.{body}".encode(), pss, hashes.SHA256())
        except InvalidSignature:
            raise _Denied(401, "invalid_client", 700027, "Client assertion contains an invalid signature.") from None
        self._check_claims(app, claims)

    def _check_claims(self, app: App, claims: dict[str, Any]) -> None:
        audiences = (f"{self.authority}/oauth2/v2.0/token", f"{self.authority}/v2.0")
        if claims.get("iss") != app.client_id or claims.get("sub") != app.client_id:
            raise _Denied(
                401,
                "invalid_client",
                700021,
                "Client assertion application identifier doesn't match 'client_id' parameter.",
            )
        if claims.get("aud") not in audiences:
            raise _Denied(
                401,
                "invalid_client",
                700023,
                f"Client assertion audience claim does not match Realm issuer '{audiences[1]}'.",
            )
        now = self._clock()
        if not float(claims.get("nbf", 0)) - 300 <= now < float(claims.get("exp", 0)) + 300:
            raise _Denied(401, "invalid_client", 700024, "Client assertion is not within its valid time range.")
        if claims.get("jti") in self._used_assertions:
            raise _Denied(401, "invalid_client", 700024, "Client assertion was used before.")
        self._used_assertions.add(str(claims.get("jti")))

    def _issue(self, app: App) -> str:
        now = self._clock()
        expires = now + self.token_seconds
        claims = {
            "aud": self.root, "iss": f"{self.authority}/", "iat": int(now), "nbf": int(now), "exp": int(expires),
            "app_displayname": "devreg demo stand-in", "appid": app.client_id, "idtyp": "app", "tid": self.tenant_id, "ver": "1.0",
            "roles": list(app.roles), "uti": secrets.token_urlsafe(12),
        }  # fmt: skip
        head = {"typ": "JWT", "alg": "RS256", "kid": "devreg-demo-stand-in"}
        token = ".".join((_pack(head), _pack(claims), _encode(secrets.token_bytes(256))))
        self._grants[token] = Grant(app.client_id, app.roles, expires)
        return token

    def _error(self, denied: _Denied) -> dict[str, Any]:
        trace, correlation, moment = (
            secrets.token_hex(16),
            secrets.token_hex(16),
            datetime.fromtimestamp(self._clock(), UTC),
        )
        return {
            "error": denied.error,
            "error_description": f"AADSTS{denied.code}: {denied.text} Trace ID: {trace} Correlation ID: {correlation} "
            f"Timestamp: {moment:%Y-%m-%d %H:%M:%SZ}",
            "error_codes": [denied.code],
            "timestamp": f"{moment:%Y-%m-%d %H:%M:%SZ}",
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"{self.root}/error?code={denied.code}",
        }


def thumbprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the certificate as assertions carry it."""
    return _encode(hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).digest())


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _pack(document: dict[str, Any]) -> str:
    return _encode(json.dumps(document, separators=(",", ":")).encode())


def _unpack(text: str) -> dict[str, Any]:
    document = json.loads(_decode(text))
    if not isinstance(document, dict):
        raise ValueError("not a JSON object")
    return document
