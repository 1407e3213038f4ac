"""Tokens of a Google service account that acts as an admin, by google-auth over our own wire.

google-auth is imported where it is used: it costs 150 ms, and most commands don't need it.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec

from collectors.http import Answer, Sender, refuse_web_page
from devreg.errors import Broken, DevregError, Misconfigured, Refused, Retryable
from devreg.i18n import N_
from devreg.text import clean

if TYPE_CHECKING:
    from google.oauth2.service_account import Credentials


class GoogleLogin(msgspec.Struct, frozen=True):
    """What a service account with a subject needs."""

    source: str
    subject: str
    scopes: tuple[str, ...]
    key: Callable[[], str]
    """The JSON key file's text. Read when first needed."""
    table: str = "sources"
    """Of the settings: where key and subject stand under the source's name."""


class NotDelegated(Refused):
    """The service account is not allowed in that console, or not for all of the scopes."""


class GoogleToken:
    """Bearer tokens of a service account that acts as an admin of one console; renewed shortly before they run out."""

    def __init__(self, login: GoogleLogin, wire: Sender) -> None:
        self._login = login
        self._wire = wire
        self._credentials: Credentials | None = None

    def is_delegated(self) -> bool:
        """Whether a token is given for exactly these scopes. Raises Refused and others for every other reason not to."""
        try:
            self(renew=True)
        except NotDelegated:
            return False
        return True

    def __call__(self, renew: bool = False) -> str:
        """`Bearer …`. Raises Refused in plain words."""
        from google.auth.exceptions import RefreshError

        credentials = self._credentials = self._credentials or self._load()
        if renew or not credentials.valid:
            try:
                credentials.refresh(self._request)  # type: ignore[no-untyped-call]
            except RefreshError as error:
                raise _google_refusal(self._login, error) from error
            except (
                ValueError,
                TypeError,
                AttributeError,
            ) as error:  # google-auth trusts what comes to be a JSON object
                raise Broken(
                    f"{self._login.source}: the answer of Google's token service can't be read.",
                    next_step="Check token_uri in the key file and what stands between.",
                ) from error
        return f"Bearer {credentials.token}"

    def _request(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **_: Any,
    ) -> "_GoogleAnswer":
        answer = self._wire.send(method, url, headers=headers, body=body)
        refuse_web_page(self._login.source, answer)
        return _GoogleAnswer(answer)

    def _load(self) -> "Credentials":
        from google.oauth2.service_account import Credentials

        login = self._login
        try:
            info = json.loads(login.key())
            token_uri = str(info["token_uri"])
            credentials: Credentials = Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
                info, scopes=list(login.scopes), subject=login.subject
            )
        except (ValueError, KeyError, TypeError) as error:
            raise Misconfigured(
                f"{login.source}: the key is no service account's JSON key: {clean(str(error), 200)}.",
                next_step=f"Download it again (Google Cloud, service account, Keys); {login.table}.{login.source}.key names it.",
            ) from error
        if not token_uri.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
            raise Misconfigured(f"{login.source}: the key's token_uri {clean(token_uri, 100)} is not https.")
        return credentials


class _GoogleAnswer:
    """An answer in the shape that google-auth takes."""

    def __init__(self, answer: Answer) -> None:
        self.status = answer.status
        self.headers = answer.headers
        self.data = answer.body


_ABOUT_SUBJECT: Final = re.compile(r"email|user|suspended", re.IGNORECASE)
"""In what Google says when it is the admin, and not the key, that it does not accept."""


def _google_refusal(login: GoogleLogin, error: Exception) -> DevregError:
    text = clean(str(error.args[0]) if error.args else "", 300) or N_("no reason given")
    what = f"{login.source}: Google refused the sign-in as {login.subject}"
    if getattr(error, "retryable", False):
        return Retryable(
            f"{login.source}: Google's token service is in trouble ({text}).", next_step="Try again later."
        )
    code, _, detail = text.partition(": ")
    match code:
        case "unauthorized_client":
            return NotDelegated(
                f"{what}: the service account is not allowed there, or not for all of the scopes.",
                next_step="In that console's Security, API controls, Domain-wide delegation, enter its client id with "
                f"{', '.join(login.scopes)}. It can take a day.",
            )
        case "invalid_grant" if _ABOUT_SUBJECT.search(detail):
            return Refused(
                f"{what}: there is no such admin in that console, or the account is suspended ({detail}).",
                next_step=f"Check {login.table}.{login.source}.subject.",
            )
        case "invalid_grant" if "timeframe" in detail.lower():
            return Refused(
                f"{what}: this machine's clock is wrong ({detail}).",
                next_step="Set the clock, best by time service (NTP).",
            )
        case "invalid_grant":
            return Refused(
                f"{what}: the key is not valid ({detail}).",
                next_step="It was revoked, or this machine's clock is wrong: set the clock, else make a new key.",
            )
        case _:
            return Refused(
                f"{what}: {text.rstrip('.')}.", next_step=f"Check key and subject in {login.table}.{login.source}."
            )
