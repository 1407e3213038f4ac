"""What changes devices: senders of remote actions, with the operator's own credential, and nothing else.

Belongs here: every request that locks, wipes, retires, deletes or disables a device, each sent once and repeated by nobody.
Does not: reading for the register, following what was sent (`collectors.READERS`), deciding whether to send. Only `devreg.wiring`
loads it, for `services.act`; import contracts keep everything that reads or runs on a timer away from it.
"""

from typing import Final

SENDERS: Final[dict[str, str]] = {
    "google": "collectors.actions.google:GoogleSender",
    "intune": "collectors.actions.intune:IntuneSender",
}
"""Kind of source -> "module:Class" of its `ActionSender`; made with (name, action options, source options, loaded, ask)."""
