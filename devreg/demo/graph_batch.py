"""JSON batching: up to twenty calls in one POST, each with an answer and a fate of its own. Source: intune.md 9."""

import json
from collections.abc import Callable
from typing import Any, Final

from devreg.demo.graph_answers import Problem, error
from devreg.demo.server import Fault, Reply, Request, json_reply

MOST: Final = 20
_DROPPED: Final = Reply(504, {}, b"")
"""What a call inside comes to whose connection breaks behind the gateway."""


def answer_batch(request: Request, handle: Callable[[Request], tuple[Reply | None, Fault | None]]) -> Reply:
    """200 whatever becomes of the calls inside, and their answers in another order than they were asked in."""
    calls = _calls(request)
    root = "/".join(request.path.split("/")[:2])
    responses = [_answered(call, root, request, handle) for call in calls]
    return json_reply(200, {"responses": [*responses[1::2], *responses[::2]]})


def _calls(request: Request) -> list[dict[str, Any]]:
    try:
        calls = json.loads(request.body)["requests"]
        ids = [call["id"] for call in calls]
    except (ValueError, KeyError, TypeError):
        raise Problem(json_reply(400, error("BadRequest", "Invalid batch payload format.", request))) from None
    if len(calls) > MOST:
        text = f"Number of batch request steps exceeds the maximum value of {MOST}."
        raise Problem(json_reply(400, error("MaximumValueExceeded", text, request)))
    if len({*ids}) < len(ids) or not all(isinstance(name, str) for name in ids):
        raise Problem(
            json_reply(400, error("BadRequest", "Request Id's have to be unique strings in the payload.", request))
        )
    return list(calls)


def _answered(
    call: dict[str, Any], root: str, request: Request, handle: Callable[[Request], tuple[Reply | None, Fault | None]]
) -> dict[str, Any]:
    named = {name.lower(): value for name, value in call.get("headers", {}).items()}
    kept = {name: request.headers[name] for name in ("authorization", "client-request-id") if name in request.headers}
    body = json.dumps(call["body"]).encode() if "body" in call else b""
    reply = handle(Request(call["method"], root + call["url"], kept | named, body))[0] or _DROPPED
    try:
        told = json.loads(reply.body)
    except ValueError:
        told = reply.body.decode()
    return {"id": call["id"], "status": reply.status, "headers": reply.headers, "body": told}
