"""What every sign-in by msal shares: our own wire under it, and a look into the tokens it brings."""

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from collectors.http import RETRYABLE, Answer, Sender, refuse_web_page
from devreg.errors import Broken, Retryable


def instance_discovery(login_url: str) -> bool | None:
    """msal's option of that name: it asks Microsoft's own list about other hosts, which a stand-in or a private cloud never is on."""
    from msal.authority import WELL_KNOWN_AUTHORITY_HOSTS  # msal costs 150 ms: whoever asks this is about to sign in

    return None if urlsplit(login_url).hostname in WELL_KNOWN_AUTHORITY_HOSTS else False


def claims_of(token: str) -> dict[str, Any] | None:
    """What a JWT says, unverified: it is the service that checks the signature, we only look what we were given. None: it is no JWT."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, AttributeError):
        return None
    return claims if isinstance(claims, dict) else None


def host(url: str) -> str:
    """Host and port, for messages."""
    return urlsplit(url).netloc


class _MsalAnswer:
    """An answer in the shape that msal takes from requests."""

    def __init__(self, answer: Answer) -> None:
        self.status_code = answer.status
        self.headers = dict(answer.headers)
        self.text = answer.text


class MsalClient:
    """msal's HTTP client over our wire: no environment, no redirects, our trust. Source: contracts/intune.md section 1."""

    def __init__(self, source: str, wire: Sender) -> None:
        self._source = source
        self._wire = wire

    def get(
        self, url: str, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None, **_: Any
    ) -> _MsalAnswer:
        """GET."""
        return self._send("GET", _with_query(url, params), headers)

    def post(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | str | None = None,
        headers: Mapping[str, str] | None = None,
        **_: Any,
    ) -> _MsalAnswer:
        """POST of a form."""
        form = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        body = data if isinstance(data, str) else urlencode(data or {})
        return self._send("POST", _with_query(url, params), form, body)

    def close(self) -> None:
        """The wire outlives it."""

    def _send(self, method: str, url: str, headers: Mapping[str, str] | None, body: str | None = None) -> _MsalAnswer:
        """What msal can read; trouble that it would call a bad tenant is raised as what it is."""
        answer = self._wire.send(method, url, headers=headers, body=body)
        refuse_web_page(self._source, answer)
        if answer.status in RETRYABLE:
            raise Retryable(
                f"{self._source}: {host(url)} answered {answer.status} to the sign-in.", next_step="Try again later."
            )
        if 300 <= answer.status < 400:
            raise Broken(
                f"{self._source}: {host(url)} redirects the sign-in, which is never followed.",
                next_step=f"Set the final login_url in sources.{self._source}.",
            )
        return _MsalAnswer(answer)


def _with_query(url: str, params: Mapping[str, str] | None) -> str:
    return f"{url}?{urlencode(params)}" if params else url
