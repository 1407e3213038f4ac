"""Why a person's sign-in was refused, in plain words. Source: learn.microsoft.com/entra/identity-platform/reference-error-codes."""

import re
from collections.abc import Mapping
from typing import Any, Final

from devreg.errors import DevregError, Refused
from devreg.i18n import N_
from devreg.text import clean

_CANCELLED: Final = ("65004", "50126")
_CONSENT: Final = (
    N_("nobody has consented to what the acting app may do"),
    N_(
        "Let an administrator grant its delegated permissions (App registrations, API permissions, Grant admin consent)."
    ),
)
_POLICY: Final = N_("a Conditional Access policy blocks it")
_TENANT: Final = N_("there is no such tenant"), N_("Check tenant_id (Entra admin centre, Overview).")
_CODES_BLOCKED: Final = (
    N_("the tenant does not let people sign in by a code"),
    N_("Sign in with the browser instead: set device_code = false."),
)
_AGAIN: Final = N_("Try again.")
_REASONS: Final = {
    "65001": _CONSENT,
    "90094": _CONSENT,
    "90008": _CONSENT,
    "50105": (N_("your account is not assigned to the acting app"), N_("Let an administrator assign you under Enterprise applications.")),
    "50020": (N_("your account belongs to another tenant"), N_("Sign in with an account of the source's tenant.")),
    "50034": (N_("the tenant does not know your account"), N_("Sign in with an account of the source's tenant.")),
    "50057": (N_("your account is disabled"), N_("Ask an administrator of the tenant.")),
    "50055": (N_("your password has expired"), N_("Change it, and try again.")),
    "50053": (N_("your account is locked"), N_("Ask an administrator of the tenant.")),
    "50074": (N_("the second factor was not given"), _AGAIN),
    "50076": (N_("the second factor was not given"), _AGAIN),
    "50079": (N_("a second factor has to be set up for your account"), N_("Set it up at aka.ms/mysecurityinfo, and try again.")),
    "500121": (N_("the second factor was not given"), _AGAIN),
    "53000": (N_("this machine is not compliant, as a policy of the tenant demands"), N_("Sign in from a managed device.")),
    "53001": (N_("this machine is not joined, as a policy of the tenant demands"), N_("Sign in from a managed device.")),
    "53003": (_POLICY, N_("Let an administrator look at your sign-in in Entra's sign-in log.")),
    "530003": (N_("this machine is not compliant, as a policy of the tenant demands"), N_("Sign in from a managed device.")),
    "530032": (_POLICY, N_("Let an administrator look at your sign-in in Entra's sign-in log.")),
    "50199": _CODES_BLOCKED,
    "530036": _CODES_BLOCKED,
    "7000218": (
        N_("the acting app is no public client"),
        N_("Register http://localhost under “Mobile and desktop applications”; only for device_code, allow public client flows too."),
    ),
    "50011": (N_("the acting app does not know the way back"), N_("Register http://localhost under “Mobile and desktop applications”.")),
    "700016": (N_("the tenant knows no app with this client_id"), N_("Check client_id and tenant_id.")),
    "7000112": (N_("the app is disabled in the tenant"), N_("Enable it under Enterprise applications.")),
    "90002": _TENANT,
    "900021": _TENANT,
    "900023": _TENANT,
    "70011": (N_("the tenant does not know graph_url as a service"), N_("Check graph_url.")),
    "500011": (N_("the tenant does not know graph_url as a service"), N_("Check graph_url.")),
    "50173": (N_("your earlier sign-in was revoked"), _AGAIN),
    "700082": (N_("your earlier sign-in has run out"), _AGAIN),
    "70043": (N_("your earlier sign-in has run out"), _AGAIN),
    "70044": (N_("your earlier sign-in has run out"), _AGAIN),
    "70020": (N_("the code was not typed in time"), _AGAIN),
    "70008": (N_("the sign-in took too long"), _AGAIN),
}  # fmt: skip


def refusal(source: str, answer: Mapping[str, Any]) -> DevregError:
    """The error for what came instead of a token, from the browser or from the token service."""
    error, text = str(answer.get("error") or ""), str(answer.get("error_description") or "")
    codes = [str(code) for code in answer.get("error_codes") or ()] + re.findall(r"AADSTS(\d+)", text)
    for code in codes:
        if code in _REASONS:
            cause, next_step = _REASONS[code]
            return Refused(
                f"{source}: the sign-in was refused: {cause} (AADSTS{code}).",
                next_step=f"{next_step} See actions.{source}.",
            )
    if error in {"access_denied", "authorization_declined"} and (not codes or codes[0] in _CANCELLED):
        return cancelled(source)
    if error in {"expired_token", "code_expired"}:
        return late(source)
    said = (clean(text or error, 300) or N_("no reason given")).rstrip(".")
    return Refused(
        f"{source}: the sign-in was refused: {said}.",
        next_step=f"Check tenant_id and client_id of {source}, and try again.",
    )


def cancelled(source: str) -> Refused:
    """The person did not want to."""
    return Refused(
        f"{source}: the sign-in was cancelled, so nothing was done.", next_step="Try again when you are ready."
    )


def late(source: str) -> Refused:
    """Nobody came back from the browser."""
    return Refused(
        f"{source}: nobody signed in in time, so nothing was done.",
        next_step="Try again; if the browser showed an error with AADSTS50011, register http://localhost for the acting app.",
    )
