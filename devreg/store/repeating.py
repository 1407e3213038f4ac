"""Units of work that are done again when another got in their way.

PostgreSQL ends a deadlock, or a clash of two snapshots, by taking one unit of work back whole. Doing that one again is right
where it has no effect outside the database, and only there.
"""

import functools
import random
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Final, ParamSpec, TypeVar

from devreg.errors import TakenBack

P = ParamSpec("P")
T = TypeVar("T")

_LONGEST_WAIT_S: Final = (0.05, 0.1, 0.2, 0.4)
TRIES: Final = 1 + len(_LONGEST_WAIT_S)
_more_to_come: Final = ContextVar("_more_to_come", default=False)


def repeats(work: Callable[P, T]) -> Callable[P, T]:
    """The function, done again up to four times while the database takes it back.

    It must be one unit of work, opened and ended inside it, that changes nothing elsewhere. Raises TakenBack when the last
    try was taken back too.
    """

    @functools.wraps(work)
    def done(*args: P.args, **kwargs: P.kwargs) -> T:
        for longest in _LONGEST_WAIT_S:
            mark = _more_to_come.set(True)
            try:
                return work(*args, **kwargs)
            except TakenBack:
                time.sleep(random.uniform(0, longest))  # noqa: S311  so that the two do not meet again
            finally:
                _more_to_come.reset(mark)
        return work(*args, **kwargs)

    return done


def is_done_again(error: BaseException) -> bool:
    """Whether what failed with the error is about to be done again, so that it is no failure yet."""
    return isinstance(error, TakenBack) and _more_to_come.get()
