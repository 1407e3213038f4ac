"""The operator's own sign-in to Entra: browser or code, tokens in memory only. Source: contracts/intune.md 1 and 2, safety.md 36 to 38.

msal is imported where it is used: it costs 150 ms, and most commands don't need it.
"""

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import SecretStr

from collectors.actions.person import Expected, demand_rights, proven
from collectors.actions.redirect import Redirect, browse
from collectors.actions.refusals import cancelled, late, refusal
from collectors.http import Answer, Limits
from collectors.intune_options import IntuneOptions
from collectors.msal_client import MsalClient, claims_of, host, instance_discovery
from devreg.action_options import IntuneActions
from devreg.action_ports import Ask, SignedIn
from devreg.errors import Broken, DevregError, Misconfigured, Refused, Retryable
from devreg.i18n import spoken
from devreg.ports import Finding, Severity

if TYPE_CHECKING:
    from msal import PublicClientApplication

_ALL: Final = "DeviceManagementManagedDevices."
READ: Final = f"{_ALL}Read.All"
ACT: Final = f"{_ALL}PrivilegedOperations.All"
DELETE: Final = f"{_ALL}ReadWrite.All"
"""Delegated permissions: to look at the one device, to act on it, and to delete its record, which is asked for only then."""
_LONGEST: Final = timedelta(hours=12)
"""How old a sign-in may be where none has to be fresh: a working day."""
_CAN_BE_CHALLENGED: Final = ["CP1"]
"""Tells Entra that a claims challenge is understood (continuous access evaluation)."""


class OperatorSignIn:
    """One person's sign-in for one source, as long as the process lives."""

    limits: Limits = Limits(read_s=30, total_s=60)
    patience_s: float = 300
    """How long a person may take."""

    def __init__(self, name: str, options: IntuneActions, reading: IntuneOptions, folder: Path, ask: Ask) -> None:
        self._name, self._options, self._reading, self._folder, self._ask = name, options, reading, folder, ask
        self._app: PublicClientApplication | None = None
        self._who: SignedIn | None = None
        self._asked: timedelta | None = None
        """How fresh the sign-in had to be when it was last asked for: one that becomes necessary in between is no older."""

    def sign_in(self, within: timedelta | None) -> SignedIn:
        """Who acts: the person of before when that proof is new enough, else they are asked for a new one.

        Raises Refused when it is somebody else, too old, or not allowed; Misconfigured, Retryable or Broken when it can't be done.
        """
        self._asked = within
        if self._who is not None and self.limits.now() - self._who.at <= (within or _LONGEST):
            return self._who
        return self._anew(None)

    def bearer(self, rights: Iterable[str] = (READ, ACT)) -> SecretStr:
        """`Bearer …` for Graph, of the person who signed in. Raises as `sign_in`, and Refused naming rights that are missing."""
        return self._bearer(tuple(rights), None)

    def renewed(self, answer: Answer, rights: Iterable[str] = (READ, ACT)) -> SecretStr | None:
        """A new `Bearer …` after a 401 that asks for one by a claims challenge; None when it does not. Use it once, then give up."""
        challenge = claims_challenge(answer)
        return None if challenge is None else self._bearer(tuple(rights), challenge)

    def check(self) -> Iterator[Finding]:
        """Whether somebody could sign in; nobody is asked to."""
        name = self._name
        try:
            self._public_client()
            yield Finding(
                Severity.OK,
                f"{name}: operators sign in at {host(self._reading.login_url)}, which answers for the tenant.",
            )
        except DevregError as error:
            yield Finding(Severity.FAULT, error.what, error.next_step)
        if self._options.device_code:
            yield Finding(
                Severity.ADVICE,
                f"{name}: operators sign in by a code, which attackers like to send people.",
                f"Set device_code = false in actions.{name} where a browser can be used.",
            )
            return
        try:
            with Redirect(name, self._options.redirect_port):
                pass
            yield Finding(
                Severity.OK, f"{name}: port {self._options.redirect_port} is free for the way back from the browser."
            )
        except Misconfigured as error:
            yield Finding(Severity.FAULT, error.what, error.next_step)

    def _bearer(self, rights: tuple[str, ...], challenge: str | None) -> SecretStr:
        answer = self._silently(rights, challenge)
        if _asks_for_the_person(answer):
            self._anew(challenge)
            answer = self._silently(rights, None)
        if "access_token" not in answer:
            raise refusal(self._name, answer)
        token = str(answer["access_token"])
        demand_rights(self._name, _granted(token, answer), rights)
        return SecretStr(f"Bearer {token}")

    def _silently(self, rights: tuple[str, ...], challenge: str | None) -> Mapping[str, Any]:
        app = self._app
        account = next(iter(app.get_accounts()), None) if app else None
        if app is None or account is None:
            return {}
        with_error = app.acquire_token_silent_with_error
        return self._read(lambda: with_error(self._scopes(rights), account, claims_challenge=challenge)) or {}

    def _anew(self, challenge: str | None) -> SignedIn:
        tenant_id, client_id = str(self._reading.tenant_id), str(self._options.client_id)
        expected = Expected(self._name, tenant_id, client_id, self._expected_name(), self._asked or _LONGEST)
        self._app = self._who = None
        app = self._public_client()  # a new one knows nobody: what somebody else got in the meantime is forgotten
        by = self._by_code if self._options.device_code else self._by_browser
        answer = by(app, expected, challenge)
        if "access_token" not in answer:
            raise refusal(self._name, answer)
        who = proven(answer.get("id_token_claims") or {}, expected, self.limits.now())
        demand_rights(self._name, _granted(str(answer["access_token"]), answer), (READ, ACT))
        self._app, self._who = app, who
        return who

    def _expected_name(self) -> str:
        if self._ask.name is None:
            raise Refused(
                f"{self._name}: the register does not know who you are in Entra, so you can't act.",
                next_step="Let an administrator name it: `devreg operator add USER --role ROLE --entra NAME`, or entra in [operators].",
            )
        return self._ask.name

    def _by_browser(
        self, app: "PublicClientApplication", expected: Expected, challenge: str | None
    ) -> Mapping[str, Any]:
        with Redirect(self._name, self._options.redirect_port) as redirect:
            flow = app.initiate_auth_code_flow(
                self._scopes((READ, ACT)),
                redirect_uri=f"http://localhost:{self._options.redirect_port}",
                response_mode="form_post",
                login_hint=expected.name,
                prompt="login" if self._asked is not None else None,
                max_age=int(expected.within.total_seconds()),
                claims_challenge=challenge,
            )
            address = redirect.expect(flow["auth_uri"], flow["state"])
            self._ask.tell(self._told(address, opened=browse(address)))
            answer = redirect.answer(self.patience_s, self._ask.gave_up)
        if answer is None:
            raise cancelled(self._name) if self._ask.gave_up() else late(self._name)
        return answer if "error" in answer else self._redeemed(app, flow, answer)

    def _told(self, address: str, *, opened: bool) -> str:
        t, port = spoken(), self._options.redirect_port
        if opened:
            return (
                t("Sign in with the browser that opens now. If none does, open this address on this machine:")
                + f"\n{address}"
            )
        hint = t(
            "There is no browser on this machine. On your own computer, run the first line and leave it running; then open the address "
            "there:"
        )
        return f"{hint}\nssh -L {port}:localhost:{port} {_this_machine()}\n{address}"

    def _redeemed(
        self, app: "PublicClientApplication", flow: dict[str, Any], answer: dict[str, str]
    ) -> Mapping[str, Any]:
        try:
            return self._read(lambda: app.acquire_token_by_auth_code_flow(flow, answer)) or {}
        except RuntimeError:  # msal's word for an id token without auth_time, with an old one, or with another's nonce
            raise Refused(
                f"{self._name}: a fresh sign-in was asked for, but the directory took an old one or does not say when it was.",
                next_step="Sign out in the browser, and try again; else add the optional claim auth_time to the acting app's ID token.",
            ) from None

    def _by_code(self, app: "PublicClientApplication", expected: Expected, challenge: str | None) -> Mapping[str, Any]:
        flow = self._read(lambda: app.initiate_device_flow(self._scopes((READ, ACT)), claims_challenge=challenge)) or {}
        if "user_code" not in flow:
            return flow
        t = spoken()
        self._ask.tell(
            t(
                "Sign in as {name}: open {address} on any device and type the code {code}.",
                name=expected.name,
                address=flow["verification_uri"],
                code=flow["user_code"],
            )
        )
        flow["expires_at"] = min(float(flow["expires_at"]), self.limits.now().timestamp() + self.patience_s)
        answer = self._read(
            lambda: app.acquire_token_by_device_flow(
                flow, claims_challenge=challenge, exit_condition=lambda waiting: self._is_over(waiting)
            )
        )
        if answer is None or answer.get("error") == "authorization_pending":
            raise cancelled(self._name) if self._ask.gave_up() else late(self._name)
        return answer

    def _is_over(self, flow: Mapping[str, Any]) -> bool:
        return self._ask.gave_up() or self.limits.now().timestamp() > float(flow["expires_at"])

    def _read(self, ask: Callable[[], Any]) -> dict[str, Any] | None:
        """What msal answers, with what it stumbles over told in our words."""
        source = self._name
        try:
            answer = ask()
        except Retryable as error:
            raise Retryable(error.what, next_step="Nothing was sent to a device; try again.") from error
        except (
            ValueError,
            TypeError,
            AttributeError,
            KeyError,
        ):  # msal trusts what comes to be JSON of the right shape
            raise Broken(
                f"{source}: the sign-in answer of {host(self._reading.login_url)} can't be read.",
                next_step=f"Check login_url in sources.{source} and what stands between.",
            ) from None
        return answer if isinstance(answer, dict) else None

    def _public_client(self) -> "PublicClientApplication":
        import msal

        login_url = self._reading.login_url
        try:
            return msal.PublicClientApplication(
                str(self._options.client_id),
                authority=f"{login_url}/{self._reading.tenant_id}",
                instance_discovery=instance_discovery(login_url),
                client_capabilities=_CAN_BE_CHALLENGED,
                http_client=self._wire,
            )
        except ValueError as error:
            raise refusal(self._name, {"error_description": f"{error.__context__ or ''} {error}"}) from None

    @cached_property
    def _wire(self) -> MsalClient:
        from collectors.wire import Wire  # requests costs 80 ms

        bundle = self._reading.ca_bundle
        return MsalClient(self._name, Wire(self._name, self.limits, self._folder / bundle if bundle else None))

    def _scopes(self, rights: Iterable[str]) -> list[str]:
        return [f"{self._reading.graph_url}/{right}" for right in rights]


def claims_challenge(answer: Answer) -> str | None:
    """The claims that a 401 asks for; None when it asks for none. Source: contracts/intune.md 1, continuous access evaluation."""
    said = answer.headers.get("www-authenticate", "")
    found = re.search(r'\bclaims="([A-Za-z0-9+/=_-]+)"', said)
    if answer.status != 401 or "insufficient_claims" not in said or found is None:
        return None
    try:
        claims = base64.b64decode(found[1].replace("-", "+").replace("_", "/") + "==").decode()
        return claims if isinstance(json.loads(claims), dict) else None
    except ValueError:
        return None


def _asks_for_the_person(answer: Mapping[str, Any]) -> bool:
    """Whether only a new sign-in helps: nobody signed in yet, or the directory wants to see the person. Consent would not come by it."""
    if "access_token" in answer or "consent_required" in {answer.get("suberror"), answer.get("classification")}:
        return False
    return answer.get("error") in {None, "interaction_required", "login_required", "invalid_grant"}


def _granted(token: str, answer: Mapping[str, Any]) -> list[str]:
    """Delegated permissions in the token; where it can't be looked into, as the answer names them."""
    said = (claims_of(token) or {}).get("scp", answer.get("scope"))
    return str(said or "").split()


def _this_machine() -> str:
    import getpass  # only for a line that people copy
    import socket

    return f"{getpass.getuser()}@{socket.gethostname()}"
