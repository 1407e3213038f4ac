"""English msgids of what is stored of remote actions: standings, acts, and what people did with them."""

from collections.abc import Mapping
from typing import Final

LABELS: Final[Mapping[str, str]] = {
    "requested": "requested", "approved": "approved", "sending": "being sent", "needs_mdm_approval": "waits for a second admin there",
    "accepted": "accepted by the tool", "confirmed": "confirmed", "expired": "expired", "cancelled": "cancelled",
    "void": "not sent: another device by now",
    "lock": "lock", "wipe": "wipe", "retire": "retire", "reset_passcode": "reset passcode", "lost_mode": "lost mode",
    "lost_mode_off": "lost mode off", "play_sound": "play a sound", "locate": "locate", "reboot": "restart", "shut_down": "shut down",
    "sync": "sync", "disable": "disable", "enable": "enable again", "wipe_users": "remove user profiles", "deprovision": "deprovision",
    "wipe_account": "remove the work account", "block": "block", "unblock": "unblock", "delete": "take out of the tool",
    "rate": "hold on wipes", "freeze": "remote actions frozen", "unfreeze": "remote actions let go again", "unhold": "hold on wipes lifted",
    "holder_left_already": "holder has left", "holder_unknown": "holder not known", "holder_changed": "changed hands lately",
    "seen_lately": "in use now",
    "request": "action requested", "approve": "action approved", "reject": "action rejected", "cancel": "action cancelled",
    "not sent": "action not sent", "needs approval": "second admin asked for", "settle": "action settled", "limits": "limits set",
    "show location": "place shown",
}  # fmt: skip
