"""What runs out and would stop all management with it: the app's certificate, Apple's push certificate and tokens."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from collectors.http import Limits, Missing
from collectors.intune_graph import Graph
from collectors.intune_options import IntuneOptions
from collectors.intune_rights import of_option
from collectors.rows import moment
from devreg.errors import DevregError
from devreg.i18n import N_
from devreg.ports import Finding, Severity

_AHEAD: Final = timedelta(days=30)


class Expiry(msgspec.Struct, frozen=True):
    """Something with an end."""

    what: str
    """English msgid."""
    when: datetime
    next_step: str

    def finding(self, name: str, now: datetime) -> Finding:
        """What to say of it now."""
        if self.when > now + _AHEAD:
            return Finding(Severity.OK, f"{name}: {self.what} is good until {self.when:%Y-%m-%d}.")
        if self.when > now:
            return Finding(Severity.ADVICE, f"{name}: {self.what} runs out on {self.when:%Y-%m-%d}.", self.next_step)
        return Finding(Severity.FAULT, f"{name}: {self.what} ran out on {self.when:%Y-%m-%d}.", self.next_step)


class Watch:
    """What one source has to watch."""

    def __init__(self, name: str, options: IntuneOptions, graph: Graph, limits: Limits) -> None:
        self._name = name
        self._options = options
        self._graph = graph
        self._limits = limits

    def credential(self) -> Finding:
        """The app's own certificate, or that it has none."""
        certificate = self._graph.certificate()
        if certificate is None:
            return Finding(
                Severity.ADVICE,
                f"{self._name}: it signs in with a client secret, which can be copied and runs out unannounced.",
                "Use a certificate.",
            )
        renew = N_("Make a new one and upload its public part to the app registration.")
        return Expiry(N_("the app's certificate"), certificate.expires, renew).finding(self._name, self._limits.now())

    def apple(self, roles: tuple[str, ...] | None) -> Iterator[Finding]:
        """Apple's certificate and tokens; that one can't be looked at is a finding too, that there is none isn't."""
        if not self._options.apple_expiry:
            return
        now = self._limits.now()
        try:
            for expiry in self._apple(roles):
                yield expiry.finding(self._name, now)
        except DevregError as error:
            yield Finding(Severity.ADVICE, error.what, error.next_step)

    def running_out(self, roles: tuple[str, ...] | None) -> list[str]:
        """What a run warns of."""
        found = [*self.apple(roles)] if self._options.client_secret else [self.credential(), *self.apple(roles)]
        return [finding.what for finding in found if finding.severity is not Severity.OK]

    def _apple(self, roles: tuple[str, ...] | None) -> Iterator[Expiry]:
        renew = N_("Renew it with the Apple account it was made with: another account would lose every device.")
        for row in self._push_certificate():
            yield from _ends(N_("Apple's push certificate"), row.get("expirationDateTime"), renew)
        if self._options.apple_devices and of_option("apple_devices").granted(roles):
            for row in self._rows("/deviceManagement/depOnboardingSettings", beta=True):
                yield from _ends(
                    N_("Apple's enrolment token"),
                    row.get("tokenExpirationDateTime"),
                    N_("Renew it in Apple Business Manager."),
                )
        if of_option("apple_expiry").granted(roles):
            for row in self._rows("/deviceAppManagement/vppTokens", beta=False):
                yield from _ends(
                    N_("Apple's token for apps"),
                    row.get("expirationDateTime"),
                    N_("Renew it in Apple Business Manager."),
                )

    def _push_certificate(self) -> Iterator[dict[str, Any]]:
        """The certificate, itself or within `value` as Microsoft's example has it; none where no Apple device is managed."""
        try:
            document = self._graph.one(self._graph.url("/deviceManagement/applePushNotificationCertificate"))
        except Missing:
            return
        inner = document.get("value", document)
        if isinstance(inner, dict):
            yield inner

    def _rows(self, path: str, *, beta: bool) -> Iterator[dict[str, Any]]:
        for rows, _ in self._graph.rows(self._graph.url(path, beta=beta)):
            yield from (row for row in rows if isinstance(row, dict))


def _ends(what: str, when: object, next_step: str) -> Iterator[Expiry]:
    """The end, when it is one: `never` and what is no time say nothing."""
    end = moment(when) if isinstance(when, str) else None
    if end is not None:
        yield Expiry(what, end, next_step)
