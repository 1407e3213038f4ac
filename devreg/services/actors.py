"""Who is at the keyboard."""

import getpass
import os
import socket

from devreg.domain.rights import Actor, Role
from devreg.store.engine import Sessions


def at_the_keyboard(sessions: Sessions) -> Actor:
    """Who acts; on SQLite as the operating system says, which is a hint and no proof (safety.md section 3)."""
    return Actor(_user(), Role.ADMIN, host=socket.gethostname())


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return f"uid {os.getuid()}"
