"""Stand-in for Microsoft's sign-in: discovery, client credentials and their roles; people sign in through entra_people."""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from devreg.demo.entra_page import error_page
from devreg.demo.entra_people import Account, App, People, SignedIn
from devreg.demo.entra_wire import Denied, decode, encode, refusal, token, unpack
from devreg.demo.server import Reply, Request, json_reply

__all__ = ["ASSERTION_TYPE", "Account", "App", "Entra", "Grant", "thumbprint"]
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Grant(msgspec.Struct, frozen=True):
    """What an access token allows until when (seconds since 1970)."""

    client_id: str
    roles: tuple[str, ...]
    expires: float
    account: Account | None = None
    """The person it acts for; None: the application itself."""
    heeds_claims: bool = False
    """Its client said that it can answer a claims challenge."""

    @property
    def rights(self) -> frozenset[str]:
        """Permissions that count: an application has its roles, a person what the app may and the Intune roles reach to."""
        reach = self.account.intune if self.account else None
        return frozenset(
            name for name in self.roles if reach is None or name in reach or not name.startswith("DeviceManagement")
        )


class Entra:
    """One tenant. `apps` may be changed at any time; tokens live `token_seconds`; `people` sign in at a browser."""

    def __init__(
        self, root: str, tenant_id: str, apps: list[App], clock: Callable[[], float], accounts: Sequence[Account] = ()
    ) -> None:
        self.root, self.tenant_id, self.apps = root, tenant_id, apps
        self.people = People(root, tenant_id, self._app, accounts, clock)
        self.token_seconds = 3599
        self._clock = clock
        self._challenged: set[str] = set()
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
            "oauth2/v2.0/devicecode": lambda: json_reply(200, self.people.device_code(request.form)),
            "oauth2/v2.0/authorize": lambda: self.people.authorize(request),
        }
        if rest not in known:
            return None
        try:
            if tenant != self.tenant_id:
                raise Denied(
                    400, "invalid_tenant" if rest.startswith("v2.0") else "invalid_request", 90002,
                    f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID.",
                )  # fmt: skip
            return known[rest]()
        except Denied as denied:
            if rest.endswith("authorize"):
                return error_page(denied)
            return json_reply(denied.status, refusal(denied, self.root, self._clock()))

    def grant(self, authorization: str | None) -> Grant | None:
        """What the bearer may do; None for no, an unknown or an expired token."""
        scheme, _, bearer = (authorization or "").partition(" ")
        grant = self._grants.get(bearer) if scheme.lower() == "bearer" else None
        return grant if grant and grant.expires > self._clock() and bearer not in self._challenged else None

    def revoke(self, upn: str) -> None:
        """Let every token of a person be challenged from now on, where its client said that it can answer.

        The others live on until they expire, as with the real continuous access evaluation.
        """
        own = {t for t, grant in self._grants.items() if grant.account and grant.account.upn == upn.lower()}
        self._challenged |= {t for t in own if self._grants[t].heeds_claims}

    def challenge(self, authorization: str | None) -> str | None:
        """The claims that a client has to bring for this token to be replaced; None: it is not challenged."""
        if (authorization or "").partition(" ")[2] not in self._challenged:
            return None
        wanted = {"access_token": {"nbf": {"essential": True, "value": str(int(self._clock()))}}}
        return base64.b64encode(json.dumps(wanted).encode()).decode()

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
        if self.people.signs_in_with(form.get("grant_type", "")):
            return self._for_person(self.people.redeem(form))
        if form.get("grant_type") != "client_credentials":
            raise Denied(
                400,
                "unsupported_grant_type",
                70003,
                f"The app requested an unsupported grant type '{form.get('grant_type')}'.",
            )
        app = self._authenticated(form)
        if form.get("scope", "").split() != [f"{self.root}/.default"]:
            raise Denied(
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
        app = self._app(client_id)
        if "client_assertion" in form:
            if form.get("client_assertion_type") != ASSERTION_TYPE:
                raise Denied(
                    400,
                    "invalid_request",
                    900144,
                    "The request body must contain the parameter 'client_assertion_type'.",
                )
            self._check_assertion(app, form["client_assertion"])
            return app
        if "client_secret" not in form:
            raise Denied(
                401, "invalid_client", 7000218, "The request body must contain 'client_assertion' or 'client_secret'."
            )
        if app.secret is None or not secrets.compare_digest(form["client_secret"].encode(), app.secret.encode()):
            raise Denied(
                401, "invalid_client", 7000215,
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the "
                f"client secret ID, for a secret added to app '{client_id}'.",
            )  # fmt: skip
        if app.secret_expired:
            raise Denied(
                401, "invalid_client", 7000222, f"The provided client secret keys for app '{client_id}' are expired."
            )
        return app

    def _check_assertion(self, app: App, assertion: str) -> None:
        """A certificate's assertion: PS256 over header and claims, x5t#S256 naming the certificate, each used once."""
        try:
            head, body, signature = assertion.split(".")
            header, claims = unpack(head), unpack(body)
        except ValueError:
            raise Denied(400, "invalid_request", 50027, "JWT token is invalid or malformed.") from None
        if app.certificate is None or str(header.get("x5t#S256")).rstrip("=") != thumbprint(app.certificate):
            raise Denied(
                401, "invalid_client", 700027,
                "The certificate with identifier used to sign the client assertion is not registered on application. "
                f"[Reason - The key was not found., Thumbprint of key used by client: '{header.get('x5t#S256', '')}']",
            )  # fmt: skip
        key = app.certificate.public_key()
        try:
            if header.get("alg") != "PS256" or not isinstance(key, rsa.RSAPublicKey):
                raise InvalidSignature
            pss = padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.DIGEST_LENGTH)
            key.verify(decode(signature), f"{head}.{body}".encode(), pss, hashes.SHA256())
        except InvalidSignature:
            raise Denied(401, "invalid_client", 700027, "Client assertion contains an invalid signature.") from None
        self._check_claims(app, claims)

    def _check_claims(self, app: App, claims: dict[str, Any]) -> None:
        audiences = (f"{self.authority}/oauth2/v2.0/token", f"{self.authority}/v2.0")
        if claims.get("iss") != app.client_id or claims.get("sub") != app.client_id:
            raise Denied(
                401,
                "invalid_client",
                700021,
                "Client assertion application identifier doesn't match 'client_id' parameter.",
            )
        if claims.get("aud") not in audiences:
            raise Denied(
                401,
                "invalid_client",
                700023,
                f"Client assertion audience claim does not match Realm issuer '{audiences[1]}'.",
            )
        now = self._clock()
        if not float(claims.get("nbf", 0)) - 300 <= now < float(claims.get("exp", 0)) + 300:
            raise Denied(401, "invalid_client", 700024, "Client assertion is not within its valid time range.")
        if claims.get("jti") in self._used_assertions:
            raise Denied(401, "invalid_client", 700024, "Client assertion was used before.")
        self._used_assertions.add(str(claims.get("jti")))

    def _app(self, client_id: str) -> App:
        app = next((app for app in self.apps if app.client_id == client_id), None)
        if app is None:
            text = f"Application with identifier '{client_id}' was not found in the directory."
            raise Denied(400, "unauthorized_client", 700016, text)
        return app

    def _for_person(self, signed_in: SignedIn) -> dict[str, Any]:
        """Everything a token answer holds; the scopes are said back as they were asked for."""
        account, app = signed_in.account, signed_in.app
        answer = {
            "token_type": "Bearer",
            "scope": signed_in.scope,
            "expires_in": self.token_seconds,
            "ext_expires_in": self.token_seconds,
            "access_token": self._issue(app, account, heeds_claims=signed_in.heeds_claims),
        }
        asked = signed_in.scope.split()
        if "offline_access" in asked:
            answer["refresh_token"] = self.people.refresh_token(signed_in)
        if "openid" in asked:
            answer["id_token"] = token(self.people.id_claims(signed_in, self.token_seconds))
        uid = json.dumps({"uid": account.oid, "utid": self.tenant_id})
        return answer | {"client_info": encode(uid.encode())}

    def _issue(self, app: App, account: Account | None = None, *, heeds_claims: bool = False) -> str:
        """A token: an application's with its roles, a person's with every delegated permission consented to."""
        now = self._clock()
        expires = now + self.token_seconds
        claims = {
            "aud": self.root, "iss": f"{self.authority}/", "iat": int(now), "nbf": int(now), "exp": int(expires),
            "app_displayname": "devreg demo stand-in", "appid": app.client_id, "tid": self.tenant_id, "ver": "1.0",
            "uti": secrets.token_urlsafe(12),
        }  # fmt: skip
        if account is None:
            claims |= {"idtyp": "app", "roles": list(app.roles)}
        else:
            person = {"oid": account.oid, "upn": account.upn, "unique_name": account.upn, "name": account.name}
            claims |= person | {"idtyp": "user", "scp": " ".join(app.scopes)}
        issued = token(claims)
        allowed = app.roles if account is None else app.scopes
        self._grants[issued] = Grant(app.client_id, allowed, expires, account, heeds_claims)
        return issued


def thumbprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the certificate as assertions carry it."""
    return encode(hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).digest())
