"""Which system should manage which devices, as lists judge by it now."""

from devreg.domain.tools import ToolRule
from devreg.store import tools
from devreg.store.engine import Sessions, told_plainly


def rules(sessions: Sessions) -> tuple[ToolRule, ...]:
    """The rules that the last collection put in force; none before the first."""
    with told_plainly("read the rules of tools"), sessions.read.begin() as session:
        return tools.in_force(session)
