"""What a management system answered to an order, kept in the audit trail's file beside the register before the register is written.

When the register can't be written right after an order left, or the program ends there, the answer would be lost, and with it the number
by which the order can be followed. Nothing is sent because of what stands here, and no order moves on by it alone.
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from devreg.action_ports import Accepted, Sent
from devreg.errors import Refused
from devreg.ports import Outside
from devreg.services import witness
from devreg.store.intents import Intent

_log: Final = logging.getLogger(__name__)


def keep(outside: Outside, sending: Intent, sent: Sent, now: datetime) -> None:
    """Tell an answer outside; where that fails it is in the register alone, as soon as that is written."""
    if outside.file is None:
        return
    number = sent.command_id if isinstance(sent, Accepted) else None
    told = {"answer": type(sent).__name__, "intent_id": sending.id, "request_id": sending.bound.request_id}
    try:
        witness.tell(outside.file, {"at": now, **told, "command_id": number})
    except Refused as error:
        _log.warning("the answer to action %s is not kept outside: %s", sending.id, error.what)


def command_ids(outside: Outside) -> Mapping[str, str]:
    """Our own number of an order -> the management system's, of those that it took and numbered. Raises Refused: the file can't be read."""
    if outside.file is None:
        return {}
    return {
        str(said["request_id"]): str(said["command_id"])
        for said in witness.lines(outside.file)
        if said.get("answer") == Accepted.__name__ and said.get("command_id") and said.get("request_id")
    }
