"""The service account that acts on a Google console; never the one that reads it. Source: contracts/google.md 1, safety.md 36.

Google lets no person's own sign-in act without showing an app of ours to Google, so the console's log names this account. Who acted
stands in our audit trail alone: the service that acts writes it there before anything is sent.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from collectors.google import GoogleOptions
from collectors.google_api import SCOPE_PREFIX
from collectors.google_token import GoogleLogin, GoogleToken, NotDelegated
from collectors.http import Limits, Sender
from devreg.action_options import GoogleActions
from devreg.action_ports import SignedIn
from devreg.errors import DevregError, Misconfigured
from devreg.ports import Finding, Severity

CHROMEBOOKS: Final = "admin.directory.device.chromeos"
PHONES: Final = "admin.directory.device.mobile.action"
COMPANY_PHONES: Final = "cloud-identity.devices"
"""Scopes, without their prefix, that act; each has a token of its own, since one that is not delegated would spoil the others."""


class ManagingAccount:
    """Tokens of one console's managing account, in memory only."""

    limits: Limits = Limits(read_s=30, total_s=60)

    def __init__(self, name: str, options: GoogleActions, reading: GoogleOptions, folder: Path) -> None:
        self._name, self._options, self._reading, self._folder = name, options, reading, folder
        self._tokens: dict[str, GoogleToken] = {}

    def sign_in(self, within: timedelta | None) -> SignedIn:
        """Nobody's own sign-in, made now. Raises Refused, Misconfigured or Retryable when the account can't act, or is the reading one."""
        refusals: list[NotDelegated] = []
        for scope in self._needed():
            try:  # which of them an order needs shows when it is sent: one that works is enough to begin
                self.bearer(scope, renew=within is not None)
            except NotDelegated as error:
                refusals.append(error)
            else:
                return SignedIn(None, self.limits.now())
        raise refusals[0]

    def bearer(self, scope: str, *, renew: bool = False) -> SecretStr:
        """`Bearer …` for one of the scopes above. Raises as `sign_in`."""
        self._demand_an_account_of_its_own()
        return SecretStr(self._token(scope)(renew))

    def check(self) -> Iterator[Finding]:
        """Key readable, another account than the reading one, and every scope that the source's devices need delegated."""
        try:
            self._demand_an_account_of_its_own()
            missing = [scope for scope in self._needed() if not self._token(scope).is_delegated()]
        except DevregError as error:
            yield Finding(Severity.FAULT, error.what, error.next_step)
            return
        if missing:
            yield Finding(
                Severity.FAULT,
                f"{self._name}: the managing account may not act on everything: {_named(missing)} is not delegated.",
                "Add it in that console's Security, API controls, Domain-wide delegation; it can take a day.",
            )
        else:
            subject = self._options.subject
            yield Finding(
                Severity.OK,
                f"{self._name}: the managing account can act as {subject}; it is another than the reading one.",
            )

    def _needed(self) -> list[str]:
        reading = self._reading
        wanted = {CHROMEBOOKS: True, PHONES: reading.personal_phones, COMPANY_PHONES: reading.company_phones}
        return [scope for scope, is_needed in wanted.items() if is_needed]

    def _demand_an_account_of_its_own(self) -> None:
        """Raises Misconfigured when both keys are one account's. The reading key need not be readable for whoever acts: then it is another
        file of another user's, and the reading side refuses a key that can act."""
        try:
            theirs = _account(self._reading.key.read(self._folder))
        except Misconfigured:
            return
        if theirs and _account(self._options.key.read(self._folder)) & theirs:
            raise Misconfigured(
                f"{self._name}: the key that acts is of the same service account as the key that reads.",
                next_step=f"Make a service account of its own for actions.{self._name}: what reads devices must not be able to wipe them.",
            )

    def _token(self, scope: str) -> GoogleToken:
        if scope not in self._tokens:
            key = self._options.key
            login = GoogleLogin(
                self._name,
                self._options.subject,
                (SCOPE_PREFIX + scope,),
                lambda: key.read(self._folder),
                table="actions",
            )
            self._tokens[scope] = GoogleToken(login, self._wire)
        return self._tokens[scope]

    @cached_property
    def _wire(self) -> Sender:
        from collectors.wire import Wire  # requests costs 80 ms

        bundle = self._reading.ca_bundle
        return Wire(self._name, self.limits, self._folder / bundle if bundle else None)


def _account(key: str) -> set[str]:
    """What names the account in a key file; nothing when it is none, which is told where the key is used."""
    try:
        told = json.loads(key)
        return {str(told[name]) for name in ("client_email", "client_id") if told.get(name)}
    except (ValueError, AttributeError, TypeError):
        return set()


def _named(scopes: Iterable[str]) -> str:
    return ", ".join(SCOPE_PREFIX + scope for scope in scopes)
