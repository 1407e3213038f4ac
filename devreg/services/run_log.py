"""One run, as it was kept."""

from devreg.domain.device import run_ref
from devreg.errors import NotFound
from devreg.store import runs
from devreg.store.engine import Sessions, told_plainly
from devreg.store.runs import Ended


def find(sessions: Sessions, number: int) -> Ended:
    """The run of that number. Raises NotFound."""
    with told_plainly("read the runs"), sessions.read.begin() as session:
        found = runs.get(session, number)
    if found is None:
        raise NotFound(f"There is no run {run_ref(number)}.", next_step="`devreg list runs` shows them.")
    return found
