"""People who sign in to Entra: authorization code with PKCE, device code, refresh; who they are is set by a knob."""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from cryptography import x509

from devreg.demo.entra_page import CHOSEN, back, choice
from devreg.demo.entra_wire import Denied
from devreg.demo.server import Reply, Request

DEVICE_GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
_OIDC: Final = frozenset(("openid", "profile", "offline_access", "email"))
_CODE_SECONDS: Final = 600


class App(msgspec.Struct, frozen=True, kw_only=True):
    """An app registration with admin consent to `roles` for itself and to `scopes` for people."""

    client_id: str
    roles: tuple[str, ...] = ()
    secret: str | None = None
    certificate: x509.Certificate | None = None
    secret_expired: bool = False
    scopes: tuple[str, ...] = ()
    redirect_uris: tuple[str, ...] = ()
    """Of the platform "mobile and desktop"; the port of localhost does not count, as with Entra."""
    public_flows: bool = False
    """"Allow public client flows", without which there is no device code."""
    optional_claims: tuple[str, ...] = ()
    """auth_time, when the id_token shall always carry it; without it only who asks for max_age gets it."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who can sign in."""

    oid: str
    upn: str
    name: str
    intune: frozenset[str] | None = frozenset()
    """What the Intune roles reach to; None: everything."""
    enabled: bool = True


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """One sign-in of a person for an application, as codes and refresh tokens stand for it."""

    app: App
    account: Account
    scope: str
    auth_time: float
    tells_auth_time: bool = False
    nonce: str | None = None
    heeds_claims: bool = False
    redirect_uri: str = ""
    challenge: str = ""
    expires: float = 0.0


class _Waiting(msgspec.Struct, kw_only=True):
    """A device code that somebody still has to type in."""

    app: App
    scope: str
    expires: float
    polls: int = 0


class People:
    """Who signs in, and how. Knobs may be turned at any time.

    `seated` is the sign-in name of the person at the browser: the page answers at once for her. None: it lists the
    administrators, to choose from (a device code stays pending).
    """

    def __init__(
        self,
        root: str,
        tenant_id: str,
        app: Callable[[str], App],
        accounts: Sequence[Account],
        clock: Callable[[], float],
    ) -> None:
        self.root, self.tenant_id = root, tenant_id
        self.accounts = {account.upn: account for account in accounts}
        self.seated: str | None = None
        self.refusal: Denied | None = None
        """What the browser brings back instead of a code: Denied(400, "access_denied", 65004, "User declined to consent")."""
        self.sessions: dict[str, float] = {}
        """When each person last typed a password, by sign-in name; a browser that still knows her asks for none."""
        self.never_fresh = False
        """The tenant gives its old session whatever max_age or prompt ask for."""
        self.bent_claims: dict[str, Any] = {}
        """Claims of the id_token told otherwise than they are; None leaves one out."""
        self.device_code_blocked: int | None = None
        """AADSTS code with which the tenant refuses device codes: 530036 or 50199, say."""
        self.pending_polls = 1
        """How often a device code is still pending before the person seated has typed it in."""
        self.device_interval = 5
        """Seconds between polls; msal takes 0 for "without an end", so 1 is the least."""
        self._app, self._clock = app, clock
        self._codes: dict[str, SignedIn] = {}
        self._refresh: dict[str, SignedIn] = {}
        self._devices: dict[str, _Waiting] = {}

    def signs_in_with(self, grant_type: str) -> bool:
        """Whether a token request of this kind is about a person."""
        return grant_type in ("authorization_code", "refresh_token", "device_code", DEVICE_GRANT)

    def authorize(self, request: Request) -> Reply:
        """The page that a browser sees; an application that can't be trusted with an answer gets none."""
        query = request.query
        app = self._app(query.get("client_id", ""))
        redirect_uri = query.get("redirect_uri", "")
        if not any(_same_place(redirect_uri, known) for known in app.redirect_uris):
            text = f"The redirect URI '{redirect_uri}' specified in the request does not match the redirect URIs configured for the application '{app.client_id}'."  # noqa: E501  Microsoft's sentence
            raise Denied(400, "invalid_request", 50011, text)
        upn = query.get(CHOSEN) or self.seated
        if upn is None and self.refusal is None and query.get("prompt") != "none":
            able = [(a.upn, a.name) for a in self.accounts.values() if a.intune is None and a.enabled]
            return choice(f"{self.root}{request.target}", able)
        try:
            answer = {"code": self._code(app, query, upn)}
        except Denied as denied:
            answer = {"error": denied.error, "error_description": denied.description}
        state = {"state": query["state"]} if "state" in query else {}
        return back(redirect_uri, query.get("response_mode", "query"), answer | state)

    def device_code(self, form: dict[str, str]) -> dict[str, Any]:
        """Start of the device code flow."""
        app = self._app(form.get("client_id", ""))
        self._check_scope(app, form.get("scope", ""))
        code, typed = secrets.token_urlsafe(60), secrets.token_hex(5)[:9].upper()
        self._devices[code] = _Waiting(app=app, scope=form["scope"], expires=self._clock() + 900)
        page = f"{self.root}/devicelogin"
        return {
            "user_code": typed, "device_code": code, "verification_uri": page, "expires_in": 900, "interval": self.device_interval,
            "message": f"To sign in, use a web browser to open the page {page} and enter the code {typed} to authenticate.",
        }  # fmt: skip

    def redeem(self, form: dict[str, str]) -> SignedIn:
        """Who a code or a refresh token stands for."""
        app = self._app(form.get("client_id", ""))
        if form["grant_type"] == "authorization_code":
            return self._redeem_code(app, form)
        if form["grant_type"] == "refresh_token":
            return self._refreshed(app, form)
        return self._typed_in(app, form)

    def refresh_token(self, signed_in: SignedIn) -> str:
        """A new refresh token, good for 90 days."""
        issued = "0.stand-in." + secrets.token_urlsafe(60)
        self._refresh[issued] = msgspec.structs.replace(signed_in, nonce=None, expires=self._clock() + 90 * 86400)
        return issued

    def revoke_refresh_tokens(self, upn: str) -> None:
        """As when a password is changed: only a new sign-in helps."""
        self._refresh = {token: known for token, known in self._refresh.items() if known.account.upn != upn.lower()}
        self.sessions.pop(upn.lower(), None)

    def id_claims(self, signed_in: SignedIn, seconds: int) -> dict[str, Any]:
        """Who signed in, for the application."""
        now, account, app = int(self._clock()), signed_in.account, signed_in.app
        claims: dict[str, Any] = {
            "aud": app.client_id, "iss": f"{self.root}/{self.tenant_id}/v2.0", "iat": now, "nbf": now, "exp": now + seconds,
            "name": account.name, "oid": account.oid, "preferred_username": account.upn, "sub": f"{account.oid}-{app.client_id[:8]}",
            "tid": self.tenant_id, "ver": "2.0", "uti": secrets.token_urlsafe(12),
        }  # fmt: skip
        if signed_in.nonce is not None:
            claims["nonce"] = signed_in.nonce
        if signed_in.tells_auth_time or "auth_time" in app.optional_claims:
            claims["auth_time"] = int(signed_in.auth_time)
        claims |= self.bent_claims
        return {name: value for name, value in claims.items() if value is not None}

    def _code(self, app: App, query: dict[str, str], upn: str | None) -> str:
        """A code for the person at the browser; raises Denied with what is told to the application."""
        if self.refusal is not None:
            raise self.refusal
        if query.get("response_type") != "code":
            raise Denied(400, "unsupported_response_type", 700054, "response_type is not enabled for the application.")
        if not query.get("code_challenge") or query.get("code_challenge_method") != "S256":
            text = "Proof Key for Code Exchange is required for authorization code redemption."
            raise Denied(400, "invalid_request", 9002325, text)
        self._check_scope(app, query.get("scope", ""))
        account, claims = self._account(upn), _claims(query)
        code = "0.code." + secrets.token_urlsafe(60)
        self._codes[code] = SignedIn(
            app=app,
            account=account,
            scope=query["scope"],
            auth_time=self._auth_time(account, query, claims),
            tells_auth_time="max_age" in query or "auth_time" in claims.get("id_token", {}),
            nonce=query.get("nonce"),
            heeds_claims=_heeds_claims(claims),
            redirect_uri=query["redirect_uri"],
            challenge=query["code_challenge"],
            expires=self._clock() + _CODE_SECONDS,
        )
        return code

    def _auth_time(self, account: Account, query: dict[str, str], claims: dict[str, Any]) -> float:
        """When the person last proved who she is: now, unless the browser still knows her and nothing newer is asked for."""
        now, known = self._clock(), self.sessions.get(account.upn)
        too_old = known is not None and now - known > float(query.get("max_age") or "inf")
        anew = query.get("prompt") == "login" or too_old or {"nbf", "acrs"} & {*claims.get("access_token", {})}
        if query.get("prompt") == "none" and (known is None or anew):
            raise Denied(400, "login_required", 50058, "A silent sign-in request was sent but no user is signed in.")
        if known is None or (anew and not self.never_fresh):
            self.sessions[account.upn] = known = now
        return known

    def _account(self, upn: str | None) -> Account:
        account = self.accounts.get((upn or "").lower())
        if account is None:
            text = f"The user account {upn} does not exist in the directory."
            raise Denied(
                400, "login_required" if upn is None else "invalid_grant", 50058 if upn is None else 50034, text
            )
        if not account.enabled:
            raise Denied(400, "invalid_grant", 50057, "The user account is disabled.")
        return account

    def _check_scope(self, app: App, scope: str) -> None:
        asked = [name for name in scope.split() if name not in _OIDC]
        foreign = [name for name in asked if "/" in name and not name.startswith(f"{self.root}/")]
        if foreign or not asked:
            text = f"The provided value for the input parameter 'scope' is not valid. The scope '{scope}' is not valid."
            raise Denied(400, "invalid_scope", 70011, text)
        missing = {name.removeprefix(f"{self.root}/") for name in asked} - {*app.scopes, ".default"}
        if missing:
            text = f"The user or administrator has not consented to use the application with ID '{app.client_id}': {', '.join(sorted(missing))}."  # noqa: E501
            raise Denied(400, "access_denied", 90094, f"{text} Admin consent is required.", "consent_required")

    def _redeem_code(self, app: App, form: dict[str, str]) -> SignedIn:
        known = self._codes.pop(form.get("code", ""), None)
        if known is None:
            raise Denied(
                400, "invalid_grant", 54005, "OAuth2 Authorization code was already redeemed, or is not known."
            )
        if known.expires < self._clock():
            raise Denied(400, "invalid_grant", 70008, "The provided authorization code has expired.")
        if known.app.client_id != app.client_id:
            raise Denied(400, "invalid_grant", 700005, "The authorization code was issued to another application.")
        if known.redirect_uri != form.get("redirect_uri"):
            text = "The reply address does not match the one provided when requesting the authorization code."
            raise Denied(400, "invalid_client", 500112, text)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != known.challenge:
            text = "The Code_Verifier does not match the code_challenge supplied in the authorization request."
            raise Denied(400, "invalid_grant", 501481, text)
        heeds = known.heeds_claims or _heeds_claims(_claims(form))
        return msgspec.structs.replace(known, app=app, heeds_claims=heeds)

    def _refreshed(self, app: App, form: dict[str, str]) -> SignedIn:
        known = self._refresh.get(form.get("refresh_token", ""))
        if known is None or known.app.client_id != app.client_id:
            text = "The provided grant has expired due to it being revoked, a fresh auth token is needed."
            raise Denied(400, "invalid_grant", 50173, text, "bad_token")
        if known.expires < self._clock():
            raise Denied(400, "invalid_grant", 700082, "The refresh token has expired due to inactivity.", "bad_token")
        self._account(known.account.upn)
        scope = form.get("scope", known.scope)
        self._check_scope(app, scope)
        heeds = known.heeds_claims or _heeds_claims(_claims(form))
        return msgspec.structs.replace(known, app=app, scope=scope, heeds_claims=heeds)

    def _typed_in(self, app: App, form: dict[str, str]) -> SignedIn:
        """What became of a device code so far."""
        waiting = self._devices.get(form.get("device_code", ""))
        if waiting is None or waiting.app.client_id != app.client_id:
            raise Denied(400, "bad_verification_code", 70000, "The device code is not known.")
        if not app.public_flows:
            text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
            raise Denied(401, "invalid_client", 7000218, text)
        if self.device_code_blocked is not None:
            text = (
                "Access has been blocked by a Conditional Access policy of your organisation on authentication flows."
            )
            raise Denied(400, "access_denied", self.device_code_blocked, text)
        if waiting.expires < self._clock():
            raise Denied(
                400, "expired_token", 70020, "The provided value for the input parameter 'device_code' has expired."
            )
        waiting.polls += 1
        if waiting.polls <= self.pending_polls or (self.seated is None and self.refusal is None):
            text = "OAuth 2.0 device flow error. Authorization is pending. Continue polling."
            raise Denied(400, "authorization_pending", 70016, text)
        del self._devices[form["device_code"]]
        if self.refusal is not None:
            raise Denied(400, "authorization_declined", self.refusal.code, self.refusal.text)
        account, claims = self._account(self.seated), _claims(form)
        return SignedIn(
            app=app,
            account=account,
            scope=waiting.scope,
            auth_time=self._auth_time(account, {"prompt": "login"}, claims),
            heeds_claims=_heeds_claims(claims),
        )


def _same_place(asked: str, registered: str) -> bool:
    one, other = urlsplit(asked), urlsplit(registered)
    port_counts = one.hostname != "localhost"
    return (
        (one.scheme, one.hostname, one.path.rstrip("/")) == (other.scheme, other.hostname, other.path.rstrip("/"))
    ) and (not port_counts or one.port == other.port)


def _claims(parameters: dict[str, str]) -> dict[str, Any]:
    try:
        claims = json.loads(parameters.get("claims") or "{}")
    except ValueError:
        raise Denied(400, "invalid_request", 900144, "The parameter 'claims' is not JSON.") from None
    return claims if isinstance(claims, dict) else {}


def _heeds_claims(claims: dict[str, Any]) -> bool:
    capabilities = claims.get("access_token", {}).get("xms_cc", {}).get("values", ())
    return any(str(value).lower() == "cp1" for value in capabilities)
