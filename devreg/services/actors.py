"""Who is at the keyboard."""

import os
import socket
from collections.abc import Mapping

from devreg.domain.rights import Actor, Role
from devreg.settings import Operator
from devreg.store import operators
from devreg.store.engine import Sessions, told_plainly


def at_the_keyboard(sessions: Sessions, named: Mapping[str, Operator] | None) -> Actor:
    """Who acts: on PostgreSQL the database's user, whom the server has proved; on SQLite the operating system's.

    On SQLite `named` gives the roles, who is not named may only look, and None makes everybody an admin: then the file's
    mode is the only fence. There it is best effort, since who may write the file needs no program of ours to do it.
    """
    host = socket.gethostname()
    if not sessions.is_sqlite:
        with told_plainly("ask who you are"), sessions.read.begin() as session:
            user = operators.whoami(session)
        return Actor(user.name, user.role, user.entra, host)
    name = _user()
    if named is None:
        return Actor(name, Role.ADMIN, host=host)
    entry = named.get(name, Operator(role=Role.VIEWER))
    return Actor(name, entry.role, entry.entra, host)


def _user() -> str:
    """By the process's real user id, not by $USER or $LOGNAME: those say what the caller wants them to."""
    try:
        import pwd  # there is none on Windows
    except ImportError:
        return os.getlogin()  # asks Windows itself, not the environment
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user may have no name
        return f"uid {os.getuid()}"
