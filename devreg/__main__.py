"""`devreg` and `python -m devreg`."""

import logging
import os
import sys
from io import TextIOWrapper

from devreg.errors import AlreadyRunning, DatabaseUnavailable, DevregError, Misconfigured

_CODES: dict[type[DevregError], int] = {Misconfigured: 2, AlreadyRunning: 3, DatabaseUnavailable: 4}


def main() -> None:
    """Run the command line; every error that a person can act on is two lines on stderr and an exit code."""
    from devreg.cli import app  # after the error classes, so that a broken installation can still say so
    from devreg.log import begin
    from devreg.terminal import complain

    begin()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without our letters still gets the rest
    try:
        app(prog_name="devreg")
    except DevregError as error:
        complain(error)
        sys.exit(next((code for kind, code in _CODES.items() if isinstance(error, kind)), 1))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception:
        logging.getLogger(__name__).exception("devreg stopped by a fault in the program; report it with these lines")
        sys.exit(1)


if __name__ == "__main__":
    main()
