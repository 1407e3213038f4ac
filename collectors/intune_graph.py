"""Microsoft Graph behind one sign-in: its two versions, pages, and twenty reads in one."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from collectors.clocks import TimedWire
from collectors.http import RETRYABLE, Chain, JsonApi, Limits
from collectors.intune_errors import explain
from collectors.intune_options import IntuneOptions
from collectors.tokens import Certificate, MicrosoftLogin, MicrosoftToken, certificate
from devreg.errors import Broken, Refused

_BATCH: Final = 20


class Graph:
    """What one app may read of one tenant."""

    def __init__(self, name: str, options: IntuneOptions, folder: Path, limits: Limits) -> None:
        self._name = name
        self._options = options
        self._folder = folder
        self._limits = limits

    def rows(self, url: str) -> Iterator[tuple[list[Any], str | None]]:
        """Each page's rows with the address of the next; ends with the page that names none."""
        chain, api = Chain(self._name, self._limits), self._of(url)
        following: str | None = chain.step(url)
        while following:
            document = api.get(following, _headers())
            rows = document.get("value")
            if not isinstance(rows, list):
                raise Broken(f"{self._name}: a page of Graph holds no list “value”.", next_step="Run `devreg check`.")
            link = document.get("@odata.nextLink")
            following = chain.step(api.at_home(link)) if link else None
            yield rows, following

    def one(self, url: str) -> dict[str, Any]:
        """A single object."""
        return self._of(url).get(url, _headers())

    def each(self, paths: Mapping[str, str]) -> Iterator[tuple[str, int, Any]]:
        """Status and body of many single reads of v1.0 (name -> path), in any order; what stays throttled comes with its 429.

        Source: contracts/intune.md section 9, `$batch`: twenty at a time, each answered and throttled on its own.
        """
        names = list(paths)
        for start in range(0, len(names), _BATCH):
            left, tries, given_up = {name: paths[name] for name in names[start : start + _BATCH]}, 0, False
            while left:
                answers = self._batch(left)
                busy = {name: answer for name, answer in answers.items() if answer["status"] in RETRYABLE}
                tries += bool(busy)
                given_up = bool(busy) and not self._current.wait(_longest_wait(busy.values()), tries)
                for name, answer in answers.items():
                    if name not in busy or given_up:
                        del left[name]
                        yield name, answer["status"], answer.get("body")

    def url(self, path: str, params: Mapping[str, str | int] = {}, *, beta: bool = False) -> str:
        """An address of v1.0, or of the beta."""
        return (self._beta if beta else self._current).url(path, params)

    def at_home(self, link: object) -> str:
        """The link of a next page, when it stays within v1.0. Raises Broken otherwise."""
        return self._current.at_home(link)

    def sign_in(self) -> tuple[str, ...] | None:
        """The permissions that the app was granted; None when its token can't be looked into. Raises Refused when it could wipe."""
        self._current.sign_in()
        return self._token.roles

    @property
    def clock_is_ahead(self) -> timedelta | None:
        """By how much this machine's clock is ahead of Microsoft's, from the last answer; None when that did not say."""
        return self._wire.ahead

    def certificate(self) -> Certificate | None:
        """The app's certificate; None where it signs in with a secret."""
        reference, passphrase = self._options.certificate, self._options.certificate_passphrase
        if reference is None:
            return None
        words = passphrase.read(self._folder) if passphrase else None
        return certificate(reference.read_bytes(self._folder), words, str(reference))

    def _batch(self, paths: Mapping[str, str]) -> dict[str, dict[str, Any]]:
        """One answer for each of the names; those that the service left out count as failed on its side."""
        calls = [{"id": name, "method": "GET", "url": path, "headers": _headers()} for name, path in paths.items()]
        document = self._current.ask(self.url("/$batch"), {"requests": calls}, _headers())
        responses = document.get("responses")
        if not isinstance(responses, list):
            raise Broken(f"{self._name}: a batch of Graph holds no list “responses”.", next_step="Run `devreg check`.")
        found = {
            answer["id"]: answer
            for answer in responses
            if isinstance(answer, dict) and answer.get("id") in paths and isinstance(answer.get("status"), int)
        }
        return {name: found.get(name, {"status": 504}) for name in paths}

    def _of(self, url: str) -> JsonApi:
        return self._beta if url.startswith(self._beta.url("/", {})) else self._current

    @cached_property
    def _current(self) -> JsonApi:
        return self._version("v1.0")

    @cached_property
    def _beta(self) -> JsonApi:
        return self._version("beta")

    def _version(self, version: str) -> JsonApi:
        root = f"{self._options.graph_url}/{version}"
        return JsonApi(self._name, root, self._wire, lambda renew: self._token(renew), explain, self._limits)

    @cached_property
    def _wire(self) -> TimedWire:
        from collectors.wire import Wire  # requests costs 80 ms; replaying records needs none

        bundle = self._options.ca_bundle
        return TimedWire(Wire(self._name, self._limits, self._folder / bundle if bundle else None), self._limits.now)

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
        found = self.certificate()
        if found is None:
            raise Refused(f"{self._name}: no certificate is configured.")
        return found.for_msal()


def _longest_wait(answers: Any) -> str | None:
    """The longest Retry-After among the throttled ones, for it is one wait for all; None when none says one."""
    said = [
        value
        for answer in answers
        for key, value in (answer.get("headers") or {}).items()
        if key.lower() == "retry-after" and isinstance(value, str)
    ]
    return max(said, key=lambda text: int(text) if text.isascii() and text.isdigit() else 0, default=None)


def _headers() -> dict[str, str]:
    return {"Prefer": "include-unknown-enum-members", "client-request-id": str(uuid4())}
