"""Google's errors in both of their shapes: old calls, and colon methods and the newer services. Source: google.md 8."""

import json
from typing import Any, Final

from devreg.demo.server import Reply, json_reply

_WORDS: Final = {
    400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED",
    412: "FAILED_PRECONDITION", 503: "UNAVAILABLE",
}  # fmt: skip
_OTHER_WORDS: Final = {"failedPrecondition": "FAILED_PRECONDITION"}
_DETAILS: Final = {
    "accessNotConfigured": "SERVICE_DISABLED",
    "insufficientPermissions": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
}


class Problem(Exception):
    """A call that is answered with an error."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(str(reply.status))
        self.reply = reply


def failure(status: int, reason: str, message: str, domain: str = "global", location: str | None = None) -> Reply:
    """An error in the shape of the old calls."""
    detail = {"message": message, "domain": domain, "reason": reason}
    if location:
        detail |= {"location": location, "locationType": "parameter"}
    return json_reply(status, {"error": {"code": status, "message": message, "errors": [detail]}})


def modern(reply: Reply) -> Reply:
    """The same error as the newer services say it: a word for the status, and the reason among the details where there is one."""
    said: dict[str, Any] = json.loads(reply.body)["error"]
    old = said["errors"][0]["reason"] if said.get("errors") else ""
    word = _OTHER_WORDS.get(old, _WORDS.get(reply.status, "UNKNOWN"))
    error = {"code": said["code"], "message": said["message"], "status": word}
    reason = _DETAILS.get(old)
    if reason:
        info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}
        error["details"] = [info]
    return json_reply(reply.status, {"error": error})


def unauthenticated() -> Reply:
    """No token, an unknown or an expired one."""
    message = "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid credential."
    where = {"location": "Authorization", "locationType": "header"}
    detail = {"message": "Invalid Credentials", "domain": "global", "reason": "authError"} | where
    document = {"error": {"code": 401, "message": message, "errors": [detail], "status": "UNAUTHENTICATED"}}
    return json_reply(
        401, document, WWW_Authenticate='Bearer realm="https://accounts.google.com/", error="invalid_token"'
    )


def scope_missing() -> Reply:
    """A token without the scope of the call."""
    message = "Request had insufficient authentication scopes."
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com",
    }
    detail = {"message": "Insufficient Permission", "domain": "global", "reason": "insufficientPermissions"}
    error = {"code": 403, "message": message, "errors": [detail], "status": "PERMISSION_DENIED", "details": [info]}
    challenge = 'Bearer realm="https://accounts.google.com/", error="insufficient_scope"'
    return json_reply(403, {"error": error}, WWW_Authenticate=challenge)
