"""How Entra writes tokens and refusals."""

import base64
import json
import secrets
from datetime import UTC, datetime
from typing import Any, Final

_HEAD: Final = {"typ": "JWT", "alg": "RS256", "kid": "devreg-demo-stand-in"}


class Denied(Exception):
    """A sign-in refused with an AADSTS error."""

    def __init__(self, status: int, error: str, code: int, text: str, suberror: str = "") -> None:
        super().__init__(text)
        self.status, self.error, self.code, self.text, self.suberror = status, error, code, text, suberror

    @property
    def description(self) -> str:
        """Code and text, as they stand first in every description."""
        return f"AADSTS{self.code}: {self.text}"


def refusal(denied: Denied, root: str, now: float) -> dict[str, Any]:
    """The body that tells an application why."""
    moment = f"{datetime.fromtimestamp(now, UTC):%Y-%m-%d %H:%M:%SZ}"
    trace, correlation = secrets.token_hex(16), secrets.token_hex(16)
    document = {
        "error": denied.error,
        "error_description": f"{denied.description} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {moment}",
        "error_codes": [denied.code],
        "timestamp": moment,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": f"{root}/error?code={denied.code}",
    }
    return document | ({"suberror": denied.suberror} if denied.suberror else {})


def token(claims: dict[str, Any]) -> str:
    """A token with these claims; nobody but the stand-in itself can tell that its signature is noise."""
    return ".".join((_pack(_HEAD), _pack(claims), encode(secrets.token_bytes(256))))


def encode(raw: bytes) -> str:
    """Base64 for addresses, without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The bytes of base64 for addresses; raises ValueError."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def unpack(text: str) -> dict[str, Any]:
    """A part of a token; raises ValueError."""
    document = json.loads(decode(text))
    if not isinstance(document, dict):
        raise ValueError("not a JSON object")
    return document


def _pack(document: dict[str, Any]) -> str:
    return encode(json.dumps(document, separators=(",", ":")).encode())
