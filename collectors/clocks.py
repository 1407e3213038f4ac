"""Whether this machine's clock agrees with a service's: sign-ins and "last seen" times go wrong where it does not."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from collectors.http import Answer, Sender
from devreg.ports import Finding, Severity

_TOLERANCE_S: Final = 60


class TimedWire:
    """A wire that notes how far the two clocks are apart."""

    def __init__(self, wire: Sender, now: Callable[[], datetime]) -> None:
        self._wire = wire
        self._now = now
        self.ahead: timedelta | None = None
        """By how much this machine's clock is ahead of the service's, from the last answer; None when that did not say."""

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: str | bytes | None = None
    ) -> Answer:
        """What the wire sends."""
        answer = self._wire.send(method, url, headers=headers, body=body)
        try:
            self.ahead = self._now() - parsedate_to_datetime(answer.headers["date"])
        except (KeyError, TypeError, ValueError):
            self.ahead = None
        return answer


def agreement(source: str, service: str, ahead: timedelta | None) -> Iterator[Finding]:
    """Whether this machine's clock agrees with that of the service; nothing when the service did not say."""
    if ahead is None:
        return
    apart = abs(round(ahead.total_seconds()))
    if apart <= _TOLERANCE_S:
        yield Finding(Severity.OK, f"{source}: this machine's clock agrees with that of {service}.")
        return
    step = "Set the clock, best by time service (NTP): sign-ins from another time are refused."
    if ahead > timedelta(0):
        yield Finding(Severity.FAULT, f"{source}: this machine's clock is {apart} s ahead of that of {service}.", step)
    else:
        yield Finding(Severity.FAULT, f"{source}: this machine's clock is {apart} s behind that of {service}.", step)
