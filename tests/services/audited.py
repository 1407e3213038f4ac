"""A process that acts so many times; several at once must keep one chain."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from devreg.domain.rights import Actor, Right, Role
from devreg.services.acting import act
from devreg.store.engine import connect

if __name__ == "__main__":
    address, times = sys.argv[1:]
    sessions = connect(address, Path())
    for number in range(int(times)):
        with act(sessions, Actor("me", Role.ADMIN), Right.KEEP, doing="count", now=datetime.now(UTC)) as doing:
            doing.tell("count", str(number), after={"number": number})
