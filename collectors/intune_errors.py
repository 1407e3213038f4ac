"""Graph's and Intune's errors in plain words. Source: contracts/intune.md section 9."""

import json
from urllib.parse import urlsplit

from collectors.http import Answer, Fault, by_status
from collectors.intune_rights import right_for
from devreg.errors import Refused, Retryable
from devreg.text import clean


def explain(answer: Answer) -> Fault | None:
    """What a bad answer means; None: its status says it all."""
    code, message = innermost(answer.text)
    if message is None:
        return None
    said = f"{code}: {message}" if code else message
    identity = answer.headers.get("request-id")
    cause = said + (f" (request-id {clean(identity, 60)})" if identity else "")
    match answer.status:
        case 401 if "Forbidden" not in said:
            return Fault(Refused, f"the token is not accepted: {cause}")
        case 401 | 403:
            right = right_for(urlsplit(answer.url).path)
            return Fault(
                Refused,
                f"no right to read this: {cause}",
                f"Grant the app {right} with admin consent; Intune needs a licence.",
            )
        case _:
            status = by_status(answer)
            if issubclass(status.error, Retryable):
                return None
            return Fault(status.error, cause, status.next_step)


def innermost(text: str) -> tuple[str | None, str | None]:
    """Code and message of an error body, None where it is none; Intune wraps JSON in JSON, up to three times."""
    code: str | None = None
    message: str | None = text
    for _ in range(4):
        try:
            inner = json.loads(message or "")
        except (ValueError, RecursionError):
            break
        if not isinstance(inner, dict):
            break
        inner = inner.get("error", inner)
        if not isinstance(inner, dict):
            break
        code = clean(inner.get("code") or inner.get("ErrorCode"), 100) or code
        message = inner.get("message") or inner.get("Message")
        if not isinstance(message, str):
            return code, code
    return (code, clean(message, 300)) if message != text else (None, None)
