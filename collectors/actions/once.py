"""One request, sent once, and what came of it, told apart by whether anything can have left this machine.

Source: contracts/intune.md 9.1. requests raises the same error for a refused connection and for one that broke after sending; our
wire tells them apart by the inner reason. Nothing here repeats, follows a redirect, or uses an old connection, which the other side may
be closing at that moment.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from collectors.http import Answer, Limits, Unreached, Untrusted, refuse_web_page
from devreg.action_ports import NotSent, Unclear
from devreg.errors import DevregError, Misconfigured

LIMITS = Limits(connect_s=10, read_s=60, total_s=90)


class Request(msgspec.Struct, frozen=True):
    """What goes over the wire; the same order always makes the same one, byte by byte."""

    method: str
    url: str
    headers: Mapping[str, str] = {}
    body: bytes | None = None


def send_once(
    source: str, request: Request, authorisation: str, limits: Limits = LIMITS, ca_bundle: Path | None = None
) -> Answer | NotSent | Unclear:
    """The answer where the service gave one: 2xx, or 4xx that says that nothing was done."""
    from collectors.wire import Wire  # requests costs 80 ms, and `check` needs none

    headers = {"Accept": "application/json", **request.headers, "Authorization": authorisation}
    if request.body is not None:
        headers["Content-Type"] = "application/json"
    try:
        wire = Wire(source, limits, ca_bundle)
    except Misconfigured as error:
        return NotSent(_bare(source, error))
    try:
        answer = wire.send(request.method, request.url, headers=headers, body=request.body)
        refuse_web_page(source, answer)
    except (Unreached, Untrusted, Misconfigured) as error:
        return NotSent(_bare(source, error))
    except DevregError as error:
        return Unclear(_bare(source, error))
    finally:
        wire.close()
    if 200 <= answer.status < 300 or (400 <= answer.status < 500 and answer.status != 408):
        return answer
    return Unclear(
        f"the answer was status {answer.status}, which does not tell whether it was done (“{answer.start(100)}”)"
    )


def _bare(source: str, error: DevregError) -> str:
    return error.what.removeprefix(f"{source}: ")
