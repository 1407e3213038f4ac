"""How Graph answers what it does not like, and what a query selects."""

import json
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from devreg.demo.server import Reply, Request, json_reply


class Problem(Exception):
    """An error that becomes the answer."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(str(reply.status))
        self.reply = reply


NO_PRIVILEGE: Final = "Insufficient privileges to complete the operation."


def selection(query: dict[str, str], sample: dict[str, Any] | None, kind: str, request: Request) -> list[str] | None:
    """Names in `$select`; None when there is none. An unknown name is refused, as names of beta are on v1.0."""
    if not query.get("$select"):
        return None
    names = [name.strip() for name in query["$select"].split(",")]
    unknown = [name for name in names if sample is not None and name not in sample]
    if unknown:
        text = f"Parsing OData Select and Expand failed: Could not find a property named '{unknown[0]}' on type 'microsoft.graph.{kind}'."
        raise Problem(json_reply(400, error("BadRequest", text, request)))
    return names


def only(row: dict[str, Any], chosen: Sequence[str] | None) -> dict[str, Any]:
    """The chosen fields of a row; all when nothing was chosen."""
    return row if chosen is None else {name: row.get(name) for name in chosen}


def error(code: str, message: str, request: Request) -> dict[str, Any]:
    """Graph's envelope."""
    own = request.headers.get("client-request-id", secrets.token_hex(16))
    inner = {
        "date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}",
        "request-id": secrets.token_hex(16),
        "client-request-id": own,
    }
    return {"error": {"code": code, "message": message, "innerError": inner}}


def intune_error(code: str, message: str, request: Request) -> dict[str, Any]:
    """The envelope around Intune's wrapped message."""
    return error(code, nested(message, request), request)


def nested(message: str, request: Request) -> str:
    """Intune's message: a string that holds JSON. Source: intune.md 9 and 12."""
    activity = request.headers.get("client-request-id", secrets.token_hex(16))
    told = (
        f"{message} - Operation ID (for customer support): 00000000-0000-0000-0000-000000000000 - Activity ID: {activity} - "
        f"Url: https://fef.stand-in.invalid/DeviceFE{request.path}"
    )
    inner = {
        "_version": 3, "Message": told, "CustomApiErrorPhrase": "", "RetryAfter": None, "ErrorSourceService": "", "HttpHeaders": "{}",
    }  # fmt: skip
    return json.dumps(inner, indent=2).replace("\n", "\r\n")
