"""A collecting process that tests kill: `python killed.py ADDRESS FOLDER PAUSE`.

Prints a line before the first page and after every page it has committed; the same pages every time.
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from register_rig import Listed, laptops, page, row, run_of

from devreg.ports import Page
from devreg.store.engine import connect


def source() -> Listed:
    """Eight pages: devices, two enrolments of one serial, a contract, ports, one record nobody can use."""
    lease = {"number": "L-1", "kind": "lease", "monthly_fee_cents": 1250}
    odd = (
        row("again", serial="SER00003"),
        row("leased", serial="LEASED1", contract=lease),
        row("switch", serial="SW1", ports=[{"name": "1", "if_index": 1}, {"name": "2", "if_index": 2}]),
        row("bad", bad=True),
    )
    return Listed(*(page(*laptops(12, 12 * n)) for n in range(7)), page(*odd))


class Slow(Listed):
    """Tells how far it is, so that the test can choose its moment."""

    pause = 0.0

    def pages(self, checkpoint: str | None) -> Iterator[Page]:
        for given in super().pages(checkpoint):
            print("page", flush=True)
            yield given
            time.sleep(self.pause)


if __name__ == "__main__":
    sessions = connect(sys.argv[1], Path(sys.argv[2]))
    slow = Slow(*source().given)
    slow.pause = float(sys.argv[3])
    print("ready", flush=True)
    run_of(sessions, slow, progress=lambda _: print("kept", flush=True))
    print("done", flush=True)
