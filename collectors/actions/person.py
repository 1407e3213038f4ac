"""Whether a sign-in is that of the person who acts, in the right tenant, and fresh enough. Source: safety.md 37 and 38."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from devreg.action_ports import SignedIn
from devreg.errors import Refused
from devreg.i18n import N_
from devreg.text import clean

_SKEW: Final = timedelta(minutes=5)
"""How far two clocks may be apart."""


class Expected(msgspec.Struct, frozen=True):
    """What a sign-in has to be."""

    source: str
    tenant_id: str
    client_id: str
    name: str
    """The actor's sign-in name in the register."""
    within: timedelta
    """How long ago the person may have proved who they are."""


def proven(claims: Mapping[str, Any], expected: Expected, now: datetime) -> SignedIn:
    """Who signed in and when, from an id token. Raises Refused when it is not what is expected."""
    source = expected.source
    if str(claims.get("tid")).lower() != expected.tenant_id.lower():
        raise Refused(
            f"{source}: the sign-in was in another tenant than the source's.",
            next_step=f"Sign in as {expected.name}; tenant_id in sources.{source} says which tenant it is.",
        )
    if str(claims.get("aud")).lower() != expected.client_id.lower():
        raise Refused(
            f"{source}: the sign-in was for another app.",
            next_step=f"Check client_id in actions.{source}, and try again.",
        )
    names = [name for key in ("upn", "preferred_username") if (name := clean(claims.get(key), 200))]
    if expected.name.casefold() not in [name.casefold() for name in names]:
        raise Refused(
            f"{source}: {names[0] if names else N_('somebody without a name')} signed in, but in the register you are "
            f"{expected.name}: nothing was done.",
            next_step=f"Sign in as {expected.name}; if the browser took another account by itself, sign out there first.",
        )
    return SignedIn(expected.name, _proof_time(claims.get("auth_time"), expected, now))


def _proof_time(auth_time: object, expected: Expected, now: datetime) -> datetime:
    try:
        at = datetime.fromtimestamp(int(str(auth_time)), UTC)
    except (ValueError, OverflowError, OSError):
        raise Refused(
            f"{expected.source}: the directory does not say when {expected.name} signed in, so nobody knows how fresh that is.",
            next_step="Add the optional claim auth_time to the ID token of the acting app (App registrations, Token configuration).",
        ) from None
    if at > now + _SKEW:
        raise Refused(
            f"{expected.source}: the directory dates the sign-in later than now: this machine's clock is wrong.",
            next_step="Set the clock, best by time service (NTP).",
        )
    if now - at > expected.within:
        minutes = (now - at) // timedelta(minutes=1)
        raise Refused(
            f"{expected.source}: a fresh sign-in was asked for, but the directory took one that is {minutes} minutes old.",
            next_step="Sign out in the browser, and try again.",
        )
    return at


def demand_rights(source: str, granted: Iterable[str], wanted: Iterable[str]) -> None:
    """Raises Refused naming the delegated permissions that are missing. Graph writes them with or without its own address."""
    held = {scope.rpartition("/")[2] for scope in granted}
    missing = [right for right in wanted if right not in held]
    if missing:
        raise Refused(
            f"{source}: the acting app may not do that for you: {', '.join(missing)} is not granted.",
            next_step="Grant it as a delegated permission, with admin consent; your own role in Intune must allow it too.",
        )
