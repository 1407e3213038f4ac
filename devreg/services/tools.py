"""Which system should manage which devices, as lists judge by it now."""

from collections.abc import Sequence

from devreg.domain.tools import ToolRule
from devreg.store import tools
from devreg.store.engine import Sessions, told_plainly
from devreg.store.repeating import repeats


def rules(sessions: Sessions) -> tuple[ToolRule, ...]:
    """The rules in force; none before the first collection or list."""
    with told_plainly("read the rules of tools"), sessions.read.begin() as session:
        return tools.in_force(session)


@repeats
def follow(sessions: Sessions, wanted: Sequence[ToolRule]) -> None:
    """Have lists judge by these rules from here on."""
    if rules(sessions) != tuple(wanted):
        with told_plainly("keep the rules of tools"), sessions.write.begin() as session:
            tools.put_in_force(session, wanted)
