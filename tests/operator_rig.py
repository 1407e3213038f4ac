"""A PostgreSQL register with a database user for every role."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from register_rig import NOON, actor
from sqlalchemy.engine import make_url

from devreg.domain.rights import Role
from devreg.services import operating
from devreg.store.engine import Sessions, connect

_NUMBERS = count(1)
"""A server's users outlive the databases of the tests."""


def staffed(address: str, folder: Path) -> dict[Role, str]:
    """Role -> the register's address for a new user who holds it; `address` is the owner's."""
    number = next(_NUMBERS)
    with opened(address, folder) as sessions:
        for role in Role:
            operating.add(sessions, actor(), f"{role}_{number}", role, None, NOON)
    return {role: signed_in(address, f"{role}_{number}") for role in Role}


def signed_in(address: str, name: str) -> str:
    return make_url(address).set(username=name).render_as_string(hide_password=False)


@contextmanager
def opened(address: str, folder: Path) -> Iterator[Sessions]:
    sessions = connect(address, folder)
    try:
        yield sessions
    finally:
        sessions.close()
