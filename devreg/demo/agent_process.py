"""The process that runs snmpsim; started by `devreg.demo.agents`, ends when its standard input does."""

import asyncio
import os
import sys
import threading
from typing import Any


def main(root: str, *arguments: str) -> None:
    """Serve the recordings below `root`; says "ready" on standard output when every agent listens."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Relative paths keep snmpsim's command line free of characters it would split at.
    os.chdir(root)
    # snmpsim wants to give up root, and then can't import from an interpreter only root may read.
    os.environ["SNMPSIM_ALLOW_ROOT"] = "true"
    from pysnmp.carrier.asyncio.dispatch import AsyncioDispatcher  # after the environment is set
    from snmpsim.commands import responder
    from snmpsim.datafile import DataFile

    # With its default of 31 open files snmpsim slows down to a tenth.
    DataFile.max_queue_entries = 1000
    run = AsyncioDispatcher.run_dispatcher

    def announce(dispatcher: AsyncioDispatcher, timeout: float = 0.0) -> Any:
        asyncio.get_event_loop().call_later(0.05, lambda: print("ready", flush=True))
        return run(dispatcher, timeout)

    AsyncioDispatcher.run_dispatcher = announce
    sys.argv = ["snmpsim", *arguments]
    sys.exit(responder.main())


def _end_with_parent() -> None:
    """A parent that dies, however it dies, closes its end of the pipe."""
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
